"""Which rule the paper's figures follow, and what is said where none or several do."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from generators.model.evaluation import Evaluation, MacCount
from generators.model.evidence import ArchitectureFacts, Report, SubjectEvidence
from generators.model.metric import Figure
from generators.model.operations import OperationCount, PaperReading
from generators.pipeline.evidence.counting import count_operations, read_paper

M = "convnextpose-m"


def facts(**changes: object) -> ArchitectureFacts:
    blank = ArchitectureFacts(
        id=M,
        title="M",
        family="convnextpose",
        parameters=7_587_008,
        buffers=0,
        elements=0,
        tensors=0,
        first_layer=(),
        settings=(),
        macs=(
            MacCount(upsampling_blocks=2, conv_macs=1_889_000_000),
            MacCount(upsampling_blocks=3, conv_macs=2_795_000_000),
        ),
        published_upsampling=3,
        predicted_bytes=0,
        layout_digest="",
        sources=(),
    )
    return replace(blank, **changes)


def report(*figures: tuple[str, float, bool]) -> Report:
    return Report(
        id="r",
        sources=(),
        protocols=(),
        figures=tuple(
            Figure(
                id=quantity,
                architecture=M,
                quantity=quantity,
                value=value,
                unit="G",
                protocol="",
                source="PAPER",
                locator="",
                second_hand=second_hand,
            )
            for quantity, value, second_hand in figures
        ),
        reported=(),
        claims=(),
        hypotheses=(),
        steps=(),
    )


PAPER = report(("macs", 2.82, False), ("parameters", 7.59, False))


def evaluated(all_macs: int | None) -> SubjectEvidence:
    from render.report_builder import control

    counts = (MacCount(upsampling_blocks=3, conv_macs=2_795_000_000, all_macs=all_macs, counter="counter 1"),)
    evaluation = Evaluation(status="run", architecture=M, macs=counts)
    return replace(control("control-xs", "convnextpose-xs"), evaluation=evaluation)


def count(blocks: int, conv: float, everything: float | None, literal: float) -> OperationCount:
    return OperationCount(
        architecture=M,
        upsampling_blocks=blocks,
        conv_macs=1,
        all_macs=None,
        counter="",
        paper_giga=1.0,
        paper_source="",
        conv_difference=conv,
        all_difference=everything,
        flops=2,
        flops_difference=literal,
    )


def test_differences_are_relative_to_the_papers_figure() -> None:
    two, three = count_operations([facts()], [evaluated(2_821_000_000)], PAPER).counts
    assert three.conv_difference == pytest.approx(2.795 / 2.82 - 1)
    assert three.all_difference == pytest.approx(2.821 / 2.82 - 1)
    assert three.flops_difference == pytest.approx(2 * 2.795 / 2.82 - 1)
    assert (three.counter, three.paper_giga, three.paper_source) == ("counter 1", 2.82, "PAPER")
    assert (two.all_macs, two.all_difference) == (None, None)


def test_parameters_stand_beside_the_papers() -> None:
    (found,) = count_operations([facts()], [], PAPER).parameters
    assert found.difference == pytest.approx(7.587008 / 7.59 - 1)


def test_second_hand_figures_and_networks_without_the_choice_are_left_out() -> None:
    second_hand = count_operations([facts()], [], report(("macs", 2.82, True)))
    assert all(found.paper_giga is None for found in second_hand.counts)
    assert second_hand.reading is None
    assert count_operations([facts(published_upsampling=0)], [], PAPER).counts == ()


def test_the_paper_is_read_by_the_rule_that_comes_nearest() -> None:
    everything = count_operations([facts()], [evaluated(2_821_000_000)], PAPER).reading
    assert everything is not None
    assert (everything.rule, everything.upsampling_blocks) == ("all-operations", 3)
    assert everything.largest_difference == pytest.approx(2.821 / 2.82 - 1)
    convolutions = count_operations([facts()], [evaluated(None)], PAPER).reading
    assert convolutions is not None
    assert convolutions.rule == "convolutions"


def test_one_reading_must_fit_all_figures() -> None:
    fitting = (count(3, -0.009, 0.001, 0.98), count(2, -0.33, -0.32, 0.34))
    assert read_paper(fitting) == PaperReading(
        rule="all-operations",
        upsampling_blocks=3,
        largest_difference=0.001,
        least_with_other_blocks=0.32,
        least_taken_literally=0.34,
    )
    assert read_paper((*fitting, count(3, 0.3, 0.31, 1.6))) is None


@pytest.mark.parametrize(
    "counts",
    [
        (count(3, 0.001, None, 0.98), count(2, 0.002, None, 0.9)),  # any number of blocks fits
        (count(3, 0.001, None, 0.98), count(2, -0.5, None, 0.01)),  # so does the literal reading
        (count(3, 0.001, None, 0.98),),  # nothing to tell it from
        (),
    ],
)
def test_where_several_readings_fit_or_none_nothing_is_concluded(counts: tuple[OperationCount, ...]) -> None:
    assert read_paper(counts) is None
