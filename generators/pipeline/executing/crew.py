"""Workers, whatever they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Protocol, TypeVar

from generators.pipeline.executing.choice import Dask, Inline, Processes

Item = TypeVar("Item")
Result = TypeVar("Result")


class Crew(Protocol):
    """Those who work.

    Attributes:
        workers: Items that are worked on at once.
        trials_alone: How often an item may end its worker with no other item beside it.
        deaths: What is raised by the result of an item whose worker died.
        losses: What is raised once there is no way to any worker: nobody here takes back what was given.
    """

    workers: int
    trials_alone: int
    deaths: tuple[type[Exception], ...]
    losses: tuple[type[Exception], ...]

    def submit(self, task: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Give an item to a worker, and return the promise of its result."""

    def renew(self) -> None:
        """Replace workers that died, so that the next item finds some.

        Raises:
            ExecutorError: No worker can be had.
        """

    def leave(self) -> None:
        """Let the workers go, when all is done."""

    def stop(self) -> None:
        """End them now: nobody wants the results any more."""


class Alone:
    """This process: an item is done when it is given, and what it raises is raised at once."""

    workers = 1
    trials_alone = 1
    deaths: tuple[type[Exception], ...] = ()
    losses: tuple[type[Exception], ...] = ()

    def submit(self, task: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Do it."""
        done: Future[Result] = Future()
        done.set_result(task(item))
        return done

    def renew(self) -> None:
        """Nothing dies without this process."""

    def leave(self) -> None:
        """Nobody else is there."""

    def stop(self) -> None:
        """Nobody else is there."""


@contextmanager
def gather_crew(choice: Inline | Processes | Dask) -> Iterator[Crew]:
    """Give the workers of a choice for as long as the block lasts; an error or Ctrl-C ends them at once.

    Raises:
        ExecutorError: They can't be had.
    """
    crew = _gather(choice)
    try:
        yield crew
    except BaseException:
        crew.stop()
        raise
    crew.leave()


def _gather(choice: Inline | Processes | Dask) -> Crew:
    match choice:
        case Inline():
            return Alone()
        case Processes(workers=workers):
            from generators.pipeline.executing.processes import ProcessCrew

            return ProcessCrew(workers)
        case Dask(address=address):
            from generators.pipeline.executing.dask_cluster import DaskCrew

            return DaskCrew(address)
