"""The command that reads files: ``inspect``.

What it needs is imported when it runs: asked about one file's index, it is done before the packages that reading a
whole file takes would be there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generators.cli_parts import (
    Commands,
    add_command,
    add_executor,
    add_json,
    add_language,
    complain,
    show_progress,
    tell,
    write,
)
from generators.cli_progress import count_files, show_reading
from generators.exit_codes import SOURCE_CODES, ExitCode

if TYPE_CHECKING:
    from generators.model.inspection import Inspection
    from generators.pipeline.executing.choice import Choice
    from generators.pipeline.files.inspecting import Answer, Cost, Question

_INSPECT = """\
Nothing in the file is executed, imported or resolved; torch isn't needed.

With --no-digest only the index is read, in a fraction of a second whatever the size: container, names, shapes,
identification, findings. No digest and no statistics of values then.

A file elsewhere (https://..., hf:owner/name@revision:path, s3://...; `assay list --help` has the forms) is never
downloaded: its index alone is read, at most 2 MB of it, and what was read is told. Its server has to give parts. With
--whole every byte of it is read, part by part, and nothing of it kept. file:///folder/*.pt, s3://bucket/prefix/*.pt and
gs://bucket/*.pt (in quotes) name all files that match.

With several files, --executor (or ASSAY_EXECUTOR) says where they are read:
  inline             here, one after another
  processes[:N]      on N processes of this machine (one a core), unasked where the files take some seconds
  dask://host:port   on the workers of a Dask cluster, of the same version of Assay; they open paths by themselves.
                     Whoever reaches the workers can run code there: keep them to a network that you trust
Output has the order of the files. A worker that dies costs a second try of what it had; a file that ends its worker
twice, with no other beside it, is told as unreadable, and the others are read. The highest exit code counts."""


def _add_inspect(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "inspect",
        "Read checkpoints: container, tensors, digests, training counters, identification, findings.",
        _INSPECT,
        "assay inspect model.pth",
        "assay inspect *.pth --json | jq .weights_digest",
        "assay inspect big.safetensors --no-statistics",
        "assay inspect huge.pth --no-digest",
        "assay inspect https://example.org/model.pth",
        "assay inspect models/*.pt --executor processes:4 --json",
        "assay inspect 's3://bucket/*.pt' --whole --executor dask://scheduler:8786 --json",
        exits={
            ExitCode.DONE: "read",
            ExitCode.NOT_SO: "read, with findings: unsafe globals, damage, non-finite values",
            ExitCode.UNUSABLE: "wrong usage, or an executor that can't be used",
            ExitCode.UNREADABLE: "",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("files", metavar="FILE", nargs="+", help="files of any kind, also elsewhere")
    command.add_argument(
        "--allow-host", metavar="HOST", action="append", default=[], help="host that a server may redirect to"
    )
    command.add_argument(
        "--statistics",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure the values of each tensor (default: yes)",
    )
    command.add_argument(
        "--digest",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="read and digest the whole file; without it, its index only (default: yes)",
    )
    command.add_argument("--whole", action="store_true", help="read a file elsewhere to its end, not its index alone")
    add_executor(command)
    add_json(command)
    add_language(command)
    command.set_defaults(run=_inspect)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {"inspect": _add_inspect}
"""The command, by its name."""


def _inspect(options: argparse.Namespace) -> int:
    with _as_if_absent("typing_extensions"):
        from generators.pipeline.files import inspecting

    files = _expanded(options.files)
    depth: inspecting.How = "digests-and-statistics" if options.statistics else "digests"
    questions = [
        inspecting.Question(
            path=path,
            how=depth if options.digest else "index",
            whole=options.whole,
            hosts=tuple(options.allow_host),
        )
        for path in files
    ]
    if len(questions) == 1 and not options.executor:
        with show_reading(questions[0].path, quiet=options.json):
            answer = inspecting.answer(questions[0])
        return _tell(questions[0], answer, options)
    return max((_tell(*pair, options) for pair in _ask_many(questions, options)), default=0)


def _expanded(files: Sequence[str]) -> Sequence[str]:
    """Return the files with those that patterns elsewhere name: a shell knows only those of this machine."""
    if not any("://" in path for path in files):
        return files
    from generators.sources.matching import expand_pattern

    return [path for given in files for path in expand_pattern(given)]


def _ask_many(questions: Sequence[Question], options: argparse.Namespace) -> Iterator[tuple[Question, Answer]]:
    from generators.pipeline.executing.crew import gather_crew
    from generators.pipeline.executing.each import WorkerDied, run_each
    from generators.pipeline.files.inspecting import answer, died

    choice = _choose(questions, options)
    show_progress(quiet=options.json)
    with gather_crew(choice) as crew, count_files(len(questions), quiet=options.json) as progress:
        for question, found in zip(questions, run_each(answer, questions, crew, progress), strict=True):
            yield question, died(question) if isinstance(found, WorkerDied) else found


def _choose(questions: Sequence[Question], options: argparse.Namespace) -> Choice:
    from generators.pipeline.executing.choice import choose
    from generators.pipeline.files.inspecting import estimate

    return choose(options.executor, os.environ, len(questions), sum(map(estimate, questions)))


def _tell(question: Question, answer: Answer, options: argparse.Namespace) -> int:
    from generators.pipeline.files.inspecting import is_elsewhere, shown_path

    if answer.inspection is None:
        complain(answer.told)
        if options.json:
            from generators.store import encode_unreadable

            shown = os.path.basename(shown_path(question.path))  # noqa: PTH119 - importing pathlib takes longer
            write(encode_unreadable(shown, answer.told))
        return answer.exit_code
    if answer.cost is not None:
        _tell_cost(answer.cost, answer.inspection, options)
    if options.json:
        from generators.store import encode_line

        write(encode_line(answer.inspection))
    elif options.digest and (question.whole or not is_elsewhere(question.path)):
        from rich.console import Console

        from generators.render.terminal import show_inspection

        show_inspection(answer.inspection, options.language, Console())
    else:
        from generators.render.plain import heading_lines

        lines = heading_lines(answer.inspection, options.language)
        write("".join(f"{line}\n" for line in lines).encode())
    return _exit_code(answer.inspection)


def _tell_cost(cost: Cost, inspection: Inspection, options: argparse.Namespace) -> None:
    from generators.render.catalog import load_catalog
    from generators.render.decimals import decimal_text

    catalog = load_catalog(options.language)
    numbers = (cost.read_bytes, inspection.file.size_bytes, cost.requests)
    read, size, requests = (decimal_text(number, catalog.locale) for number in numbers)
    tell(catalog.message("transfer", "peeked", read=read, size=size, requests=requests))


def _exit_code(inspection: Inspection) -> int:
    if inspection.container.format == "unknown":
        return ExitCode.UNREADABLE
    amiss = any(finding.severity != "note" for finding in inspection.findings)
    return ExitCode.NOT_SO if amiss else ExitCode.DONE


@contextmanager
def _as_if_absent(module: str) -> Iterator[None]:
    """Let what is imported meanwhile do without a module that it prefers but doesn't need.

    msgspec takes typing's functions where typing_extensions isn't installed; importing that takes a third of msgspec.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # how the import system says that there is none
    try:
        yield
    finally:
        del sys.modules[module]
