"""The workers of a Dask cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress

from msgspec import Struct

from generators import __version__
from generators.errors import ExecutorError
from generators.pipeline.executing.crew import Item, Result
from generators.provenance import describe_python, digest_code

try:
    from distributed import Client, KilledWorker
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError
except ImportError as problem:
    raise ExecutorError(
        "missing-package",
        "Dask is not installed",
        remedy="install Assay with its extra `dask`, or say --executor processes",
    ) from problem

log = logging.getLogger("generators.pipeline")

CODE = (
    "architectures",
    "containers",
    "errors",
    "exit_codes",
    "fingerprint",
    "identify",
    "model",
    "pipeline",
    "sources",
)
"""Parts of the package that a result of a worker depends on, or that work and results travel by."""
CONNECT_SECONDS = 15.0
"""What the scheduler, and then its first worker, is waited for."""


class Software(Struct, frozen=True, kw_only=True):
    """What a process works with: results of another version of Assay are none of this one's."""

    version: str
    code: str
    python: str

    def __str__(self) -> str:
        return f"Assay {self.version} ({self.code}), Python {self.python}"


class _Given(Struct, frozen=True, kw_only=True):
    """An item, with the code that it is meant for: a worker may have joined since the others were asked."""

    code: str
    item: object


class DaskCrew:
    """All workers of a cluster.

    Dask itself gives what a dead worker had to others; it gives up on an item when that has happened several times
    (``distributed.scheduler.allowed-failures``). Items beside a deadly one may be blamed too: they get a turn alone.

    Args:
        address: Of the scheduler, ``host:port``.

    Raises:
        ExecutorError: There is no scheduler or no worker, or a worker has another version of Assay.
    """

    trials_alone = 1
    deaths: tuple[type[Exception], ...] = (KilledWorker,)
    losses: tuple[type[Exception], ...] = (CancelledError, ClosedClientError, CommClosedError)

    def __init__(self, address: str) -> None:
        self._address = f"dask://{address}"
        try:
            self._client = Client(f"tcp://{address}", timeout=CONNECT_SECONDS, set_as_default=False, name="assay")
        except (OSError, TimeoutError, ValueError) as problem:
            raise self._fault(
                "no-scheduler", "no scheduler answers there", "look at the address, and whether `dask scheduler` runs"
            ) from problem
        try:
            self.workers = self._meet()
        except BaseException:
            self._client.close(timeout=1)
            raise
        # what was read before may be another file by now: nothing is taken from Dask's memory
        self._executor = self._client.get_executor(pure=False)

    def submit(self, task: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Give an item to the cluster."""
        future: Future[Result] = self._executor.submit(_do, task, _Given(code=digest_code(*CODE), item=item))
        return future

    def renew(self) -> None:
        """Wait until there is a worker: dead ones are replaced by their nannies."""
        self._wait()

    def leave(self) -> None:
        """Leave the cluster; it stays."""
        self._client.close()

    def stop(self) -> None:
        """Take back what isn't done, and leave."""
        with suppress(*self.losses):
            self._executor.shutdown(wait=False)
        self._client.close(timeout=1)

    def _meet(self) -> int:
        """Return how many items the cluster does at once, once each worker has the version of Assay that is here."""
        here = describe_software()
        for place, software in self._ask_software():
            if software != here:
                raise self._fault("other-version", f"{place} has {software}; here is {here}", _SAME_VERSION)
        return sum(self._client.nthreads().values())

    def _ask_software(self) -> list[tuple[str, Software]]:
        """Return what scheduler and workers have: also the scheduler opens what is sent to them."""
        try:
            scheduler: Software = self._client.run_on_scheduler(describe_software)
            self._wait()
            workers: dict[str, Software] = self._client.run(describe_software)
        except (ImportError, AttributeError) as problem:
            raise self._fault("no-assay", f"scheduler or workers lack Assay: {problem}", _SAME_VERSION) from problem
        return [("the scheduler", scheduler), *((f"the worker {name}", found) for name, found in workers.items())]

    def _wait(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as problem:
            raise self._fault(
                "no-workers", "the scheduler has no workers", "start some with `dask worker`, where Assay is installed"
            ) from problem

    def _fault(self, code: str, what: str, remedy: str) -> ExecutorError:
        return ExecutorError(code, what, where=self._address, remedy=remedy)


_SAME_VERSION = "install the same version of Assay and of Python on client, scheduler and workers"


def describe_software() -> Software:
    """Return what this process works with."""
    return Software(version=__version__, code=digest_code(*CODE), python=describe_python())


def _do(task: Callable[[Item], Result], given: _Given) -> Result:
    if given.code != digest_code(*CODE):
        what = f"a worker that joined has {describe_software()}, the client {given.code}"
        raise ExecutorError("other-version", what, remedy=_SAME_VERSION)
    return task(given.item)  # type: ignore[arg-type]  # the item that its client gave
