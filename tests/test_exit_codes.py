from __future__ import annotations

import argparse

import pytest

from generators import errors
from generators.cli import _exit_code_of, command_parser
from generators.errors import AssayError
from generators.exit_codes import MEANINGS, ExitCode
from generators.reference.command_line import command_line_reference

COMMANDS = next(a for a in command_parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AssayError)]
OF_THEIR_OWN = {"ContainerError": ExitCode.UNREADABLE, "SourceError": ExitCode.WRONG_FILE}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_how_it_ends_by_the_one_table(name: str) -> None:
    lines = COMMANDS[name].description.partition("\n\nExit codes:\n")[2].splitlines()
    codes = [int(line.split()[0]) for line in lines]
    assert codes[0] == 0
    assert ExitCode.UNUSABLE in codes
    assert codes == sorted(set(codes) & set(MEANINGS))
    assert all(len(line.split()) > 1 for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_ends_every_command_with_the_code_of_its_kind(kind: type[AssayError]) -> None:
    expected = OF_THEIR_OWN.get(kind.__name__, ExitCode.UNUSABLE)
    assert _exit_code_of(kind("sha256-mismatch", "something is wrong")) == expected


def test_every_code_has_a_meaning_which_help_and_reference_tell() -> None:
    assert set(MEANINGS) == set(ExitCode)
    told, reference = command_parser().format_help(), command_line_reference()
    for code, meaning in MEANINGS.items():
        assert f"{code.value:<3d}  {meaning}" in told
        assert f"`{code.value}`" in reference
        assert meaning in reference
