"""Evidence and verdicts over time: kept in ``docs/evidence/``, and held against what is found later.

- :mod:`~generators.pipeline.recording.writing`, :mod:`~generators.pipeline.recording.record_text`: evidence into
  records, and their JSON
- :mod:`~generators.pipeline.recording.drift`: a file held against its record
- :mod:`~generators.pipeline.recording.facts`: the single values of evidence, and how near two of them must be
- :mod:`~generators.pipeline.recording.steady`: evidence without times and memory
- :mod:`~generators.pipeline.recording.conditions`: what evidence is made by, and what of that differs
- :mod:`~generators.pipeline.recording.history`: the verdicts, one recorded state after the other
- :mod:`~generators.pipeline.recording.verdict_states`: the verdicts of one state;
  :mod:`~generators.pipeline.recording.verdict_changes`: of two, held against each other
"""
