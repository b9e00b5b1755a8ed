"""Digests, statistics and the training odometer of a checkpoint.

One pass over the file gives everything: digests of the whole and, from the same
buffers, digest and statistics of each tensor.

- :mod:`~generators.fingerprint.checkpoint`: ``fingerprint_checkpoint``, the whole way
- :mod:`~generators.fingerprint.compose`: from index and measures to a fingerprint; ``fingerprint_header``, from the
  index alone
- :mod:`~generators.fingerprint.whole_digest`: the file's digest on a core of its own, and the file's chunks
- :mod:`~generators.fingerprint.file_pass`: the pass, and who listens to it
- :mod:`~generators.fingerprint.measuring`: which tensors are read in the pass, which otherwise, which not
- :mod:`~generators.fingerprint.meter`: digest and statistics of one tensor, in whatever pieces its bytes come
- :mod:`~generators.fingerprint.statistics`: running figures; :mod:`~generators.fingerprint.moments`: a block's
- :mod:`~generators.fingerprint.blocks`: the bytes of a strided or foreign tensor, contiguous and little-endian
- :mod:`~generators.fingerprint.digest`: the weights digest and the layout digest
- :mod:`~generators.fingerprint.model_part`: which tensors are the model's, and under which wrapper prefix
- :mod:`~generators.fingerprint.model_search`: which key is the model's, by the training codes' own layouts, which are
  :mod:`~generators.fingerprint.layout_rules`
- :mod:`~generators.fingerprint.layout`: averages, other weights, tied weights; optimizers by
  :mod:`~generators.fingerprint.optimizer_kind`
- :mod:`~generators.fingerprint.odometer`: what the training counters say

The package imports nothing by itself: what needs only the index needs no numpy.
"""
