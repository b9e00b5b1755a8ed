"""The commands that get files and keep track of them: ``add``, ``fetch``, ``list``, ``status``, ``verify``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generators.cli_parts import (
    Commands,
    add_command,
    add_executor,
    add_json,
    add_project,
    chosen_checkpoints,
    complain,
    open_project,
    serve_project,
    show_progress,
    tell,
    write,
)
from generators.cli_progress import show_download
from generators.errors import SourceError
from generators.exit_codes import SOURCE_CODES, ExitCode

if TYPE_CHECKING:
    from generators.model.lock import LockEntry
    from generators.model.transfers import FetchOutcome

MAY_BE_ABSENT: Final = frozenset({ExitCode.UNREACHABLE, ExitCode.REFUSED})
"""Exit codes for what is no fault of the file or of this machine."""

_FETCH = """\
Takes each entry's sources in the order of the lock until one gives the file. It comes to checkpoints/ID/ under a hidden
name, and gets its own only when size and SHA-256 are the lock's, as far as it has them. What was interrupted goes on
where it stopped, if the server's file is still the same. Two commands at once fetch it once. A file that is there is
left alone.

Proxies: HTTPS_PROXY, NO_PROXY. Passwords: ~/.netrc. The hub's token: HF_TOKEN. ASSAY_OFFLINE=1 opens no connection;
ASSAY_TIMEOUT is how many seconds a server may be silent (30).

Of several files that can't be had, the highest exit code counts."""
_LIST = """\
Shows what is there with sizes, and which architectures' training checkpoints have such a size, before a byte of a
file is fetched.

SOURCE is one of
  https://drive.google.com/drive/folders/ID    a folder of Google Drive, with those in it
  hf:owner/name@revision                       a repository of the Hugging Face hub (revision: main by default)
  github:owner/name@tag                        a release
  zenodo:1234567                               a record
  s3://bucket/prefix/, gs://bucket/prefix/     object storage
  folder/                                      a folder of this machine
or, with one file's path behind it, a file: hf:owner/name@revision:path, github:owner/name@tag:asset, zenodo:1234:file,
gdrive:ID, s3://bucket/key, https://... The addresses that a browser shows are understood too."""
_ADD = """\
Asks the server for the file's name, size and digest. Which architecture its publisher says it is, only you can say:
what the file itself shows is found when it is read. Comments and order of the lock stay."""
_STATUS = "By names and sizes alone: no byte is read, no connection is opened."
_VERIFY = """\
Reads every byte. A file without a digest in the lock is held against its size, and told as unpinned. --executor (or
ASSAY_EXECUTOR) says where the files are read, as `assay inspect --help` has it."""


