"""Checkpoints of torch.distributed."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from builders import Call, Name, pickle_bytes

from generators.containers import budget, open_checkpoint

VALUE = {"model": {"w": torch.arange(20.0).reshape(4, 5), "b": torch.arange(3)}, "epoch": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dcp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch.distributed.checkpoint as dcp

        dcp.save(VALUE, checkpoint_id=path)
    return path


def test_the_index_lists_what_the_parts_hold(folder: Path) -> None:
    with open_checkpoint(folder / ".metadata") as reader:
        container = reader.container
    assert container.format == "torch-distributed"
    assert [(t.name, t.dtype, t.shape) for t in container.tensors] == [
        ("model.w", "float32", (4, 5)),
        ("model.b", "int64", (3,)),
    ]
    assert [(s.declared_bytes, s.present_bytes) for s in container.storages] == [(80, 0), (24, 0)]
    assert [(f.code, f.found) for f in container.findings] == [("distributed-metadata", "2")]


def test_a_part_is_read_archive_by_archive(folder: Path) -> None:
    with open_checkpoint(folder / "__0_0.distcp") as reader:
        container = reader.container
        assert container.format == "torch-distributed"
        assert [f.code for f in container.findings] == ["distributed-part"]
        data = {t.shape: reader.read_storage(t.storage, 0, t.size_bytes) for t in container.tensors}
        assert data == {(4, 5): VALUE["model"]["w"].numpy().tobytes(), (3,): VALUE["model"]["b"].numpy().tobytes()}
        assert [(o.text, o.number) for o in container.objects] == [("3", 3)]
        assert reader.check_records() == ()


def test_every_archive_of_a_part_is_searched_for_what_it_would_call(tmp_path: Path) -> None:
    for name, value in (("a", Call("posix", "system", ("true",))), ("b", {"epoch": 1})):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("x/data.pkl", pickle_bytes(value))
    (tmp_path / "c").write_bytes((tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes())
    with open_checkpoint(tmp_path / "c") as reader:
        assert [f.code for f in reader.container.findings] == ["distributed-part", "global-runs-code"]


def test_the_archives_of_a_part_share_one_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("x/data.pkl", pickle_bytes(list(range(3000))))
    content = (tmp_path / "a").read_bytes()
    monkeypatch.setattr(budget, "MAX_WORK", 20_000)
    for count, codes in ((1, []), (4, ["distributed-part"]), (40, ["distributed-part", "pickle-budget"])):
        (tmp_path / "b").write_bytes(content * count)
        with open_checkpoint(tmp_path / "b") as reader:
            assert list(dict.fromkeys(f.code for f in reader.container.findings)) == codes
    index = {"weight_map": {f"t{i}": f"shard-{i}" for i in range(40)}}
    for i in range(40):
        (tmp_path / f"shard-{i}").write_bytes(content)
    (tmp_path / "index").write_text(json.dumps(index))
    with open_checkpoint(tmp_path / "index") as reader:
        assert "pickle-budget" in {f.code for f in reader.container.findings}


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"state_dict_metadata": 3},
        {"state_dict_metadata": {"w": Call("torch.distributed.checkpoint.metadata", "TensorStorageMetadata", (), {})}},
        {
            "state_dict_metadata": {
                "w": Call(
                    "torch.distributed.checkpoint.metadata",
                    "TensorStorageMetadata",
                    (),
                    {
                        "properties": Call("x", "P", (), (Name("torch", "float32"),)),
                        "size": Call("torch", "Size", ((-1, 1 << 70),)),
                    },
                )
            }
        },
    ],
)
def test_an_index_that_promises_nonsense_lists_nothing(tmp_path: Path, state: object) -> None:
    content = pickle_bytes(Call("torch.distributed.checkpoint.metadata", "Metadata", (), state))
    (tmp_path / ".metadata").write_bytes(content)
    with open_checkpoint(tmp_path / ".metadata") as reader:
        assert reader.container.format == "torch-distributed"
        assert reader.container.tensors == ()
        assert reader.container.findings[0].code == "distributed-metadata"
