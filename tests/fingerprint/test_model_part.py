from __future__ import annotations

import pytest

from generators.fingerprint.model_part import find_model_prefix, tensor_role


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["backbone.w", "head.w"], ""),
        (["module.backbone.w", "module.head.w"], "module."),
        (["network.module.backbone.w", "network.module.head.w", "optimizer.state.0.exp_avg"], "network.module."),
        (["state_dict.model.a.w", "state_dict.model.b.w"], "state_dict.model."),
        (["_orig_mod.module.a.w", "_orig_mod.module.b.w"], "_orig_mod.module."),
        (["model.a.w", "model.b.w"], "model."),
        (["model.a.w", "optimizer.state.0.step"], "model."),
        (["ema.module.a.w", "state_dict.a.w", "state_dict.b.w"], "state_dict."),
        (["model.encoder.w", "lm_head.w"], ""),
        (["model.encoder.w", "center"], "model."),
        (["network.a.w", "discriminator.b.w"], "network."),
        (["w"], ""),
        ([], ""),
    ],
)
def test_the_prefix_is_what_wraps_every_model_tensor(names: list[str], prefix: str) -> None:
    assert find_model_prefix(names) == prefix


@pytest.mark.parametrize(
    ("name", "dtype", "role"),
    [
        ("network.module.a.weight", "float32", "parameter"),
        ("network.module.a.running_var", "float32", "buffer"),
        ("network.module.a.num_batches_tracked", "int64", "buffer"),
        ("network.module.mask", "bool", "buffer"),
        ("network.module.a.weight", "bfloat16", "parameter"),
        ("optimizer.state.0.exp_avg", "float32", "optimizer"),
        ("extra.center", "float32", "other"),
    ],
)
def test_roles(name: str, dtype: str, role: str) -> None:
    assert tensor_role(name, "network.module.", dtype) == role
