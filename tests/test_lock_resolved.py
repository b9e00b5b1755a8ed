from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generators.errors import LockError
from generators.lock import read_lock
from generators.lock_edit import append_entry, write_resolved
from generators.model.lock import Resolved, SourceAddress

pytest.importorskip("tomlkit", reason="needs the extra `fetch`")

PROJECT = Path(__file__).resolve().parents[1]
A, B = "a" * 64, "b" * 64
COMMIT = "0" * 40
ASKED = "owner/name@main:model.safetensors"
ENTRY = f"""
# of the hub
[[checkpoint]]
id = "one" # the first
title = "model.safetensors"
variant = "convnextpose-xs"
report = "r"
sources = [{{ kind = "hub", address = "{ASKED}" }}]
"""
RESOLVED = f"""
[checkpoint.resolved]
asked = ["{ASKED}"]
source = {{ kind = "hub", address = "owner/name@{COMMIT}:model.safetensors" }}
size_bytes = 7
sha256 = "{A}"
resolved_at = "2026-11-25T10:00:00+00:00"
"""


def write(tmp_path: Path, *parts: str) -> Path:
    path = tmp_path / "checkpoints.lock"
    path.write_text("lock-version = 1\n" + "".join(parts), encoding="utf-8")
    return path


def resolved(*asked: str, sha256: str | None = A, size: int | None = 7) -> Resolved:
    return Resolved(
        asked=asked,
        source=SourceAddress(kind="hub", address=f"owner/name@{COMMIT}:model.safetensors"),
        size_bytes=size,
        sha256=sha256,
        weights_digest=B,
        resolved_at="2026-11-25T11:00:00+00:00",
    )


def test_what_was_resolved_is_kept_apart_from_what_is_asked_and_pins_the_file(tmp_path: Path) -> None:
    (entry,) = read_lock(write(tmp_path, ENTRY, RESOLVED)).checkpoints
    assert (entry.size, entry.sha256, entry.stale) == (None, None, ())
    assert entry.pin.sha256 == A
    assert entry.pin.size is not None
    assert 7 in entry.pin.size
    assert 8 not in entry.pin.size
    assert entry.resolved is not None
    assert entry.resolved.line == 11


@pytest.mark.parametrize(
    ("before", "after", "reason", "pinned"),
    [
        (ASKED, "owner/name@v2:model.safetensors", "sources-changed", A),
        ("sources =", f'sha256 = "{B}"\nsources =', "sha256-contradicts", B),
        ("sources =", "size_bytes = 8\nsources =", "size-contradicts", None),
        ("sources =", "size_bytes = { minimum = 1, maximum = 6 }\nsources =", "size-contradicts", None),
    ],
)
def test_a_person_who_asks_for_something_else_makes_it_stale_and_wins(
    tmp_path: Path, before: str, after: str, reason: str, pinned: str | None
) -> None:
    (entry,) = read_lock(write(tmp_path, ENTRY.replace(before, after), RESOLVED)).checkpoints
    assert entry.stale == (reason,)
    assert entry.pin.sha256 == pinned


def test_a_demand_that_agrees_is_not_stale(tmp_path: Path) -> None:
    asked = ENTRY.replace("sources =", f'sha256 = "{A}"\nsize_bytes = {{ minimum = 1, maximum = 9 }}\nsources =')
    (entry,) = read_lock(write(tmp_path, asked, RESOLVED)).checkpoints
    assert entry.stale == ()


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        (f'sha256 = "{A}"', 'sha256 = "a"', "wrong-value", 15),
        ("size_bytes = 7", "size_bytes = -7", "wrong-value", 14),
        ("size_bytes = 7", "size_bites = 7", "unknown-key", 14),
        ('resolved_at = "2026-11-25T10:00:00+00:00"\n', "", "wrong-value", 11),
        (f"owner/name@{COMMIT}:model", "owner:model", "wrong-form", 13),
        (f'kind = "hub", address = "owner/name@{COMMIT}:model.safetensors"', 'kind = "path", address = "../x"',
         "path-leaves-project", 13),
    ],
)  # fmt: skip
def test_a_mistake_in_a_resolved_table_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, code: str, line: int
) -> None:
    assert before in RESOLVED
    with pytest.raises(LockError) as caught:
        read_lock(write(tmp_path, ENTRY, RESOLVED.replace(before, after)))
    assert (caught.value.code, caught.value.where.rpartition(":")[2]) == (code, str(line))
    assert caught.value.remedy


