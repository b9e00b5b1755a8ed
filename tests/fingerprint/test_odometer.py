from __future__ import annotations

from generators.fingerprint.odometer import read_odometer
from generators.model.checkpoint import ObjectEntry


def _epoch(value: int) -> ObjectEntry:
    return ObjectEntry(path="epoch", type="int", text=str(value), number=value)


def test_counters_that_agree_give_the_iterations_of_an_epoch() -> None:
    odometer = read_odometer([_epoch(68)], [1_346_328] * 3, [1_346_328] * 2)
    assert odometer.iterations_per_epoch == 19_512
    assert odometer.agree is True
    assert odometer.optimizer_steps == odometer.batches_tracked == (1_346_328,)


def test_counters_that_disagree_are_told() -> None:
    odometer = read_odometer([_epoch(0)], [10], [11])
    assert odometer.agree is False
    assert odometer.iterations_per_epoch is None


def test_iterations_that_no_whole_number_of_epochs_gives_disagree() -> None:
    assert read_odometer([_epoch(2)], [10], [10]).agree is False


def test_one_counter_alone_has_nothing_to_agree_with() -> None:
    assert read_odometer([], [], [5]).agree is None
    assert read_odometer([_epoch(3)], [], []).agree is None


def test_plain_step_numbers_of_older_optimizers_count() -> None:
    step = ObjectEntry(path="optimizer.state.0.step", type="int", text="6", number=6)
    odometer = read_odometer([_epoch(2), step], [], [])
    assert odometer.optimizer_steps == (6,)
    assert odometer.iterations_per_epoch == 2


def test_the_steps_of_an_optimizer_under_another_key_count_and_a_negative_one_does_not() -> None:
    objects = [
        ObjectEntry(path="optim.state.0.step", type="int", text="6", number=6),
        ObjectEntry(path="optim.state.1.step", type="int", text="-6", number=-6),
    ]
    assert read_odometer(objects, [], []).optimizer_steps == (6,)


def test_an_epoch_that_is_no_count_is_ignored() -> None:
    wrong = ObjectEntry(path="epoch", type="float", text="nan", number=float("nan"))
    assert read_odometer([wrong], [4], [4]).epoch is None
