"""Every error that Assay raises on purpose.

One root, :class:`AssayError`, so that a caller can tell "Assay says no" from a
defect. A bad *checkpoint* is never an error of this module: it becomes a
:class:`~generators.model.finding.Finding` of the report. A bad lock, claim
file, catalog, template or command line is.
"""

from __future__ import annotations

from typing import ClassVar


class AssayError(Exception):
    """Something Assay was given is wrong, with where and what to do.

    Args:
        code: Stable identifier of the mistake, for tests and scripts.
        what: One sentence: what happened.
        where: File and line, record or key; empty when there is no place.
        remedy: One sentence: what the reader can do about it.
    """

    family: ClassVar[str] = "assay"

    def __init__(self, code: str, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.remedy = remedy

    def diagnostics(self) -> str:
        """Return the error as a person should read it, one fact a line."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        lines = [f"{head} [{self.family}.{self.code}]"]
        if self.remedy:
            lines.append(f"  what to do: {self.remedy}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.diagnostics()

    def __reduce__(self) -> tuple[object, ...]:
        # a worker's error is raised again where its result is wanted
        return _restore, (type(self), self.code, self.what, self.where, self.remedy)


def _restore(kind: type[AssayError], code: str, what: str, where: str, remedy: str) -> AssayError:
    return kind(code, what, where=where, remedy=remedy)


class LockError(AssayError):
    """``checkpoints.lock`` can't be used as it stands."""

    family = "lock"


class ClaimError(AssayError):
    """A report file under ``docs/reports/`` can't be used as it stands."""

    family = "claim"


class SourceError(AssayError):
    """A file that was asked for can't be had."""

    family = "source"


class ContainerError(AssayError):
    """A path can't be opened as a file at all (missing, a directory, no permission)."""

    family = "container"


class EvaluationError(AssayError):
    """A network can't be built or run as asked."""

    family = "evaluation"


class RenderError(AssayError):
    """A page or chart can't be written."""

    family = "render"


class StoreError(AssayError):
    """A result can't be kept."""

    family = "store"


class ExecutorError(AssayError):
    """Work on many files can't be given to the workers that were asked for."""

    family = "executor"


class CatalogError(AssayError):
    """A language catalog is missing, incomplete or malformed."""

    family = "catalog"


class StartError(AssayError):
    """A new investigation can't be started as asked."""

    family = "init"
