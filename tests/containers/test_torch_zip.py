"""torch's zip archive in all its dresses, TorchScript included."""

from __future__ import annotations

import threading
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import (
    EVIDENCE,
    Name,
    float32_bytes,
    pickle_bytes,
    rewrite_zip,
    storage_id,
    tensor_call,
    write_torch_zip,
)
from containers.torch_oracle import assert_agrees, save_and_compare

from generators.containers import open_checkpoint


def codes(path: Path) -> list[str]:
    with open_checkpoint(path) as reader:
        return [f.code for f in reader.container.findings]


@pytest.mark.parametrize("root", ["snapshot_68.pth", "archive", "a b", "데이터", "x.y-z"])
def test_any_root_name(tmp_path: Path, root: str) -> None:
    torch.save({"w": torch.randn(3)}, tmp_path / "x.pt")
    rewrite_zip(tmp_path / "x.pt", tmp_path / "y.pt", rename=lambda n: root + "/" + n.partition("/")[2])
    reader = assert_agrees(tmp_path / "y.pt", torch.load(tmp_path / "x.pt"))
    assert reader.container.root == root


def test_a_checkpoint_renamed_to_tar_is_still_a_zip(tmp_path: Path) -> None:
    reader = save_and_compare(tmp_path / "ConvNeXtPose_XS.tar", {"w": torch.randn(3)})
    assert reader.container.format == "torch-zip"


def test_records_without_a_root_are_read_and_reported(tmp_path: Path) -> None:
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"w": tensor_call("0", (2,))}), {"0": bytes(8)}, root="")
    with open_checkpoint(path) as reader:
        assert reader.container.format == "torch-zip"
        assert [f.code for f in reader.container.findings] == ["zip-root-missing"]
        assert reader.read_storage("0", 0, 8) == bytes(8)


def test_deflated_records(tmp_path: Path) -> None:
    value = {"a": torch.zeros(300, 300), "b": torch.randn(50_000), "c": torch.arange(7)}
    torch.save(value, tmp_path / "x.pt")
    rewrite_zip(tmp_path / "x.pt", tmp_path / "y.pt", compression=zipfile.ZIP_DEFLATED)
    assert_agrees(tmp_path / "y.pt", value)
    with open_checkpoint(tmp_path / "y.pt") as reader:
        key = next(t.storage for t in reader.container.tensors if t.name == "b")
        whole = reader.read_storage(key, 0, 200_000)
        assert whole == value["b"].numpy().tobytes()
        # forwards with gaps, and backwards
        for start in (0, 10, 150_000, 7, 199_996):
            assert reader.read_storage(key, start, 100) == whole[start : start + 100]


def test_deflated_records_read_from_two_threads(tmp_path: Path) -> None:
    value = {"b": torch.randn(100_000)}
    torch.save(value, tmp_path / "x.pt")
    rewrite_zip(tmp_path / "x.pt", tmp_path / "y.pt", compression=zipfile.ZIP_DEFLATED)
    whole, wrong = value["b"].numpy().tobytes(), []
    with open_checkpoint(tmp_path / "y.pt") as reader:

        def read(step: int) -> None:
            starts = range(0, len(whole), step)
            wrong.extend(s for s in starts if reader.read_storage("0", s, 1000) != whole[s : s + 1000])

        threads = [threading.Thread(target=read, args=(step,)) for step in (40_000, 56_789)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_big_endian_checkpoint_gives_its_bytes_as_they_lie(tmp_path: Path) -> None:
    data = float32_bytes(1.0, 2.0, order=">")
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"w": tensor_call("0", (2,))}), {"0": data}, byteorder=b"big")
    assert torch.load(path)["w"].tolist() == [1.0, 2.0]
    with open_checkpoint(path) as reader:
        assert reader.container.byteorder == "big"
        assert reader.read_storage("0", 0, 8) == data
        assert reader.container.findings == ()


def test_no_byteorder_record_means_little_endian_and_nonsense_is_reported(tmp_path: Path) -> None:
    index = pickle_bytes({"w": tensor_call("0", (1,))})
    with open_checkpoint(write_torch_zip(tmp_path / "a", index, {"0": bytes(4)}, byteorder=None)) as reader:
        assert (reader.container.byteorder, reader.container.findings) == ("little", ())
    with open_checkpoint(write_torch_zip(tmp_path / "b", index, {"0": bytes(4)}, byteorder=b"middle")) as reader:
        (finding,) = reader.container.findings
        assert (finding.code, finding.where, finding.found) == ("byteorder-unknown", "archive/byteorder", "middle")


