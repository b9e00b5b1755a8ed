"""What a report becomes for a GitHub issue: where it is published, the text in forms of falling length, the files."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from generators.model.claim import Outcome

Forms = tuple[Callable[[], str], ...]
"""Writes a section of the text: in full first, then shorter and shorter. An empty text leaves the section out."""


class PublishedProject(Struct, frozen=True, kw_only=True):
    """Where what is told can be looked up, and from what it was made.

    Attributes:
        site_url: Of the published site, ending with ``/``; empty where none is known.
        is_pinned: Whether the site under that address stays as it is at ``commit``.
        default_language: Language whose pages lie at the site's root; each other's lie below its code.
        repository: Web address of the project's repository, without a slash at its end; empty where none is known.
        commit: All digits of the commit; empty outside of git.
        committed_at: Date and time of the commit, ISO 8601; empty outside of git.
        is_clean: Whether the project's files are the commit's.
    """

    site_url: str = ""
    is_pinned: bool = False
    default_language: str = "en"
    repository: str = ""
    commit: str = ""
    committed_at: str = ""
    is_clean: bool = False

    def language_url(self, language: str) -> str:
        """Return the address of a language's pages, ending with ``/``; empty where no site is known."""
        if not self.site_url or language == self.default_language:
            return self.site_url
        return f"{self.site_url}{language}/"

    def shared_from(self, language: str) -> str:
        """Return where the files lie that all languages share, as seen from the start of a language's pages."""
        return "" if language == self.default_language else "../"


class IssueFile(Struct, frozen=True, kw_only=True):
    """A file of the bundle.

    Attributes:
        name: Its name, without a folder.
        data: Its bytes.
    """

    name: str
    data: bytes


class PublishedState(Struct, frozen=True, kw_only=True):
    """What a published site says of the state it was built from, in ``published.json`` of each language's.

    Attributes:
        report: Id of the report.
        version: Of Assay.
        code_digest: Of its source.
        lock_sha256: Digest of the lock.
        outcomes: (claim, verdict) of each claim, in the order of the report.
    """

    report: str
    version: str
    code_digest: str
    lock_sha256: str
    outcomes: tuple[tuple[str, Outcome], ...]


class IssueBundle(Struct, frozen=True, kw_only=True):
    """All that is posted or attached.

    Attributes:
        report: Id of the report.
        language: Code of the language.
        title: Of the issue.
        body: GitHub Markdown.
        shortened: Sections that aren't shown in full, in the order in which they were shortened.
        attachments: Charts and evidence.
        links: Addresses of the body, without what follows ``#``.
        site_url: Root of the language's published pages, ending with ``/``; empty where none is known.
        state: What the published site has to be made from.
    """

    report: str
    language: str
    title: str
    body: str
    shortened: tuple[str, ...]
    attachments: tuple[IssueFile, ...]
    links: tuple[str, ...]
    site_url: str
    state: PublishedState
