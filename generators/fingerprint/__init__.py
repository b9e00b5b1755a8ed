"""Digests, statistics and the training odometer of a checkpoint.

A thread of its own digests the file as a whole, while the tensors' bytes are read, digested and measured in blocks.

- :mod:`~generators.fingerprint.checkpoint`: :func:`fingerprint_checkpoint`, which composes the others
- :mod:`~generators.fingerprint.blocks`: a tensor's contiguous little-endian bytes, block by block
- :mod:`~generators.fingerprint.statistics`: running count, extremes, mean and deviation
- :mod:`~generators.fingerprint.digest`: BLAKE3 of tensors, the weights digest, the layout digest
- :mod:`~generators.fingerprint.model_part`: which tensors are the model's, and under which wrapper prefix
- :mod:`~generators.fingerprint.model_search`: which key is the model's, by the training codes' own layouts, which are
  :mod:`~generators.fingerprint.layout_rules`
- :mod:`~generators.fingerprint.layout`: averages, other weights, tied weights; optimizers by
  :mod:`~generators.fingerprint.optimizer_kind`
- :mod:`~generators.fingerprint.odometer`: what the training counters say
"""

from generators.fingerprint.checkpoint import Depth, fingerprint_checkpoint, printable_name, read_weights
from generators.fingerprint.digest import digest_layout

__all__ = ["Depth", "digest_layout", "fingerprint_checkpoint", "printable_name", "read_weights"]
