"""Fetch one large file through many kills and faults, and look at what is left. Takes minutes; not among the tests.

    .venv/bin/python tests/sources/endurance.py --megabytes 500 --faults 50

A server of this machine breaks connections off, answers 503 (with and without a time to wait), sends fewer bytes than
it says, ignores ranges, or gives the file a new ETag; the command that fetches is killed (SIGKILL) at random moments.
Whenever a fetch ends well, the file must have the right SHA-256 and nothing may lie beside it; it is removed then, and
fetched anew until all faults have happened.
"""

# ruff: noqa: T201 - a script for people, with chance that needn't be secret
from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from file_projects import entry_text, start_assay, write_project
from file_server import FileServer, Resource, serving

FAULTS = ("kill", "cut", "error", "etag", "no-ranges")
WEIGHTS = (50, 25, 10, 7, 8)
NAME = "Model.bin"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and return 0 when every file was right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    data = b"".join(chance.randbytes(1_000_000) for _ in range(options.megabytes))
    sha256 = hashlib.sha256(data).hexdigest()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, serving({f"/{NAME}": Resource(data=data, etag='"1"')}) as server:
        entry = entry_text("one", f"{server.url}/{NAME}", title=NAME, known=f'sha256 = "{sha256}"')
        project = write_project(Path(folder), [entry])
        happened, fetched = endure(project, server, chance, options.faults, sha256)
        seconds, sent = time.monotonic() - started, server.sent
    print(
        json.dumps(
            {
                "megabytes": options.megabytes,
                "seed": options.seed,
                "faults": dict(sorted(happened.items())),
                "files_fetched_right": fetched,
                "bytes_sent_per_byte": round(sent / (len(data) * fetched), 2),
                "seconds": round(seconds),
            }
        )
    )
    return 0


def endure(
    project: Path, server: FileServer, chance: random.Random, faults: int, sha256: str
) -> tuple[Counter[str], int]:
    """Fetch until so many faults have happened and the last file is right; return them, and how often it was."""
    happened: Counter[str] = Counter()
    fetched = 0
    resource = server.resources[f"/{NAME}"]
    while True:
        fault = chance.choices(FAULTS, WEIGHTS)[0] if happened.total() < faults else "none"
        prepare(resource, fault, chance)
        process = start_assay("fetch", "-C", project, "--json")
        if fault == "kill":
            time.sleep(chance.uniform(0.3, 5))
            process.send_signal(signal.SIGKILL)
        output, told = process.communicate(timeout=600)
        killed = process.returncode == -signal.SIGKILL
        # a fault that was prepared and not reached, because the command was done, hasn't happened
        happened[fault] += killed if fault == "kill" else fault != "none"
        check_folder(project, sha256)
        if process.returncode == 0:
            assert json.loads(output)["state"] in {"fetched", "already-here"}
            fetched += 1
            if fault == "none":
                assert start_assay("fetch", "-C", project).wait() == 0
                assert [path.name for path in (project / "checkpoints" / "one").iterdir()] == [NAME]
                return happened, fetched
            (project / "checkpoints" / "one" / NAME).unlink()
        elif not killed:
            assert process.returncode in {4, 5}, told
        print(f"{happened.total()}/{faults} {fault}: {fetched} right so far", file=sys.stderr)


def prepare(resource: Resource, fault: str, chance: random.Random) -> None:
    """Make the server ready for a fault."""
    size = len(resource.data)
    resource.ranges = fault != "no-ranges"
    resource.cuts = [chance.randrange(size // 4) for _ in range(4)] if fault in {"cut", "no-ranges"} else []
    resource.statuses = (
        [chance.choice((500, 503, 429)) for _ in range(chance.randrange(1, 4))] if fault == "error" else []
    )
    resource.retry_after = [chance.choice(("", "0", "1")) for _ in resource.statuses]
    if fault == "etag":
        resource.etag = f'"{chance.randrange(10**9)}"'
    resource.pause_seconds = 0.0005


def check_folder(project: Path, sha256: str) -> None:
    """See that the entry's folder has the whole file alone, or hidden parts alone."""
    folder = project / "checkpoints" / "one"
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if NAME in names:
        with (folder / NAME).open("rb") as stream:
            assert hashlib.file_digest(stream, "sha256").hexdigest() == sha256
        # a kill between the name and the removal of the part's state leaves that; the next run takes no notice
        assert names <= {NAME, f".{NAME}.part.json"}, names
    else:
        assert names <= {f".{NAME}.part", f".{NAME}.part.json", f".{NAME}.part.new"}, names


if __name__ == "__main__":
    sys.exit(main())
