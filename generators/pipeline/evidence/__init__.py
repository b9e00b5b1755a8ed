"""The entries of a lock to a judged report.

- :mod:`~generators.pipeline.evidence.reading_ahead`: the files of many entries, read at once before the rest
- :mod:`~generators.pipeline.evidence.subjects`: one entry to its evidence: live, recorded, or only reported
- :mod:`~generators.pipeline.evidence.records`: what a project keeps of its entries, read
- :mod:`~generators.pipeline.evidence.runnable`: whether a network can be run with a file's weights
- :mod:`~generators.pipeline.evidence.running`: controls and evaluations; torch is imported only when it must be
- :mod:`~generators.pipeline.evidence.trying`: whether networks behave as trained ones
- :mod:`~generators.pipeline.evidence.weights_alone`: what weights alone tell of training
- :mod:`~generators.pipeline.evidence.accuracy`, :mod:`~generators.pipeline.evidence.measuring`: error figures, kept and
  measured
- :mod:`~generators.pipeline.evidence.lineage`: the kinship of each pair of checkpoints
- :mod:`~generators.pipeline.evidence.counting`: counts by rule beside the paper's figures
- :mod:`~generators.pipeline.evidence.comparison`: what only all entries together show
- :mod:`~generators.pipeline.evidence.report`: all of it, judged
"""