def without_resolved(text: str) -> str:
    """Return a lock's text without resolved tables and the empty line in front of each."""
    lines, kept, inside = text.split("\n"), [], False
    for line in lines:
        if line.startswith("[checkpoint.resolved]"):
            inside = True
            kept.pop()
        elif inside and "=" not in line:
            inside = False
        if not inside:
            kept.append(line)
    return "\n".join(kept)


def test_writing_changes_nothing_that_a_person_wrote_in_the_projects_own_lock(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.lock"
    before = (PROJECT / "checkpoints.lock").read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    ids = [entry.id for entry in read_lock(path).checkpoints]
    for entry_id in (ids[0], ids[-1], ids[2], ids[0]):
        write_resolved(path, {entry_id: resolved("x")})
        assert without_resolved(path.read_text(encoding="utf-8")) == without_resolved(before)
    assert [entry.id for entry in read_lock(path).checkpoints if entry.resolved] == [ids[0], ids[2], ids[-1]]
    assert path.read_text(encoding="utf-8").count("[checkpoint.resolved]") == 3


TABLES = ENTRY.split("sources =", maxsplit=1)[0] + (
    '[checkpoint.size_bytes]\nminimum = 1\nmaximum = 9\n\n[[checkpoint.sources]]\nkind = "https"\n'
    'address = "https://example.org/f" # where it is\n'
)


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        ENTRY + "\n# behind\n",
        ENTRY + '\n[[control]]\nid = "c"\nrecipe = "convnextpose-xs"\nseed = 7 # lucky\n',
        ENTRY.replace("\n", "\n\n") + ENTRY.replace('"one"', '"two"'),
        TABLES,
        ENTRY + '\n[[control]]\nid = "c"\nrecipe = "convnextpose-xs"\nseed = 7\n' + ENTRY.replace('"one"', '"two"'),
        TABLES + "# the next\n" + ENTRY.replace('"one"', '"two"'),
        ENTRY.replace("sources =", 'licence = """\n[[checkpoint]]\n"""\nsources ='),
    ],
)
def test_every_form_of_a_lock_keeps_its_comments_and_values(tmp_path: Path, entry: str) -> None:
    path = write(tmp_path, entry)
    before, others = path.read_text(encoding="utf-8").splitlines(), read_lock(path)
    write_resolved(path, {"one": resolved(ASKED)})
    write_resolved(path, {"one": resolved(ASKED, sha256=None)})
    write_resolved(path, {"one": resolved(ASKED, size=5)})
    after = iter(path.read_text(encoding="utf-8").splitlines())
    assert all(line in after for line in before), "every line is there, in its order"
    lock = read_lock(path)
    assert lock.checkpoints[0].resolved is not None
    assert lock.checkpoints[0].resolved.size_bytes == 5
    assert [entry.sources for entry in lock.checkpoints] == [entry.sources for entry in others.checkpoints]
    assert [entry.size for entry in lock.checkpoints] == [entry.size for entry in others.checkpoints]
    assert [entry.id for entry in lock.controls] == [entry.id for entry in others.controls]


@pytest.mark.parametrize("write_as", ["\ufeff{}", "{}\r\n", "{}"])
def test_line_ends_a_mark_and_a_missing_last_line_end_stay(tmp_path: Path, write_as: str) -> None:
    path = tmp_path / "checkpoints.lock"
    text = write_as.format(("lock-version = 1\n" + ENTRY).rstrip("\n"))
    if "\r" in write_as:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    path.write_bytes(text.encode())
    write_resolved(path, {"one": resolved(ASKED)})
    after = path.read_bytes()
    assert after.startswith(text.rstrip().encode())
    assert after.count(b"\r\n") == (after.count(b"\n") if "\r" in write_as else 0)
    assert read_lock(path).checkpoints[0].resolved is not None


def test_an_entry_that_went_away_meanwhile_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    path = write(tmp_path, ENTRY)
    before = path.read_bytes()
    with pytest.raises(LockError, match="no-such-entry"):
        write_resolved(path, {"two": resolved(ASKED)})
    assert path.read_bytes() == before


