"""One file of the corpus: how it is written, what class of attack it is, what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    *("calls", "names", "gadgets", "nested", "places", "zip", "layout", "exhaustion", "strings", "damage", "benign"),
]
"""Class of a case; the site has a sentence for each."""

Carrier = Literal["pickle", "torch-zip", "torch-legacy", "torch-tar", "safetensors", "other"]
"""What kind of file it is, which decides which tools can be asked about it."""

Loader = Literal["", "pickle", "torch"]
"""What fires the payload: ``pickle.loads``, ``torch.load(weights_only=False)``, or nothing at hand."""

PICKLED: frozenset[Carrier] = frozenset({"pickle", "torch-zip", "torch-legacy", "torch-tar"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file.

    Attributes:
        id: Its name in tables and in file names.
        kind: Class.
        content: Makes its bytes.
        carrier: Kind of file.
        suffix: Of its file name; scanners go by it.
        expected: Codes of findings that must all be there; empty for an ordinary file.
        advisories: Published, where someone else found the same trick first.
        stream: The pickle that carries the payload, when it isn't the file itself.
        live: What fires the payload.
        needs: Modules that the payload needs.
    """

    id: str
    kind: Kind
    content: Callable[[], bytes]
    carrier: Carrier = "torch-zip"
    suffix: str = ".pt"
    expected: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    stream: bytes | None = None
    live: Loader = ""
    needs: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """Return the name under which the case is written."""
        return f"{self.id}{self.suffix}"

    @property
    def is_benign(self) -> bool:
        """Say whether it is an ordinary file, of which nothing bad may be said."""
        return self.kind == "benign"


@dataclass(frozen=True, slots=True)
class Canary:
    """A file that a payload creates, and the ways to ask for that; nothing else is ever asked for."""

    path: str

    @property
    def shell(self) -> str:
        """A command line."""
        return f"touch {self.path}"

    @property
    def argv(self) -> list[str]:
        """The same as arguments."""
        return ["touch", self.path]

    @property
    def code(self) -> str:
        """A Python expression, which is a statement too."""
        return f"__import__('pathlib').Path({self.path!r}).touch()"
