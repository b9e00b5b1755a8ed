"""The figures of the published architectures, against what the paper and third parties printed."""

from __future__ import annotations

import pytest

from generators.architectures import ARCHITECTURES, find_architecture
from generators.architectures.filesize import predict_file_bytes, size_tolerance_bytes
from generators.architectures.macs import count_conv_macs


def _find(architecture_id: str):  # noqa: ANN202
    found = find_architecture(architecture_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("architecture_id", "parameters", "elements", "tensors", "gmacs", "mib"),
    [
        ("convnextpose-xs", 3_528_008, 3_534_140, 194, 0.815, 40.57),
        ("convnextpose-s", 7_438_976, 7_448_954, 260, 1.738, 85.40),
        ("convnextpose-m", 7_587_008, 7_596_986, 260, 2.795, 87.09),
        ("convnextpose-l", 8_380_352, 8_391_354, 260, 4.264, 96.18),
    ],
)
def test_convnextpose_agrees_with_the_published_figures(
    architecture_id: str, parameters: int, elements: int, tensors: int, gmacs: float, mib: float
) -> None:
    architecture = _find(architecture_id)
    assert (architecture.parameters, architecture.elements) == (parameters, elements)
    assert len(architecture.tensors) == tensors
    assert round(count_conv_macs(architecture) / 1e9, 3) == gmacs
    assert predict_file_bytes(architecture) / 2**20 == pytest.approx(mib, abs=0.01)


@pytest.mark.parametrize(
    ("architecture_id", "parameters", "mib"),
    [("posenet-resnet50", 34_291_392, 392.74), ("rootnet-resnet50", 33_997_634, 389.38)],
)
def test_resnet_networks_agree_with_the_published_figures(architecture_id: str, parameters: int, mib: float) -> None:
    architecture = _find(architecture_id)
    assert architecture.parameters == parameters
    assert predict_file_bytes(architecture) / 2**20 == pytest.approx(mib, abs=0.01)


def test_upsampling_blocks_change_the_work_but_not_the_weights() -> None:
    medium = _find("convnextpose-m")
    assert count_conv_macs(medium, 2) < 0.7 * count_conv_macs(medium, 3)


def test_no_two_architectures_predict_the_same_size() -> None:
    for one in ARCHITECTURES:
        for other in ARCHITECTURES:
            if one is not other:
                distance = abs(predict_file_bytes(one) - predict_file_bytes(other))
                assert distance > 4 * max(size_tolerance_bytes(one), size_tolerance_bytes(other))


def test_tensor_names_are_unique_in_every_architecture() -> None:
    for architecture in ARCHITECTURES:
        names = [tensor.name for tensor in architecture.tensors]
        assert len(set(names)) == len(names)
