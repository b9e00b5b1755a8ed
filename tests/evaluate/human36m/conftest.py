from __future__ import annotations

from pathlib import Path

import pytest
from human36m_layout import STEP, Person, people, write_data_set

from generators.evaluate.human36m.test_set import TestSet, read_test_set
from generators.model.metric import Protocol

P1 = Protocol(
    id="p1", metric="PA-MPJPE", dataset="Human3.6M", subjects="S11", alignment="rigid-no-scale", frame_step=STEP
)
P1_SCALED = Protocol(
    id="p1-scaled",
    metric="PA-MPJPE",
    dataset="Human3.6M",
    subjects="S11",
    alignment="rigid-with-scale",
    frame_step=STEP,
)
P2 = Protocol(id="p2", metric="MPJPE", dataset="Human3.6M", subjects="S9, S11", alignment="root", frame_step=STEP)


@pytest.fixture(scope="session")
def everyone() -> tuple[Person, ...]:
    return people()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, everyone: tuple[Person, ...]) -> Path:
    return write_data_set(tmp_path_factory.mktemp("data") / "set", everyone)


@pytest.fixture(scope="session")
def data(folder: Path) -> TestSet:
    return read_test_set(folder, (9, 11), STEP)
