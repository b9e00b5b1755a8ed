"""The layouts of training codes: files built as each code's own saving builds them."""

from __future__ import annotations

import copy
import random
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from builders import Call

from generators.containers import open_checkpoint
from generators.fingerprint.checkpoint import fingerprint_checkpoint
from generators.fingerprint.layout_rules import RULES
from generators.fingerprint.model_search import names_average
from generators.model.fingerprint import Fingerprint
from generators.model.layout import CheckpointLayout

Dict = dict[Any, Any]


def network(seed: int = 0, width: int = 3) -> torch.nn.Sequential:
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(4, width), torch.nn.BatchNorm1d(width), torch.nn.Linear(width, 2))


def weights(seed: int = 0, prefix: str = "", width: int = 3) -> OrderedDict[str, torch.Tensor]:
    return OrderedDict((f"{prefix}{k}", v) for k, v in network(seed, width).state_dict().items())


NAMES = list(weights())


def stepped(kind: type[torch.optim.Optimizer] = torch.optim.AdamW, **options: Any) -> Dict:
    model = network()
    optimizer = kind(model.parameters(), **options)
    model(torch.randn(5, 4)).sum().backward()
    optimizer.step()
    return optimizer.state_dict()


def fingerprint(path: Path, value: Any, **options: Any) -> Fingerprint:
    torch.save(value, path, **options)
    with open_checkpoint(path) as reader:
        return fingerprint_checkpoint(path.name, reader.container, reader, depth="digests")


def layout_of(found: Fingerprint) -> CheckpointLayout:
    assert found.layout is not None
    return found.layout


def lightning() -> Dict:
    return {
        "epoch": 3,
        "global_step": 40,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": weights(prefix="model."),
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {},
        "optimizer_states": [stepped()],
        "lr_schedulers": [{"last_epoch": 3}],
        "hparams_name": "kwargs",
        "hyper_parameters": {"lr": 0.1},
    }


def ultralytics() -> Dict:
    return {
        "epoch": 9,
        "best_fitness": 0.5,
        "model": None,
        "ema": weights(prefix="model."),
        "updates": 100,
        "optimizer": stepped(torch.optim.SGD, lr=0.1, momentum=0.9),
        "train_args": {"task": "detect"},
        "train_metrics": {"fitness": 0.5},
        "date": "2026-01-01",
        "version": "8.4.0",
    }


def deepspeed_model() -> Dict:
    return {
        "module": weights(),
        "buffer_names": ["1.running_mean"],
        "optimizer": None,
        "param_shapes": [OrderedDict((k, v.shape) for k, v in weights().items())],
        "lr_scheduler": None,
        "dp_world_size": 2,
        "ds_config": {"zero_optimization": {"stage": 1}},
        "ds_version": "0.18.0",
    }


def megatron() -> Dict:
    return {
        "args": None,
        "checkpoint_version": 3.0,
        "iteration": 10,
        "model": {"language_model": weights()},
        "optimizer": {"optimizer": stepped(), "fp32_from_fp16_params": [[torch.zeros(3)]]},
        "rng_state": [
            {"np_rng_state": np.random.default_rng(0).bit_generator.state, "torch_rng_state": torch.get_rng_state()}
        ],
    }


def fairseq() -> Dict:
    return {
        "args": None,
        "cfg": {"task": "x"},
        "model": weights(),
        "criterion": None,
        "optimizer_history": [{"num_updates": 3}],
        "task_state": {},
        "extra_state": {"epoch": 3, "ema": weights(1)},
        "last_optimizer_state": stepped(),
    }


