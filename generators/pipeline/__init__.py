"""Composes the stages; nothing else does.

- :mod:`~generators.pipeline.project`: the project that is worked on: its lock, reports, cache
- :mod:`~generators.pipeline.reading`: one file through containers, fingerprint and identification, kept by content
- :mod:`~generators.pipeline.running`: controls and evaluations, kept by content; imports torch only when it must
- :mod:`~generators.pipeline.subjects`: one lock entry to its evidence: live, recorded, or only reported
- :mod:`~generators.pipeline.report`: all entries to a judged report
- :mod:`~generators.pipeline.site`: a report to the files of a site
"""

from generators.pipeline.project import Project, open_project
from generators.pipeline.reading import inspect_file
from generators.pipeline.report import collect_evidence
from generators.pipeline.site import begin_build, site_files
from generators.pipeline.subjects import collect_subject

__all__ = [
    "Project",
    "begin_build",
    "collect_evidence",
    "collect_subject",
    "inspect_file",
    "open_project",
    "site_files",
]
