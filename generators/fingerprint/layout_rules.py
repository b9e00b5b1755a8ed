"""How known training codes lay out what they save: which keys show the code, which key holds its model."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec import Struct

from generators.model.layout import LayoutName


class LayoutRule(Struct, frozen=True, kw_only=True):
    """One training code's layout.

    Attributes:
        name: The layout.
        source: The code that saves so: repository, commit or version, file.
        needs: Keys of the root that must all be there.
        models: Keys of the model, the first that has tensors.
        averages: Keys of running averages.
        trained: Keys of the weights as trained, where the model is the average.
        has_model: Whether such a file holds a model at all.
    """

    name: LayoutName
    source: str
    needs: frozenset[str]
    models: tuple[str, ...] = ()
    averages: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    has_model: bool = True


RULES = (
    LayoutRule(
        name="lightning",
        # with WeightAveraging (callbacks/weight_averaging.py), `state_dict` is the average
        source="Lightning-AI/pytorch-lightning 2.6, trainer/connectors/checkpoint_connector.py",
        needs=frozenset({"pytorch-lightning_version"}),
        models=("state_dict",),
        trained=("current_model_state",),
    ),
    LayoutRule(
        name="mmengine",
        # EMAHook (hooks/ema_hook.py) swaps the two before it saves
        source="open-mmlab/mmengine 2543429, mmengine/runner/runner.py",
        needs=frozenset({"state_dict", "message_hub"}),
        models=("state_dict",),
        trained=("ema_state_dict",),
    ),
    LayoutRule(
        name="mmengine",
        source="open-mmlab/mmengine 2543429, mmengine/runner/runner.py",
        needs=frozenset({"state_dict", "meta.mmengine_version"}),
        models=("state_dict",),
        trained=("ema_state_dict",),
    ),
    LayoutRule(
        name="mmcv",
        source="open-mmlab/mmcv 91d874b, mmcv/runner/checkpoint.py",
        needs=frozenset({"state_dict", "meta.mmcv_version"}),
        models=("state_dict",),
    ),
    LayoutRule(
        name="ultralytics",
        # `model` is None until the optimizer is stripped: then the average moves there
        source="ultralytics/ultralytics 3c5ac61, ultralytics/engine/trainer.py",
        needs=frozenset({"best_fitness", "updates", "ema", "model"}),
        models=("model", "ema"),
        averages=("ema",),
    ),
    LayoutRule(
        name="deepspeed-optimizer",
        source="microsoft/DeepSpeed 0.16.5, deepspeed/runtime/zero/stage_1_and_2.py, stage3.py",
        needs=frozenset({"optimizer_state_dict.zero_stage"}),
        has_model=False,
    ),
    LayoutRule(
        name="deepspeed-model",
        source="microsoft/DeepSpeed 0.16.5, deepspeed/runtime/engine.py",
        needs=frozenset({"module", "ds_version"}),
        models=("module",),
    ),
    LayoutRule(
        name="megatron",
        source="NVIDIA/Megatron-LM d98e8a6, megatron/training/checkpointing.py",
        needs=frozenset({"checkpoint_version", "iteration"}),
        models=("model",),
    ),
    LayoutRule(
        name="fairseq",
        source="facebookresearch/fairseq 3d262bb, fairseq/trainer.py",
        needs=frozenset({"model", "optimizer_history", "extra_state"}),
        models=("model",),
        averages=("extra_state.ema", "extra_state.ema_fp32_params"),
    ),
    LayoutRule(
        name="dino",
        # eval_knn.py evaluates the teacher
        source="facebookresearch/dino 7c446df, main_dino.py",
        needs=frozenset({"student", "teacher", "dino_loss"}),
        models=("teacher",),
    ),
    LayoutRule(
        name="timm",
        source="huggingface/pytorch-image-models 021a523, timm/utils/checkpoint_saver.py",
        needs=frozenset({"arch", "version", "state_dict"}),
        models=("state_dict",),
        averages=("state_dict_ema",),
    ),
    LayoutRule(
        name="detectron2",
        source="facebookresearch/fvcore 3378afe, fvcore/common/checkpoint.py",
        needs=frozenset({"model", "trainer", "iteration"}),
        models=("model",),
    ),
    LayoutRule(
        name="detectron2",
        source="facebookresearch/detectron2 02b5c4e, detectron2/checkpoint/detection_checkpoint.py",
        needs=frozenset({"model", "__author__"}),
        models=("model",),
    ),
    LayoutRule(
        name="stylegan2",
        # generate.py loads g_ema
        source="rosinality/stylegan2-pytorch bef283a, train.py",
        needs=frozenset({"g", "d", "g_ema"}),
        models=("g_ema",),
        trained=("g",),
    ),
    LayoutRule(
        name="3dmppe",
        source="mks0601/3DMPPE_POSENET_RELEASE dd025c5, main/train.py",
        needs=frozenset({"network"}),
        models=("network",),
    ),
    LayoutRule(
        name="torch-tutorial",
        source="pytorch/tutorials 6af540e, beginner_source/saving_loading_models.py",
        needs=frozenset({"model_state_dict"}),
        models=("model_state_dict",),
    ),
    LayoutRule(
        name="accelerate-random-state",
        source="huggingface/accelerate 16cb6eb, src/accelerate/checkpointing.py",
        needs=frozenset({"random_state", "numpy_random_seed", "torch_manual_seed"}),
        has_model=False,
    ),
    LayoutRule(
        name="trainer-random-state",
        source="huggingface/transformers 2cda12c, src/transformers/trainer.py",
        needs=frozenset({"python", "numpy", "cpu"}),
        has_model=False,
    ),
)
"""In order: what fewer files have comes first."""


def find_rule(keys: AbstractSet[str]) -> LayoutRule | None:
    """Return the layout that a checkpoint's keys show, None when it is no known one's."""
    return next((rule for rule in RULES if rule.needs <= keys), None)
