"""How far the work is, shown on standard error where that is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generators.render.markup import terminal_text

if TYPE_CHECKING:
    from generators.sources.download import Progress


@contextmanager
def show_reading(path: str, *, quiet: bool) -> Iterator[None]:
    """Show that a file is being read, and for how long."""
    if quiet or not sys.stderr.isatty():
        # without a terminal rich shows nothing, but takes its time
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("reading {task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as progress:
        progress.add_task(terminal_text(os.path.basename(path)))  # noqa: PTH119 - it is only shown
        yield


@contextmanager
def count_files(files: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show on standard error how many of the files are read."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bar:
        task = bar.add_task("", total=files)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def show_download(label: str, *, quiet: bool) -> Iterator[Progress]:
    """Show on standard error how far a download is, at which rate, and how long it will take."""
    from generators.pipeline.locking.fetching import report_nothing

    if quiet or not sys.stderr.isatty():
        yield report_nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