FILES: dict[str, tuple[Any, str, str, str]] = {
    # layout, key, prefix
    "state dict": (weights(), "state-dict", "", ""),
    "wrapped state dict": (weights(prefix="module."), "state-dict", "", "module."),
    "lightning": (lightning(), "lightning", "state_dict", "state_dict.model."),
    "timm": (
        {
            "epoch": 1,
            "arch": "resnet",
            "state_dict": weights(),
            "optimizer": stepped(),
            "version": 2,
            "state_dict_ema": weights(1),
        },
        "timm",
        "state_dict",
        "state_dict.",
    ),
    "mmengine": (
        {
            "meta": {"mmengine_version": "0.10"},
            "state_dict": weights(),
            "message_hub": {"log_scalars": {}},
            "optimizer": stepped(),
        },
        "mmengine",
        "state_dict",
        "state_dict.",
    ),
    "mmcv": ({"meta": {"mmcv_version": "1.7"}, "state_dict": weights()}, "mmcv", "state_dict", "state_dict."),
    "ultralytics": (ultralytics(), "ultralytics", "ema", "ema.model."),
    "deepspeed": (deepspeed_model(), "deepspeed-model", "module", "module."),
    "megatron": (megatron(), "megatron", "model", "model."),
    "fairseq": (fairseq(), "fairseq", "model", "model."),
    "detectron2": (
        {"model": weights(), "trainer": {"_trainer": {"optimizer": stepped()}}, "iteration": 5},
        "detectron2",
        "model",
        "model.",
    ),
    "detectron2 zoo": (
        {"model": {k: v.numpy() for k, v in weights().items()}, "__author__": "x", "matching_heuristics": True},
        "detectron2",
        "model",
        "model.",
    ),
    "dino": (
        {
            "student": weights(1, "module."),
            "teacher": weights(),
            "optimizer": stepped(),
            "dino_loss": {"center": torch.ones(1, 2)},
        },
        "dino",
        "teacher",
        "teacher.",
    ),
    "stylegan2": (
        {"g": weights(1), "d": weights(2, width=5), "g_ema": weights(), "g_optim": stepped(), "d_optim": stepped()},
        "stylegan2",
        "g_ema",
        "g_ema.",
    ),
    "3dmppe": (
        {"epoch": 2, "network": weights(prefix="module."), "optimizer": stepped()},
        "3dmppe",
        "network",
        "network.module.",
    ),
    "tutorial": (
        {"epoch": 2, "model_state_dict": weights(), "optimizer_state_dict": stepped(), "loss": torch.tensor(0.5)},
        "torch-tutorial",
        "model_state_dict",
        "model_state_dict.",
    ),
    "own loop": (
        {"model": weights(), "criterion": weights(2, width=5), "opt": stepped()},
        "training-loop",
        "model",
        "model.",
    ),
    "own loop, random state beside": (
        {"model": weights(), "rng": torch.get_rng_state()},
        "training-loop",
        "model",
        "model.",
    ),
    "unknown key": ({"net_g_weights": weights(), "epoch": 3}, "training-loop", "net_g_weights", "net_g_weights."),
    "unknown key, random states beside": (
        {"net_g_weights": weights(), "rng_state": {"cpu": torch.get_rng_state(), "gpu": torch.get_rng_state()}},
        "training-loop",
        "net_g_weights",
        "net_g_weights.",
    ),
    "int key": ({0: weights(), "epoch": 3}, "training-loop", "0", "0."),
    "checkpoint in a key": (
        {"checkpoint": {"model": weights(), "optimizer": stepped()}, "epoch": 3},
        "training-loop",
        "checkpoint.model",
        "checkpoint.model.",
    ),
    "three nested wrappers": (
        {"state_dict": weights(prefix="model._orig_mod.module.")},
        "training-loop",
        "state_dict",
        "state_dict.model._orig_mod.module.",
    ),
    "list of one": ([weights()], "training-loop", "0", "0."),
    "list with an optimizer": ([weights(), stepped(), 7], "training-loop", "0", "0."),
    "average of torch": (
        torch.optim.swa_utils.AveragedModel(network()).state_dict(),
        "state-dict",
        "",
        "module.",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_the_model_is_found_in_each_layout(tmp_path: Path, name: str) -> None:
    value, layout, key, prefix = FILES[name]
    found = fingerprint(tmp_path / "x.pt", value)
    assert (layout_of(found).name, layout_of(found).model_key, found.model_prefix) == (layout, key, prefix)
    names = [t.model_name for t in found.model_tensors]
    assert names == ([f"language_model.{n}" for n in NAMES] if name == "megatron" else NAMES)
    assert layout_of(found).open_questions == ()
    assert bool(layout_of(found).source) == any(rule.name == layout for rule in RULES)
    assert found.parameters == 4 * 3 + 3 + 3 + 3 + 3 * 2 + 2


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_whole_module_is_its_own_layout(tmp_path: Path, protocol: int) -> None:
    found = fingerprint(tmp_path / "x.pt", torch.nn.DataParallel(network()), pickle_protocol=protocol)
    assert (layout_of(found).name, found.model_prefix) == ("module", "module.")
    assert fingerprint(tmp_path / "x.pt", torch.ones(3)).layout == CheckpointLayout(name="tensor")


@pytest.mark.parametrize(
    ("value", "layout", "question"),
    [
        ({"netG": weights(), "netD": weights(1, width=5)}, "gan", "model-key"),
        ({"generator": weights(), "discriminator": weights(1)}, "gan", "model-key"),
        ({"student": weights(), "teacher": weights(1)}, "several-models", "model-key"),
        ({"encoder": weights(), "decoder": weights(1)}, "several-models", "model-key"),
        ([weights(), weights(1)], "list", "list-entry"),
        ({0: weights(), 1: weights(1)}, "list", "list-entry"),
    ],
)
def test_where_no_rule_says_which_is_the_model_it_stays_open(
    tmp_path: Path, value: Any, layout: str, question: str
) -> None:
    found = layout_of(fingerprint(tmp_path / "x.pt", value))
    assert (found.name, found.model_key, found.open_questions) == (layout, "", (question,))
    assert len(found.parts) == 2


def test_averages_are_compared_with_the_model(tmp_path: Path) -> None:
    average = copy.deepcopy(weights())
    average["0.weight"] += 1
    value = FILES["timm"][0] | {"state_dict_ema": average}
    (part,) = layout_of(fingerprint(tmp_path / "x.pt", value)).parts
    assert (part.key, part.kind) == ("state_dict_ema", "average")
    assert (part.tensors, part.matched, part.equal) == (len(NAMES), len(NAMES), len(NAMES) - 1)


def test_what_a_hook_swapped_before_it_saved_is_the_trained_model(tmp_path: Path) -> None:
    value = FILES["mmengine"][0] | {"ema_state_dict": weights(1, "module.") | {"steps": torch.tensor(3)}}
    (part,) = layout_of(fingerprint(tmp_path / "x.pt", value)).parts
    assert (part.kind, part.tensors, part.matched) == ("trained", len(NAMES) + 1, len(NAMES))


@pytest.mark.parametrize("kept", ["nested", "flat"])
def test_an_average_among_the_models_own_names_is_not_the_model(tmp_path: Path, kept: str) -> None:
    average = {
        "nested": {f"ema_model.{k}": v + 1 for k, v in weights().items()},
        # as latent-diffusion names them, without dots
        "flat": {f"model_ema.{k.replace('.', '')}": v + 1 for k, v in weights().items() if "num" not in k},
    }[kept]
    value = lightning() | {"state_dict": {**weights(prefix="model."), **average, "model_ema.decay": torch.tensor(0.9)}}
    if kept == "nested":
        del value["state_dict"]["model_ema.decay"]
    found = fingerprint(tmp_path / "x.pt", value)
    assert [t.model_name for t in found.model_tensors] == NAMES
    (part,) = layout_of(found).parts
    head = "ema_model" if kept == "nested" else "model_ema"
    assert (part.key, part.kind, part.equal) == (f"state_dict.{head}", "average", 0)
    assert part.matched == len(average)


def test_an_average_kept_as_a_list_follows_the_parameters(tmp_path: Path) -> None:
    shadow = [p.detach().clone() for p in network().parameters()]
    value = {"model": weights(), "ema": {"decay": 0.9, "num_updates": 3, "shadow_params": shadow}}
    (part,) = layout_of(fingerprint(tmp_path / "x.pt", value)).parts
    assert (part.kind, part.tensors, part.matched, part.equal) == ("average", 6, 6, 6)


def test_tied_weights_are_listed_together(tmp_path: Path) -> None:
    shared = torch.randn(5, 4)
    value = {"embed.weight": shared, "head.weight": shared, "other": shared.clone(), "part": shared[:2]}
    found = layout_of(fingerprint(tmp_path / "x.pt", value))
    assert (found.tied, found.tied_groups) == ((("embed.weight", "head.weight"),), 1)


OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], Dict, tuple[str, ...]]] = {
    "SGD": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}, ("SGD",)),
    "Adam": (torch.optim.Adam, {}, ("Adam",)),
    "Adam, amsgrad": (torch.optim.Adam, {"amsgrad": True}, ("Adam",)),
    "AdamW": (torch.optim.AdamW, {}, ("AdamW",)),
    "RAdam": (torch.optim.RAdam, {}, ("RAdam",)),
    "NAdam": (torch.optim.NAdam, {}, ("NAdam",)),
    "Adamax": (torch.optim.Adamax, {}, ("Adamax",)),
    "Adadelta": (torch.optim.Adadelta, {}, ("Adadelta",)),
    "Adagrad": (torch.optim.Adagrad, {}, ("Adagrad",)),
    "RMSprop": (torch.optim.RMSprop, {"momentum": 0.5, "centered": True}, ("RMSprop",)),
    "Rprop": (torch.optim.Rprop, {}, ("Rprop",)),
    "ASGD": (torch.optim.ASGD, {}, ("ASGD",)),
    "Adafactor": (torch.optim.Adafactor, {}, ("Adafactor",)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_torchs_optimizers_are_told_by_what_they_keep(tmp_path: Path, name: str) -> None:
    kind, options, algorithms = OPTIMIZERS[name]
    found = layout_of(fingerprint(tmp_path / "x.pt", {"model": weights(), "whatever": stepped(kind, **options)}))
    (optimizer,) = found.optimizers
    assert (optimizer.key, optimizer.algorithms) == ("whatever", algorithms)
    assert found.model_key == "model"


def test_an_optimizer_with_a_closure_is_told_too(tmp_path: Path) -> None:
    model = network()
    optimizer = torch.optim.LBFGS(model.parameters())

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = model(torch.ones(5, 4)).square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)
    found = layout_of(fingerprint(tmp_path / "x.pt", optimizer.state_dict()))
    assert (found.name, found.optimizers[0].algorithms) == ("optimizer-state", ("LBFGS",))


