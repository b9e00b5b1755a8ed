"""The ``assay`` command: what it takes, what it prints, how it exits."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from generators import __version__
from generators.errors import AssayError, ContainerError
from generators.model.evaluation import Evaluation
from generators.model.evidence import Inspection, SubjectEvidence
from generators.model.finding import Finding
from generators.model.lock import ControlEntry, LockEntry
from generators.pipeline import Project, collect_evidence, collect_subject, inspect_file, open_project
from generators.store import encode, encode_line, encode_unreadable

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNREADABLE = 3

NO_FILE = Evaluation(status="not-run", reason="no-file")
"""What there is to say of an entry whose file was never read."""


def _examples(*commands: str) -> str:
    """Return the end of a help page; a blank line keeps each command on a line of its own."""
    return "\n\n".join(["Examples:", *commands])


app = typer.Typer(
    name="assay",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_examples(
        "assay inspect model.pth",
        "assay evaluate control-m",
        "assay judge",
        "assay lock --check",
    ),
)

ProjectFolder = Annotated[
    Path, typer.Option("--project", "-C", help="Folder that holds checkpoints.lock.", file_okay=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, nothing else.")]
Language = Annotated[Literal["en", "es", "ko"], typer.Option("--language", "-l", help="Language of the sentences.")]


@app.callback(invoke_without_command=True)
def assay(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,  # noqa: FBT002
) -> None:
    """Tell what a checkpoint really is, from its bytes, without running anything that is in it."""
    if version:
        typer.echo(f"assay {__version__}")
        raise typer.Exit


@app.command(
    epilog=_examples(
        "assay inspect model.pth",
        "assay inspect *.pth --json | jq .weights_digest",
        "assay inspect big.safetensors --no-statistics",
    )
)
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of any kind.", show_default=False)],
    json: Json = False,  # noqa: FBT002 - Typer's way of a flag
    statistics: Annotated[  # noqa: FBT002
        bool, typer.Option("--statistics/--no-statistics", help="Measure the values of each tensor.")
    ] = True,
    language: Language = "en",
) -> None:
    """Read checkpoints: container, tensors, digests, training counters, identification, findings.

    Nothing in the file is executed, imported or resolved; torch isn't needed.

    Exit codes: 0 read; 1 read, with findings (unsafe globals, damage, non-finite values); 2 wrong usage;
    3 unreadable. With several files, the highest.
    """
    codes = [_inspect_one(path, json=json, statistics=statistics, language=language) for path in files]
    raise typer.Exit(max(codes))


@app.command(
    epilog=_examples(
        "assay evaluate control-m",
        "ASSAY_DEVICE=cpu assay evaluate convnextpose-m --json",
    )
)
def evaluate(
    id: Annotated[str, typer.Argument(metavar="ID", help="Entry of checkpoints.lock.")],  # noqa: A002
    project: ProjectFolder = Path(),
    json: Json = False,  # noqa: FBT002
    language: Language = "en",
) -> None:
    """Run the sanity evaluation of one entry: build its network, load its weights strictly, run a seeded batch.

    Exit codes: 0 run, all values finite; 1 not run, or with values that aren't finite; 2 wrong usage.
    """
    opened = open_project(project)
    entry = _find_entry(opened, id)
    _show_progress(quiet=json)
    subject = collect_subject(entry, opened)
    if json:
        sys.stdout.buffer.write(encode(subject.evaluation or NO_FILE))
    else:
        from generators.render.terminal import show_evaluation

        show_evaluation(subject, language, Console())
    raise typer.Exit(0 if _ran_well(subject) else EXIT_FINDINGS)


@app.command(
    epilog=_examples(
        "assay judge",
        "assay judge --language ko",
        "assay judge --json | jq '.verdicts[].outcome'",
    )
)
def judge(
    project: ProjectFolder = Path(),
    json: Json = False,  # noqa: FBT002
    language: Language = "en",
) -> None:
    """Collect the evidence and judge every claim of the report.

    A refuted claim is a result, not a failure: the exit code is 0 whenever all claims could be judged; 2 when the lock
    or the report is wrong.
    """
    _show_progress(quiet=json)
    evidence = collect_evidence(project)
    if json:
        sys.stdout.buffer.write(encode(evidence))
        return
    from generators.render.terminal import show_verdicts

    show_verdicts(evidence, language, Console())


@app.command(
    epilog=_examples(
        "assay lock --check",
        "assay lock --check --project ../other",
    )
)
def lock(
    project: ProjectFolder = Path(),
    check: Annotated[bool, typer.Option("--check", help="Check checkpoints.lock and its report.")] = False,  # noqa: FBT002
) -> None:
    """Check the lock and the report that it names.

    Exit codes: 0 right; 2 wrong, with file, line and remedy.
    """
    if not check:
        raise typer.BadParameter("say what to do with the lock", param_hint="--check")
    opened = open_project(project)
    counts = f"{len(opened.lock.checkpoints)} checkpoints, {len(opened.lock.controls)} controls"
    typer.echo(f"{opened.lock.path}: right ({counts}, {len(opened.report.claims)} claims)")


def main() -> None:
    """Run the command; an error of Assay's own is told in plain words with exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a terminal or pipe of another encoding than UTF-8 gets escapes, not an end
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except AssayError as error:
        _complain(error.diagnostics())
        sys.exit(EXIT_USAGE)
    except OSError as problem:
        _complain(f"the output can't be written: {problem.strerror}\n  what to do: check where it is sent")
        # what is left in the buffer can't be written either, and Python would say so once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_USAGE)


