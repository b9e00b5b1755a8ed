"""Where tensors' bytes are measured: in the pass over the file, or apart from it."""

from __future__ import annotations

import numpy as np
import pytest
from blake3 import blake3
from fingerprint.memory import MemoryReader, container, view

from generators.fingerprint.checkpoint import fingerprint_checkpoint
from generators.fingerprint.measuring import TensorMeasures
from generators.fingerprint.meter import TensorMeter

ARRAY = np.random.default_rng(3).standard_normal(300_000).astype(np.float32)


@pytest.mark.parametrize("place", [0, 4, 7, 1_000_003])
def test_a_tensor_in_the_file_gives_what_it_gives_elsewhere_to_the_last_bit(place: int) -> None:
    storages = {"s": ARRAY.tobytes()}
    index = container([view("w", ARRAY), view("tail", ARRAY, shape=(100_000,), offset=200_000)], storages)
    file = bytes(place) + storages["s"] + b"end"
    inside = fingerprint_checkpoint("a", index, MemoryReader({}, file, {"s": place}), depth="digests-and-statistics")
    elsewhere = fingerprint_checkpoint("a", index, MemoryReader(storages, file), depth="digests-and-statistics")
    assert inside == elsewhere
    assert inside.tensors[0].digest == blake3(storages["s"]).hexdigest()
    assert inside.tensors[0].statistics is not None
    assert inside.tensors[0].statistics.mean == pytest.approx(float(ARRAY.mean(dtype=np.float64)), abs=1e-9)


def test_only_contiguous_little_endian_tensors_are_read_in_the_pass() -> None:
    square = ARRAY[:6].reshape(2, 3)
    entries = [
        view("plain", square),
        view("turned", square, shape=(3, 2), strides=(1, 3)),
        view("negative", square, negative=True),
        view("twin", square),
    ]
    reader = MemoryReader({"s": square.tobytes()}, square.tobytes(), {"s": 0})
    little = TensorMeasures(container(entries, reader.storages), reader, with_statistics=True)
    assert (len(little.runs), [t.name for t, _ in little.elsewhere]) == (1, ["turned", "negative"])
    big = TensorMeasures(container(entries, reader.storages, byteorder="big"), reader, with_statistics=True)
    assert (len(big.runs), len(big.elsewhere)) == (0, 3)


@pytest.mark.parametrize("pieces", [1, 3, 4, 65_536, 262_144, 262_145, 1_000_000])
def test_the_size_of_the_pieces_changes_nothing(pieces: int) -> None:
    data = ARRAY.tobytes()
    whole, cut = (TensorMeter(view("w", ARRAY), measured=True) for _ in range(2))
    whole.add(data)
    data = data if pieces > 4 else data[:1000]
    if pieces <= 4:
        short = view("w", ARRAY[:250])
        whole, cut = (TensorMeter(short, measured=True) for _ in range(2))
        whole.add(data)
    for start in range(0, len(data), pieces):
        cut.add(memoryview(data)[start : start + pieces])
    assert cut.result() == whole.result()


def test_a_tensor_whose_bytes_end_early_has_no_measure() -> None:
    meter = TensorMeter(view("w", ARRAY), measured=True)
    meter.add(ARRAY.tobytes()[:-1])
    measure = meter.result()
    assert (measure.state, measure.digest, measure.statistics) == ("ended-early", None, None)