def test_the_first_mention_of_a_storage_fixes_its_type_as_in_torch(tmp_path: Path) -> None:
    value = {"a": tensor_call("0", (2,)), "b": tensor_call("0", (2,), storage_class="IntStorage")}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(value), {"0": float32_bytes(1.0, 2.0)})
    assert_agrees(path, torch.load(path))


def test_missing_records_are_named(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2), "b": torch.ones(3)}, tmp_path / "x.pt")
    rewrite_zip(tmp_path / "x.pt", tmp_path / "y.pt", leave_out=["x/data/1"])
    with open_checkpoint(tmp_path / "y.pt") as reader:
        (finding,) = reader.container.findings
        assert (finding.code, finding.severity, finding.where, finding.expected) == (
            "storage-missing",
            "error",
            "x/data/1",
            "12",
        )
        assert [t.name for t in reader.container.tensors] == ["a", "b"]
        assert [s.present_bytes for s in reader.container.storages] == [8, 0]
        assert reader.read_storage("1", 0, 12) == b""
        with pytest.raises(KeyError):
            reader.read_storage("7", 0, 1)


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2)}, tmp_path / "x.pt")
    rewrite_zip(tmp_path / "x.pt", tmp_path / "y.pt", leave_out=["x/data.pkl"])
    with open_checkpoint(tmp_path / "y.pt") as reader:
        assert reader.container.format == "torch-zip"
        assert ("index-missing", "x/data.pkl") in [(f.code, f.where) for f in reader.container.findings]


def test_storages_shorter_and_longer_than_declared(tmp_path: Path) -> None:
    index = pickle_bytes({"a": tensor_call("0", (4,)), "b": tensor_call("1", (1,))})
    with open_checkpoint(write_torch_zip(tmp_path / "x", index, {"0": bytes(9), "1": bytes(6)})) as reader:
        found = {f.where: (f.code, f.expected, f.found) for f in reader.container.findings}
        assert found == {
            "archive/data/0": ("storage-short", "16", "9"),
            "archive/data/1": ("storage-long", "4", "6"),
        }
        assert [s.present_bytes for s in reader.container.storages] == [9, 4]
        assert reader.read_storage("0", 0, 16) == bytes(9)


def test_a_flipped_byte_breaks_the_record_crc(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2), "b": torch.full((1000,), 7.0)}, tmp_path / "x.pt")
    data = bytearray((tmp_path / "x.pt").read_bytes())
    data[data.index(float32_bytes(7.0, 7.0)) + 400] ^= 1
    (tmp_path / "x.pt").write_bytes(data)
    with open_checkpoint(tmp_path / "x.pt") as reader:
        assert reader.container.findings == ()
        (finding,) = reader.check_records()
        assert (finding.code, finding.severity, finding.where) == ("record-crc", "error", "x/data/1")


def test_views_out_of_their_storage_are_listed_and_named(tmp_path: Path) -> None:
    value = {
        "inside": tensor_call("0", (4,), count=4),
        "beyond": tensor_call("0", (2, 3), count=4),
        "late": tensor_call("0", (2,), count=4, offset=3),
        "strided": tensor_call("0", (2,), count=4, strides=(4,)),
        "backwards": tensor_call("0", (3,), count=4, strides=(-1,)),
        "negative": tensor_call("0", (-2,), count=4, strides=(1,)),
        "before": tensor_call("0", (1,), count=4, offset=-1),
        "huge": tensor_call("0", (1 << 40, 1 << 22), count=4),
        "empty": tensor_call("0", (0, 1 << 40), count=4),
    }
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes(value), {"0": bytes(16)})) as reader:
        assert [t.name for t in reader.container.tensors] == list(value)
        found = {f.where for f in reader.container.findings if f.code == "tensor-outside-storage"}
        assert found == {"beyond", "late", "strided", "backwards", "negative", "before", "huge"}


def test_arguments_that_make_no_tensor_are_reported(tmp_path: Path) -> None:
    bad_shapes = [("x",), (1.5,), (True,), (1 << 80,), (1,) * 65]
    value = {str(i): tensor_call("0", shape, count=1, strides=(1,) * len(shape)) for i, shape in enumerate(bad_shapes)}
    value["lengths"] = tensor_call("0", (1, 1), count=1, strides=(1,))
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes(value), {"0": bytes(4)})) as reader:
        assert reader.container.tensors == ()
        assert [f.code for f in reader.container.findings] == ["tensor-malformed"] * len(value)


