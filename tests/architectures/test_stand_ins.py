from __future__ import annotations

import pytest

from generators.architectures import ARCHITECTURES, STAND_INS, find_architecture
from generators.identify.match import ModelTensor, identify_tensors
from generators.model.architecture import Architecture


def _tensors(architecture: Architecture) -> list[ModelTensor]:
    return [ModelTensor(name=t.name, dtype=t.dtype, shape=t.shape, missing=False) for t in architecture.tensors]


@pytest.mark.parametrize("stand_in", STAND_INS, ids=lambda a: a.id)
def test_a_stand_in_is_found_by_its_id_and_is_no_published_architecture(stand_in: Architecture) -> None:
    assert find_architecture(stand_in.id) is stand_in
    assert stand_in not in ARCHITECTURES
    assert stand_in.family not in {architecture.family for architecture in ARCHITECTURES}


@pytest.mark.parametrize("stand_in", STAND_INS, ids=lambda a: a.id)
def test_a_stand_in_fits_its_own_tensors_and_no_published_architecture_s(stand_in: Architecture) -> None:
    assert identify_tensors(_tensors(stand_in), STAND_INS).status == "EXACT"
    assert identify_tensors(_tensors(stand_in), ARCHITECTURES).status != "EXACT"
    for architecture in ARCHITECTURES:
        assert identify_tensors(_tensors(architecture), STAND_INS).status != "EXACT"
