"""The command that writes a report in the formats of others: ``export``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from generators.cli_parts import Commands, add_command, add_language, add_project, complain, show_progress, write
from generators.errors import AssayError
from generators.exit_codes import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from generators.pipeline.exporting import ExportInputs

_LINKING: Final = ("feed", "statement", "html", "pdf")
"""Formats that say where the site is."""

_EXPORT = """\
Collects the evidence as a build of the site does, and writes one file. FORMAT is one of
  verdicts   what each claim came to, as JSON        schema    the JSON Schema of that
  evidence   all evidence, as JSON                   junit     JUnit XML: a test case a claim
  statement  in-toto statement of the files read     tensors   a file's tensors as CSV; needs an ID
  badge      JSON that shields.io draws a badge of   feed      Atom feed of verdicts that changed
  html       the whole report as one file            pdf       the same on paper; needs --out, Chromium, and
                                                               the packages playwright and pypdf

Links lead to the published site of the language: --address, else as `assay issue` finds it (ASSAY_PINNED_URL,
ASSAY_SITE_URL, or site_url of mkdocs.yml). Where none is known, there are no links to it.

A claim is held against docs/expectations/REPORT.toml: what its owner expects passes, a refuted claim too. Without an
expectation a refuted claim fails. What couldn't be decided is skipped (JUnit) or warned of (statement)."""


def _add_export(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "export",
        "Write the report in a format of others: JSON, JUnit, in-toto, CSV, badge, Atom, HTML, PDF.",
        _EXPORT,
        "assay export junit --out verdicts.xml",
        "assay export pdf --language ko --out report.pdf",
        "assay export tensors control-m --out control-m.csv",
        "assay export verdicts | jq '.claims[] | select(.standing == \"unexpected\")'",
        exits={
            ExitCode.DONE: "written, whatever the verdicts are",
            ExitCode.UNUSABLE: "wrong usage, a wrong lock, report or expectation, nothing to make a statement about, "
            "no Chromium",
        },
    )
    command.add_argument("format", metavar="FORMAT", choices=(*_WRITERS, "html", "pdf"), help="see above")
    command.add_argument("id", metavar="ID", nargs="?", default="", help="entry of checkpoints.lock, for `tensors`")
    command.add_argument("-o", "--out", metavar="FILE", default="", help="file to write (default: standard output)")
    command.add_argument(
        "--address", metavar="URL", default="", help="where the language's site is published (default: see above)"
    )
    add_project(command)
    add_language(command)
    command.set_defaults(run=_export)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {"export": _add_export}
"""The command, by name."""


def _export(options: argparse.Namespace) -> int:
    from pathlib import Path

    from generators.pipeline.site import site_exports

    mistake = _find_mistake(options)
    if mistake:
        complain(mistake)
        return ExitCode.UNUSABLE
    root = Path(options.project)
    options.address, options.shared = _places(root, options)
    _require_possible(root, options)
    show_progress(quiet=False)
    inputs = site_exports(root)
    writer = _WRITERS.get(options.format)
    data = writer(inputs, options) if writer else _document(root, inputs, options)
    _write(data, Path(options.out) if options.out else None)
    return 0


def _find_mistake(options: argparse.Namespace) -> str:
    """Return what is wrong with a command line in itself; empty where nothing is."""
    if options.format == "tensors" and not options.id:
        return "`assay export tensors` needs the ID of an entry\n  what to do: name one of checkpoints.lock"
    if options.id and options.format != "tensors":
        return f"`assay export {options.format}` takes no ID\n  what to do: leave {options.id!r} out"
    if options.format == "pdf" and not options.out:
        return "a PDF isn't written to standard output\n  what to do: name a file with --out"
    return ""