def test_repeated_names_and_records_are_reported(tmp_path: Path) -> None:
    value = {"a.b": tensor_call("0", (1,)), "a": {"b": tensor_call("0", (1,))}}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(value), {"0": bytes(4)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("archive/version", b"4")
            archive.writestr("archive/data/17", b"4")
    assert codes(path) == ["record-repeated", "record-unreferenced", "name-repeated"]


def test_encrypted_and_exotic_records_are_unreadable(tmp_path: Path) -> None:
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"w": tensor_call("0", (100,))}), {"0": bytes(400)})
    rewrite_zip(path, tmp_path / "y", compression=zipfile.ZIP_BZIP2)
    assert "record-unreadable" in codes(tmp_path / "y")


def test_unknown_persistent_ids_are_reported(tmp_path: Path) -> None:
    for value in (storage_id("0", 1, "NoStorage"), storage_id("0", -1), storage_id("0", 1 << 70)):
        assert "persistent-id-unknown" in codes(write_torch_zip(tmp_path / "x", pickle_bytes({"w": value}), {}))


def test_a_torchscript_archive_lists_its_tensors(tmp_path: Path) -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 2, 1)
            self.norm = torch.nn.BatchNorm2d(2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.norm(self.conv(x)) + torch.ones(2, 1, 1)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(Net().eval(), torch.randn(1, 3, 4, 4))
        torch.jit.save(traced, tmp_path / "x.pt")
        expected = torch.jit.load(tmp_path / "x.pt").state_dict()
    with open_checkpoint(tmp_path / "x.pt") as reader:
        container = reader.container
        assert container.format == "torchscript"
        found = {t.name: t for t in container.tensors if not t.name.startswith("constants.")}
        assert set(found) == set(expected)
        for name, tensor in expected.items():
            assert found[name].shape == tuple(tensor.shape)
            data = reader.read_storage(found[name].storage, 0, 10_000)
            assert data == tensor.numpy().tobytes()
        assert len({s.key for s in container.storages}) == len(container.storages)
        assert "code-present" in [f.code for f in container.findings]
        assert not [f for f in container.findings if f.severity != "note"]
        assert reader.check_records() == ()


def test_torchscript_constants_have_storages_of_their_own(tmp_path: Path) -> None:
    path = write_torch_zip(
        tmp_path / "x",
        pickle_bytes({"w": tensor_call("0", (1,))}),
        {"0": float32_bytes(1.0)},
        extra={
            "constants.pkl": pickle_bytes((tensor_call("0", (2,)),)),
            "constants/0": float32_bytes(2.0, 3.0),
            "code/__torch__.py": b"class M(Module): pass",
        },
    )
    with open_checkpoint(path) as reader:
        assert [(t.name, t.storage) for t in reader.container.tensors] == [
            ("w", "data/0"),
            ("constants.0", "constants/0"),
        ]
        assert reader.read_storage("constants/0", 4, 4) == float32_bytes(3.0)


def test_torchscript_types_are_no_globals_to_fear_but_only_there(tmp_path: Path) -> None:
    index = pickle_bytes({"m": Name("__torch__.net", "Net")})
    assert codes(write_torch_zip(tmp_path / "a", index, {}, extra={"code/x.py": b""})) == ["code-present"]
    assert codes(write_torch_zip(tmp_path / "b", index, {})) == ["global-unknown"]


def test_a_large_archive_uses_zip64(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {"data.pkl": pickle_bytes({"w": tensor_call("0", (2,))}), "data/0": bytes(8)}.items():
            with archive.open(f"a/{name}", "w", force_zip64=True) as record:
                record.write(data)
    with open_checkpoint(path) as reader:
        assert (reader.container.findings, reader.check_records()) == ((), ())
        assert reader.read_storage("0", 0, 8) == bytes(8)


def test_what_current_torch_writes_beside_the_index_is_accepted(tmp_path: Path) -> None:
    torch.save({"w": torch.randn(300)}, tmp_path / "x")
    with zipfile.ZipFile(tmp_path / "x") as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        assert {".format_version", ".storage_alignment", ".data/serialization_id", "byteorder", "version"} <= names
        record = archive.getinfo("x/data/0")
        local = (tmp_path / "x").read_bytes()[record.header_offset :][:30]
        # torch leaves sizes and sum to a descriptor behind the content
        assert int.from_bytes(local[6:8], "little") & 8
        assert local[14:26] == bytes(12)
    assert assert_agrees(tmp_path / "x", torch.load(tmp_path / "x")).container.findings == ()


@pytest.mark.parametrize("alignment", [1, 64, 4096])
def test_records_may_be_aligned_or_not(tmp_path: Path, alignment: int) -> None:
    value = {f"w{i}": torch.randn(37 + i) for i in range(5)}
    before = torch.utils.serialization.config.save.storage_alignment
    torch.utils.serialization.config.save.storage_alignment = alignment
    try:
        torch.save(value, tmp_path / "x")
    finally:
        torch.utils.serialization.config.save.storage_alignment = before
    reader = assert_agrees(tmp_path / "x", value)
    assert reader.container.findings == ()
    starts = [segment._start for segment in reader._reading.segments.values()]
    assert all(start % alignment == 0 for start in starts)


@pytest.mark.evidence
def test_the_official_fragment_reads_as_its_facts_say() -> None:
    path = EVIDENCE / "ConvNeXtPose_XS.fragment.tar"
    if not path.exists():
        pytest.skip("the official fragment isn't here")
    with open_checkpoint(path) as reader:
        container = reader.container
        missing = {s.key for s in container.storages if s.present_bytes == 0}
        network = [t for t in container.tensors if t.name.startswith("network.module.")]
        absent = [t.name.removeprefix("network.module.backbone.") for t in network if t.storage in missing]
        assert (container.format, container.root, container.records) == ("torch-zip", "snapshot_68.pth", 587)
        assert (len(network), len(container.tensors), len(container.storages)) == (194, 596, 596)
        assert absent == [
            *("downsample_layers.0.0.weight", "downsample_layers.0.0.bias"),
            *(f"downsample_layers.0.1.{n}" for n in ("weight", "bias", "running_mean", "running_var")),
            "downsample_layers.0.1.num_batches_tracked",
            *(f"downsample_layers.1.0.{n}" for n in ("weight", "bias", "running_mean", "running_var")),
        ]
        assert [f.code for f in container.findings] == ["storage-missing"] * 11
        assert [f.where for f in container.findings] == [f"snapshot_68.pth/data/{i}" for i in range(11)]
        assert next(o.number for o in container.objects if o.path == "epoch") == 68
        assert reader.check_records() == ()
        counter = next(t for t in network if t.name.endswith("head.deconv_layers_1.norm.num_batches_tracked"))
        assert np.frombuffer(reader.read_storage(counter.storage, 0, 8), "<i8").tolist() == [1_346_328]


def _write_records(path: Path, records: list[tuple[str, bytes]]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # a name that is there twice
        for name, data in records:
            archive.writestr(name, data)
    return path


HARMLESS, HARMFUL = b"N.", b"cos\nsystem\nX\x04\x00\x00\x00true\x85R."


@pytest.mark.parametrize("names", [("a/data.pkl", "a/data.pkl"), ("a/DATA.pkl", "a/data.pkl")])
@pytest.mark.parametrize("harmful", [0, 1])
def test_no_record_hides_behind_another_of_its_name(tmp_path: Path, names: tuple[str, str], harmful: int) -> None:
    data = [HARMFUL if n == harmful else HARMLESS for n in range(2)]
    path = _write_records(tmp_path / "x", [*zip(names, data, strict=True), ("a/version", b"3\n")])
    with open_checkpoint(path) as reader:
        assert reader.container.globals == ("os.system",)
        assert {("record-repeated", "error")} <= {(f.code, f.severity) for f in reader.container.findings}


def test_names_are_looked_up_as_torch_does_without_regard_to_case(tmp_path: Path) -> None:
    torch.save({"w": torch.randn(3)}, tmp_path / "x.pt")
    rewrite_zip(tmp_path / "x.pt", tmp_path / "y.pt", rename=lambda n: "r/" + n.partition("/")[2].upper())
    assert_agrees(tmp_path / "y.pt", torch.load(tmp_path / "x.pt"))
    with open_checkpoint(tmp_path / "y.pt") as reader:
        assert not reader.container.findings
