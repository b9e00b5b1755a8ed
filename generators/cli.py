"""The ``assay`` command: what it takes, what it prints, how it exits.

What a command needs is imported when it runs: the quickest, ``inspect
--no-digest``, is done before the packages of the others would be there.
"""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from generators import __version__
from generators.cli_parts import (
    Commands,
    add_command,
    add_executor,
    complain,
    examples,
    help_formatter,
    named_entries,
    open_project,
    serve_project,
    show_progress,
    write,
)
from generators.errors import AssayError, ContainerError, SourceError
from generators.exit_codes import MEANINGS, ExitCode, exit_code_lines

if TYPE_CHECKING:
    from generators.model.evidence import SubjectEvidence

OUTPUT_FAULTS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF})
"""Of a standard output: nobody reads it any more, there is no room, or it isn't one that can be written to."""

_EVALUATE = """\
Builds its network, loads its weights strictly, runs a seeded batch; then with other arithmetic, and over batch sizes.

ASSAY_DEVICE (cpu or cuda) chooses the device; ASSAY_COMPILE=1 also compares the compiled network, for minutes."""
_ACCURACY = """\
Runs the identified network over the test images of Human3.6M and computes the errors of the report's protocols, as the
published code does: its boxes and crops, the mirrored image averaged in, the true depth of the root.

The data set is licensed; Assay neither has nor downloads it. ASSAY_HUMAN36M (or --data) names the folder that holds
`annotations` (Human36M_subject9_data.json and its like) and `images`, as the 3DMPPE repositories lay them out.
All 8,695 images take an hour or more on two CPU cores; --subset draws some of them, and the interval says how far the
figure may be from that of all. The result is kept, and the next build of the site shows it."""
_JUDGE = "A refuted claim is a result, not a failure."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    An error of Assay's own is told in plain words.
    """
    if sys.stdout is None:
        # the program that started this one closed it
        return _refuse_output("it is closed")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a terminal or pipe of another encoding than UTF-8 gets escapes, not an end
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = command_parser(given[0] if given else "").parse_args(given)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except AssayError as error:
        complain(error.diagnostics())
        return _exit_code_of(error)
    except OSError as problem:
        return _tell_system(problem)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return code


def _exit_code_of(error: AssayError) -> ExitCode:
    if isinstance(error, SourceError):
        from generators.sources.faults import exit_code_of

        return exit_code_of(error.code)
    return ExitCode.UNREADABLE if isinstance(error, ContainerError) else ExitCode.UNUSABLE


def _tell_system(problem: OSError) -> int:
    """Say what the system refused: to write the output, or something with a file."""
    # what is said of a file has its name; what can't be written is told without one
    if problem.filename is None and problem.errno in OUTPUT_FAULTS:
        code = _refuse_output(problem.strerror)
        # what is left in the buffer can't be written either, and Python would say so once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code
    where = "" if problem.filename is None else f"{problem.filename}: "
    complain(f"{where}{problem.strerror or problem}\n  what to do: see that it is there, and that you may use it")
    return ExitCode.UNUSABLE


def _refuse_output(why: str | None) -> int:
    if sys.stderr is not None:
        complain(f"the output can't be written: {why}\n  what to do: check where it is sent")
    return ExitCode.UNUSABLE


def command_parser(first: str = "") -> argparse.ArgumentParser:
    """Return the parser of the command line that begins with this word: of one command alone where it names one."""
    parser = argparse.ArgumentParser(
        prog="assay",
        description="Tell what a checkpoint really is, from its bytes, without running anything that is in it.",
        epilog=examples(
            "assay inspect model.pth",
            "assay fetch",
            "assay evaluate control-m",
            "assay accuracy ID",
            "assay judge",
            "assay record",
            "assay issue",
            "assay export junit --out verdicts.xml",
            "assay lock --check",
        )
        + f"\n\n{exit_code_lines(MEANINGS)}",
        formatter_class=help_formatter,
    )
    parser.add_argument("--version", action="version", version=f"assay {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    adders = {
        "evaluate": _add_evaluate,
        "accuracy": _add_accuracy,
        "judge": _add_judge,
    }
    if first not in adders:
        from generators import cli_inspect

        adders |= cli_inspect.ADDERS
    if first not in adders:
        from generators import cli_export, cli_files, cli_init, cli_issue, cli_lock, cli_record, cli_verdicts

        for module in (cli_export, cli_files, cli_init, cli_issue, cli_lock, cli_record, cli_verdicts):
            adders |= module.ADDERS
    for add in (adders[first],) if first in adders else adders.values():
        add(commands)
    return parser


def _add_evaluate(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "evaluate",
        "Run the sanity evaluation of one entry.",
        _EVALUATE,
        "assay evaluate control-m",
        "ASSAY_DEVICE=cpu assay evaluate convnextpose-m --json",
        exits={
            ExitCode.DONE: "run, all values finite",
            ExitCode.NOT_SO: "not run, or with values that aren't finite",
            ExitCode.UNUSABLE: "",
        },
    )
    command.add_argument("id", metavar="ID", help="entry of checkpoints.lock")
    serve_project(command, _evaluate)


def _add_accuracy(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "accuracy",
        "Measure the error figures of one entry on Human3.6M, where you have it.",
        _ACCURACY,
        "ASSAY_HUMAN36M=~/data/Human36M assay accuracy convnextpose-m",
        "assay accuracy convnextpose-m --data ~/data/Human36M --subset 500",
        "assay accuracy convnextpose-m --protocol h36m-p2-mpjpe --json",
        exits={
            ExitCode.DONE: "measured",
            ExitCode.NOT_SO: "not measured, with the reason",
            ExitCode.UNUSABLE: "wrong usage, a wrong lock or report, or a data set that can't be used",
            ExitCode.UNREADABLE: "",
        },
    )
    command.add_argument("id", metavar="ID", help="entry of checkpoints.lock")
    command.add_argument(
        "--protocol",
        metavar="ID",
        action="append",
        default=[],
        help="metric protocol of the report; may be given several times (default: all of Human3.6M)",
    )
    command.add_argument(
        "--subset", metavar="N", type=_positive, help="measure N images, drawn at random (default: all)"
    )
    command.add_argument("--seed", metavar="N", type=int, help="of the draw (default: always the same)")
    command.add_argument("--data", metavar="FOLDER", help="the data set, instead of ASSAY_HUMAN36M")
    serve_project(command, _accuracy)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _add_judge(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "judge",
        "Collect the evidence and judge every claim of the report.",
        _JUDGE,
        "assay judge",
        "assay judge --language ko",
        "assay judge --json | jq '.verdicts[].outcome'",
        exits={ExitCode.DONE: "all claims were judged", ExitCode.UNUSABLE: ""},
    )
    add_executor(command)
    serve_project(command, _judge)


def _evaluate(options: argparse.Namespace) -> int:
    from msgspec.structs import replace
    from rich.console import Console

    from generators.model.evaluation import Evaluation
    from generators.pipeline.evidence.subjects import collect_subject

    project = open_project(options)
    (entry,) = named_entries([options.id], project.lock.entries, project)
    show_progress(quiet=options.json)
    subject = collect_subject(entry, project)
    if not subject.available:
        subject = replace(subject, evaluation=None)  # what is on record was not run now
    if options.json:
        from generators.store import encode

        write(encode(subject.evaluation or Evaluation(status="not-run", reason="no-file")))
    else:
        from generators.render.terminal import show_evaluation

        show_evaluation(subject, options.language, Console())
    return ExitCode.DONE if _ran_well(subject) else ExitCode.NOT_SO


def _accuracy(options: argparse.Namespace) -> int:
    from pathlib import Path

    from rich.console import Console

    from generators.pipeline.evidence.measuring import DEFAULT_SEED, Request, measure_accuracy

    project = open_project(options)
    (entry,) = named_entries([options.id], project.lock.entries, project)
    show_progress(quiet=options.json)
    request = Request(
        protocols=tuple(options.protocol),
        subset=options.subset,
        seed=DEFAULT_SEED if options.seed is None else options.seed,
        folder=Path(options.data).expanduser() if options.data else None,
    )
    subject = measure_accuracy(entry, project, request)
    if options.json:
        from generators.store import encode

        write(encode(subject.accuracy))
    else:
        from generators.render.terminal_accuracy import show_accuracy

        show_accuracy(subject, options.language, Console())
    measured = subject.accuracy is not None and subject.accuracy.status == "measured"
    return ExitCode.DONE if measured else ExitCode.NOT_SO


def _judge(options: argparse.Namespace) -> int:
    from pathlib import Path

    from rich.console import Console

    from generators.pipeline.evidence.report import collect_evidence

    show_progress(quiet=options.json)
    evidence = collect_evidence(Path(options.project), executor=options.executor)
    if options.json:
        from generators.store import encode

        write(encode(evidence))
    else:
        from generators.render.terminal import show_verdicts

        show_verdicts(evidence, options.language, Console())
    return 0


def _ran_well(subject: SubjectEvidence) -> bool:
    evaluation = subject.evaluation
    return evaluation is not None and evaluation.status == "run" and evaluation.all_finite is True


if __name__ == "__main__":
    sys.exit(main())
