"""Multiply-accumulates and parameters by rule, beside the figures of a paper."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

CountingRule = Literal["convolutions", "all-operations"]
"""Which multiply-accumulates are counted."""


class OperationCount(Struct, frozen=True, kw_only=True):
    """One network for one image of 256x256, by each rule, against the paper's figure.

    A difference is the count divided by the paper's figure, less 1; None where either is unknown.

    Attributes:
        architecture: Id.
        upsampling_blocks: That the head was counted with.
        conv_macs: Multiply-accumulates of the convolutions alone.
        all_macs: Multiply-accumulates of all operations, by the counter's rule; None where none counted.
        counter: Its name and version; empty where none counted.
        paper_giga: The paper's figure, in 10^9; None where it has none.
        paper_source: Key of the source; empty where it has none.
        conv_difference: Of ``conv_macs``.
        all_difference: Of ``all_macs``.
        flops: Twice ``conv_macs``: floating-point operations, the figure taken literally.
        flops_difference: Of ``flops``.
    """

    architecture: str
    upsampling_blocks: int
    conv_macs: int
    all_macs: int | None
    counter: str
    paper_giga: float | None
    paper_source: str
    conv_difference: float | None
    all_difference: float | None
    flops: int
    flops_difference: float | None


class ParameterCount(Struct, frozen=True, kw_only=True):
    """The parameters of one network against the paper's figure.

    Attributes:
        architecture: Id.
        parameters: Elements of the trained tensors.
        paper_mega: The paper's figure, in 10^6; None where it has none.
        paper_source: Key of the source; empty where it has none.
        difference: ``parameters`` divided by the figure, less 1; None where it has none.
    """

    architecture: str
    parameters: int
    paper_mega: float | None
    paper_source: str
    difference: float | None


class PaperReading(Struct, frozen=True, kw_only=True):
    """The one reading under which every figure of the paper agrees; the differences are magnitudes.

    Attributes:
        rule: Of the counting.
        upsampling_blocks: Of the networks.
        largest_difference: From the paper's figures, under this reading.
        least_with_other_blocks: From them, with any other number of blocks, by either rule.
        least_taken_literally: From them, with any number of blocks, as floating-point operations.
    """

    rule: CountingRule
    upsampling_blocks: int
    largest_difference: float
    least_with_other_blocks: float
    least_taken_literally: float


class Operations(Struct, frozen=True, kw_only=True):
    """What the architectures with a choice of upsampling blocks cost.

    Attributes:
        counts: Multiply-accumulates by each counting rule.
        parameters: Numbers of parameters, beside those of the paper.
        reading: The one reading of the paper's figures that fits; None where none or several do.
    """

    counts: tuple[OperationCount, ...]
    parameters: tuple[ParameterCount, ...]
    reading: PaperReading | None = None
