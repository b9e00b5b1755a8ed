"""What controls and evaluations are kept under, and which aren't kept."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from generators.architectures import find_architecture
from generators.identify.match import ModelTensor, identify_tensors
from generators.model.evaluation import Device, Evaluation
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.lock import Artifact, Unavailable
from generators.model.numerics import NotCompared, Numerics, NumericsComparison
from generators.model.speed import Speed, SpeedStop
from generators.pipeline.evidence import running
from generators.pipeline.evidence.accuracy import ACCURACY_CODE
from generators.pipeline.evidence.running import (
    CONTROL_CODE,
    EVALUATION_CODE,
    TRAINED_CODE,
    build_control,
    evaluate_weights,
)
from generators.pipeline.evidence.trying import CODE as SANITY_CODE
from generators.pipeline.evidence.weights_alone import WEIGHTS_CODE
from generators.pipeline.files.reading import READING_CODE, inspect_file
from generators.pipeline.project import Project, open_project

GENERATORS = Path(running.__file__).resolve().parents[2]
WITHOUT_RESULTS = ("errors", "__init__")
"""Modules that no result depends on."""


def imported_by(*modules: str) -> set[str]:
    """Return the modules of the package that these import, directly or not, as paths below it."""
    waiting, found = list(modules), set()
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        path = GENERATORS / module
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        names = (n.module or "" for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.ImportFrom))
        waiting += [n.removeprefix("generators.").replace(".", "/") for n in names if n.startswith("generators.")]
    return found


@pytest.mark.parametrize(
    ("modules", "code"),
    [
        (("containers", "fingerprint"), READING_CODE),
        (("evaluate/controls",), (*CONTROL_CODE, "model")),
        (("evaluate/trained",), (*TRAINED_CODE, "model")),
        (("evaluate/sanity", "evaluate/on_device"), (*EVALUATION_CODE, "model")),
        (("evaluate/examining",), (*SANITY_CODE, "model")),
        (("evaluate/human36m/measuring",), (*ACCURACY_CODE, "model")),
        (("weights/training", "weights/kinship"), WEIGHTS_CODE),
    ],
)
def test_a_kept_result_is_made_anew_when_any_code_behind_it_changes(
    modules: tuple[str, ...], code: tuple[str, ...]
) -> None:
    behind = imported_by(*modules)
    assert len(behind) > len(modules)
    parts = (*code, *WITHOUT_RESULTS)
    forgotten = {m for m in behind if not any(m == part or m.startswith(f"{part}/") for part in parts)}
    # a package's own __init__ only lists what is in it
    assert forgotten - {"evaluate", "weights"} == set()


@pytest.fixture
def project(make_project: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "own cache"))
    monkeypatch.setattr(running, "package_version", lambda _: "1.0")
    return open_project(make_project())


@pytest.fixture
def weights(tmp_path: Path) -> tuple[Path, Fingerprint, Identification]:
    save_file = pytest.importorskip("safetensors.numpy").save_file
    architecture = find_architecture("convnextpose-xs")
    assert architecture is not None
    path = tmp_path / "xs.safetensors"
    save_file({t.name: np.zeros(t.shape, dtype=t.dtype) for t in architecture.tensors}, path)
    inspection = inspect_file(path)
    tensors = [ModelTensor(name=t.name, dtype=t.dtype, shape=t.shape, missing=False) for t in inspection.tensors]
    return path, inspection, identify_tensors(tensors, [architecture])


CPU = Device(kind="cpu", name="CPU", threads=1, torch="1", cuda="", python="3", platform="Linux")


def compared(reason: NotCompared) -> Numerics:
    return Numerics(unit="mm", comparisons=(NumericsComparison(id="tf32", reason=reason),))


def stopped(stop: SpeedStop) -> Speed:
    return Speed(conv_macs=1, batches=(), stop=stop, limit_seconds=1.0, ceilings=())


@pytest.mark.parametrize(
    ("evaluation", "runs"),
    [
        (Evaluation(status="run", all_finite=True), 1),
        (Evaluation(status="not-run", reason="load-refused", detail="-a"), 1),
        (Evaluation(status="not-run", reason="out-of-memory", detail="can't allocate memory"), 2),
        (Evaluation(status="not-run", reason="device-failed", detail="CUDA error"), 2),
        (Evaluation(status="run", numerics=compared("no-cuda")), 1),
        (Evaluation(status="run", numerics=compared("time")), 1),
        (Evaluation(status="run", numerics=compared("out-of-memory")), 2),
        (Evaluation(status="run", speed=stopped("time")), 1),
        (Evaluation(status="run", speed=stopped("device-failed")), 2),
        (Evaluation(status="run", device=CPU, numerics=compared("no-cuda")), 2),
        (Evaluation(status="run", device=CPU, numerics=compared("no-cuda"), speed=stopped("largest")), 1),
    ],
)
def test_what_lies_in_the_machines_state_is_not_kept_as_a_property_of_the_weights(
    project: Project,
    weights: tuple[Path, Fingerprint, Identification],
    monkeypatch: pytest.MonkeyPatch,
    evaluation: Evaluation,
    runs: int,
) -> None:
    made: list[Evaluation] = []

    def evaluate(*_: object) -> Evaluation:
        made.append(evaluation)
        return evaluation

    monkeypatch.setattr(running, "_evaluate", evaluate)
    for _ in range(2):
        assert evaluate_weights(*weights, project, "xs") == evaluation
    assert len(made) == runs


def test_a_tensor_that_could_not_be_read_is_missing_from_the_weights(
    project: Project, weights: tuple[Path, Fingerprint, Identification]
) -> None:
    path, fingerprint, identification = weights
    tensors = (replace(fingerprint.tensors[0], digest=None), *fingerprint.tensors[1:])
    damaged = replace(fingerprint, tensors=tensors, weights_digest=None)
    evaluation = evaluate_weights(path, damaged, identification, project, "xs")
    assert (evaluation.status, evaluation.reason, evaluation.detail) == ("not-run", "weights-incomplete", "1")


def test_a_control_replaces_older_ones_only_once_it_is_written(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.cache.folder / "controls" / "control-xs"
    older = folder / "older" / "snapshot_0.pth.tar"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"older")

    def write(_: object, path: Path) -> None:
        assert older.is_file()
        path.parent.mkdir(parents=True)
        path.write_bytes(b"newer")

    monkeypatch.setattr(running, "_write_control", write)
    (entry,) = project.lock.controls
    control = build_control(entry, project)
    assert isinstance(control, Artifact)
    assert control.path.read_bytes() == b"newer"
    assert list(folder.iterdir()) == [control.path.parent]


def test_a_control_that_another_build_is_writing_is_left_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = project.lock.controls
    monkeypatch.setattr(running, "_write_control", lambda _, path: (path.parent.mkdir(parents=True), path.touch()))
    first = build_control(entry, project)
    assert isinstance(first, Artifact)
    first.path.unlink()
    others = first.path.parent / ".snapshot_0.pth.tar.half" / "snapshot_0.pth.tar"
    others.parent.mkdir()
    others.write_bytes(b"half")
    monkeypatch.setattr(running, "_write_control", lambda _, path: path.touch())
    build_control(entry, project)
    assert others.read_bytes() == b"half"


def test_a_torch_that_cannot_be_imported_is_a_reason_and_is_tried_again(
    project: Project, weights: tuple[Path, Fingerprint, Identification], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def problem() -> str:
        tried.append("libcudart.so: cannot open shared object file")
        return tried[-1]

    monkeypatch.setattr(running, "_torch_problem", problem)
    for _ in range(2):
        evaluation = evaluate_weights(*weights, project, "xs")
        assert (evaluation.status, evaluation.reason, evaluation.detail) == ("not-run", "torch-broken", tried[0])
    assert len(tried) == 2


def test_a_torch_that_cannot_be_imported_builds_no_control(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_torch_problem", lambda: "broken")
    control = build_control(project.lock.controls[0], project)
    assert isinstance(control, Unavailable)
    assert control.reason == "torch-broken"


@pytest.mark.parametrize("variable", ["ASSAY_DEVICE", "ASSAY_COMPILE"])
def test_another_wish_is_another_evaluation(
    project: Project,
    weights: tuple[Path, Fingerprint, Identification],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    made: list[int] = []

    def evaluate(*_: object) -> Evaluation:
        made.append(1)
        return Evaluation(status="run")

    monkeypatch.setattr(running, "_evaluate", evaluate)
    for value in ("", "1", "1"):
        environment = {**project.environment, variable: value}
        evaluate_weights(*weights, replace(project, environment=environment), "xs")
    assert len(made) == 2
