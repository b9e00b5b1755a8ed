"""Accuracies for pages: measured in full, on a sample, on other data, and not at all."""

from __future__ import annotations

from msgspec.structs import replace
from render.report_builder import FAMILY, absent_checkpoint, control, fingerprint

from generators.architectures.skeleton import JOINTS
from generators.evaluate.human36m.skeleton import ACTIONS
from generators.judge import compare_figures
from generators.model.accuracy import (
    Accuracy,
    AccuracyRun,
    ActionError,
    DataSetFacts,
    JointError,
    PixelRange,
    UntestedReason,
)
from generators.model.evidence import SubjectEvidence
from generators.model.metric import Figure, Protocol

P2 = Protocol(
    id="h36m-p2-mpjpe",
    metric="MPJPE",
    dataset="Human3.6M",
    subjects="S9, S11",
    alignment="root",
    frame_step=64,
    flip_test=True,
    boxes="ground-truth",
    training_subjects="S1, S5, S6, S7, S8",
    assumed=("boxes", "flip_test"),
    locator="UP 08352ee main/config.py",
)
P1 = replace(
    P2,
    id="h36m-p1-pa-mpjpe",
    metric="PA-MPJPE",
    subjects="S11",
    alignment="rigid-no-scale",
    training_subjects="S1, S5, S6, S7, S8, S9",
)
PROTOCOLS = (P1, P2)


def figure(value: float = 51.05, protocol: str = P2.id, **changes: object) -> Figure:
    quantity = "mpjpe" if protocol == P2.id else "pa-mpjpe"
    given = Figure(
        id=f"paper-{quantity}",
        architecture="convnextpose-m",
        quantity=quantity,
        value=value,
        unit="mm",
        protocol=protocol,
        source="PAPER",
        locator="table 5",
        second_hand=False,
    )
    return replace(given, **changes)


def run(protocol: Protocol = P2, error_mm: float = 51.2, **changes: object) -> AccuracyRun:
    made = AccuracyRun(
        id=protocol.id,
        protocol=protocol.id,
        measured_as=replace(protocol, training_subjects="", assumed=(), locator=""),
        error_mm=error_mm,
        action_mean_mm=error_mm + 0.5,
        interval_low_mm=error_mm - 2.5,
        interval_high_mm=error_mm + 2.75,
        confidence=0.95,
        resamples=10_000,
        seed=20231010,
        images=8695,
        images_total=8695,
        takes=60,
        recognised=True,
        whole=True,
        actions=tuple(
            ActionError(name=name, images=500 + number, error_mm=error_mm - 8 + number)
            for number, name in ACTIONS.items()
        ),
        joints=tuple(JointError(name=name, error_mm=4.0 * number) for number, name in enumerate(JOINTS[:17])),
    )
    return replace(made, **changes)


def measured(
    *runs: AccuracyRun, recognised: bool = True, figures: tuple[Figure, ...] = (), **changes: object
) -> Accuracy:
    runs = runs or (run(), run(P1, 34.6, images=3683, images_total=3683, takes=30))
    made = Accuracy(
        status="measured",
        architecture="convnextpose-m",
        device=control("control-s", "convnextpose-s").evaluation.device,  # type: ignore[union-attr]
        data_set=DataSetFacts(
            layout="Human3.6M",
            recognised=recognised,
            images=8695 if recognised else 48,
            images_expected=8695,
            videos=239 if recognised else 24,
            annotations_sha256="ab" * 32,
        ),
        batch_size=16,
        seconds=1000.0,
        measured_at="2026-11-24T10:00:00+00:00",
        code_digest="0123456789ab",
        runs=runs,
        pixel_range=PixelRange(images=16, published_error_mm=50.5, unit_error_mm=412.25),
    )
    changed = replace(made, **changes)
    return replace(changed, comparisons=compare_figures(figures, PROTOCOLS, changed))


def untested(reason: UntestedReason, *figures: Figure, detail: str = "") -> Accuracy:
    made = Accuracy(status="untested", reason=reason, detail=detail)
    return replace(made, comparisons=compare_figures(figures, PROTOCOLS, made))


def measured_checkpoint(accuracy: Accuracy) -> SubjectEvidence:
    return replace(
        absent_checkpoint(),
        available=True,
        unavailable_reason="",
        lock_match="size",
        fingerprint=fingerprint(FAMILY[2], damaged=False),
        accuracy=accuracy,
    )
