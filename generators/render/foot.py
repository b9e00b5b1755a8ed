"""What stands at the foot of each page: when it was built, from what, on what evidence, and how to build it again."""

from __future__ import annotations

import functools

from msgspec import Struct

from generators.model.evidence import Build
from generators.render.catalog import load_catalog
from generators.render.markup import html_code
from generators.render.values import Values

_SHOWN_DIGITS = 12
FOOT = ("built", "version", "commit", "lock", "code", "kinds", "rebuild", "more")
"""Names of the facts, by the code of their message."""


class Foot(Struct, frozen=True, kw_only=True):
    """The foot of a page, as HTML.

    Attributes:
        label: What it is, for who can't see it.
        facts: Name and value.
        more: Words of the link to all about the build.
    """

    label: str
    facts: tuple[tuple[str, str], ...]
    more: str


@functools.cache
def make_foot(build: Build, commit: str, kinds: tuple[str, ...], locale: str) -> Foot:
    """Return the foot of a page in a language.

    Args:
        build: When and from what the site was built.
        commit: Of the project, ``-dirty`` behind it where files were changed since; empty where there is none.
        kinds: Kinds of evidence that the page shows.
        locale: The language.
    """
    catalog = load_catalog(locale)
    shown = " ".join(f'<span class="badge kind-{kind}">{catalog.message("kind", kind)}</span>' for kind in kinds)
    facts = (
        ("built", Values(catalog).date(build.date)),
        ("version", html_code(build.version)),
        ("commit", html_code(_shortened(commit)) if commit else ""),
        ("lock", html_code(build.lock_sha256[:_SHOWN_DIGITS])),
        ("code", html_code(build.code_digest)),
        ("kinds", shown),
        ("rebuild", html_code(build.rebuild) if build.rebuild else ""),
    )
    return Foot(
        label=catalog.message("foot", "label"),
        facts=tuple((catalog.message("foot", code), value) for code, value in facts if value),
        more=catalog.message("foot", "more"),
    )


def _shortened(commit: str) -> str:
    """Return a commit's first digits, with what git says behind it of a changed folder."""
    digits, dash, state = commit.partition("-")
    return digits[:_SHOWN_DIGITS] + dash + state
