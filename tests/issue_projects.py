"""Small projects outside of git whose evidence is at hand, and the site that they are published at."""

from __future__ import annotations

import shutil
from pathlib import Path

from file_server import FileServer, Resource
from render.report_builder import build_report

from generators.model.evidence import ReportEvidence
from generators.model.issue import IssueBundle
from generators.pipeline.publishing import PUBLISHED_STATE, published_state
from generators.store import encode

PROJECT = Path(__file__).resolve().parents[1]


def write_issue_project(folder: Path, evidence: ReportEvidence | None = None) -> tuple[Path, Path]:
    """Write a project with the lock and the report of this one; return its folder and its file of evidence."""
    root = folder / "project"
    (root / "docs" / "reports").mkdir(parents=True)
    shutil.copy(PROJECT / "checkpoints.lock", root)
    shutil.copy(PROJECT / "docs" / "reports" / "convnextpose.toml", root / "docs" / "reports")
    path = folder / "report.json"
    path.write_bytes(encode(evidence or build_report()))
    return root, path


def publish(server: FileServer, bundle: IssueBundle) -> None:
    """Let the server have everything that a bundle links to, and the state that it was made from."""
    for address in (*bundle.links, f"{bundle.site_url}{PUBLISHED_STATE}"):
        server.resources[address.removeprefix(server.url)] = Resource(data=b"x")
    state = Resource(data=encode(published_state(build_report())))
    server.resources[f"{bundle.site_url}{PUBLISHED_STATE}".removeprefix(server.url)] = state