def handmade(*keys: str, group: Dict | None = None) -> Dict:
    state = {i: {key: torch.ones(2) for key in keys} for i in range(2)}
    return {"state": state, "param_groups": [{"lr": 0.1, "params": [0, 1], **(group or {})}]}


@pytest.mark.parametrize(
    ("state", "algorithms"),
    [
        (handmade("exp_avg"), ("Lion",)),
        (handmade("step", "RMS", "exp_avg_sq_row", "exp_avg_sq_col"), ("Adafactor (transformers)",)),
        (handmade("step", "exp_avg", "exp_avg_sq", "GG", "Q"), ("SOAP",)),
        (handmade("step", "momentum_buffer", "precond_0", "inv_precond_0", "precond_1", "inv_precond_1"), ("Shampoo",)),
        (handmade("step", "s", "p0", "exp_avg", "exp_avg_sq"), ("Prodigy",)),
        (
            handmade("step", "state1", "state2", "qmap1", "qmap2", "absmax1", "absmax2"),
            ("bitsandbytes (state1, state2)",),
        ),
        (handmade("step", "exp_avg", "exp_avg_sq", group={"amsgrad": False, "weight_decay": 0}), ("Adam", "AdamW")),
        (handmade("step", "mystery"), ()),
    ],
)
def test_other_optimizers_by_their_state(tmp_path: Path, state: Dict, algorithms: tuple[str, ...]) -> None:
    found = layout_of(fingerprint(tmp_path / "x.pt", {"model": weights(), "opt": state}))
    assert found.optimizers[0].algorithms == algorithms
    assert found.open_questions == (() if len(algorithms) == 1 else ("optimizer",))


