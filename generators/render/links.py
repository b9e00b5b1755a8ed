"""Relative addresses between the pages of a site, and the file names they stand on.

Pages are published as folders (``claims.md`` as ``claims/``, MkDocs' default),
so that a relative address depends on both ends.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from generators.errors import RenderError
from generators.model.finding import Finding
from generators.model.fingerprint import TensorFingerprint

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST_ANCHOR = 120
SHARED = ("charts/", "evidence/", "exports/tensors-", "exports/verdicts.")
"""How the paths of files begin that are the same in every language."""
_DIGEST_DIGITS = 10


def check_id(text: str) -> str:
    """Return an id that may stand in a path, an anchor and a page title.

    Raises:
        RenderError: It has other characters than ``[A-Za-z0-9._-]``, or is only dots.
    """
    if not _SAFE_ID.fullmatch(text) or not text.strip("."):
        raise RenderError(
            "unsafe-id",
            f"the id {text!r} can't be part of a page's address",
            remedy="Use only the characters A-Z a-z 0-9 . _ - in ids.",
        )
    return text


def page_url(path: str) -> str:
    """Return the address of a file of the docs folder, from the site's root; pages end with ``/``."""
    if not path.endswith(".md"):
        return path
    stem = path.removesuffix(".md")
    if stem == "index":
        return ""
    return stem.removesuffix("/index") + "/"


def claim_place(claim: str = "") -> str:
    """Return the address of a claim's verdict, from the site's root; of all verdicts where no claim is named."""
    return f"{page_url('claims.md')}#claim-{check_id(claim)}" if claim else page_url("claims.md")


def relative_url(source: str, target: str, anchor: str = "") -> str:
    """Return the address of ``target`` as seen from the page ``source``; both are paths in the docs folder."""
    fragment = f"#{anchor}" if anchor else ""
    start, end = page_url(source), page_url(target)
    if start == end and anchor:
        return fragment
    relative = posixpath.relpath(end or ".", start or ".")
    slash = "/" if target.endswith(".md") else ""
    return f"{relative}{slash}{fragment}"


def is_shared(path: str) -> bool:
    """Whether a file of the docs folder is the same in every language: a site has it once, at its start."""
    return path.startswith(SHARED)


def tensor_anchors(tensors: Iterable[TensorFingerprint]) -> tuple[str, ...]:
    """Return where a page has each tensor, by its name; a name that can't stand in an address, by its digest."""
    return tuple(_each_once(_named("tensor", tensor.model_name or tensor.name) for tensor in tensors))


def finding_anchors(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return where a page has each finding: by its code, and the digest of what it is about."""
    return tuple(_each_once(f"finding-{check_id(f.code)}-{_digest(f.where, f.expected, f.found)}" for f in findings))


def _named(kind: str, name: str) -> str:
    is_safe = _SAFE_ID.fullmatch(name) and len(name) <= _LONGEST_ANCHOR
    return f"{kind}-{name}" if is_safe else f"{kind}--{_digest(name)}"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogatepass")).hexdigest()[:_DIGEST_DIGITS]


def _each_once(anchors: Iterable[str]) -> Iterator[str]:
    """Yield the anchors; one that was there already gets the number of its turn."""
    seen: Counter[str] = Counter()
    for anchor in anchors:
        seen[anchor] += 1
        yield anchor if seen[anchor] == 1 else f"{anchor}--{seen[anchor]}"