COMMENTS = st.sampled_from(["", "\n", "# a word\n", "\n# two\n# lines\n\n", "   # indented [[checkpoint]]\n"])
FORMS = st.sampled_from([
    ('id = "{id}"{end}\ntitle = "m.pth"\nvariant = "convnextpose-xs"\nreport = "r"\n'
    'sources = [{{ kind = "hub", address = "a/b@main:m" }}]\n'),
    ('report = "r"\nvariant = "x"\nsources = [\n  {{ kind = "hub", address = "a/b@main:m" }}, # best\n]\n'
    'title = "m"{end}\nid = "{id}"\n'),
    ('id="{id}"\ntitle="m"\nvariant="x"\nreport="r"{end}\n[checkpoint.size_bytes]\nminimum=1\nmaximum=9\n'
    '[[checkpoint.sources]]\nkind="hub"\naddress="a/b@main:m"\n'),
    ('id = "{id}"\ntitle = "m"\nvariant = "x"\nreport = "r"\nsources = []{end}\n\n'
    '[checkpoint.resolved] # of Assay\nasked = []\nresolved_at = "2026"\n'),
    ('licence = """\n[[checkpoint]]\n# no comment\n[checkpoint.resolved]\n"""{end}\n'
    "id = '{id}'\ntitle = \"m\"\nvariant = \"x\"\nreport = \"r\"\nsources = [\n]\n"),
])  # fmt: skip
CONTROL = '[[control]]\nid = "c-{id}"\nrecipe = "convnextpose-xs"\nseed = 1{end}\n'


@st.composite
def lock_texts(draw: st.DrawFn) -> str:
    parts = ["# head\nlock-version = 1\n"]
    for number in range(draw(st.integers(1, 4))):
        end = draw(st.sampled_from(["", " # said so", "   "]))
        parts.append(draw(COMMENTS))
        parts.append("[[checkpoint]]\n" + draw(FORMS).format(id=f"e{number}", end=end))
        if draw(st.booleans()):
            parts.append(draw(COMMENTS))
            parts.append(CONTROL.format(id=number, end=end))
    return "".join([*parts, draw(COMMENTS)])


def lines_of_people(text: str) -> list[str]:
    """Return the lines that aren't in a resolved table, without empty ones."""
    kept, inside = [], False
    for line in text.replace("# no comment\n[checkpoint.resolved]", "# no comment\n resolved").splitlines():
        if line.startswith("["):
            inside = line.startswith("[checkpoint.resolved]")
        if line.strip() and (not inside or line.lstrip().startswith("#")):
            kept.append(line)
    return kept


def check_writing(path: Path, text: str, order: list[int]) -> None:
    path.write_text(text, encoding="utf-8")
    before = read_lock(path)
    written: dict[str, Resolved] = {}
    for step, number in enumerate(order):
        entry_id = f"e{number % len(before.checkpoints)}"
        written[entry_id] = resolved(ASKED, size=step, sha256=None if step % 2 else A)
        write_resolved(path, {entry_id: written[entry_id]})
    after = read_lock(path)
    assert lines_of_people(path.read_text(encoding="utf-8")) == lines_of_people(text)
    for old, new in zip(before.checkpoints, after.checkpoints, strict=True):
        assert replace(new, line=0, resolved=None) == replace(old, line=0, resolved=None)
        expected = written.get(new.id, old.resolved)
        assert (new.resolved and replace(new.resolved, line=0)) == (expected and replace(expected, line=0))
    assert [control.id for control in after.controls] == [control.id for control in before.controls]
    new = replace(after.checkpoints[0], id="new", title="new", resolved=resolved(ASKED))
    append_entry(path, new)
    assert lines_of_people(path.read_text(encoding="utf-8")).count("[[checkpoint]]") == 1 + lines_of_people(text).count(
        "[[checkpoint]]"
    )
    added = read_lock(path)
    assert replace(added.checkpoints[-1], line=0, resolved=None) == replace(
        new, line=0, resolved=None, weights_digest=None
    )
    assert added.checkpoints[-1].pin.sha256 == A
    rest = iter(lines_of_people(path.read_text(encoding="utf-8")))
    assert all(line in rest for line in lines_of_people(text)), "every line is there, in its order"


@settings(max_examples=60, deadline=None)
@given(text=lock_texts(), order=st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_whatever_people_write_stays_as_it_is_and_what_was_resolved_is_read_back(text: str, order: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_writing(Path(folder) / "checkpoints.lock", text, order)
