"""From a container to its fingerprint."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from blake3 import blake3
from fingerprint.memory import MemoryReader, container, view

from generators.fingerprint import amplification, compose
from generators.fingerprint.checkpoint import fingerprint_checkpoint
from generators.model.checkpoint import Container, ObjectEntry
from generators.model.fingerprint import Fingerprint
from generators.model.tensor import StorageEntry

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


def _fingerprint(found: Container, storages: dict[str, bytes], **options: Any) -> Fingerprint:
    return fingerprint_checkpoint(
        "a.pth", found, MemoryReader(storages), **({"depth": "digests-and-statistics"} | options)
    )


def test_file_and_tensors_are_digested() -> None:
    storages = {"s": ARRAY.tobytes()}
    found = _fingerprint(container([view("net.w", ARRAY)], storages), storages)
    assert found.file.sha256 == hashlib.sha256(b"any bytes").hexdigest()
    assert (found.file.name, found.file.size_bytes) == ("a.pth", 9)
    (tensor,) = found.tensors
    assert tensor.digest == blake3(ARRAY.tobytes()).hexdigest()
    assert (tensor.model_name, tensor.role, tensor.missing) == ("w", "parameter", False)
    assert tensor.statistics is not None
    assert (tensor.statistics.minimum, tensor.statistics.maximum, tensor.statistics.mean) == (0, 5, 2.5)


def test_the_weights_digest_is_the_same_whatever_the_packaging() -> None:
    plain = {"s": ARRAY.tobytes()}
    one = _fingerprint(container([view("w", ARRAY)], plain), plain)
    turned = {"s": b"\0" * 4 + ARRAY.T.astype(">f4").tobytes()}
    entry = view("state_dict.module.w", ARRAY, strides=(1, 2), offset=1)
    other = _fingerprint(container([entry], turned, byteorder="big"), turned)
    assert other.model_prefix == "state_dict.module."
    assert other.weights_digest == one.weights_digest is not None
    assert other.layout_digest == one.layout_digest


def test_a_tensor_whose_bytes_are_missing_leaves_the_layout_but_no_weights_digest() -> None:
    storages = {"s": ARRAY.tobytes()}
    lost = view("b", ARRAY, storage="gone")
    short = view("c", ARRAY, offset=1)
    found = _fingerprint(container([view("a", ARRAY), lost, short], storages), storages)
    assert [t.missing for t in found.tensors] == [False, True, True]
    assert [t.digest is None for t in found.tensors] == [False, True, True]
    assert found.weights_digest is None
    assert found.layout_digest is not None


def test_a_record_that_gives_fewer_bytes_than_it_promised_has_no_digest() -> None:
    promised = StorageEntry(key="s", record="s", declared_bytes=24, present_bytes=24)
    index = Container(format="torch-zip", tensors=(view("w", ARRAY),), storages=(promised,))
    found = _fingerprint(index, {"s": ARRAY.tobytes()[:20]})
    assert found.tensors[0].digest is None
    assert found.weights_digest is None


def test_an_amplified_tensor_is_not_read_and_is_told() -> None:
    huge = view("w", ARRAY, shape=(2**40,), strides=(0,))
    found = _fingerprint(container([huge], {"s": ARRAY.tobytes()}), {"s": ARRAY.tobytes()})
    assert found.tensors[0].digest is None
    assert [f.code for f in found.findings] == ["tensor-amplified"]


def test_tied_weights_are_read_and_counted_once() -> None:
    storages = {"s": ARRAY.tobytes()}
    tensors = [view("embed", ARRAY), view("output", ARRAY), view("mask", ARRAY, dtype="int32")]
    found = _fingerprint(container(tensors, storages), storages)
    assert (found.parameters, found.buffers) == (6, 6)
    assert found.tensors[0].digest == found.tensors[1].digest


def test_without_statistics_the_counters_are_still_told() -> None:
    step, weight = np.float32(12).reshape(()), np.ones(3, dtype=np.float32)
    storages = {"s": weight.tobytes(), "t": step.tobytes()}
    tensors = [view("network.w", weight), view("optimizer.state.0.step", step, storage="t")]
    objects = (ObjectEntry(path="epoch", type="int", text="2", number=2),)
    found = _fingerprint(container(tensors, storages, objects=objects), storages, depth="digests")
    assert [t.statistics for t in found.tensors] == [None, None]
    assert (found.odometer.optimizer_steps, found.odometer.iterations_per_epoch) == ((12,), 4)


def test_findings_of_one_kind_are_cut_and_counted() -> None:
    bad = np.array([np.nan], dtype=np.float32)
    tensors = [view(f"t{n}", bad) for n in range(compose.FINDING_LIMIT + 1)]
    found = _fingerprint(container(tensors, {"s": bad.tobytes()}), {"s": bad.tobytes()})
    codes = [f.code for f in found.findings]
    assert codes == ["nonfinite-values"] * compose.FINDING_LIMIT + ["findings-cut"]
    assert found.findings[-1].found == str(compose.FINDING_LIMIT + 1)


def test_a_checkpoint_without_model_tensors_says_so() -> None:
    found = _fingerprint(container([view("optimizer.state", ARRAY)], {"s": ARRAY.tobytes()}), {"s": b"x" * 24})
    assert [f.code for f in found.findings] == ["no-model-tensors"]
    assert found.layout_digest is None


def test_views_that_together_ask_for_out_of_all_proportion_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amplification, "AMPLIFICATION_FLOOR_BYTES", 0)
    monkeypatch.setattr(amplification, "AMPLIFICATION_LIMIT", 3)
    storages = {"s": ARRAY.tobytes()}
    views = [view(f"w{n}", ARRAY, shape=(n,), strides=(1,)) for n in range(6, 0, -1)]
    found = _fingerprint(container(views, storages), storages)
    read = [tensor.digest is not None for tensor in found.tensors]
    assert read == [True, True, True, True, False, False]  # 6 + 5 + 4 + 3 of the 18 elements that three passes have
    assert [f.code for f in found.findings] == ["tensor-amplified", "tensor-amplified"]


def test_a_storage_that_ends_early_is_told_as_that_and_not_as_an_attack() -> None:
    storages = {"s": ARRAY.tobytes()}
    told = container([view("w", ARRAY)], storages)
    found = _fingerprint(told, {"s": ARRAY.tobytes()[:-4]})
    assert found.tensors[0].digest is None
    assert [(f.code, f.severity) for f in found.findings] == [("tensor-unread", "error")]
