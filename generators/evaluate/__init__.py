"""The stage that builds and runs networks; the only one that imports torch.

Importing this package imports nothing heavy: its modules import torch, and
:mod:`generators.pipeline` imports them only when something must be evaluated.

Map of the package:

- :mod:`~generators.evaluate.networks`: the published architectures as torch modules
- :mod:`~generators.evaluate.device`: where to run, and what that device is
- :mod:`~generators.evaluate.determinism`: torch's numeric switches, set for a while and put back
- :mod:`~generators.evaluate.loading`: weights from a checkpoint's bytes into a network, strictly
- :mod:`~generators.evaluate.availability`: whether torch can be imported
- :mod:`~generators.evaluate.cuda_presence`: whether torch finds a CUDA device, and why not
- :mod:`~generators.evaluate.failures`: which errors of torch say something of the machine
- :mod:`~generators.evaluate.tensor_float`: TensorFloat-32 for a while
- :mod:`~generators.evaluate.macs`: multiply-accumulates of the convolutions
- :mod:`~generators.evaluate.all_operations`: multiply-accumulates of all operations, by a counter of others
- :mod:`~generators.evaluate.traffic`: bytes that the operators read and write
- :mod:`~generators.evaluate.timing`: how long passes take
- :mod:`~generators.evaluate.ceilings`: what the device can do at most
- :mod:`~generators.evaluate.speed`: latency and throughput over batch sizes
- :mod:`~generators.evaluate.displacement`: how far two results are from each other, in millimetres
- :mod:`~generators.evaluate.rounding`: a shorter dtype, imitated by rounding every result
- :mod:`~generators.evaluate.compiling`: networks compiled, where that is asked for
- :mod:`~generators.evaluate.numerics`: the same network with other arithmetic
- :mod:`~generators.evaluate.on_device`: numerics, speed and operations of one network
- :mod:`~generators.evaluate.memory`: peak memory of a run
- :mod:`~generators.evaluate.preprocessing`: from a picture and a box to the network's input, as published
- :mod:`~generators.evaluate.sanity`: one seeded batch through the network, measured
- :mod:`~generators.evaluate.initialisation`: weights drawn as the published code draws them
- :mod:`~generators.evaluate.legacy_keys`: the same legacy container from the same tensors
- :mod:`~generators.evaluate.controls`: positive controls, one real training iteration old
- :mod:`~generators.evaluate.human36m`: accuracy on Human3.6M, where its user has it
- :mod:`~generators.evaluate.trained`: the positive control that is trained, on drawn figures
- :mod:`~generators.evaluate.probes`: pictures that networks are shown, with what is known of them
- :mod:`~generators.evaluate.measures`: what a network makes of them, in numbers with units
- :mod:`~generators.evaluate.twins`: untrained networks of the same architecture
- :mod:`~generators.evaluate.rule`: what the numbers say: trained, untrained, cannot tell
- :mod:`~generators.evaluate.experiment`: a network and its twins, shown the same probes
- :mod:`~generators.evaluate.showing`: what a page shows of that
- :mod:`~generators.evaluate.examining`: all of it, from weights to evidence
"""
