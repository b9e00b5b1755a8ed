"""Composes the stages; nothing else does.

- :mod:`~generators.pipeline.project`: the project that is worked on: its lock, reports, cache
- :mod:`~generators.pipeline.heading`: what a file is, by its index alone
- :mod:`~generators.pipeline.reading`: one file through containers, fingerprint and identification, kept by content
- :mod:`~generators.pipeline.identifying`: identifications, kept by what they rest on
- :mod:`~generators.pipeline.running`: controls and evaluations, kept by content; imports torch only when it must
- :mod:`~generators.pipeline.subjects`: one lock entry to its evidence: live, recorded, or only reported
- :mod:`~generators.pipeline.report`: all entries to a judged report
- :mod:`~generators.pipeline.scanners`, :mod:`~generators.pipeline.benchmarks`: what was measured of Assay and recorded
- :mod:`~generators.pipeline.site`: a report to the files of a site

The package imports nothing by itself, so that a small question costs little.
"""
