"""Run the corpus through Assay and through what others use, and record what each says.

    python -m venv /tmp/scanners
    pip install --target /tmp/scanners/picklescan picklescan    # and so on: each in a folder of its own
    python tests/hostile/compare.py --tools /tmp/scanners

Every tool gets every file that it is made for, each in a process of its own
with a limit of time and memory. The outcomes are written to
``docs/measurements/scanners.json``, from which the site makes a page. A tool
that isn't there keeps what was recorded of it, with its version.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path[:0] = [str(PROJECT), str(HERE.parent)]

from hostile.case import Canary, Carrier, Case  # noqa: E402 - found once the path is set
from hostile.corpus import all_cases, write_corpus  # noqa: E402
from hostile.scanners import TOOLS  # noqa: E402

OUTPUT = PROJECT / "docs" / "measurements" / "scanners.json"
_PICKLES: frozenset[Carrier] = frozenset({"pickle", "torch-zip", "torch-legacy"})
ASKED: dict[str, frozenset[Carrier]] = {
    "assay": _PICKLES | {"torch-tar", "safetensors", "other"},
    "torch": _PICKLES | {"torch-tar", "other"},
    "picklescan": _PICKLES | {"torch-tar"},
    "picklescan-strict": _PICKLES | {"torch-tar"},
    "fickling": _PICKLES,
    "modelscan": _PICKLES | {"torch-tar"},
}
"""Kinds of file that each tool is made for. fickling leaves tar archives to another of its commands."""


def run_tool(tool: str, files: dict[str, Path], canary: Path, options: argparse.Namespace) -> dict[str, Any] | None:
    """Return a tool's version and outcomes by case, or None when it isn't installed."""
    folder = options.tools / tool.removesuffix("-strict")
    paths = [str(PROJECT), str(HERE.parent), *([str(folder)] if folder.is_dir() else [])]
    limits = [str(options.seconds), str(options.gigabytes << 30)]
    names = {path.name: case for case, path in files.items()}
    told = subprocess.run(
        [sys.executable, str(HERE / "scanners.py"), tool, str(canary), *limits, *map(str, files.values())],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        sys.stderr.write(f"{tool}: {told.stderr.strip().splitlines()[-1:]}\n")
        return None
    answer = json.loads(told.stdout)
    outcomes = {names[name]: outcome for name, outcome in answer["outcomes"].items()}
    return {"id": tool, "version": answer["version"], "outcomes": outcomes}


def describe(case: Case, tools: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the record of one case."""
    return {
        "id": case.id,
        "kind": case.kind,
        "carrier": case.carrier,
        "advisories": list(case.advisories),
        "fires": bool(case.live),
        "outcomes": [tool["outcomes"].get(case.id, "not-asked") for tool in tools],
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run everything and return the record."""
    kept = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else None
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary"
        cases = all_cases(Canary(str(canary)))
        files = write_corpus(Path(folder) / "files", cases)
        tools = []
        for tool in TOOLS:
            asked = {case.id: files[case.id] for case in cases if case.carrier in ASKED[tool]}
            answer = run_tool(tool, asked, canary, options) or _recorded(kept, tool)
            if answer is not None:
                tools.append(answer)
                sys.stderr.write(f"{tool} {answer['version']}: {len(asked)} files\n")
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "limit_seconds": options.seconds,
        "limit_bytes": options.gigabytes << 30,
        "tools": [{"id": tool["id"], "version": tool["version"]} for tool in tools],
        "cases": [describe(case, tools) for case in cases],
    }


def _recorded(kept: dict[str, Any] | None, tool: str) -> dict[str, Any] | None:
    ids = [entry["id"] for entry in kept["tools"]] if kept else []
    if kept is None or tool not in ids:
        return None
    at = ids.index(tool)
    outcomes = {case["id"]: case["outcomes"][at] for case in kept["cases"]}
    return {"id": tool, "version": kept["tools"][at]["version"], "outcomes": outcomes}


def main() -> None:
    """Parse the command line, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True, help="folder with a folder for each tool")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the record goes (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=30, help="limit for each file (default: %(default)s)")
    parser.add_argument("--gigabytes", type=int, default=8, help="address space for each file (default: %(default)s)")
    options = parser.parse_args()
    record = measure(options)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(case, ensure_ascii=False) for case in record.pop("cases")]
    head = json.dumps(record, ensure_ascii=False, indent=1).removesuffix("\n}")
    options.output.write_text(f'{head},\n "cases": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
