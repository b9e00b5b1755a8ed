from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from generators.architectures.skeleton import mirrored_order
from generators.evaluate.measures.behaviour import measure
from generators.evaluate.measures.reading import Reading, read_scores
from generators.evaluate.probes.drawn import drawn_probe
from generators.evaluate.probes.variants import SHIFT_PIXELS, Probe
from generators.evaluate.rule import FEWEST_CRITERIA, REQUIREMENTS

PROBE = drawn_probe(np.random.default_rng(1))
CELLS = (16, 32, 32)


def _reading(positions: np.ndarray) -> Reading:
    sharp = np.ones((1, positions.shape[1]))
    return Reading(positions=positions[None], entropy=sharp, peak=sharp, cells=CELLS)


def _perfect(probe: Probe) -> np.ndarray:
    """Return what a network would answer that sees everything: float64[5, 18, 3]."""
    assert probe.truth is not None
    answers = np.stack([probe.truth] * 5)
    answers[1] = probe.truth[list(mirrored_order())]
    answers[1, :, 0] = 248 - answers[1, :, 0]
    answers[2, :, :2] += SHIFT_PIXELS
    return answers


def test_a_perfect_answer_misses_nothing() -> None:
    found = measure(_reading(_perfect(PROBE)), [PROBE])
    for name in ("flip", "flip-share", "shift-share", "noise", "noise-share", "brightness", "truth", "truth-share"):
        assert found[name] == pytest.approx(0, abs=1e-9), name
    assert found["limb-asymmetry"] < 0.1  # nearer limbs look larger, and the measure knows no camera
    assert found["spread"] > 40


def test_a_uniform_heatmap_passes_the_flip_test_perfectly_and_nothing_else() -> None:
    found = measure(read_scores(torch.zeros(5, 18, *CELLS)), [PROBE])
    assert found["flip"] == pytest.approx(0, abs=1e-4)
    assert found["noise"] == found["brightness"] == 0
    assert found["shift-share"] == pytest.approx(1)
    assert found["relative-entropy"] == pytest.approx(1)
    assert found["spread"] == pytest.approx(0, abs=1e-3)
    assert "flip-share" not in found
    assert "noise-share" not in found


def test_a_known_displacement_is_measured_in_pixels() -> None:
    answers = _perfect(PROBE)
    answers[3, :, :2] += [3, 4]
    answers[4, :, 0] += 2
    found = measure(_reading(answers), [PROBE])
    assert found["noise"] == pytest.approx(5)
    assert found["brightness"] == pytest.approx(2)
    assert found["noise-share"] == pytest.approx(5 / math.hypot(*SHIFT_PIXELS))


def test_without_left_and_right_swapped_the_mirror_image_disagrees() -> None:
    answers = _perfect(PROBE)
    answers[1] = answers[1][list(mirrored_order())]
    assert measure(_reading(answers), [PROBE])["flip-share"] > 0.3


def test_answers_that_are_not_finite_have_no_measures() -> None:
    answers = _perfect(PROBE)
    answers[0, 3, 1] = np.nan
    assert measure(_reading(answers), [PROBE]) == {}


def test_entropy_peak_and_position_are_those_of_the_softmax() -> None:
    scores = torch.randn(2, 18, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * 3
    reading = read_scores(scores)
    shares = np.exp(scores.double().numpy().reshape(2, 18, -1))
    shares /= shares.sum(axis=2, keepdims=True)
    assert reading.entropy[0] == pytest.approx(-(shares[0] * np.log(shares[0])).sum(axis=1), rel=1e-4)
    assert reading.peak[0] == pytest.approx(shares[0].max(axis=1), rel=1e-4)
    z, y, x = np.meshgrid(range(4), range(8), range(8), indexing="ij")
    places = np.stack([(shares * axis.ravel()).sum(axis=2) for axis in (x * 32, y * 32, (z / 4 - 0.5) * 2000)], axis=2)
    assert reading.positions[0] == pytest.approx(places, abs=0.01)


def test_a_network_of_one_joint_has_the_measures_that_apply_and_too_few_for_the_rule() -> None:
    found = measure(read_scores(torch.randn(5, 1, 64, 64)), [PROBE])
    assert set(found) == {
        "relative-entropy",
        "entropy",
        "peak",
        "flip",
        "shift-share",
        "noise",
        "noise-share",
        "brightness",
        "brightness-share",
    }
    assert sum(requirement.measure in found for requirement in REQUIREMENTS) < FEWEST_CRITERIA
