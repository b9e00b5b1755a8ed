"""How far a network's poses are from measured ones, under which protocol, and how that bears on published figures."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.claim import Outcome
from generators.model.evaluation import Device
from generators.model.metric import Figure, Protocol, ProtocolField

UntestedReason = Literal[
    "no-file",
    "another-file",
    "weights-incomplete",
    "not-identified",
    "no-pose-network",
    "torch-missing",
    "no-data-set",
    "not-measured",
    "other-code",
    "load-refused",
    "out-of-memory",
    "not-finite",
]
"""Why nothing was measured: of the file, of the machine, or because nobody ran it yet."""
ComparisonReason = Literal[
    "not-measured",
    "data-set-unrecognised",
    "protocols-differ",
    "second-hand",
    "reproduced",
    "reproduced-in-sample",
    "interval-too-wide",
    "within-assumptions",
    "training-unknown",
    "input-doubtful",
    "not-reproduced",
]
"""What decided how a measured figure stands to a published one."""


class ActionError(Struct, frozen=True, kw_only=True):
    """The mean error over one action.

    Attributes:
        name: As the data set calls it.
        images: How many were measured.
        error_mm: Mean over their joints; None without images.
    """

    name: str
    images: int
    error_mm: float | None


class JointError(Struct, frozen=True, kw_only=True):
    """The mean error of one joint over all images.

    Attributes:
        name: Of the joint.
        error_mm: The error, in mm.
    """

    name: str
    error_mm: float


class AccuracyRun(Struct, frozen=True, kw_only=True):
    """A figure that was measured under one protocol.

    Attributes:
        id: Id of the protocol that was asked for.
        protocol: The same, for checks of a claim.
        measured_as: The protocol as it was carried out, each field known but the training subjects.
        error_mm: Mean over all joints of all images.
        action_mean_mm: Mean of the actions' means, for comparison; None where an action has no image.
        interval_low_mm: Lower end of the interval; None with fewer than two takes.
        interval_high_mm: Upper end.
        confidence: Of the interval.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.
        images: How many were measured.
        images_total: How many the protocol has in the data at hand.
        takes: How many performances the images are from: subject, action and repetition, seen by up to four cameras.
        recognised: Whether the data are the protocol's data set: a figure of other data in its layout is not one of it.
        whole: Whether they are, and every image of the protocol was measured.
        actions: In the data set's order.
        joints: In the network's order.
    """

    id: str
    protocol: str
    measured_as: Protocol
    error_mm: float
    action_mean_mm: float | None
    interval_low_mm: float | None
    interval_high_mm: float | None
    confidence: float
    resamples: int
    seed: int
    images: int
    images_total: int
    takes: int
    recognised: bool
    whole: bool
    actions: tuple[ActionError, ...]
    joints: tuple[JointError, ...]


class FigureComparison(Struct, frozen=True, kw_only=True):
    """A published figure of the architecture, and what was measured under its protocol.

    Attributes:
        figure: What was published.
        measured_mm: What was measured, under the protocol nearest to the figure's; None when nothing was.
        measured_as: Id of that protocol; empty when nothing was measured.
        tolerance_mm: Up to which difference the figure counts as reproduced.
        outcome: Whether the file bears the figure out.
        reason: Code of the reason.
        fields: The fields of the protocol that the reason is about.
    """

    figure: Figure
    measured_mm: float | None
    measured_as: str
    tolerance_mm: float
    outcome: Outcome
    reason: ComparisonReason
    fields: tuple[ProtocolField, ...] = ()


class PixelRange(Struct, frozen=True, kw_only=True):
    """Errors of a few images, with the pixels in the range of the published code and in the usual one.

    Attributes:
        images: How many.
        published_error_mm: With values from 0 to 255 before they are normalised; None where it isn't finite.
        unit_error_mm: With values from 0 to 1; None likewise.
    """

    images: int
    published_error_mm: float | None
    unit_error_mm: float | None

    @property
    def is_doubtful(self) -> bool:
        """Whether the network does better on inputs that the published code doesn't give it."""
        if self.unit_error_mm is None:
            return False
        return self.published_error_mm is None or self.unit_error_mm < self.published_error_mm


class DataSetFacts(Struct, frozen=True, kw_only=True):
    """What the data at hand are.

    Attributes:
        layout: Data set whose layout they have.
        recognised: Whether they have the data set's own number of test images and image sizes: data that don't are
            never called by its name.
        images: Test images of the protocols' subjects, at their frame step.
        images_expected: As many as the data set has.
        videos: Recordings that they are from.
        annotations_sha256: Of the SHA-256 digests of the annotation files that were read, in their order.
    """

    layout: str
    recognised: bool
    images: int
    images_expected: int
    videos: int
    annotations_sha256: str


class Accuracy(Struct, frozen=True, kw_only=True):
    """A measurement of accuracy, or the reason why there is none.

    Attributes:
        status: ``measured`` or ``untested``.
        reason: Code of the reason when untested; else empty.
        detail: What exactly, for the reason; hostile text.
        architecture: Id of the network that was run.
        device: Where it ran.
        data_set: What it ran on.
        pixel_range: Which range of pixel values the weights do better on; None when untested.
        subset: Images that were drawn for a short run; None for all.
        subset_seed: Of the draw.
        batch_size: Images in a batch.
        seconds: Of the whole run over the images.
        measured_at: Date and time in UTC, ISO 8601.
        code_digest: Of the code that measured; what other code measured is not shown.
        runs: One for each protocol.
        comparisons: One for each published figure of what the file is said to be.
    """

    status: Literal["measured", "untested"]
    reason: UntestedReason | Literal[""] = ""
    detail: str = ""
    architecture: str = ""
    device: Device | None = None
    data_set: DataSetFacts | None = None
    pixel_range: PixelRange | None = None
    subset: int | None = None
    subset_seed: int | None = None
    batch_size: int = 0
    seconds: float | None = None
    measured_at: str = ""
    code_digest: str = ""
    runs: tuple[AccuracyRun, ...] = ()
    comparisons: tuple[FigureComparison, ...] = ()
