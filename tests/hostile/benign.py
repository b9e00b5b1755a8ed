"""Ordinary checkpoints, laid out as the frameworks do it: nothing bad may be said of them.

Most are written by torch itself where it is installed to do so; all hold a few numbers only.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from hostile.case import Carrier, Case


def benign_cases() -> Iterator[Case]:
    """Yield an ordinary file for each layout."""
    for name, (make, told) in _LAYOUTS.items():
        yield Case(id=f"benign-{name}", kind="benign", content=make, **told)


def _saved(make: Callable[[], Any], **told: Any) -> Callable[[], bytes]:
    def content() -> bytes:
        import torch

        torch.manual_seed(0)
        stream = io.BytesIO()
        with warnings.catch_warnings(action="ignore"):  # sparse layouts are in beta, quantized ones on their way out
            torch.save(make(), stream, **told)
        return stream.getvalue()

    return content


def _network() -> Any:
    from torch import nn

    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4, 2))


def _trained() -> tuple[Any, Any]:
    import torch

    network = _network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return network, optimizer


def _state() -> Any:
    return _network().state_dict()


def _training() -> Any:
    network, optimizer = _trained()
    return {"epoch": 68, "network": network.state_dict(), "optimizer": optimizer.state_dict()}


def _parallel() -> Any:
    return {"state_dict": OrderedDict((f"module.{name}", value) for name, value in _state().items())}


def _lightning() -> Any:
    network, optimizer = _trained()
    return {
        "epoch": 3,
        "global_step": 120,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": OrderedDict((f"model.{name}", value) for name, value in network.state_dict().items()),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 3, "completed": 3}}}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val'}": {"best_model_score": 0.5, "dirpath": "out"}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [{"base_lrs": [0.001], "last_epoch": 3, "_step_count": 4}],
        "hparams_name": "kwargs",
        "hyper_parameters": {"lr": 0.001, "depths": [2, 2, 6, 2]},
    }


def _timm() -> Any:
    network, optimizer = _trained()
    state = network.state_dict()
    return {
        "epoch": 1,
        "arch": "tiny",
        "state_dict": state,
        "state_dict_ema": state,
        "optimizer": optimizer.state_dict(),
        "metric": 81.2,
        "version": 2,
    }


def _mmengine() -> Any:
    return {
        "meta": {"epoch": 2, "iter": 100, "cfg": "model = dict(type='X')\n", "dataset_meta": {"CLASSES": ("a", "b")}},
        "state_dict": _state(),
        "message_hub": {"log_scalars": {}, "runtime_info": OrderedDict(), "resumed_keys": OrderedDict()},
    }


def _argparse() -> Any:
    from argparse import Namespace

    return {"args": Namespace(lr=0.1, name="x", gpus=[0, 1]), "model": _state()}


def _numpy_scalars() -> Any:
    import numpy as np

    return {"best": np.float64(0.25), "history": np.arange(4.0), "state_dict": _state()}


def _datetime() -> Any:
    moment = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    return {"saved": moment, "folder": PurePosixPath("runs/1"), "state_dict": _state()}


def _dtypes() -> Any:
    import torch

    kinds = (torch.float16, torch.bfloat16, torch.int8, torch.uint8, torch.bool, torch.complex64, torch.float8_e4m3fn)
    return {str(kind): torch.zeros(3, dtype=kind) for kind in kinds}


def _tied() -> Any:
    import torch

    shared = torch.arange(12.0).reshape(3, 4)
    return {"embedding.weight": shared, "head.weight": shared, "view": shared.t(), "row": shared[1]}


def _sparse() -> Any:
    import torch

    return {"coo": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr()}


def _quantized() -> Any:
    import torch

    return {"q": torch.quantize_per_tensor(torch.arange(4.0), 0.1, 10, torch.quint8)}


def _random_state() -> Any:
    import torch

    return {"rng": torch.get_rng_state(), "state_dict": _state()}


def _safetensors() -> bytes:
    from safetensors.torch import save

    return save({name: value.contiguous() for name, value in _state().items()}, {"format": "pt"})


_SAFE: Carrier = "safetensors"
_OLD: Carrier = "torch-legacy"
_LAYOUTS: dict[str, tuple[Callable[[], bytes], dict[str, Any]]] = {
    "state-dict": (_saved(_state), {}),
    "state-dict-pth": (_saved(_state), {"suffix": ".pth"}),
    "state-dict-bin": (_saved(_state), {"suffix": ".bin"}),
    "training": (_saved(_training), {"suffix": ".pth"}),
    "data-parallel": (_saved(_parallel), {}),
    "lightning": (_saved(_lightning), {"suffix": ".ckpt"}),
    "timm": (_saved(_timm), {"suffix": ".pth"}),
    "mmengine": (_saved(_mmengine), {"suffix": ".pth"}),
    "namespace": (_saved(_argparse), {}),
    "numpy-values": (_saved(_numpy_scalars), {}),
    "dates-and-paths": (_saved(_datetime), {}),
    "number-formats": (_saved(_dtypes), {}),
    "tied-weights": (_saved(_tied), {}),
    "sparse": (_saved(_sparse), {}),
    "quantized": (_saved(_quantized), {}),
    "random-state": (_saved(_random_state), {}),
    "protocol-4": (_saved(_training, pickle_protocol=4), {}),
    "legacy": (_saved(_training, _use_new_zipfile_serialization=False), {"carrier": _OLD, "suffix": ".pth"}),
    "safetensors": (_safetensors, {"carrier": _SAFE, "suffix": ".safetensors"}),
}
