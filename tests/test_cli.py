from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from generators.cli import main
from generators.cli_parts import LANGUAGES
from generators.render.catalog import LOCALES

PROJECT = Path(__file__).resolve().parents[1]
FRAGMENT = PROJECT.parent / "shared" / "evidence" / "ConvNeXtPose_XS.fragment.tar"


class Result(NamedTuple):
    exit_code: int
    stdout: str


def run(*arguments: object) -> Result:
    """Call the command as a shell would, with its standard output in memory."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stdout):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(code, stdout.buffer.getvalue().decode())


def _save_safetensors(path: Path, **tensors: np.ndarray) -> Path:
    from safetensors.numpy import save_file

    save_file(tensors, path)
    return path


def _inspect(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
    result = run("inspect", *arguments, "--json")
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clean_file_is_read_with_exit_code_0(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    path = _save_safetensors(tmp_path / "a.safetensors", weight=values)
    code, (told,) = _inspect(path)
    assert code == 0
    assert told["schema_version"] == 1
    assert told["file"]["name"] == "a.safetensors"
    assert told["file"]["size_bytes"] == path.stat().st_size
    assert len(told["file"]["sha256"]) == 64
    assert told["container"]["format"] == "safetensors"
    (tensor,) = told["tensors"]
    assert (tensor["name"], tensor["dtype"], tensor["shape"], tensor["missing"]) == ("weight", "float32", [2, 3], False)
    assert tensor["statistics"]["mean"] == 2.5
    assert tensor["statistics"]["std"] == pytest.approx(np.std(values))
    assert told["identification"]["status"] == "UNKNOWN"
    assert told["parameters"] == 6
    assert told["findings"] == []


def test_without_statistics_the_digests_stay(tmp_path: Path) -> None:
    path = _save_safetensors(tmp_path / "a.safetensors", weight=np.ones(3, dtype=np.float32))
    _, (full,) = _inspect(path)
    _, (quick,) = _inspect(path, "--no-statistics")
    assert quick["tensors"][0]["statistics"] is None
    assert quick["tensors"][0]["digest"] == full["tensors"][0]["digest"]
    assert quick["weights_digest"] == full["weights_digest"]


def test_non_finite_values_exit_with_1(tmp_path: Path) -> None:
    path = _save_safetensors(tmp_path / "a.safetensors", weight=np.array([1, np.nan], dtype=np.float32))
    code, (told,) = _inspect(path)
    assert code == 1
    assert [(f["code"], f["where"], f["found"]) for f in told["findings"]] == [("nonfinite-values", "weight", "1")]


def test_an_unsafe_global_exits_with_1_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    stream = b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R."
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", stream)
        archive.writestr("archive/version", "3\n")
    code, (told,) = _inspect(path)
    assert code == 1
    assert told["globals"] == ["posix.system"]
    assert any(f["severity"] == "error" for f in told["findings"])


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"<html></html>"])
def test_what_is_no_checkpoint_exits_with_3_and_says_why(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    code, (told,) = _inspect(path)
    assert code == 3
    assert told["container"]["format"] == "unknown"
    assert told["findings"]


def test_a_missing_file_exits_with_3_and_still_gives_an_object(tmp_path: Path) -> None:
    code, told = _inspect(tmp_path / "nothing.pth")
    assert code == 3
    assert told[0]["findings"][0]["code"] == "unreadable"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, file names are Unicode")
def test_a_file_name_that_is_no_utf8_is_told_as_escapes(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    good = _save_safetensors(tmp_path / "a.safetensors", weight=np.ones(1, dtype=np.float32))
    os.rename(good, folder + b"/\xff.safetensors")  # noqa: PTH104 - the name is bytes
    paths = [os.fsdecode(folder + name) for name in (b"/\xff.safetensors", b"/\xfe")]
    code, told = _inspect(*paths)
    assert code == 3
    assert [line["file"]["name"] for line in told] == ["\\udcff.safetensors", "\\udcfe"]


def test_several_files_give_a_line_each_and_the_highest_code(tmp_path: Path) -> None:
    good = _save_safetensors(tmp_path / "a.safetensors", weight=np.ones(1, dtype=np.float32))
    code, told = _inspect(good, tmp_path / "missing", good)
    assert code == 3
    assert [t["file"]["name"] for t in told] == ["a.safetensors", "missing", "a.safetensors"]


def test_no_file_is_wrong_usage() -> None:
    assert run("inspect").exit_code == 2
    assert run("inspect", "--colour", "x").exit_code == 2
    assert run("evaluate", "nobody", "-C", str(PROJECT)).exit_code == 2


def test_a_hostile_name_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    path = _save_safetensors(tmp_path / "a.safetensors", **{"\x1b]0;owned\x07[red]": np.ones(1, dtype=np.float32)})
    result = run("inspect", str(path))
    assert result.exit_code == 0
    assert "\x1b]0;" not in result.stdout
    assert "\x07" not in result.stdout
    assert "[red]" in "".join(result.stdout.split())


def test_every_command_teaches_with_examples() -> None:
    for command in (
        "inspect",
        "evaluate",
        "judge",
        "lock",
        "add",
        "fetch",
        "list",
        "status",
        "verify",
        "diff",
        "update",
        "gc",
    ):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert "Examples:" in result.stdout


def test_the_command_speaks_every_language_that_has_a_catalog() -> None:
    assert LANGUAGES == LOCALES


def test_the_lock_is_checked() -> None:
    result = run("lock", "--check", "-C", str(PROJECT))
    assert result.exit_code == 0
    assert "claims: 12" in result.stdout


def test_a_broken_lock_is_told_in_plain_words_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "checkpoints.lock").write_text("lock-version = 1\ncolour = 1\n", "utf-8")
    command = [sys.executable, "-m", "generators.cli", "lock", "--check", "-C", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert result.returncode == 2
    assert "checkpoints.lock:2" in result.stderr
    assert "what to do" in result.stderr
    assert "Traceback" not in result.stderr


def test_inspecting_imports_neither_torch_nor_matplotlib(tmp_path: Path) -> None:
    path = _save_safetensors(tmp_path / "a.safetensors", weight=np.ones(3, dtype=np.float32))
    script = (
        "import sys\nfrom generators.cli import main\n"
        f"assert main(['inspect', {str(path)!r}, '--json']) == 0\n"
        "assert not {'torch', 'matplotlib', 'mkdocs', 'jinja2'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=PROJECT)


def test_the_index_alone_says_what_a_file_is(tmp_path: Path) -> None:
    path = _save_safetensors(tmp_path / "a.safetensors", weight=np.ones((2, 3), dtype=np.float32))
    code, (told,) = _inspect(path, "--no-digest")
    _, (full,) = _inspect(path)
    assert code == 0
    assert (told["file"]["sha256"], told["tensors"][0]["digest"], told["weights_digest"]) == ("", None, None)
    for key in ("layout_digest", "parameters", "identification", "container", "findings", "model_prefix"):
        assert told[key] == full[key]
    shown = run("inspect", path, "--no-digest", "--language", "es").stdout
    assert "weight  float32  2x3" in shown
    assert "safetensors" in shown


def test_the_index_alone_is_read_without_slow_imports_and_in_few_bytes(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "a.pth"
    layers = {f"module.layer{n}.weight": torch.zeros(100, 1000) for n in range(40)}
    torch.save({"epoch": 1, "network": layers}, path)
    for form in ((), ("--json",)):
        script = (
            "import os, sys\nfrom generators.cli import main\nread = 0\n"
            "def count(descriptor, size, start, pread=os.pread):\n"
            "    global read\n    data = pread(descriptor, size, start)\n    read += len(data)\n    return data\n"
            "os.pread = count\n"
            f"assert main(['inspect', {str(path)!r}, '--no-statistics', '--no-digest', *{form!r}]) == 0\n"
            "slow = {'numpy', 'rich', 'babel', 'jinja2', 'ml_dtypes', 'torch'} & set(sys.modules)\n"
            "assert not slow, slow\nassert 0 < read < 100_000, read\n"
        )
        subprocess.run([sys.executable, "-c", script], check=True, cwd=PROJECT, stdout=subprocess.DEVNULL)


@pytest.mark.evidence
@pytest.mark.skipif(not FRAGMENT.is_file(), reason="the real fragment is not on this machine")
def test_the_real_fragment_is_the_official_xs_with_eleven_tensors_missing() -> None:
    code, (told,) = _inspect(FRAGMENT)
    assert code == 1
    assert told["file"]["sha256"] == "6b6553675fde1f4be91ffe87c8d94a7080fbf0730c8c61a64e962f05d6c09c67"
    network = [t for t in told["tensors"] if t["name"].startswith("network.")]
    missing = [t["name"] for t in network if t["missing"]]
    assert (len(network), len(missing)) == (194, 11)
    assert missing[0] == "network.module.backbone.downsample_layers.0.0.weight"
    assert not any(t["missing"] for t in told["tensors"] if t["name"].startswith("optimizer."))
    assert told["weights_digest"] is None
    assert told["odometer"]["iterations_per_epoch"] == 19_512
    assert (told["odometer"]["epoch"], told["odometer"]["agree"]) == (68, True)
    assert told["identification"]["status"] == "EXACT"
    assert told["identification"]["basis"] == "index"
    assert told["identification"]["candidates"][0]["architecture"] == "convnextpose-xs"
    dead = next(t for t in network if t["name"].endswith("deconv_layers_1.norm.running_var"))
    assert dead["statistics"]["minimum"] == pytest.approx(2.2e-18, rel=0.05)
    assert all(t["statistics"]["nonfinite"] == 0 for t in told["tensors"] if not t["missing"])
