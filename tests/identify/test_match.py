from __future__ import annotations

import pytest
from msgspec.structs import replace

from generators.architectures import ARCHITECTURES, find_architecture
from generators.identify.match import ModelTensor, identify_tensors


def _model(architecture_id: str) -> list[ModelTensor]:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    return [ModelTensor(name=t.name, dtype=t.dtype, shape=t.shape, missing=False) for t in architecture.tensors]


@pytest.mark.parametrize("architecture_id", [a.id for a in ARCHITECTURES])
def test_every_architecture_is_told_from_every_other(architecture_id: str) -> None:
    result = identify_tensors(_model(architecture_id), ARCHITECTURES)
    assert (result.status, result.architecture, result.basis) == ("EXACT", architecture_id, "tensors")
    assert result.candidates[0].architecture == architecture_id
    assert result.candidates[1].score < 1


def test_the_older_head_names_are_the_same_architecture_in_another_naming() -> None:
    renames = {"dwconv": "0", "norm": "1", "pwconv": "2"}

    def older(tensor: ModelTensor) -> ModelTensor:
        head, dot, layer = tensor.name.partition("deconv_layers_")
        if not dot:
            return tensor
        block, part, *rest = layer.split(".")
        return replace(tensor, name=".".join([f"{head}deconv_layers_{block}", renames[part], *rest]))

    result = identify_tensors([older(t) for t in _model("convnextpose-l")], ARCHITECTURES)
    assert (result.status, result.architecture) == ("EXACT", "convnextpose-l")
    assert result.candidates[0].naming == "numbered-head"


def test_a_head_under_both_spellings_is_more_than_the_architecture_has() -> None:
    tensors = _model("convnextpose-xs")
    again = next(t for t in tensors if t.name == "head.deconv_layers_2.norm.weight")
    tensors.append(replace(again, name="head.deconv_layers_2.1.weight"))
    result = identify_tensors(tensors, ARCHITECTURES)
    assert (result.status, result.architecture) == ("PARTIAL", "convnextpose-xs")
    assert result.candidates[0].unexpected == ("head.deconv_layers_2.1.weight",)


def test_another_dtype_is_reported_and_does_not_change_the_identity() -> None:
    half = [replace(t, dtype="float16") if t.dtype == "float32" else t for t in _model("convnextpose-xs")]
    result = identify_tensors(half, ARCHITECTURES)
    assert (result.status, result.architecture, result.dtypes) == ("EXACT", "convnextpose-xs", ("float16",))


def test_a_damaged_file_is_judged_by_its_index_and_says_so() -> None:
    tensors = [replace(t, missing=n < 11) for n, t in enumerate(_model("convnextpose-xs"))]
    result = identify_tensors(tensors, ARCHITECTURES)
    assert (result.status, result.basis) == ("EXACT", "index")


def test_a_backbone_without_head_is_ambiguous_between_those_that_share_it() -> None:
    backbone = [t for t in _model("convnextpose-s") if not t.name.startswith("head.")]
    result = identify_tensors(backbone, ARCHITECTURES)
    assert (result.status, result.architecture) == ("AMBIGUOUS", None)
    assert {c.architecture for c in result.candidates[:3]} == {"convnextpose-s", "convnextpose-m", "convnextpose-l"}


def test_one_reshaped_layer_is_partial_and_named() -> None:
    tensors = _model("convnextpose-m")
    tensors[-1] = replace(tensors[-1], shape=(21 * 64,))
    result = identify_tensors(tensors, ARCHITECTURES)
    assert (result.status, result.architecture) == ("PARTIAL", "convnextpose-m")
    assert result.candidates[0].reshaped == ("head.final_layer.bias",)


def test_renamed_layers_show_as_renamed_by_their_shapes() -> None:
    tensors = [replace(t, name=f"encoder_{t.name}") for t in _model("convnextpose-xs")]
    result = identify_tensors(tensors, ARCHITECTURES)
    assert (result.status, result.architecture) == ("PARTIAL", "convnextpose-xs")
    assert result.candidates[0].shape_score == 1
    assert result.candidates[0].score == 0


def test_strangers_are_unknown() -> None:
    stranger = [ModelTensor(name="fc.weight", dtype="float32", shape=(10, 4), missing=False)]
    assert identify_tensors(stranger, ARCHITECTURES).status == "UNKNOWN"
    assert identify_tensors([], ARCHITECTURES).status == "UNKNOWN"


def test_the_solver_finds_an_unpublished_configuration_and_what_it_cannot_know() -> None:
    tensors = _model("convnextpose-l")
    settings = {s.name: s.value for s in identify_tensors(tensors, ARCHITECTURES).settings}
    assert settings == {
        "depths": (3, 3, 9, 3),
        "dims": (48, 96, 192, 384),
        "head_width": 512,
        "outputs": 1152,
        "joints": None,
        "depth_bins": None,
        "upsampling_blocks": None,
    }
    wider = [replace(t, shape=(768, *t.shape[1:])) if t.name == "head.final_layer.weight" else t for t in tensors]
    assert {s.name: s.value for s in identify_tensors(wider, ARCHITECTURES).settings}["outputs"] == 768
