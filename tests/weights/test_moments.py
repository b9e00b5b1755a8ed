from __future__ import annotations

from typing import Any

import pytest
import torch
from msgspec.structs import replace
from weights.files import design

from generators.architectures.training import training_figures
from generators.model.fingerprint import Odometer, Statistics, TensorFingerprint, TensorRole
from generators.weights.moments import average_bound, check_moments

FIGURES = training_figures(design())
assert FIGURES is not None
ODOMETER = Odometer(epoch=0, optimizer_steps=(9,), batches_tracked=(9,), iterations_per_epoch=9, agree=True)


def statistics(low: float, high: float, **changes: Any) -> Statistics:
    found = Statistics(count=6, nonfinite=0, zeros=0, minimum=low, maximum=high, mean=0.0, std=1.0)
    return replace(found, **changes)


def one(name: str, role: TensorRole, values: Statistics | None, shape: tuple[int, ...] = (2, 3)) -> TensorFingerprint:
    return TensorFingerprint(
        name=name,
        model_name="w" if role == "parameter" else "",
        dtype="float32",
        shape=shape,
        strides=(3, 1),
        storage="0",
        offset=0,
        role=role,
        digest=None,
        missing=values is None,
        statistics=values,
    )


PARAMETER = one("network.w", "parameter", statistics(-1, 1))
AVERAGE = one("optimizer.state.0.exp_avg", "optimizer", statistics(-0.1, 0.1))
SQUARES = one("optimizer.state.0.exp_avg_sq", "optimizer", statistics(0, 0.04))


def test_no_gradients_take_an_average_beyond_its_bound_and_some_come_close() -> None:
    bound = average_bound(FIGURES)
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([parameter], lr=0.0, betas=(FIGURES.beta1, FIGURES.beta2))
    steps = 200
    for step in range(steps):
        parameter.grad = torch.tensor([(FIGURES.beta1 / FIGURES.beta2) ** (steps - step)])
        optimizer.step()
    state = optimizer.state[parameter]
    ratio = (state["exp_avg"] / state["exp_avg_sq"].sqrt()).item()
    assert 0.99 * bound < ratio <= bound * 1.001
    assert bound == pytest.approx(7.27, abs=0.01)


def test_averages_of_a_real_optimizer_are_consistent() -> None:
    found = check_moments((PARAMETER, AVERAGE, SQUARES), ODOMETER, FIGURES)
    assert found is not None
    assert (found.parameters, found.with_moments, found.shapes_agree) == (1, 1, 1)
    assert found.consistent
    assert found.steps_agree


@pytest.mark.parametrize(
    ("average", "squares", "field"),
    [
        (AVERAGE, replace(SQUARES, statistics=statistics(-0.001, 0.04)), "negative"),
        (replace(AVERAGE, statistics=statistics(-0.1, 0.1, nonfinite=1)), SQUARES, "nonfinite"),
        (AVERAGE, replace(SQUARES, statistics=statistics(0, 0, zeros=6)), "all_zero"),
        (replace(AVERAGE, statistics=statistics(-2, 0.1)), SQUARES, "beyond_bound"),
    ],
)
def test_what_no_optimizer_leaves_is_counted(
    average: TensorFingerprint, squares: TensorFingerprint, field: str
) -> None:
    found = check_moments((PARAMETER, average, squares), ODOMETER, FIGURES)
    assert found is not None
    assert getattr(found, field) == 1
    assert found.consistent is False


def test_another_shape_a_missing_pair_and_other_steps_are_not_consistent() -> None:
    turned = check_moments((PARAMETER, replace(AVERAGE, shape=(3, 2)), SQUARES), ODOMETER, FIGURES)
    second = one("network.v", "parameter", statistics(-1, 1))
    lacking = check_moments((PARAMETER, second, AVERAGE, SQUARES), ODOMETER, FIGURES)
    late = check_moments((PARAMETER, AVERAGE, SQUARES), replace(ODOMETER, optimizer_steps=(8,)), FIGURES)
    assert [found is not None and found.consistent for found in (turned, lacking, late)] == [False] * 3


def test_what_could_not_be_read_says_nothing() -> None:
    unread = check_moments(
        (PARAMETER, replace(AVERAGE, statistics=None), replace(SQUARES, statistics=None)), ODOMETER, FIGURES
    )
    assert unread is not None
    assert (unread.unread, unread.consistent) == (2, None)
    assert check_moments((PARAMETER,), ODOMETER, FIGURES) is None
