from __future__ import annotations

import pytest

from generators.fingerprint.model_part import find_model_prefix, is_optimizer, tensor_role


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


@pytest.mark.parametrize(
    "name",
    [
        "optimizer.state.0.step",
        "Optimizer.state.0.step",
        "optimizers.0.state.0.step",
        "optimizer_states.0.state.0.step",
        "optimizerG.state.0.step",
        "optim_state_dict.0.step",
        "opt.state.0.step",
        "opt2.state.0.step",
        "lr_schedulers.0.base",
        "grad_scaler.scale",
        "amp.scale",
    ],
)
def test_what_lies_under_the_optimizers_key_is_not_the_models(name: str) -> None:
    assert is_optimizer(name)


@pytest.mark.parametrize("name", ["optical_flow.w", "options.w", "amplitude.w", "optimal.w", "optimizer"])
def test_a_layer_whose_name_only_begins_alike_is_the_models(name: str) -> None:
    assert not is_optimizer(name)


@pytest.mark.parametrize("dtype", ["q4_0", "q6_k", "iq2_xxs", "tq1_0", "mxfp4", "nvfp4", "float8_e5m2"])
def test_quantised_weights_are_parameters(dtype: str) -> None:
    assert tensor_role("blk.0.attn_q.weight", "", dtype) == "parameter"
    assert tensor_role("blk.0.steps", "", "qint32") == "buffer"
