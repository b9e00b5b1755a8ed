"""Two checkpoints to how they differ.

- :mod:`~generators.pipeline.differences.comparing`: the whole comparison
- :mod:`~generators.pipeline.differences.changed_facts`: what of them as wholes is another
- :mod:`~generators.pipeline.differences.pair_readers`: the values of their tensors, pair by pair
"""
