"""How the published codes train: what they draw weights from, at which rate, on how much data.

Figures alone, each with its source; what follows from them is computed elsewhere.
"""

from __future__ import annotations

from msgspec import Struct

from generators.architectures.stand_ins import STAND_IN_FAMILY
from generators.model.architecture import Architecture
from generators.model.training import Initialiser


class TrainingSet(Struct, frozen=True, kw_only=True):
    """A training set, by the samples of one of its epochs.

    Attributes:
        id: The words are the catalog message ``training-set`` / id.
        families: Architectures that are trained on it, by family.
        samples_minimum: Fewest samples an epoch that the published figures allow.
        samples_maximum: Most.
        sources: Where the figures are from.
    """

    id: str
    families: tuple[str, ...]
    samples_minimum: int
    samples_maximum: int
    sources: tuple[str, ...]


class TrainingFigures(Struct, frozen=True, kw_only=True):
    """How a family is trained.

    Attributes:
        learning_rate: The highest of its schedule.
        weight_decay: Decoupled, as AdamW's.
        beta1: Decay of the optimizer's average of gradients.
        beta2: Decay of its average of squared gradients.
        batch_size: Samples an iteration, on one GPU.
        convolution: What convolutions' weights are drawn from.
        pretrained: First steps of the names of what training starts from another task's weights, not from a draw.
        source: Where this is said.
    """

    learning_rate: float
    weight_decay: float
    beta1: float
    beta2: float
    batch_size: int
    convolution: Initialiser
    source: str
    pretrained: tuple[str, ...] = ()


BATCH_NORM_MOMENTUM = 0.1
"""Share of each batch in the running statistics.

Source: ``torch.nn.BatchNorm2d``, default of PyTorch 2.13, which UP, PN and RN keep.
"""
BATCH_NORM_EPSILON = 1e-5
"""Added to a variance before its root is taken. Source: as above."""
RUNNING_MEAN_START = 0.0
"""Source: ``torch.nn.modules.batchnorm`` of PyTorch 2.13, ``reset_running_stats``."""
RUNNING_VARIANCE_START = 1.0
"""Source: as above."""

HUMAN36M_FRAMES = 1_559_752
"""Frames of the five training subjects' 600 recordings.

Source: github.com/hrhodin/UnsupervisedGeometryAwareRepresentationLearning, issue 5.
"""
HUMAN36M_RECORDINGS = 600
"""Five subjects, 15 actions, two takes, four cameras."""
HUMAN36M_STEP = 5
"""Every fifth frame is trained on. Source: PN and UP ``data/Human36M/Human36M.py``, ``get_subsampling_ratio``."""
DATA_SETS = 2
"""Sets that an epoch takes equally many samples from, the larger one's number. Source: UP ``common/base.py`` and
``data/multiple_datasets.py``, ``make_same_len``."""

TRAINING_SETS: tuple[TrainingSet, ...] = (
    TrainingSet(
        id="human36m-p2-and-2d",
        families=("convnextpose",),
        # a recording of n frames has at least n / 5 fifth frames, and less than one more
        samples_minimum=DATA_SETS * -(-HUMAN36M_FRAMES // HUMAN36M_STEP),
        samples_maximum=DATA_SETS * ((HUMAN36M_FRAMES + (HUMAN36M_STEP - 1) * HUMAN36M_RECORDINGS) // HUMAN36M_STEP),
        sources=(
            "hrhodin/UnsupervisedGeometryAwareRepresentationLearning issue 5",
            "UP data/multiple_datasets.py",
            "UP main/config.py",
        ),
    ),
)

CONSTANT_ONE = Initialiser(kind="constant", mean=1.0, source="UP, PN and RN main/model.py")
CONSTANT_ZERO = Initialiser(kind="constant", mean=0.0, source="UP, PN and RN main/model.py")

# the cut is at 2, a hundred deviations away: timm's and torch's a and b are absolute
_CONVNEXTPOSE_CONVOLUTION = Initialiser(
    kind="truncated-normal", std=0.02, cut=2.0, source="UP main/model.py, common/nets/convnext_bn.py"
)
_FIGURES = {
    "convnextpose": TrainingFigures(
        learning_rate=1e-3,
        weight_decay=0.1,
        beta1=0.9,
        beta2=0.999,
        batch_size=32,
        convolution=_CONVNEXTPOSE_CONVOLUTION,
        source="UP main/config.py, common/base.py",
    ),
    # our own, for a network and a training so small: see generators/evaluate/trained.py
    STAND_IN_FAMILY: TrainingFigures(
        learning_rate=6e-3,
        weight_decay=0.1,
        beta1=0.9,
        beta2=0.999,
        batch_size=8,
        convolution=_CONVNEXTPOSE_CONVOLUTION,
        source="generators/evaluate/trained.py",
    ),
    "posenet": TrainingFigures(
        learning_rate=1e-3,
        weight_decay=0.0,
        beta1=0.9,
        beta2=0.999,
        batch_size=32,
        convolution=Initialiser(kind="normal", std=0.001, source="PN main/model.py"),
        source="PN main/config.py, common/base.py",
        pretrained=("backbone",),  # ImageNet's; PN main/model.py, get_pose_net
    ),
    "rootnet": TrainingFigures(
        learning_rate=1e-3,
        weight_decay=0.0,
        beta1=0.9,
        beta2=0.999,
        batch_size=32,
        convolution=Initialiser(kind="normal", std=0.001, source="RN main/model.py, common/nets/resnet.py"),
        source="RN main/config.py, common/base.py",
        pretrained=("backbone",),  # ImageNet's; RN main/model.py, get_pose_net
    ),
}


def training_figures(architecture: Architecture) -> TrainingFigures | None:
    """Return how the architecture's family is trained; None for a family whose training isn't described."""
    return _FIGURES.get(architecture.family)


def training_sets(architecture: Architecture) -> tuple[TrainingSet, ...]:
    """Return the training sets of the architecture's family whose size is published."""
    return tuple(s for s in TRAINING_SETS if architecture.family in s.families)


def initialisers(architecture: Architecture) -> dict[str, Initialiser]:
    """Return what each parameter is drawn from before training, by published name; nothing where that isn't known."""
    figures = training_figures(architecture)
    if figures is None:
        return {}

    def of(name: str, shape: tuple[int, ...]) -> Initialiser:
        if len(shape) > 1:
            return figures.convolution
        return CONSTANT_ONE if name.endswith(".weight") else CONSTANT_ZERO

    return {t.name: of(t.name, t.shape) for t in architecture.tensors if t.role == "parameter"}
