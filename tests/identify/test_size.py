from __future__ import annotations

from pathlib import Path

import pytest

from generators.architectures import ARCHITECTURES
from generators.identify.size import identify_elements, identify_size
from generators.lock import read_lock
from generators.model.lock import SizeRange

LOCK = Path(__file__).resolve().parents[2] / "checkpoints.lock"


@pytest.mark.parametrize("entry", read_lock(LOCK).checkpoints, ids=lambda entry: entry.id)
def test_every_listed_size_singles_out_the_published_architecture(entry) -> None:  # noqa: ANN001
    result = identify_size(entry.size, ARCHITECTURES)
    assert (result.status, result.architecture) == ("PARTIAL", entry.variant)
    assert [c.architecture for c in result.candidates if c.score] == [entry.variant]
    assert result.candidates[0].architecture == entry.variant
    assert len(result.candidates) == len(ARCHITECTURES)


def test_the_rootnet_size_is_not_posenets() -> None:
    size = SizeRange(minimum_bytes=round(392.74 * 2**20), maximum_bytes=round(392.74 * 2**20))
    assert identify_size(size, ARCHITECTURES).architecture == "posenet-resnet50"


@pytest.mark.parametrize(
    ("elements", "architecture"),
    [(7_448_954, "convnextpose-s"), (7_596_986, "convnextpose-m"), (8_391_354, "convnextpose-l")],
)
def test_printed_element_counts_single_out_their_architecture(elements: int, architecture: str) -> None:
    result = identify_elements(elements, ARCHITECTURES)
    assert (result.status, result.architecture, result.fitting) == ("PARTIAL", architecture, 1)


def test_a_size_that_fits_nothing_is_unknown_but_says_how_many_were_searched() -> None:
    result = identify_size(SizeRange(minimum_bytes=5, maximum_bytes=5), ARCHITECTURES)
    assert (result.status, result.architecture, result.fitting) == ("UNKNOWN", None, 0)
    assert result.searched == 800


def test_a_wide_size_range_is_ambiguous() -> None:
    result = identify_size(SizeRange(minimum_bytes=80 * 2**20, maximum_bytes=90 * 2**20), ARCHITECTURES)
    assert result.status == "AMBIGUOUS"
    assert result.fitting > 2
