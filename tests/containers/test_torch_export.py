"""Packages of torch.export."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import Call, pickle_bytes
from containers.torch_oracle import assert_agrees

from generators.containers import open_checkpoint


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(4, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.tied = self.fc.weight
        self.register_buffer("scale", torch.arange(6.0).reshape(2, 3).t(), persistent=False)
        self.shift = torch.ones(2, dtype=torch.bfloat16)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.fc(x)) + self.scale.sum() + self.shift.sum() + self.tied.sum()


@pytest.fixture(scope="module")
def program() -> torch.export.ExportedProgram:
    return torch.export.export(Net().eval(), (torch.randn(2, 4),))


def save(program: torch.export.ExportedProgram, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(program, path)


def checkpoint(value: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def expected(program: torch.export.ExportedProgram) -> dict[str, torch.Tensor]:
    constants = {f"constants.{name}": value for name, value in program.constants.items()}
    return dict(program.state_dict) | constants  # type: ignore[return-value]


def test_a_package_lists_its_weights_and_constants(tmp_path: Path, program: torch.export.ExportedProgram) -> None:
    save(program, tmp_path / "net.pt2")
    reader = assert_agrees(tmp_path / "net.pt2", expected(program))
    assert (reader.container.format, reader.container.root) == ("torch-export", "net")
    assert reader.container.findings == ()
    tensors = {t.name: t.storage for t in reader.container.tensors}
    assert tensors["fc.weight"] == tensors["tied"]


def test_the_layout_of_older_versions(tmp_path: Path, program: torch.export.ExportedProgram) -> None:
    constants = dict(program.constants)
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.pt", checkpoint(dict(program.state_dict)))
        archive.writestr("serialized_constants.pt", checkpoint(constants))
        archive.writestr("serialized_example_inputs.pt", checkpoint(((torch.ones(2, 4),), {})))
        archive.writestr("version", "8.2")
    reader = assert_agrees(tmp_path / "x", expected(program))
    assert (reader.container.format, reader.container.findings) == ("torch-export", ())


def test_the_layout_between(tmp_path: Path, program: torch.export.ExportedProgram) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("net/archive_format", "pt2")
        archive.writestr("net/data/weights/model.pt", checkpoint(dict(program.state_dict)))
        archive.writestr("net/data/constants/model.pt", checkpoint(dict(program.constants)))
    assert_agrees(tmp_path / "x", expected(program))


def write(path: Path, config: Any, records: dict[str, bytes], *, more: dict[str, bytes] | None = None) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("r/archive_format", "pt2")
        text = config if isinstance(config, bytes) else json.dumps({"config": config}).encode()
        archive.writestr("r/data/weights/model_weights_config.json", text)
        for name, data in records.items():
            archive.writestr(f"r/data/weights/{name}", data)
        for name, data in (more or {}).items():
            archive.writestr(f"r/{name}", data)


def entry(path_name: str = "weight_0", *, pickled: bool = False, **meta: Any) -> dict[str, Any]:
    tensor = {
        "dtype": 7,
        "sizes": [{"as_int": 2}],
        "strides": [{"as_int": 1}],
        "storage_offset": {"as_int": 0},
        "layout": 7,
    } | meta
    return {"path_name": path_name, "is_param": True, "use_pickle": pickled, "tensor_meta": tensor}


@pytest.mark.parametrize(
    ("config", "codes"),
    [
        ({"w": entry()}, []),
        ({"w": entry("weight_9")}, ["record-missing"]),
        ({"w": entry("../../data/weights/weight_0")}, ["record-missing"]),
        ({"w": entry(dtype=99)}, ["tensor-malformed"]),
        ({"w": entry(sizes=[{"as_expr": "s0"}])}, ["tensor-malformed"]),
        ({"w": entry(sizes=[{"as_int": -1}])}, ["tensor-malformed"]),
        ({"w": entry(strides=[])}, ["tensor-malformed"]),
        ({"w": entry(layout=1)}, ["tensor-malformed"]),
        ({"w": entry(sizes=[{"as_int": 1 << 40}])}, ["tensor-outside-storage"]),
        ({"w": entry(storage_offset={"as_int": 1})}, ["tensor-outside-storage"]),
        ({"w": {"path_name": "weight_0"}}, ["tensor-malformed"]),
        ({"w": 3}, ["record-missing"]),
        (b"[" * 50_000, ["export-table-malformed"]),
        (b"[]", ["export-table-malformed"]),
        ({"w": entry("weight_0", pickled=True)}, ["nested-unreadable"]),
    ],
)
def test_tables_that_lie(tmp_path: Path, config: Any, codes: list[str]) -> None:
    write(tmp_path / "x", config, {"weight_0": bytes(8)})
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.format == "torch-export"
        found = [f.code for f in reader.container.findings]
        assert [code for code in found if not code.startswith("zip-")] == codes


def test_a_pickled_tensor_has_its_name_and_what_it_would_call_is_told(tmp_path: Path) -> None:
    evil = pickle_bytes(Call("posix", "system", ("true",)))
    config = {"w": entry("weight_0", pickled=True), "o": entry("opaque_obj_0", pickled=True)}
    write(tmp_path / "x", config, {"weight_0": checkpoint(torch.ones(2)), "opaque_obj_0": evil})
    with open_checkpoint(tmp_path / "x") as reader:
        assert [t.name for t in reader.container.tensors] == ["w"]
        assert ("global-runs-code", "posix.system") in [(f.code, f.where) for f in reader.container.findings]


def test_sample_inputs_are_no_weights_but_their_pickles_count(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a/data.pkl", pickle_bytes(Call("posix", "system", ("true",))))
    write(
        tmp_path / "x", {"w": entry()}, {"weight_0": bytes(8)}, more={"data/sample_inputs/model.pt": stream.getvalue()}
    )
    with open_checkpoint(tmp_path / "x") as reader:
        assert [t.name for t in reader.container.tensors] == ["w"]
        assert "posix.system" in reader.container.globals
        assert "global-runs-code" in [f.code for f in reader.container.findings]


def test_compiled_code_is_told(tmp_path: Path) -> None:
    programs = {"data/aotinductor/model/a.wrapper.so": b"\x7fELF", "data/aotinductor/model/a.cpp": b"//"}
    write(tmp_path / "x", {}, {}, more=programs)
    with open_checkpoint(tmp_path / "x") as reader:
        (finding,) = reader.container.findings
        assert (finding.code, finding.severity, finding.found) == (
            "native-code-present",
            "warning",
            "1: model/a.wrapper.so",
        )
