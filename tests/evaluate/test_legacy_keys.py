# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import io
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the container is written by torch")

from generators.evaluate.legacy_keys import place_storages


def tree() -> dict[str, Any]:
    return {
        "epoch": 3,
        "network": {"weight": torch.arange(6.0).view(2, 3), "seen": torch.tensor(7)},
        "optimizer": {"state": {0: {"step": 1, "exp_avg": torch.ones(2, 3)}}},
    }


def saved(checkpoint: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    torch.save(checkpoint, stream, _use_new_zipfile_serialization=False)
    return stream.getvalue()


def test_equal_trees_at_different_addresses_are_saved_to_equal_bytes() -> None:
    first, second = tree(), tree()
    assert saved(first) != saved(second)
    place_storages(first)
    place_storages(second)
    assert saved(first) == saved(second)


def test_values_shapes_and_types_stay() -> None:
    placed = tree()
    place_storages(placed)
    loaded, expected = torch.load(io.BytesIO(saved(placed))), tree()
    assert loaded["epoch"] == 3
    assert loaded["network"]["seen"].dtype == torch.int64
    assert loaded["network"]["seen"].shape == ()
    assert torch.equal(loaded["network"]["weight"], expected["network"]["weight"])
    assert torch.equal(loaded["optimizer"]["state"][0]["exp_avg"], torch.ones(2, 3))
    assert loaded["optimizer"]["state"][0]["step"] == 1


def test_the_file_is_as_long_as_the_real_writers() -> None:
    placed = tree()
    place_storages(placed)
    keys_of_other_lengths = 2 * 4 * 3  # an address may have a digit or two more or fewer; each key stands twice
    assert abs(len(saved(placed)) - len(saved(tree()))) <= keys_of_other_lengths
