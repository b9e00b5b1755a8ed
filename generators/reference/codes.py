"""The codes of errors and findings: errors from the calls that make them, findings from their sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from generators import errors
from generators.errors import AssayError
from generators.exit_codes import ExitCode
from generators.reference.markdown import anchor, cell, code, heading, table
from generators.render.catalog import SOURCE_LOCALE, catalog_path
from generators.render.catalog_file import read_catalog
from generators.shipped import PACKAGE
from generators.sources.faults import BusyError, exit_code_of, fault_codes

Error = tuple[str, str, str, str]
"""Family, code, what happened, what to do."""
_KINDS: tuple[type[AssayError], ...] = (*AssayError.__subclasses__(), AssayError, BusyError)
FAMILIES: dict[str, tuple[str, ...]] = {kind.__name__: (kind.family,) for kind in _KINDS}
"""By the name that is called; what reads TOML is given the class of the error."""
FAMILIES["error"] = (errors.LockError.family, errors.ClaimError.family)


def error_reference() -> str:
    """Return every error by family: its code as messages show it, what it says, what to do, the exit code."""
    found = sorted({*all_errors(), *_reasons_made_elsewhere()})
    parts = []
    for family in dict.fromkeys(error[0] for error in found):
        parts.append(heading(3, code(family), f"errors-{anchor(family)}"))
        rows = [
            (code(f"{family}.{name}"), cell(what), cell(remedy), str(int(_exit_code(family, name))))
            for this, name, what, remedy in found
            if this == family
        ]
        parts.append(table(("Code", "What happened", "What to do", "Exit code"), rows))
    return "\n".join(parts)


def finding_reference() -> str:
    """Return every finding with its sentence, as the English report has it."""
    forms = read_catalog(SOURCE_LOCALE, Path(catalog_path(SOURCE_LOCALE))).forms
    rows = [(code(name), cell(texts[0])) for (context, name), texts in sorted(forms.items()) if context == "finding"]
    return table(("Code", "What it says"), rows)


def all_errors() -> Iterator[Error]:
    """Yield the errors whose code stands where they are made; values within a sentence are shown as ``…``."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
                remedy = next((_text(k.value) for k in node.keywords if k.arg == "remedy"), "")
                for family in FAMILIES.get(node.func.id, ()):
                    yield from ((family, made, _text(node.args[1]), remedy) for made in _choices(node.args[0]))


def _reasons_made_elsewhere() -> Iterator[Error]:
    """Yield the reasons why a file can't be had whose sentences are made of what a server says."""
    told = {name for family, name, *_ in all_errors() if family == errors.SourceError.family}
    yield from ((errors.SourceError.family, name, "", "") for name in fault_codes() if name not in told)


def _choices(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_choices(node.body), *_choices(node.orelse))
    elif text := _text(node):
        yield text


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or "…" for part in parts)
    return ""


def _exit_code(family: str, name: str) -> ExitCode:
    match family:
        case errors.SourceError.family:
            return exit_code_of(name)
        case errors.ContainerError.family:
            return ExitCode.UNREADABLE
        case _:
            return ExitCode.UNUSABLE
