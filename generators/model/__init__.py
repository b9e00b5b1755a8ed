"""The immutable types that stages exchange. Nothing here reads, computes or decides.

- :mod:`~generators.model.finding`: a named observation about a checkpoint
- :mod:`~generators.model.tensor`: tensors and storages as an index declares them
- :mod:`~generators.model.checkpoint`: a container that was read, and how to read its bytes
- :mod:`~generators.model.fingerprint`: digests, statistics, the training odometer
- :mod:`~generators.model.layout`: which key of a checkpoint holds what
- :mod:`~generators.model.architecture`: a published architecture and its tensors
- :mod:`~generators.model.identification`: which architecture the evidence fits
- :mod:`~generators.model.evaluation`: what a forward pass measured, and where
- :mod:`~generators.model.lock`: the entries of ``checkpoints.lock``
- :mod:`~generators.model.conditions`: what evidence was made by
- :mod:`~generators.model.recorded`: what a project keeps of its entries
- :mod:`~generators.model.history`: verdicts over time
- :mod:`~generators.model.claim`: claims, checks, verdicts
- :mod:`~generators.model.evidence`: all that is known of one report's subjects
- :mod:`~generators.model.exports`: what was expected, and the words of one language, for exports
"""
