# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="controls are written by torch")

from generators.architectures import find_architecture
from generators.evaluate.controls import write_control
from generators.evaluate.initialisation import draw_network
from generators.evaluate.legacy_keys import FIRST_ADDRESS
from generators.model.architecture import Architecture

MEBIBYTE = 2**20


def architecture_of(architecture_id: str) -> Architecture:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    return architecture


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("controls") / "new folder" / "control-xs.tar"
    write_control(architecture_of("convnextpose-xs"), 7, path)
    return path


@pytest.fixture(scope="module")
def checkpoint(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(path)
    return loaded


def test_the_layout_is_the_training_codes(checkpoint: dict[str, Any]) -> None:
    names = [f"module.{t.name}" for t in architecture_of("convnextpose-xs").tensors]
    assert list(checkpoint) == ["epoch", "network", "optimizer"]
    assert list(checkpoint["network"]) == names
    assert list(checkpoint["optimizer"]) == ["state", "param_groups"]
    assert list(checkpoint["optimizer"]["state"]) == list(range(134))


def test_every_counter_says_one_iteration_of_epoch_0(checkpoint: dict[str, Any]) -> None:
    tracked = {t.item() for name, t in checkpoint["network"].items() if name.endswith("num_batches_tracked")}
    steps = [moments["step"] for moments in checkpoint["optimizer"]["state"].values()]
    assert checkpoint["epoch"] == 0
    assert tracked == {1}
    assert all(isinstance(step, torch.Tensor) and step.dtype == torch.float32 and step == 1 for step in steps)


def test_the_optimizer_has_the_published_settings(checkpoint: dict[str, Any]) -> None:
    (group,) = checkpoint["optimizer"]["param_groups"]
    assert (group["lr"], group["weight_decay"], group["betas"]) == (1e-3, 0.1, (0.9, 0.999))


def test_both_moments_are_of_the_same_single_gradient(checkpoint: dict[str, Any]) -> None:
    for moments in checkpoint["optimizer"]["state"].values():
        gradient = moments["exp_avg"].double() / (1 - 0.9)
        assert torch.allclose(moments["exp_avg_sq"].double(), (1 - 0.999) * gradient**2, rtol=1e-4, atol=1e-30)


def test_weights_moved_by_one_adamw_step_from_the_drawn_ones(checkpoint: dict[str, Any]) -> None:
    drawn = draw_network(architecture_of("convnextpose-xs"), torch.Generator().manual_seed(7))
    for index, (name, before) in enumerate(drawn.named_parameters()):
        gradient = checkpoint["optimizer"]["state"][index]["exp_avg"] / (1 - 0.9)
        step = 1e-3 * gradient / (gradient.abs() + 1e-8)
        after = before.detach() * (1 - 1e-3 * 0.1) - step
        assert torch.allclose(checkpoint["network"][f"module.{name}"], after, atol=1e-6), name


def test_every_parameter_has_a_gradient(checkpoint: dict[str, Any]) -> None:
    assert all(moments["exp_avg"].any() for moments in checkpoint["optimizer"]["state"].values())


def test_running_statistics_saw_a_batch(checkpoint: dict[str, Any]) -> None:
    variances = [t for name, t in checkpoint["network"].items() if name.endswith("running_var")]
    assert variances
    assert not any(t.eq(1).all() for t in variances)


def test_the_zips_root_is_named_as_training_code_names_it(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"snapshot_0.pth"}


def test_nothing_else_is_left_in_the_folder(path: Path) -> None:
    assert list(path.parent.iterdir()) == [path]


def test_the_same_seed_gives_the_same_file_whatever_the_threads(path: Path, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        write_control(architecture_of("convnextpose-xs"), 7, tmp_path / "again.tar")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)
    assert (tmp_path / "again.tar").read_bytes() == path.read_bytes()


def test_another_seed_gives_other_weights(checkpoint: dict[str, Any], tmp_path: Path) -> None:
    write_control(architecture_of("convnextpose-xs"), 8, tmp_path / "other.tar")
    other = torch.load(tmp_path / "other.tar")["network"]
    same = [name for name, t in checkpoint["network"].items() if torch.equal(t, other[name])]
    assert all(name.endswith("num_batches_tracked") for name in same)


def test_torchs_random_state_is_as_before(tmp_path: Path) -> None:
    before = torch.get_rng_state()
    write_control(architecture_of("convnextpose-xs"), 8, tmp_path / "control.tar")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_file_that_cant_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "control.tar"
    (target / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"control\.tar"):
        write_control(architecture_of("convnextpose-xs"), 8, target)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("architecture_id", "predicted_mib"),
    [
        ("convnextpose-xs", 40.57),
        ("convnextpose-s", 85.40),
        ("convnextpose-m", 87.09),
        ("convnextpose-l", 96.18),
        ("rootnet-resnet50", 389.38),
    ],
)
def test_the_size_is_the_one_that_the_architecture_predicts(
    architecture_id: str, predicted_mib: float, tmp_path: Path
) -> None:
    path = tmp_path / "control.tar"
    write_control(architecture_of(architecture_id), 7, path)
    size = path.stat().st_size
    path.unlink()
    assert size / MEBIBYTE == pytest.approx(predicted_mib, abs=0.01)


def test_rootnet_is_written_as_torch_before_1_6_did(tmp_path: Path) -> None:
    path = tmp_path / "control.tar"
    write_control(architecture_of("rootnet-resnet50"), 7, path)
    checkpoint = torch.load(path)
    is_zip = zipfile.is_zipfile(path)
    with path.open("rb") as stream:
        index = stream.read(MEBIBYTE)
    path.unlink()
    (group,) = checkpoint["optimizer"]["param_groups"]
    assert not is_zip
    assert index.count(str(FIRST_ADDRESS).encode()) == 2, "a storage is named after its place in this process's memory"
    assert [type(m["step"]) for m in checkpoint["optimizer"]["state"].values()] == [int] * 172
    assert {m["step"] for m in checkpoint["optimizer"]["state"].values()} == {1}
    assert (group["lr"], group["weight_decay"]) == (1e-3, 0)
    assert [n.removeprefix("module.") for n in checkpoint["network"]] == [
        t.name for t in architecture_of("rootnet-resnet50").tensors
    ]
