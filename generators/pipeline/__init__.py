"""Composes the stages; nothing else does.

From the bottom up; none imports one that is named after it:

- :mod:`~generators.pipeline.project`: the project that is worked on: its lock, reports, cache
- :mod:`~generators.pipeline.executing`: work on many files, here or on workers
- :mod:`~generators.pipeline.measurements`: what was measured of Assay itself
- :mod:`~generators.pipeline.files`: one file, read
- :mod:`~generators.pipeline.listings`: places elsewhere: what they hold, and held
- :mod:`~generators.pipeline.evidence`: the entries of a lock to a judged report
- :mod:`~generators.pipeline.differences`, :mod:`~generators.pipeline.states`: two names to how their checkpoints differ
- :mod:`~generators.pipeline.locking`: the entries' files: found, fetched, pinned, updated, swept
- :mod:`~generators.pipeline.recording`: evidence and verdicts over time
- :mod:`~generators.pipeline.exporting`, :mod:`~generators.pipeline.documents`: a judged report in the formats of others
- :mod:`~generators.pipeline.issue`, :mod:`~generators.pipeline.posting`, :mod:`~generators.pipeline.publishing`: a
  report to an issue, and onto GitHub
- :mod:`~generators.pipeline.starting_wishes`, :mod:`~generators.pipeline.starting_subject`,
  :mod:`~generators.pipeline.starting_files`, :mod:`~generators.pipeline.installed_from`,
  :mod:`~generators.pipeline.renewing`, :mod:`~generators.pipeline.starting`: what a person asks of a new investigation,
  what it is about, its texts, where Assay comes from, its frame brought up to date, and all of it in a folder
- :mod:`~generators.pipeline.texts`: whether the sentences of its report are complete
- :mod:`~generators.pipeline.site`: a report to the files of a site

None of these packages imports anything by itself, so that a small question costs little.
"""
