"""What the bytes of a checkpoint alone tell of its training: nothing is run, and tensors may be missing."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

TrainingState = Literal["trained", "untrained", "barely", "shuffled-like", "cannot-tell"]
"""What weights alone bear; the words are the catalog messages ``training-state`` and ``training-meaning`` / name."""

TrainingReason = Literal[
    "structure-and-steps",
    "as-drawn",
    "few-steps",
    "steps-without-structure",
    "too-little-read",
    "parts-differ",
    "no-yardstick",
    "between",
]
"""Which line of the rule gave the state; the words are the catalog message ``training-reason`` / name."""

InitialiserKind = Literal["normal", "truncated-normal", "constant"]

DeadBy = Literal["running-variance", "zero-filter"]
"""How a dead channel shows; the words are the catalog message ``dead-by`` / name."""


class Initialiser(Struct, frozen=True, kw_only=True):
    """What the published code draws a kind of layer's values from before training.

    Attributes:
        kind: ``normal``, ``truncated-normal`` or ``constant``.
        mean: Of the distribution before it is cut; of a constant, its value.
        std: Of the distribution before it is cut; 0 for a constant.
        cut: Distance from the mean beyond which nothing is drawn; None where nothing is cut.
        source: Where the published code says so.
    """

    kind: InitialiserKind
    mean: float = 0.0
    std: float = 0.0
    cut: float | None = None
    source: str = ""


class Spectrum(Struct, frozen=True, kw_only=True):
    """The singular values of a layer's centred matrix, held against those of noise.

    Attributes:
        rows: Rows of the matrix that was measured: output channels, or inputs where these are fewer.
        columns: Its columns.
        edge_ratio: Largest singular value, as a multiple of the Marchenko-Pastur edge of noise of that shape and
            deviation.
        shuffled_ratio: Largest singular value, as a multiple of that of the same values in shuffled order.
        beyond_edge: Singular values beyond the edge, as a share of all.
        stable_rank_share: Squared Frobenius norm over the largest squared singular value, as a share of ``rows``.
        effective_rank_share: Exponential of the entropy of the squared singular values, as a share of ``rows``.
        structured: Whether the largest singular value stands out from the edge and from the shuffled values.
    """

    rows: int
    columns: int
    edge_ratio: float
    shuffled_ratio: float
    beyond_edge: float
    stable_rank_share: float
    effective_rank_share: float
    structured: bool


class LayerEvidence(Struct, frozen=True, kw_only=True):
    """One floating-point parameter of the model.

    Attributes:
        name: The published name; the name in the model where no architecture was identified. Hostile text.
        shape: Sizes.
        elements: Elements that were measured, the first ones of a very large tensor.
        initialiser: What the published code draws it from; None where that isn't known.
        distance: Kolmogorov-Smirnov distance from the initialiser's distribution, 0 to 1; of a constant one, the share
            of elements that differ from the constant. None without an initialiser or a finite value.
        chance_distance: Distance that as many draws of the initialiser reach once in a thousand times; 0 for a
            constant.
        std_ratio: Standard deviation as a multiple of the initialiser's; None for a constant.
        displacement: Of a constant initialiser: the largest distance of an element from the constant.
        spectrum: None where the tensor is no matrix, or too small or too uniform for one.
    """

    name: str
    shape: tuple[int, ...]
    elements: int
    initialiser: Initialiser | None = None
    distance: float | None = None
    chance_distance: float | None = None
    std_ratio: float | None = None
    displacement: float | None = None
    spectrum: Spectrum | None = None


class NormalisationEvidence(Struct, frozen=True, kw_only=True):
    """The running statistics of one normalisation layer.

    Attributes:
        name: Of the layer. Hostile text.
        channels: How many.
        mean_distance: Root mean square of the running means, which start at 0.
        smallest_variance: Of the running variances, which start at 1.
        largest_variance: Likewise.
        moved: Whether any of them isn't at its start.
        batches_at_least: Batches that must have been seen for the smallest variance to be so small.
    """

    name: str
    channels: int
    mean_distance: float
    smallest_variance: float
    largest_variance: float
    moved: bool
    batches_at_least: int


class DeadChannels(Struct, frozen=True, kw_only=True):
    """Channels of one layer that carry nothing.

    Attributes:
        name: Of the layer. Hostile text.
        by: How it shows.
        channels: Channels of the layer.
        dead: How many are dead.
        indices: The first of them, counted from 0.
    """

    name: str
    by: DeadBy
    channels: int
    dead: int
    indices: tuple[int, ...]


class MomentsEvidence(Struct, frozen=True, kw_only=True):
    """The optimizer's running averages of gradients (Adam's kind), held against the weights.

    Attributes:
        parameters: Parameters of the model, as the file's index names them.
        with_moments: Parameters that have both averages.
        shapes_agree: Averages with the shape of the parameter that they belong to, both of a pair.
        unread: Averages whose bytes the file lacks.
        nonfinite: Averages with a value that isn't finite.
        negative: Averages of squares with a negative value, which no squares have.
        all_zero: Averages of squares that are zero throughout: a parameter without any gradient.
        beyond_bound: Pairs in which the average is larger than its squares' average allows.
        steps_agree: Whether the optimizer's steps are the batches that the normalisation layers counted; None where
            either is unknown.
        consistent: Whether all of this is as a real optimizer's; None where nothing could be held against anything.
    """

    parameters: int
    with_moments: int
    shapes_agree: int
    unread: int
    nonfinite: int
    negative: int
    all_zero: int
    beyond_bound: int
    steps_agree: bool | None
    consistent: bool | None


class TrainingSetMatch(Struct, frozen=True, kw_only=True):
    """A published training set whose size the counters are consistent with; no proof that it was used.

    Attributes:
        id: Of the training set; the words are the catalog message ``training-set`` / id.
        samples_minimum: Fewest samples an epoch that its published size allows.
        samples_maximum: Most.
        sources: Where the published figures are from.
    """

    id: str
    samples_minimum: int
    samples_maximum: int
    sources: tuple[str, ...]


class CounterEvidence(Struct, frozen=True, kw_only=True):
    """What the counters imply.

    Attributes:
        iterations: That all counters tell; None where they differ or there are none.
        iterations_per_epoch: As the odometer has it.
        batch_size: Samples an iteration, as the published code has it: an assumption; None without an architecture.
        samples_per_epoch_minimum: Fewest samples that make that many iterations, the last batch being partial.
        samples_per_epoch_maximum: Most.
        consistent_with: Published training sets of that size.
    """

    iterations: int | None
    iterations_per_epoch: int | None
    batch_size: int | None = None
    samples_per_epoch_minimum: int | None = None
    samples_per_epoch_maximum: int | None = None
    consistent_with: tuple[TrainingSetMatch, ...] = ()


class PartStructure(Struct, frozen=True, kw_only=True):
    """Structure in one part of the network, such as the backbone.

    Attributes:
        name: First step of its tensors' names. Hostile text.
        layers: Layers with a spectrum.
        structured: How many of them stand out from noise.
        pretrained: Whether the published code starts this part from another task's weights: what is seen in it tells
            nothing of the training that the file is said to have had.
    """

    name: str
    layers: int
    structured: int
    pretrained: bool = False


class TrainingSummary(Struct, frozen=True, kw_only=True):
    """What the rule decides on.

    Attributes:
        layers_with_spectrum: Layers whose spectrum was measured.
        layers_structured: How many of them stand out from noise.
        parts: The same for each part of the network.
        layers_with_distance: Layers whose initialiser is known and draws at random.
        layers_moved: How many of them are further from it than chance allows.
        constants: Tensors whose initialiser is a constant.
        constants_moved: How many of them have left it.
        normalisation_layers: Layers with running statistics.
        normalisation_layers_moved: How many of them have left their start.
        batches_at_least: Batches without which no running variance becomes so small; None without one. Parts that
            start pretrained don't count.
        steps_at_least: Optimizer steps without which, at the published learning rate, no constant gets so far; None
            where no constant is known. Parts that start pretrained don't count.
        counters_agree: Whether the counters tell at least the iterations that the values need; None without counters.
    """

    layers_with_spectrum: int
    layers_structured: int
    parts: tuple[PartStructure, ...]
    layers_with_distance: int
    layers_moved: int
    constants: int
    constants_moved: int
    normalisation_layers: int
    normalisation_layers_moved: int
    batches_at_least: int | None
    steps_at_least: int | None
    counters_agree: bool | None


class TrainingRule(Struct, frozen=True, kw_only=True):
    """The bounds that the rule holds a summary against.

    Attributes:
        fewest_layers: Layers with a spectrum, below which nothing is concluded.
        few_steps: Batches or steps, below which there was hardly any training.
        margin: Multiple of the edge, and of the shuffled values' largest, from which on a layer stands out from noise.
        structured_share: Share of each part's layers that must stand out.
        noise_share: Share of layers that may do so, or be further from the initialiser than chance, in noise.
    """

    fewest_layers: int
    few_steps: int
    margin: float
    structured_share: float
    noise_share: float


class TrainingEvidence(Struct, frozen=True, kw_only=True):
    """All that weights alone tell of one checkpoint's training.

    Attributes:
        state: The conclusion.
        reason: The line of the rule that gave it.
        summary: What the rule decided on.
        rule: The rule's bounds.
        read: Tensors of the model whose bytes were there.
        declared: Tensors of the model that the index names.
        counters: What the counters imply.
        layers: Each floating-point parameter that was read, in the checkpoint's order.
        normalisation: Each layer with running statistics.
        dead: Layers with dead channels.
        moments: None where the file has no optimizer state of Adam's kind.
    """

    state: TrainingState
    reason: TrainingReason
    summary: TrainingSummary
    rule: TrainingRule
    read: int
    declared: int
    counters: CounterEvidence
    layers: tuple[LayerEvidence, ...]
    normalisation: tuple[NormalisationEvidence, ...]
    dead: tuple[DeadChannels, ...]
    moments: MomentsEvidence | None
