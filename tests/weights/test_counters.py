from __future__ import annotations

from weights.files import design

from generators.architectures import find_architecture
from generators.architectures.training import training_figures, training_sets
from generators.model.architecture import Architecture
from generators.model.fingerprint import Odometer
from generators.weights.counters import read_counters


def odometer(per_epoch: int | None, iterations: int = 69) -> Odometer:
    return Odometer(
        epoch=68,
        optimizer_steps=(iterations,),
        batches_tracked=(iterations,),
        iterations_per_epoch=per_epoch,
        agree=True,
    )


def read(architecture: Architecture, found: Odometer) -> tuple[int | None, int | None, tuple[str, ...]]:
    counters = read_counters(found, training_figures(architecture), training_sets(architecture))
    matches = tuple(match.id for match in counters.consistent_with)
    return counters.samples_per_epoch_minimum, counters.samples_per_epoch_maximum, matches


def test_the_iterations_of_an_epoch_tell_its_samples_to_a_batch() -> None:
    assert read(design(), odometer(19_512)) == (624_353, 624_384, ("human36m-p2-and-2d",))


def test_an_epoch_of_another_length_is_consistent_with_nothing() -> None:
    for iterations in (19_000, 19_496, 19_528, 9_756):
        assert read(design(), odometer(iterations))[2] == ()


def test_the_published_size_has_its_own_margin() -> None:
    # 2 x 311,951 to 2 x 312,430 samples at 32 a batch
    assert [read(design(), odometer(n))[2] != () for n in (19_497, 19_527)] == [True, True]


def test_a_single_iteration_and_an_unknown_design_imply_nothing() -> None:
    assert read(design(), odometer(1)) == (None, None, ())
    assert read(design(), odometer(None)) == (None, None, ())
    assert read_counters(odometer(19_512), None, ()).batch_size is None


def test_a_family_without_a_published_size_is_consistent_with_nothing() -> None:
    rootnet = find_architecture("rootnet-resnet50")
    assert rootnet is not None
    assert read(rootnet, odometer(19_512)) == (624_353, 624_384, ())


def test_counters_that_differ_tell_no_number_of_iterations() -> None:
    found = Odometer(epoch=None, optimizer_steps=(3,), batches_tracked=(4,), iterations_per_epoch=None, agree=False)
    assert read_counters(found, None, ()).iterations is None