def test_a_state_by_parameter_names_is_told_as_well(tmp_path: Path) -> None:
    state = {name: {"step": torch.tensor(1.0), "exp_avg": v, "exp_avg_sq": v} for name, v in weights().items()}
    group = {"amsgrad": False, "decoupled_weight_decay": True, "weight_decay": 0.1, "params": list(state)}
    found = layout_of(
        fingerprint(tmp_path / "x.pt", {"model": weights(), "optim": {"state": state, "param_groups": [group]}})
    )
    assert found.optimizers[0].algorithms == ("AdamW",)


def test_zeros_partitions_hold_no_model(tmp_path: Path) -> None:
    zero = {
        "optimizer_state_dict": {
            "zero_stage": 2,
            "partition_count": [2],
            "base_optimizer_state": handmade("step", "exp_avg", "exp_avg_sq"),
            "single_partition_of_fp32_groups": [torch.ones(8)],
        },
        "ds_config": {},
        "ds_version": "0.18.0",
    }
    found = fingerprint(tmp_path / "x.pt", zero)
    layout = layout_of(found)
    assert (layout.name, layout.zero_stage, found.model_tensors) == ("deepspeed-optimizer", 2, ())
    assert "weights-elsewhere" in layout.open_questions
    emptied = deepspeed_model() | {"module": {k: torch.empty(0) for k in NAMES}}
    assert layout_of(fingerprint(tmp_path / "x.pt", emptied)).open_questions == ("weights-elsewhere",)


