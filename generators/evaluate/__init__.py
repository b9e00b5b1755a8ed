"""The stage that builds and runs networks; the only one that imports torch.

Importing this package imports nothing heavy: its modules import torch, and
:mod:`generators.pipeline` imports them only when something must be evaluated.

Map of the package:

- :mod:`~generators.evaluate.networks`: the published architectures as torch modules
- :mod:`~generators.evaluate.device`: where to run, and what that device is
- :mod:`~generators.evaluate.determinism`: torch's numeric switches, set for a while and put back
- :mod:`~generators.evaluate.loading`: weights from a checkpoint's bytes into a network, strictly
- :mod:`~generators.evaluate.macs`: multiply-accumulates of the convolutions
- :mod:`~generators.evaluate.memory`: peak memory of a run
- :mod:`~generators.evaluate.sanity`: one seeded batch through the network, measured
- :mod:`~generators.evaluate.initialisation`: weights drawn as the published code draws them
- :mod:`~generators.evaluate.legacy_keys`: the same legacy container from the same tensors
- :mod:`~generators.evaluate.controls`: positive controls, one real training iteration old
- :mod:`~generators.evaluate.human36m`: accuracy on Human3.6M, where its user has it
"""
