"""The stage that asks weights alone: was this trained, and of which kin is it. Nothing is run; torch isn't needed.

Tensors are handed in one at a time, by whoever opens files. The package imports
nothing by itself; its modules import numpy, and :mod:`generators.pipeline`
imports them only when something must be measured.

Map of the package:

- :mod:`~generators.weights.arithmetic`: one thread, no warnings
- :mod:`~generators.weights.values`: numbers from a tensor's bytes
- :mod:`~generators.weights.distance`: how far values are from what the initialiser draws
- :mod:`~generators.weights.spectrum`: singular values against those of noise
- :mod:`~generators.weights.normalisation`: running statistics away from their start
- :mod:`~generators.weights.channels`: channels that carry nothing
- :mod:`~generators.weights.moments`: the optimizer's averages against the weights
- :mod:`~generators.weights.counters`: what the counters imply
- :mod:`~generators.weights.conclusion`: the rule that all of this is put to
- :mod:`~generators.weights.training`: one checkpoint to its training evidence
- :mod:`~generators.weights.matching`: which tensor of one file is which of another
- :mod:`~generators.weights.difference`: how far two tensors are from each other, by values or by statistics
- :mod:`~generators.weights.likeness`: two tensors: the same, rounded, close, or strangers
- :mod:`~generators.weights.kinship`: two checkpoints to a named relation
"""