def _inspect_one(path: Path, *, json: bool, statistics: bool, language: str) -> int:
    try:
        with _spinner(path, quiet=json):
            inspection = inspect_file(path, "digests-and-statistics" if statistics else "digests")
    except (ContainerError, OSError) as problem:
        what = problem.diagnostics() if isinstance(problem, ContainerError) else f"{path}: {problem.strerror}"
        _complain(what)
        if json:
            sys.stdout.buffer.write(encode_unreadable(path.name, what))
        return EXIT_UNREADABLE
    if json:
        sys.stdout.buffer.write(encode_line(inspection))
        sys.stdout.buffer.flush()
    else:
        from generators.render.terminal import show_inspection

        show_inspection(inspection, language, Console())
    return _exit_code(inspection)


def _exit_code(inspection: Inspection) -> int:
    if inspection.container.format == "unknown":
        return EXIT_UNREADABLE
    return EXIT_FINDINGS if _serious(inspection.findings) else 0


def _serious(findings: Sequence[Finding]) -> bool:
    return any(finding.severity != "note" for finding in findings)


def _ran_well(subject: SubjectEvidence) -> bool:
    evaluation = subject.evaluation
    return evaluation is not None and evaluation.status == "run" and evaluation.all_finite is True


def _find_entry(project: Project, entry_id: str) -> LockEntry | ControlEntry:
    for entry in project.lock.entries:
        if entry.id == entry_id:
            return entry
    known = ", ".join(entry.id for entry in project.lock.entries)
    raise typer.BadParameter(f"{entry_id!r} is no entry of {project.lock.path}; there are {known}", param_hint="ID")


def _show_progress(*, quiet: bool) -> None:
    logger = logging.getLogger("generators")
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.addHandler(RichHandler(console=Console(stderr=True), show_path=False, show_time=False, show_level=False))


def _spinner(path: Path, *, quiet: bool) -> Progress:
    from generators.render.markup import terminal_text

    columns = (SpinnerColumn(), TextColumn("reading {task.description}", markup=False), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True, emoji=False), transient=True, disable=quiet)
    progress.add_task(terminal_text(path.name))
    return progress


def _complain(text: str) -> None:
    from generators.render.markup import terminal_text

    first, *more = (terminal_text(line.strip()) for line in text.splitlines())
    lines = "\n".join([first, *(f"  {line}" for line in more)])
    Console(stderr=True, soft_wrap=True).print(Text.assemble(("error:", "bold red"), f" {lines}"), highlight=False)


if __name__ == "__main__":
    main()
