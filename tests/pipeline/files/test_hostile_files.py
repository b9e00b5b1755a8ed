"""Files that are no files, go away, or change while they are read: an error in plain words, never a traceback."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import (
    Persistent,
    float32_bytes,
    legacy_bytes,
    pickle_bytes,
    safetensors_bytes,
    tensor_call,
    write_torch_tar,
    write_torch_zip,
)

from generators.errors import ContainerError
from generators.fingerprint import checkpoint
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.files.reading import inspect_file
from generators.pipeline.files.tensors import open_weights

PROJECT = Path(__file__).resolve().parents[3]
VALUES = float32_bytes(*range(20_000))
TENSORS = {f"layer.{n}.weight": n for n in range(3)}


def write_zip(path: Path) -> None:
    value = {name: tensor_call(str(n), (20_000,)) for name, n in TENSORS.items()}
    write_torch_zip(path, pickle_bytes(value), {str(n): VALUES for n in TENSORS.values()})


def write_legacy(path: Path) -> None:
    value = {name: tensor_call(str(n), (20_000,), legacy=(None,)) for name, n in TENSORS.items()}
    path.write_bytes(legacy_bytes(pickle_bytes(value), [(str(n), 20_000, VALUES) for n in TENSORS.values()]))


def write_safetensors(path: Path) -> None:
    size = len(VALUES)
    header = {
        name: {"dtype": "F32", "shape": [20_000], "data_offsets": [n * size, (n + 1) * size]}
        for name, n in TENSORS.items()
    }
    path.write_bytes(safetensors_bytes(header, VALUES * 3))


def write_tar(path: Path) -> None:
    write_torch_tar(
        path,
        storages=[(n, "FloatStorage", 20_000, VALUES) for n in TENSORS.values()],
        tensors=[(10 + n, n, (20_000,), (1,), 0) for n in TENSORS.values()],
        root={name: Persistent(10 + n) for name, n in TENSORS.items()},
    )


FORMS: dict[str, Callable[[Path], None]] = {
    "zip": write_zip,
    "legacy": write_legacy,
    "safetensors": write_safetensors,
    "tar": write_tar,
}


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(100))


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 1000)


def replace_by_another(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes()[::-1])
    other.rename(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


CHANGES = {"truncate": truncate, "grow": grow, "overwrite": overwrite, "replace": replace_by_another, "empty": empty}


def act_at(monkeypatch: pytest.MonkeyPatch, share: float, path: Path, act: Callable[[], object]) -> None:
    """Do something before the read that stands at that share of all that the file takes."""
    counted: list[int] = []
    pread = os.pread

    def count(descriptor: int, size: int, start: int) -> bytes:
        counted.append(start)
        return pread(descriptor, size, start)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", count)
        inspect_file(path)
    number = round(share * (len(counted) - 1))
    counted.clear()

    def acting(descriptor: int, size: int, start: int) -> bytes:
        counted.append(start)
        if len(counted) == number + 1:
            act()
        return pread(descriptor, size, start)

    monkeypatch.setattr(os, "pread", acting)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.6, 1])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, change: str, share: float
) -> None:
    path = tmp_path / "x"
    FORMS[form](path)
    os.utime(path, (1, 1))  # the clock of some file systems is too coarse to tell two writes of one moment apart
    with monkeypatch.context() as patched:
        act_at(patched, share, path, lambda: CHANGES[change](path))
        with pytest.raises(ContainerError) as told:
            inspect_file(path)
    assert (told.value.code, bool(told.value.remedy)) == ("changing", True)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0, 0.2, 1])
def test_a_file_that_goes_away_while_it_is_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, share: float
) -> None:
    path = tmp_path / "x"
    FORMS[form](path)
    with monkeypatch.context() as patched:
        act_at(patched, share, path, path.unlink)
        with pytest.raises((FileNotFoundError, ContainerError)):
            inspect_file(path)


def fail() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.6, 1])
def test_a_disk_that_fails_is_an_error_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, share: float
) -> None:
    path = tmp_path / "x"
    FORMS[form](path)
    with monkeypatch.context() as patched:
        act_at(patched, share, path, fail)
        with pytest.raises(OSError, match="Input/output") as told:
            inspect_file(path)
    assert told.value.errno == errno.EIO


@pytest.mark.parametrize("form", FORMS)
def test_reads_that_give_less_than_was_asked_for_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    path = tmp_path / "x"
    FORMS[form](path)
    whole = inspect_file(path)
    pread = os.pread
    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", lambda descriptor, size, start: pread(descriptor, min(size, 1000), start))
        assert inspect_file(path) == whole
    assert whole.weights_digest


def test_weights_that_are_no_longer_those_of_the_fingerprint_are_not_handed_out(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_safetensors(path)
    inspection = inspect_file(path)
    with open_weights(path, inspection, inspection.identification) as weights:
        assert [w.data for w in weights] == [VALUES] * 3
    overwrite(path)
    with (
        open_weights(path, inspection, inspection.identification) as weights,
        pytest.raises(ContainerError, match="changed while"),
    ):
        list(weights)


@pytest.fixture
def odd_paths(tmp_path: Path) -> Iterator[dict[str, Path]]:
    paths = {name: tmp_path / name for name in ("missing", "folder", "fifo", "socket", "loop", "dangling")}
    paths["folder"].mkdir()
    os.mkfifo(paths["fifo"])
    paths["loop"].symlink_to(paths["loop"])
    paths["dangling"].symlink_to(tmp_path / "nowhere")
    paths["link-to-fifo"] = tmp_path / "link-to-fifo"
    paths["link-to-fifo"].symlink_to(paths["fifo"])
    paths["device"] = Path("/dev/zero")
    paths["stdin"] = Path("/dev/stdin")
    paths["below a file"] = tmp_path / "file" / "x"
    (tmp_path / "file").write_bytes(b"x")
    paths["long"] = tmp_path / ("x" * 300)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(paths["socket"]))
        yield paths


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_what_is_no_file_exits_with_3_in_one_run_and_plain_words(odd_paths: dict[str, Path]) -> None:
    for name, path in odd_paths.items():
        told = subprocess.run(
            [sys.executable, "-m", "generators.cli", "inspect", str(path)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert told.returncode == 3, (name, told.stderr)
        assert "error:" in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="needs a file system without an encoding")
@pytest.mark.parametrize("name", [b"\xff\xfe.pt", b"a\nb.pt", b"-x.pt", b" "])
def test_a_file_of_any_name_is_read(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    write_safetensors(path)
    told = subprocess.run(
        [sys.executable, "-m", "generators.cli", "inspect", "--json", "--", str(path)],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, b"")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become somebody else")
def test_a_file_that_may_not_be_read_exits_with_3() -> None:
    script = (
        "import os, sys; from pathlib import Path; from generators.pipeline.files.reading import inspect_file\n"
        "from generators.errors import ContainerError\n"
        "import tempfile\n"
        "path = Path(tempfile.mkdtemp()) / 'x'; path.parent.chmod(0o755); path.write_bytes(b'x'); path.chmod(0)\n"
        "os.setuid(65534)\n"
        "try: inspect_file(path)\n"
        "except ContainerError as error: print(error.code, error.remedy)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert told.stdout == "unreadable check the path and its permissions\n", told.stderr


@pytest.fixture
def slot(make_project: Callable[..., Path]) -> Path:
    path = make_project() / "checkpoints" / "convnextpose-s" / "ConvNeXtPose_S.tar"
    path.parent.mkdir(parents=True)
    return path


def subject_of(slot: Path) -> Any:
    evidence = collect_evidence(slot.parents[2], evaluate=False)
    return next(s for s in evidence.subjects if s.id == "convnextpose-s")


@pytest.mark.parametrize("change", ["overwrite", "unlink"])
def test_a_file_that_changes_during_a_build_is_told_on_its_page(
    slot: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    write_zip(slot)
    os.utime(slot, (1, 1))
    original = checkpoint.fingerprint_checkpoint

    def meddle(name: str, *arguments: Any, **options: Any) -> Any:
        if name == slot.name:
            CHANGES.get(change, Path.unlink)(slot)
        return original(name, *arguments, **options)

    monkeypatch.setattr(checkpoint, "fingerprint_checkpoint", meddle)
    subject = subject_of(slot)
    assert (subject.available, subject.unavailable_reason) == (False, "unreadable")
    assert [(f.code, f.found) for f in subject.findings] == [
        ("unreadable", "changing" if change == "overwrite" else "ENOENT")
    ]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path)])
def test_what_is_no_file_in_the_place_of_a_checkpoint_is_no_checkpoint(
    slot: Path, make: Callable[[Path], None]
) -> None:
    make(slot)
    subject = subject_of(slot)
    assert subject.available is False
    assert subject.kinds == ("reported", "computed")