def _add_add(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "add",
        "Add an entry for a file to checkpoints.lock.",
        _ADD,
        "assay add https://drive.google.com/file/d/ID/view --title model.pth.tar --variant convnextpose-m",
        "assay add hf:owner/name@0123abc:model.safetensors",
        "assay add zenodo:1234567:model.pth --licence CC-BY-4.0",
        exits={
            ExitCode.DONE: "added",
            ExitCode.UNUSABLE: "wrong usage, a wrong lock, or something that has to be said with an option",
            ExitCode.UNREADABLE: "",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("source", metavar="SOURCE", help="address of one file; `assay list --help` has the forms")
    command.add_argument("--id", default="", help="of the entry (default: from the file's name)")
    command.add_argument("--title", default="", help="the file's published name (default: as its server says)")
    command.add_argument("--variant", default="", help="architecture it is said to be (default: nobody says)")
    command.add_argument("--report", default="", help="report it belongs to (default: the lock's only one)")
    command.add_argument("--licence", default="", help="of the weights, as the publisher says")
    _add_hosts(command)
    add_project(command)
    add_json(command)
    command.set_defaults(run=_add)


def _add_fetch(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "fetch",
        "Get the files of the lock's entries.",
        _FETCH,
        "assay fetch",
        "assay fetch convnextpose-m convnextpose-s",
        "assay fetch --json | jq .sha256",
        exits={ExitCode.DONE: "all is here", ExitCode.UNUSABLE: "", **dict.fromkeys(SOURCE_CODES, "")},
    )
    _add_entries(command)
    _add_absent(command, "what can't be had now, or only by a person (4, 6)")
    serve_project(command, _fetch)


def _add_list(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "list",
        "Show a folder's, repository's or release's files with sizes.",
        _LIST,
        "assay list https://drive.google.com/drive/folders/12H7zkLvmJtrkCmAUAPkQ6788WAnO60gI",
        "assay list hf:owner/name@main --json",
        "assay list zenodo:1234567 --record",
        "assay list --again --record",
        exits={
            ExitCode.DONE: "listed",
            ExitCode.NOT_SO: "listed, and with --record something disappeared or changed since the last time",
            ExitCode.UNUSABLE: "",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("source", metavar="SOURCE", nargs="?", help="see above")
    command.add_argument(
        "--again", action="store_true", help="list every place anew that the project keeps a listing of, or names"
    )
    command.add_argument("--record", action="store_true", help="keep it with its date below docs/evidence/listings/")
    serve_project(command, _list)


def _add_status(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "status",
        "Show which files are here.",
        _STATUS,
        "assay status",
        "assay status --json | jq .state",
        exits={ExitCode.DONE: "told, whatever is found", ExitCode.UNUSABLE: ""},
    )
    _add_entries(command)
    serve_project(command, _status)


def _add_verify(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "verify",
        "Hold the files against the lock, byte by byte.",
        _VERIFY,
        "assay verify",
        "assay verify convnextpose-m --json",
        exits={
            ExitCode.DONE: "all that the lock pins is there and right",
            ExitCode.NOT_SO: "something is missing, another, or nobody's",
            ExitCode.UNUSABLE: "",
        },
    )
    _add_entries(command)
    _add_absent(command, "a file that isn't here")
    add_executor(command)
    serve_project(command, _verify)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {
    "add": _add_add,
    "fetch": _add_fetch,
    "list": _add_list,
    "status": _add_status,
    "verify": _add_verify,
}
"""The commands, by name."""


def _add(options: argparse.Namespace) -> int:
    from generators.pipeline.locking.adding import Request, add_source
    from generators.store import encode_line

    show_progress(quiet=options.json)
    given = {name: getattr(options, name) for name in ("source", "id", "title", "variant", "report", "licence")}
    entry = add_source(Request(**given, hosts=tuple(options.allow_host)), Path(options.project))
    if options.json:
        write(encode_line(entry))
    else:
        write(f"{entry.id}\n".encode())
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from generators.pipeline.locking.fetching import fetch_entry
    from generators.sources.faults import exit_code_of

    project = open_project(options)
    entries = chosen_checkpoints(options.ids, project)
    show_progress(quiet=options.json)
    worst = ExitCode.DONE
    for entry in entries:
        _tell_stale(entry, options)
        with show_download(entry.id, quiet=options.json) as progress:
            outcome = fetch_entry(entry, project, progress)
        _tell_outcome(outcome, options)
        if outcome.state == "failed":
            codes = {exit_code_of(fault.code) for fault in outcome.faults}
            worst = max((worst, *(codes - MAY_BE_ABSENT if options.absent_ok else codes)))
        elif entry.pin.sha256 is None:
            _tell_unpinned(entry.id, options)
    return worst


def _tell_outcome(outcome: FetchOutcome, options: argparse.Namespace) -> None:
    for fault in outcome.faults:
        complain(f"{outcome.id}: {fault.told}")
    if options.json:
        from generators.store import encode_line

        write(encode_line(outcome))
        return
    from generators.render.transfers import outcome_line

    write(f"{outcome_line(outcome, options.language)}\n".encode())


def _tell_stale(entry: LockEntry, options: argparse.Namespace) -> None:
    from generators.render.catalog import load_catalog

    for reason in () if options.json else entry.stale:
        tell(f"{entry.id}: {load_catalog(options.language).message('stale', reason)} (assay lock --check)")


def _tell_unpinned(entry_id: str, options: argparse.Namespace) -> None:
    from generators.render.catalog import load_catalog

    if not options.json:
        tell(load_catalog(options.language).message("transfer", "pin-it", command=f"assay lock {entry_id}"))


def _list(options: argparse.Namespace) -> int:
    show_progress(quiet=options.json)
    if options.again == bool(options.source):
        complain("give either a place or --again\n  what to do: `assay list --help` has the forms of a place")
        return ExitCode.UNUSABLE
    if not options.again:
        return _list_place(options.source, options)
    from generators.pipeline.listings.watched_places import named_places

    # a place that can't be reached is told, and the others are listed all the same
    return max((_list_place(place, options) for place in named_places(open_project(options))), default=0)


def _list_place(source: str, options: argparse.Namespace) -> int:
    from generators.pipeline.listings.listing import list_source, listing_path, record_listing
    from generators.store import encode_line

    root = Path(options.project)
    with _refusals() as refused:
        listing = list_source(source)
        changes = record_listing(root, listing) if options.record else ()
        if options.json:
            write(encode_line(listing))
        else:
            from rich.console import Console

            from generators.render.transfers import show_changes, show_listing

            show_listing(listing, options.language, Console())
            show_changes(changes, options.language, Console(stderr=True))
        if options.record:
            tell(str(listing_path(root, listing)))
        if any(change.change != "file-new" for change in changes):
            refused.code = ExitCode.NOT_SO
    return refused.code


def _status(options: argparse.Namespace) -> int:
    from generators.pipeline.locking.standing import standings

    project = open_project(options)
    found = tuple(standings(chosen_checkpoints(options.ids, project), project))
    if options.json:
        _write_lines(found)
        return 0
    from rich.console import Console

    from generators.render.transfers import show_standings

    show_standings(found, options.language, Console())
    return 0


def _verify(options: argparse.Namespace) -> int:
    from generators.pipeline.locking.standing import verify_entries

    project = open_project(options)
    chosen = chosen_checkpoints(options.ids, project)
    found = tuple(verify_entries(chosen, project, extra=not options.ids, executor=options.executor))
    if options.json:
        _write_lines(found)
    else:
        from rich.console import Console

        from generators.render.transfers import show_verified

        show_verified(found, options.language, Console())
    good = {"match", "unpinned", *(("missing",) if options.absent_ok else ())}
    return ExitCode.DONE if all(one.state in good for one in found) else ExitCode.NOT_SO


def _add_entries(command: argparse.ArgumentParser) -> None:
    command.add_argument("ids", metavar="ID", nargs="*", help="entries of checkpoints.lock (default: all)")


def _add_absent(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--absent-ok", action="store_true", help=f"don't count as a failure: {what}")


def _add_hosts(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-host", metavar="HOST", action="append", default=[], help="host that the server may redirect to"
    )


def _write_lines(values: tuple[object, ...]) -> None:
    from generators.store import encode_line

    for value in values:
        write(encode_line(value))


class _Refused:
    """How the listing of a place ended."""

    code = ExitCode.DONE


@contextmanager
def _refusals() -> Iterator[_Refused]:
    """Tell why a place can't be listed, and go on with the next; the exit code is kept."""
    refused = _Refused()
    try:
        yield refused
    except SourceError as error:
        from generators.sources.faults import exit_code_of

        complain(error.diagnostics())
        refused.code = exit_code_of(error.code)