def test_a_stage_that_is_an_enumerations_member_is_read(tmp_path: Path) -> None:
    from builders import pickle_bytes, tensor_call, write_torch_zip

    stage = Call("deepspeed.runtime.zero.config", "ZeroStageEnum", (3,))
    root = {"optimizer_state_dict": {"zero_stage": stage, "fp32_flat_groups": [tensor_call("0", (2,))]}}
    path = write_torch_zip(tmp_path / "x", pickle_bytes(root), {"0": bytes(8)})
    with open_checkpoint(path) as reader:
        found = fingerprint_checkpoint(path.name, reader.container, reader, depth="digests")
    assert layout_of(found).zero_stage == 3


def test_files_without_a_model_have_none(tmp_path: Path) -> None:
    accelerate = {
        "step": 3,
        "random_state": random.getstate(),
        "numpy_random_seed": np.random.get_state(),
        "torch_manual_seed": torch.get_rng_state(),
    }
    trainer = {"python": random.getstate(), "numpy": np.random.get_state(), "cpu": torch.get_rng_state()}
    for value, layout in (
        (accelerate, "accelerate-random-state"),
        (trainer, "trainer-random-state"),
        (stepped(), "optimizer-state"),
        ({"epoch": 3}, "no-tensors"),
    ):
        found = fingerprint(tmp_path / "x.pt", value)
        assert (layout_of(found).name, found.model_tensors) == (layout, ())
        assert found.weights_digest is None


def test_flattened_parameters_are_told(tmp_path: Path) -> None:
    value = {"_fsdp_wrapped_module._flat_param": torch.ones(9)}
    found = layout_of(fingerprint(tmp_path / "x.pt", value))
    assert (found.name, found.open_questions) == ("fsdp-flat", ("weights-flat",))


def test_a_key_made_to_be_looked_at_again_and_again_is_not(tmp_path: Path) -> None:
    started = time.perf_counter()
    assert not names_average("ema_" * 20_000 + "\n")
    assert time.perf_counter() - started < 0.5
    value = {"model": {"9" * 5000: torch.ones(1)}, "ema": {"shadow_params." + "9" * 5000: torch.ones(1)}}
    assert layout_of(fingerprint(tmp_path / "x.pt", value)).model_key == "model"
