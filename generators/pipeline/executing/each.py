"""One task for each item: results in the order of the items, whatever happens to workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Generic

from msgspec import Struct

from generators.errors import ExecutorError
from generators.pipeline.executing.crew import Crew, Item, Result

GIVEN_PER_WORKER = 2
"""One that a worker works on, and one that it finds when that is done."""
MOST_AHEAD = 1000
"""Results that wait for an earlier one at most, so that one slow file doesn't fill the memory."""


class WorkerDied(Struct, frozen=True, kw_only=True):
    """In place of a result: each worker that got the item died, also with no other item beside it."""


WORKER_DIED = WorkerDied()
Progress = Callable[[int], None]
"""Is told how many items are done."""


def run_each(
    task: Callable[[Item], Result], items: Sequence[Item], crew: Crew, progress: Progress = lambda _: None
) -> Iterator[Result | WorkerDied]:
    """Yield the task's result for each item, in order.

    When a worker dies, nobody can say which of the items given out did it. Each of them is given again with no other
    beside it: an item that ends its workers then too is alone to blame, and the others have their results.

    Args:
        task: A function of this package: workers find it by its name.
        items: What to do it for.
        crew: Who does it.
        progress: Is told when items are done.

    Raises:
        ExecutorError: There are no workers any more.
    """
    work = _Work(task, items, crew, progress)
    for number in range(len(items)):
        yield work.result_of(number)


class _Work(Generic[Item, Result]):
    def __init__(self, task: Callable[[Item], Result], items: Sequence[Item], crew: Crew, progress: Progress) -> None:
        self._task, self._items, self._crew, self._progress = task, items, crew, progress
        self._given: dict[Future[Result], int] = {}
        self._next = 0
        self._finished = 0
        self._results: dict[int, Result | WorkerDied] = {}

    def result_of(self, number: int) -> Result | WorkerDied:
        while number not in self._results:
            self._give(number)
            suspects = self._take(wait(self._given, return_when=FIRST_COMPLETED).done)
            if suspects:
                # of those beside them, some are done and some went down with the same workers
                suspects += self._take(wait(self._given).done)
                self._crew.renew()
                for suspect in sorted(suspects):
                    self._keep(suspect, self._try_alone(self._items[suspect]))
        return self._results.pop(number)

    def _give(self, due: int) -> None:
        last = min(len(self._items), due + MOST_AHEAD)
        while self._next < last and len(self._given) < GIVEN_PER_WORKER * self._crew.workers:
            self._given[self._submit(self._items[self._next])] = self._next
            self._next += 1

    def _submit(self, item: Item) -> Future[Result]:
        try:
            return self._crew.submit(self._task, item)
        except self._crew.deaths as death:
            failed: Future[Result] = Future()
            failed.set_exception(death)
            return failed
        except self._crew.losses as problem:
            raise _lost() from problem

    def _take(self, done: set[Future[Result]]) -> list[int]:
        """Keep the results, and return the items whose workers died."""
        suspects = []
        for future in done:
            number = self._given.pop(future)
            try:
                self._keep(number, future.result())
            except self._crew.deaths:
                suspects.append(number)
            except self._crew.losses as problem:
                raise _lost() from problem
        return suspects

    def _keep(self, number: int, result: Result | WorkerDied) -> None:
        self._results[number] = result
        self._finished += 1
        self._progress(self._finished)

    def _try_alone(self, item: Item) -> Result | WorkerDied:
        for _ in range(self._crew.trials_alone):
            try:
                return self._submit(item).result()
            except self._crew.deaths:
                self._crew.renew()
            except self._crew.losses as problem:
                raise _lost() from problem
        return WORKER_DIED


def _lost() -> ExecutorError:
    return ExecutorError(
        "lost",
        "the connection to the workers broke",
        remedy="look at the scheduler, and run the command again",
    )
