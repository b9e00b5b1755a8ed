"""Counts by rule beside the paper's figures: which rule, and how many upsampling blocks, does the paper mean?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.model.evaluation import MacCount
from generators.model.evidence import ArchitectureFacts, Report, SubjectEvidence
from generators.model.metric import Figure
from generators.model.operations import CountingRule, OperationCount, Operations, PaperReading, ParameterCount

GIGA = 10**9
MEGA = 10**6
FLOPS_PER_MAC = 2
"""A multiplication and an addition."""
AGREEMENT = 0.02
"""Largest difference under which a count is taken for the paper's: rules differ by about 1 % in what they add to the
convolutions, a figure with two decimals by less than 0.2 %, another number of blocks by more than 10 %."""


def count_operations(
    architectures: Sequence[ArchitectureFacts], subjects: Sequence[SubjectEvidence], report: Report
) -> Operations:
    """Return the counts of every architecture whose head can have several numbers of upsampling blocks.

    Args:
        architectures: With the convolutions' count in closed form.
        subjects: Whose evaluations have the count of all operations.
        report: With the paper's figures; those that are second hand are left out.
    """
    in_question = [a for a in architectures if a.published_upsampling]
    counts = tuple(count for a in in_question for count in _counts(a, subjects, report))
    return Operations(
        counts=counts,
        parameters=tuple(_parameters(a, report) for a in in_question),
        reading=read_paper(counts),
    )


def read_paper(counts: Sequence[OperationCount]) -> PaperReading | None:
    """Return what the paper's figures count, where exactly one number of blocks fits all of them; else None."""
    known = [count for count in counts if count.conv_difference is not None]
    blocks = [b for b in dict.fromkeys(c.upsampling_blocks for c in known) if _fits(known, b)]
    if len(blocks) != 1:
        return None
    rule, largest = _best_rule([c for c in known if c.upsampling_blocks == blocks[0]])
    others = [d for c in known if c.upsampling_blocks != blocks[0] for d in _differences(c)]
    literal = [abs(c.flops_difference) for c in known if c.flops_difference is not None]
    if min(others, default=0.0) <= AGREEMENT or min(literal) <= AGREEMENT:
        return None
    return PaperReading(
        rule=rule,
        upsampling_blocks=blocks[0],
        largest_difference=largest,
        least_with_other_blocks=min(others),
        least_taken_literally=min(literal),
    )


def _fits(counts: Sequence[OperationCount], upsampling_blocks: int) -> bool:
    return _best_rule([c for c in counts if c.upsampling_blocks == upsampling_blocks])[1] <= AGREEMENT


def _best_rule(counts: Sequence[OperationCount]) -> tuple[CountingRule, float]:
    """Return the rule whose largest difference is the smaller one."""
    convolutions = max(abs(c.conv_difference or 0.0) for c in counts)
    everything = [abs(c.all_difference) for c in counts if c.all_difference is not None]
    if len(everything) == len(counts) and max(everything) < convolutions:
        return "all-operations", max(everything)
    return "convolutions", convolutions


def _differences(count: OperationCount) -> Iterator[float]:
    yield from (abs(d) for d in (count.conv_difference, count.all_difference) if d is not None)


def _counts(
    architecture: ArchitectureFacts, subjects: Sequence[SubjectEvidence], report: Report
) -> Iterator[OperationCount]:
    figure = _figure(report, architecture.id, "macs")
    for count in architecture.macs:
        counted = _counted(architecture.id, count.upsampling_blocks, subjects)
        all_macs = counted.all_macs if counted else None
        paper = figure.value * GIGA if figure else None
        yield OperationCount(
            architecture=architecture.id,
            upsampling_blocks=count.upsampling_blocks,
            conv_macs=count.conv_macs,
            all_macs=all_macs,
            counter=counted.counter if counted else "",
            paper_giga=figure.value if figure else None,
            paper_source=figure.source if figure else "",
            conv_difference=_difference(count.conv_macs, paper),
            all_difference=_difference(all_macs, paper),
            flops=FLOPS_PER_MAC * count.conv_macs,
            flops_difference=_difference(FLOPS_PER_MAC * count.conv_macs, paper),
        )


def _parameters(architecture: ArchitectureFacts, report: Report) -> ParameterCount:
    figure = _figure(report, architecture.id, "parameters")
    return ParameterCount(
        architecture=architecture.id,
        parameters=architecture.parameters,
        paper_mega=figure.value if figure else None,
        paper_source=figure.source if figure else "",
        difference=_difference(architecture.parameters, figure.value * MEGA if figure else None),
    )


def _figure(report: Report, architecture: str, quantity: str) -> Figure | None:
    figures = (
        f for f in report.figures if (f.architecture, f.quantity, f.second_hand) == (architecture, quantity, False)
    )
    return next(figures, None)


def _counted(architecture: str, upsampling_blocks: int, subjects: Sequence[SubjectEvidence]) -> MacCount | None:
    """Return a count of all operations that some evaluation of the architecture made."""
    evaluations = (s.evaluation for s in subjects if s.evaluation and s.evaluation.architecture == architecture)
    counts = (count for evaluation in evaluations for count in evaluation.macs)
    return next((c for c in counts if c.upsampling_blocks == upsampling_blocks and c.all_macs is not None), None)


def _difference(count: float | None, figure: float | None) -> float | None:
    return None if count is None or not figure else count / figure - 1