def _places(root: Path, options: argparse.Namespace) -> tuple[str, str]:
    """Return where the language's site is published, as far as the format tells of it, and, seen from there, its files.

    Raises:
        RenderError: An address is none.
    """
    from generators.issue.publication import checked_site, find_publication

    given = checked_site(options.address, "--address")
    if options.format not in _LINKING:
        return given, ""
    publication = find_publication(root, os.environ)
    language = options.language
    return given or publication.language_url(language), publication.shared_from(language)


def _require_possible(root: Path, options: argparse.Namespace) -> None:
    """Refuse what the evidence can't change, before minutes are spent on collecting it.

    Raises:
        LockError: The lock is wrong.
        RenderError: A PDF can't be printed here.
        AssayError: The entry isn't in the lock.
    """
    if options.format == "pdf":
        from generators.render.pdf import require_printer

        require_printer()
    if options.format == "tensors":
        from generators.lock import LOCK_NAME, read_lock

        ids = [entry.id for entry in read_lock(root / LOCK_NAME).entries]
        if options.id not in ids:
            remedy = f"name one of {', '.join(ids)}" if ids else "add it with `assay add`"
            raise AssayError("no-tensors", f"{options.id!r} is no entry of the lock", remedy=remedy)


def _document(root: Path, inputs: ExportInputs, options: argparse.Namespace) -> bytes:
    from generators.pipeline.site import site_document

    document = site_document(root, options.language, options.address, options.shared)
    if options.format == "html":
        return document
    from generators.render.pdf import print_document

    return print_document(document, inputs.evidence.build.date)


def _tensors(inputs: ExportInputs, options: argparse.Namespace) -> bytes:
    from generators.pipeline.exporting import export_tensors

    found = next((subject for subject in inputs.evidence.subjects if subject.id == options.id), None)
    if found is None or found.fingerprint is None:
        read = ", ".join(subject.id for subject in inputs.evidence.subjects if subject.fingerprint is not None)
        raise AssayError(
            "no-tensors",
            f"no file was read of {options.id!r}",
            remedy=f"name one of {read}" if read else "get the files with `assay fetch`",
        )
    return export_tensors(found)


def _junit(inputs: ExportInputs, options: argparse.Namespace) -> bytes:
    from generators.pipeline.exporting import export_junit, words_of

    return export_junit(inputs, words_of(inputs, options.language))


def _badge(inputs: ExportInputs, options: argparse.Namespace) -> bytes:
    from generators.pipeline.exporting import export_badge, words_of

    return export_badge(inputs, words_of(inputs, options.language))


def _feed(inputs: ExportInputs, options: argparse.Namespace) -> bytes:
    from generators.pipeline.exporting import export_feed, words_of

    return export_feed(inputs, words_of(inputs, options.language), options.address)


def _statement(inputs: ExportInputs, options: argparse.Namespace) -> bytes:
    from generators.pipeline.exporting import export_statement

    return export_statement(inputs, options.address)


def _verdicts(inputs: ExportInputs, _: argparse.Namespace) -> bytes:
    from generators.store import encode

    return encode(inputs.verdicts)


def _evidence(inputs: ExportInputs, _: argparse.Namespace) -> bytes:
    from generators.store import encode

    return encode(inputs.evidence)


def _schema(_: ExportInputs, __: argparse.Namespace) -> bytes:
    from generators.exports.verdicts import verdicts_schema

    return verdicts_schema()


_WRITERS: Mapping[str, Callable[[ExportInputs, argparse.Namespace], bytes]] = {
    "verdicts": _verdicts,
    "schema": _schema,
    "evidence": _evidence,
    "junit": _junit,
    "statement": _statement,
    "tensors": _tensors,
    "badge": _badge,
    "feed": _feed,
}


def _write(data: bytes, path: Path | None) -> None:
    """Write to a file, whole or not at all, or to standard output.

    Raises:
        StoreError: The file can't be written.
    """
    if path is None:
        write(data)
        return
    from generators.store import FILE_REMEDY, write_atomically

    with write_atomically(path, FILE_REMEDY) as file:
        file.write(data)
    sys.stderr.write(f"{path}\n")
