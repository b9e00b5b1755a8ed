"""Coverage-guided fuzzing of everything that reads a file, with atheris.

    pip install atheris
    python tests/fuzz/fuzz_containers.py --seconds 900 --corpus /tmp/assay-corpus

The corpus folder is filled with seeds on the first run (``--seeds-only`` stops
there) and grows with what reaches new code; give the same folder again to go on.
An input that breaks a promise is written to ``<corpus>/../crash-*`` and ends
the run; ``--replay FILE`` shows it. An input is a file's own bytes behind 0xff,
or the decisions of one of the generators that the property tests use too.
Arguments behind ``--`` go to libFuzzer as they are.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

sys.path[:0] = map(str, Path(__file__).resolve().parents[1:3])

RSS_MB = 700
"""Memory of the process with torch-free readers, the instrumented code and the corpus, and 256 MB for a file."""
SLOWEST_SECONDS = 20
"""Wall-clock time of one input, instrumented and on a busy machine, before libFuzzer calls it a hang."""
SLOWDOWN = 5
"""About what counting branches costs; the clock of the properties is set back so much."""
SPLICED, MENDED = 0.2, 0.5
"""Share of the files that get opcodes, and that get their sizes and checksums put right."""
FULL_CHECK = 16
"""Every so many inputs go the whole road to text and JSON; the others are only read, all of them."""


def main() -> int:
    """Run, or say how."""
    options, rest = _parse()
    if options.replay:
        return _replay(options.replay)
    if options.seeds_only:
        _write_seeds(options.corpus)
        return 0
    atheris = _load_atheris()
    # before anything else imports them
    with atheris.instrument_imports(include=["generators.containers", "generators.fingerprint"]):
        _import_readers()
    if not any(options.corpus.glob("*")):
        _write_seeds(options.corpus)
    arguments = [
        sys.argv[0],
        f"-max_total_time={options.seconds}",
        f"-rss_limit_mb={RSS_MB}",
        f"-timeout={SLOWEST_SECONDS}",
        f"-max_len={1 << 16}",
        f"-artifact_prefix={options.corpus.parent}/",
        "-print_final_stats=1",
        *rest,
        str(options.corpus),
    ]
    atheris.Setup(arguments, _target(), custom_mutator=_mutator(atheris))
    atheris.Fuzz()
    return 0


def _parse() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "assay-corpus", metavar="FOLDER")
    parser.add_argument("--seconds", type=int, default=60, help="how long (60)")
    parser.add_argument("--seeds-only", action="store_true", help="write the seeds and stop")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="check one input again, without atheris")
    options, rest = parser.parse_known_args()
    return options, [argument for argument in rest if argument != "--"]


def _write_seeds(folder: Path) -> None:
    from fuzz.seeds import write_seeds

    sys.stdout.write(f"{write_seeds(folder)} seeds in {folder}\n")


def _load_atheris() -> ModuleType:
    try:
        return importlib.import_module("atheris")
    except ImportError:
        sys.exit("atheris isn't installed, and is no dependency of the project: pip install atheris (Linux, x86-64)")


def _import_readers() -> None:
    """Import every reader now: what is imported later isn't instrumented."""
    import generators.containers

    for module in pkgutil.iter_modules(generators.containers.__path__, "generators.containers."):
        importlib.import_module(module.name)
    importlib.import_module("generators.fingerprint.checkpoint")


def _scratch() -> Path:
    """Return a path for the files, in memory where there is such a folder."""
    shared = Path("/dev/shm")  # noqa: S108 - it is no matter who sees it
    parent = shared if os.access(shared, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="assay-fuzz-", dir=parent)) / "file"


def _target() -> Callable[[bytes], None]:
    from builders import pickle_bytes, tensor_call
    from fuzz import properties
    from fuzz.properties import check_file, check_reading, warm_up
    from fuzz.seeds import file_of
    from hostile.zip_forge import torch_zip

    properties.SECONDS *= SLOWDOWN
    path = _scratch()
    warm_up(torch_zip(pickle_bytes({"w": tensor_call("0", (2,))}), {"0": bytes(8)}), path)
    inputs = 0

    def check(seed: bytes) -> None:
        nonlocal inputs
        inputs += 1
        data = file_of(seed)
        if inputs % FULL_CHECK == 0:
            check_file(data, path)
        else:
            path.write_bytes(data)
            check_reading(path)

    return check


def _mutator(atheris: ModuleType) -> Callable[[bytes, int, int], bytes]:
    from fuzz.mutators import mend, splice_pickle
    from fuzz.seeds import RAW

    def mutate(seed: bytes, most: int, number: int) -> bytes:
        chosen = random.Random(number)
        if seed[:1] != RAW:
            return bytes(atheris.Mutate(seed, most))
        data = seed[1:]
        splicing = chosen.random() < SPLICED
        data = splice_pickle(data, chosen) if splicing else bytes(atheris.Mutate(data, most - 1))
        if chosen.random() < MENDED:
            data = mend(data)
        return (RAW + data)[:most]

    return mutate


def _replay(path: Path) -> int:
    from fuzz.properties import check_file, warm_up
    from fuzz.seeds import RAW, file_of

    scratch = _scratch()
    warm_up(file_of(RAW), scratch)
    inspection = check_file(file_of(path.read_bytes()), scratch)
    sys.stdout.write("".join(f"{f.severity} {f.code} {f.where!r}\n" for f in inspection.findings))
    sys.stdout.write(f"the file is {scratch}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
