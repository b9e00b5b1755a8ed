from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from file_projects import entry_text, write_project
from file_server import serving, tagged

PROJECT = Path(__file__).resolve().parents[2]
BUILD = """
import sys
from pathlib import Path

def refuse(event, given):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.sendto")):
        raise SystemExit(f"{event} {given}")

sys.addaudithook(refuse)
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.site import site_files

evidence = collect_evidence(Path(sys.argv[1]), evaluate=False)
assert any(subject.id == "one" and subject.unavailable_reason == "not-fetched" for subject in evidence.subjects)
pages = dict(site_files(Path(sys.argv[1]), "en"))
assert "checkpoints/one.md" in pages
networking = {"requests", "urllib3", "fsspec", "gdown", "huggingface_hub", "generators.sources.connection"}
print(" ".join(sorted(networking & set(sys.modules))))
"""


def test_a_build_opens_no_connection_and_does_not_load_what_could(tmp_path: Path) -> None:
    with serving({"/f": tagged(b"123")}) as server:
        project = write_project(tmp_path, [entry_text("one", f"{server.url}/f")])
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "ASSAY_CACHE": str(tmp_path / "cache")}
        command = [sys.executable, "-c", BUILD, str(project)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
        assert server.requests == []
