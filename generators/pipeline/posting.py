"""A bundle to GitHub: what it links to is there, what is there already is found, and only then something is written."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from msgspec import Struct

from generators.errors import SourceError
from generators.model.issue import IssueBundle, PublishedState
from generators.pipeline.issue import post_of
from generators.pipeline.publishing import PUBLISHED_STATE
from generators.sources.github_issues import Plan, Post, Target, plan_post
from generators.sources.published import read_published_state, require_published
from generators.sources.redaction import shown_address


class PreparedPost(Struct, frozen=True, kw_only=True):
    """A post, and what it would do."""

    post: Post
    plan: Plan


def prepare_post(bundle: IssueBundle, target: Target) -> PreparedPost:
    """Return what would be posted where; nothing is written.

    Raises:
        SourceError: The report isn't published in this state, a link leads to nothing, or GitHub refuses.
    """
    if not bundle.site_url:
        raise SourceError(
            "unpublished",
            "no published site is known, and GitHub takes no files with what is posted: its charts would be missing",
            remedy="name the site in ASSAY_SITE_URL, or paste the text in a browser and attach the files by hand",
        )
    post = post_of(bundle)
    plan = plan_post(target, post)
    _require_same_state(bundle)
    require_published(bundle.links)
    return PreparedPost(post=post, plan=plan)


def _require_same_state(bundle: IssueBundle) -> None:
    address = urljoin(bundle.site_url, PUBLISHED_STATE)
    differing = ", ".join(_differences(bundle.state, read_published_state(address)))
    if differing:
        raise SourceError(
            "other-state",
            f"the published site was built from another state: {differing}",
            where=shown_address(address),
            remedy="publish this state first, or check out what is published",
        )


def _differences(ours: PublishedState, published: PublishedState) -> Iterator[str]:
    if ours.report != published.report:
        yield "another report"
    if (ours.version, ours.code_digest) != (published.version, published.code_digest):
        yield "other code"
    if ours.lock_sha256 != published.lock_sha256:
        yield "another checkpoints.lock"
    if ours.outcomes != published.outcomes:
        yield "other verdicts"
