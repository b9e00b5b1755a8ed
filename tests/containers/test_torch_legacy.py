"""The pickle stream and the tar archive that torch wrote before its zip."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import torch
from builders import (
    Call,
    Name,
    Persistent,
    float32_bytes,
    legacy_bytes,
    pickle_bytes,
    storage_id,
    tensor_call,
    write_torch_tar,
)
from containers.torch_oracle import assert_agrees

from generators.containers import open_checkpoint


def test_views_that_the_stream_declares_are_views_of_the_root_storage(tmp_path: Path) -> None:
    value = {
        "all": tensor_call("r", (6,), legacy=(None,)),
        "part": tensor_call("r", (2,), count=6, offset=1, legacy=(("v", 3, 3),)),
    }
    (tmp_path / "x").write_bytes(legacy_bytes(pickle_bytes(value), [("r", 6, float32_bytes(0, 1, 2, 3, 4, 5))]))
    expected = torch.load(tmp_path / "x")
    with open_checkpoint(tmp_path / "x") as reader:
        part = reader.container.tensors[1]
        assert (part.storage, part.offset) == ("r", 4)
        assert reader.read_storage("r", 16, 8) == expected["part"].numpy().tobytes()
        assert [f.code for f in reader.container.findings] == ["tensors-overlap"]


def test_a_storage_of_another_size_than_declared_is_reported(tmp_path: Path) -> None:
    value = {"a": tensor_call("0", (2,), legacy=(None,)), "b": tensor_call("1", (1,), legacy=(None,))}
    data = legacy_bytes(pickle_bytes(value), [("0", 3, float32_bytes(1, 2, 3)), ("1", 1, float32_bytes(9))])
    (tmp_path / "x").write_bytes(data)
    with open_checkpoint(tmp_path / "x") as reader:
        assert ("storage-size", "0", "8", "12") in [
            (f.code, f.where, f.expected, f.found) for f in reader.container.findings
        ]
        assert reader.read_storage("1", 0, 4) == float32_bytes(9)


def test_an_unknown_storage_key_ends_the_stream(tmp_path: Path) -> None:
    data = legacy_bytes(
        pickle_bytes({"a": tensor_call("1", (1,), legacy=(None,))}), [("0", 1, bytes(4)), ("1", 1, bytes(4))]
    )
    (tmp_path / "x").write_bytes(data)
    with open_checkpoint(tmp_path / "x") as reader:
        assert [f.code for f in reader.container.findings] == ["storage-unknown", "storage-missing"]


def test_another_protocol_version_is_reported(tmp_path: Path) -> None:
    data = legacy_bytes(pickle_bytes({}), []).replace(pickle_bytes(1001), pickle_bytes(1002), 1)
    (tmp_path / "x").write_bytes(data)
    with open_checkpoint(tmp_path / "x") as reader:
        (finding,) = reader.container.findings
        assert (finding.code, finding.expected, finding.found) == ("legacy-protocol", "1001", "1002")


def test_the_magic_number_is_known_in_every_protocol(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "x", _use_new_zipfile_serialization=False)
    data = (tmp_path / "x").read_bytes()
    magic = pickle_bytes(0x1950A86A20F9469CFC6C)
    assert data.startswith(magic)
    for protocol in range(6):
        (tmp_path / "y").write_bytes(pickle_bytes(0x1950A86A20F9469CFC6C, protocol) + data[len(magic) :])
        with open_checkpoint(tmp_path / "y") as reader:
            assert reader.container.format == "torch-legacy"
            assert reader.read_storage(reader.container.storages[0].key, 0, 8) == float32_bytes(1, 1)


def test_tensors_of_the_first_torch_releases(tmp_path: Path) -> None:
    # a tensor object with the state (storage, offset, sizes, strides), and a Variable around one
    tensor = Call("torch", "FloatTensor", (), (storage_id("0", 4, "FloatStorage", None), 1, (3,), (1,)))
    variable = Call("torch.nn.parameter", "Parameter", (), (tensor, None, True, False, None))
    (tmp_path / "x").write_bytes(
        legacy_bytes(pickle_bytes({"t": tensor, "v": variable}), [("0", 4, float32_bytes(0, 1, 2, 3))])
    )
    with open_checkpoint(tmp_path / "x") as reader:
        assert [(t.name, t.shape, t.offset) for t in reader.container.tensors] == [("t", (3,), 1), ("v", (3,), 1)]
        assert reader.container.findings == ()


def write_tar(path: Path) -> Path:
    return write_torch_tar(
        path,
        storages=[(11, "FloatStorage", 6, float32_bytes(0, 1, 2, 3, 4, 5)), (12, "ByteStorage", 2, b"\7\x08")],
        tensors=[
            (21, 11, (2, 3), (3, 1), 0),
            (22, 11, (3, 2), (1, 3), 0),
            (23, 12, (2,), (1,), 0),
            (24, 13, (2,), (1,), 1),
        ],
        views=[(13, 11, 2, 3)],
        root={"net": {"a": Persistent(21), "t": Persistent(22)}, "b": Persistent(23), "v": Persistent(24), "epoch": 3},
    )


def test_the_tar_archive_agrees_with_torch(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "x.pth")
    expected = torch.load(path, weights_only=False)
    view = expected.pop("v")
    with open_checkpoint(path) as reader:
        container = reader.container
        assert (container.format, container.records) == ("torch-tar", 4)
        assert [(f.code, f.where, f.found) for f in container.findings] == [("tensors-overlap", "net.a", "v 12..20")]
        entry = container.tensors[3]
        assert (entry.name, entry.storage, entry.offset) == ("v", "11", 3)
        assert reader.read_storage("11", 12, 8) == view.numpy().tobytes()
        assert [(o.path, o.number) for o in container.objects] == [("epoch", 3)]
    # without the view, whose offset torch counts from the view's start
    write_torch_tar(
        path,
        storages=[(11, "FloatStorage", 6, float32_bytes(0, 1, 2, 3, 4, 5)), (12, "ByteStorage", 2, b"\7\x08")],
        tensors=[(21, 11, (2, 3), (3, 1), 0), (22, 11, (3, 2), (1, 3), 0), (23, 12, (2,), (1,), 0)],
        root={"net": {"a": Persistent(21), "t": Persistent(22)}, "b": Persistent(23)},
    )
    assert_agrees(path, torch.load(path, weights_only=False))


def test_a_tar_without_its_members_names_them(tmp_path: Path) -> None:
    write_tar(tmp_path / "x")
    with tarfile.open(tmp_path / "x") as old, tarfile.open(tmp_path / "y", "w") as new:
        for name in ("storages", "pickle"):
            member = old.getmember(name)
            new.addfile(member, old.extractfile(member))
    with open_checkpoint(tmp_path / "y") as reader:
        found = [(f.code, f.where) for f in reader.container.findings]
        assert ("record-missing", "tensors") in found
        assert ("persistent-id-unknown", "pickle") in found


def test_a_tar_of_other_things_is_no_checkpoint(tmp_path: Path) -> None:
    for form in (tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        with tarfile.open(tmp_path / "x", "w", format=form) as archive:
            info = tarfile.TarInfo("README")
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
        with open_checkpoint(tmp_path / "x") as reader:
            assert reader.container.format == "unknown"
            assert [(f.code, f.found) for f in reader.container.findings] == [("tar-not-torch", "README")]


def test_globals_of_every_pickle_of_the_stream_are_reported(tmp_path: Path) -> None:
    data = legacy_bytes(pickle_bytes({"x": Name("mine", "Thing")}), [])
    data = data.replace(
        pickle_bytes({"protocol_version": 1001, "little_endian": True, "type_sizes": {}}),
        pickle_bytes(Call("os", "system", ("true",))),
    )
    (tmp_path / "x").write_bytes(data)
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.globals == ("mine.Thing", "os.system")
