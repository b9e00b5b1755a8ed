"""Set up Assay and run it: ``python3 run.py serve | build | test | setup``.

Needs Python 3.11 or newer and nothing else. Everything is installed into
``.venv`` beside this file; a later run installs again only when
``pyproject.toml`` or ``constraints.txt`` changed.
"""

# ruff: noqa: T201 - this is a command; it talks to a person
from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = "pip>=25.1"
"""Source: pip's changelog; 25.1 is the first that knows ``--group``."""
QUIET = {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"}
"""Keeps MkDocs' theme and plugins from printing announcements about their own future into every build."""

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lint", ("-m", "ruff", "check", ".")),
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("types", ("-m", "mypy")),
    ("layers", ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")),
    ("catalogs", ("-m", "generators.render.catalogs", "check")),
    ("lock", ("-m", "generators.cli", "lock", "--check")),
    ("site", ("-m", "mkdocs", "build", "--strict")),
    ("tests", ("-m", "pytest", "--numprocesses=logical", "--maxprocesses=4", "--dist=worksteal")),
)
"""What ``test`` runs: a name, and the arguments of the environment's Python. The last one also gets the caller's."""

HELP = """\
examples:
  python3 run.py serve                      set up, then serve the site on http://127.0.0.1:8000/
  python3 run.py serve -a 0.0.0.0:9000      further arguments go to `mkdocs serve`
  python3 run.py setup                      set up only; `.venv/bin/assay` is there then
  python3 run.py build -d public            set up, then write the site; further arguments go to `mkdocs build`
  python3 run.py test                       set up, then every check and all tests
  python3 run.py test -k lock -x            further arguments go to pytest

On Linux, the usual build of torch brings its CUDA libraries along (some GB). Without an NVIDIA GPU, name an index
that has a CPU build in PIP_EXTRA_INDEX_URL to save the download.
"""


class SetupError(Exception):
    """The environment can't be made; the message says what a person can do about it."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    command, further = _parse(arguments)
    try:
        check_python(sys.version_info[:2])
        prepare(developer=command == "test")
    except SetupError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    if command == "setup":
        return 0
    if command == "test":
        return run_checks(further)
    if command == "build":
        return run(["-m", "mkdocs", "build", "--strict", *further])
    return become(["-m", "mkdocs", "serve", *further])


def check_python(version: tuple[int, ...]) -> None:
    """Raise :class:`SetupError` when this Python is too old."""
    if version < OLDEST_PYTHON:
        wanted, found = (".".join(map(str, v)) for v in (OLDEST_PYTHON, version))
        message = (
            f"Assay needs Python {wanted} or newer; this is {found}. Run it with a newer one, as `python3.12 run.py`."
        )
        raise SetupError(message)


def prepare(*, developer: bool) -> None:
    """Make the environment, unless one is there that was made from the same files.

    Raises:
        SetupError: It can't be made.
    """
    wanted = stamp((ROOT / "pyproject.toml", ROOT / "constraints.txt"))
    group = "dev" if developer else "site"
    if venv_python().exists() and _read(VENV / f".assay-{group}") == wanted:
        return
    if not venv_python().exists() or _read(VENV / ".assay-place") != _place():
        create_venv()
    print(f"Installing into {VENV} (the first time takes some minutes)", flush=True)
    install(developer=developer)
    (VENV / f".assay-{group}").write_text(wanted, encoding="utf-8")
    if developer:  # what tests need includes what the site needs
        (VENV / ".assay-site").write_text(wanted, encoding="utf-8")


def stamp(paths: Iterable[Path]) -> str:
    """Return a digest of what an environment is made from, of its place and of its Python."""
    digest = hashlib.sha256(_place().encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def create_venv() -> None:
    """Make an empty environment in place of whatever is there.

    Raises:
        SetupError: This Python can't make one.
    """
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(_no_venv(f"this Python lacks the module {missing[0]}"))
    if VENV.exists():
        shutil.rmtree(VENV)
    print(f"Creating {VENV}", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", str(VENV)], cwd=ROOT):
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(_no_venv(f"`{sys.executable} -m venv` failed"))
    (VENV / ".assay-place").write_text(_place(), encoding="utf-8")


def install(*, developer: bool) -> None:
    """Install Assay, editable, with the pinned versions of all it needs.

    Raises:
        SetupError: pip failed.
    """
    packages = ["-c", "constraints.txt", "-e", ".[site,evaluate,fetch]", *(["--group", "dev"] if developer else [])]
    for arguments in (["--upgrade", OLDEST_PIP], packages):
        if run(["-m", "pip", "install", "--disable-pip-version-check", *arguments]):
            message = "pip could not install what Assay needs; its own message is above. Is the network reachable?"
            raise SetupError(message)


def run_checks(pytest_arguments: Sequence[str]) -> int:
    """Run every check, whatever the others say, and print a summary; 0 when all pass."""
    results = []
    for name, arguments in CHECKS:
        print(f"\n== {name}: python {' '.join(arguments)}", flush=True)
        started = time.monotonic()
        code = run([*arguments, *(pytest_arguments if name == CHECKS[-1][0] else ())])
        results.append((name, code, time.monotonic() - started))
        print(f"== {name}: {_word(code)} in {results[-1][2]:.1f} s", flush=True)
    print("\nSummary")
    for name, code, seconds in results:
        print(f"  {name:<10} {_word(code):<8} {seconds:7.1f} s")
    print(f"  {'all':<10} {_word(any(c for _, c, _ in results)):<8} {sum(s for *_, s in results):7.1f} s", flush=True)
    return int(any(code for _, code, _ in results))


def run(arguments: Sequence[str]) -> int:
    """Run the environment's Python from the project's folder and return its exit code."""
    with subprocess.Popen([str(venv_python()), *arguments], cwd=ROOT, env=environment()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the process got it too and is closing down
            return process.wait()


def become(arguments: Sequence[str]) -> int:
    """Give this process over to the environment's Python, so that signals reach it; where that can't be, run it."""
    if os.name == "posix":
        os.chdir(ROOT)
        os.execve(venv_python(), [str(venv_python()), *arguments], environment())  # noqa: S606 - no shell is wanted
    return run(arguments)


def environment() -> Mapping[str, str]:
    """Return the environment variables that commands get."""
    return {**os.environ, **QUIET}


def venv_python() -> Path:
    """Return the path of the environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _parse(arguments: Sequence[str]) -> tuple[str, list[str]]:
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Set up Assay and run it. Needs Python 3.11 or newer; installs into .venv beside this file.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", choices=("serve", "build", "test", "setup"), help="what to run once everything is set up"
    )
    parser.add_argument("further", nargs=argparse.REMAINDER, help="arguments for mkdocs or pytest")
    parsed = parser.parse_args(arguments)
    return parsed.command, parsed.further


def _no_venv(reason: str) -> str:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return (
        f"no virtual environment can be made: {reason}.\n"
        f"  Debian, Ubuntu: sudo apt install python3-venv   (or python{version}-venv)\n"
        "  elsewhere: use a Python from python.org, or your system's complete Python package"
    )


def _place() -> str:
    return f"{ROOT}\n{sys.version_info[0]}.{sys.version_info[1]}\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _word(code: int) -> str:
    return "FAILED" if code else "passed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
