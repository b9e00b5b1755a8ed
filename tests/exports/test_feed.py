from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from exports.sample import CONDITIONS, HOSTILE_TEXT, REPORT, words
from lxml import etree

from generators.exports.feed import ATOM, atom_feed
from generators.judge.flips import claim_states
from generators.model.claim import Outcome
from generators.model.conditions import Cause
from generators.model.exports import FeedEntry
from generators.model.history import VerdictFlip, VerdictHistory, VerdictRecord
from generators.render.catalog import LOCALES, load_catalog
from generators.render.words import feed_entries

ADDRESS = "https://example.org/assay/"
NS = {"a": ATOM}


def record(date: str, *flips: VerdictFlip) -> VerdictRecord:
    return VerdictRecord(
        recorded_at=f"2026-11-{date}T10:00:00+00:00",
        conditions=CONDITIONS,
        lock_sha256="ab" * 32,
        files=(),
        claims=claim_states(REPORT.verdicts),
        flips=flips,
    )


def flip(claim: str, before: Outcome | None, after: Outcome | None, *causes: Cause) -> VerdictFlip:
    return VerdictFlip(claim=claim, before=before, after=after, causes=causes)


HISTORY = VerdictHistory(
    report="convnextpose",
    records=(
        record("20"),
        record("21", flip("xs-dims", "untested", "refuted", "file"), flip("old-claim", "refuted", None)),
        record("22"),
        record("23", flip("m-figures", None, "supported")),
    ),
)


def feed(history: VerdictHistory | None, locale: str = "en", address: str = ADDRESS) -> Any:
    entries = feed_entries(REPORT, history, locale)
    data = atom_feed("convnextpose", words(locale), entries, address, "0.1.0")
    root = etree.fromstring(data)
    check_atom(root)
    return root


def check_atom(root: Any) -> None:
    """Hold a feed against what RFC 4287 asks of feeds and entries."""
    assert root.tag == f"{{{ATOM}}}feed"
    ids = [element.text for element in root.iterfind(".//a:id", NS)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", text) for text in ids)
    for element in (root, *root.iterfind("a:entry", NS)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", NS)) == 1
            assert element.findtext(f"a:{name}", namespaces=NS)
        moment = datetime.fromisoformat(element.findtext("a:updated", namespaces=NS))
        assert moment.tzinfo is not None
    assert root.findtext("a:author/a:name", namespaces=NS)
    assert [link.get("rel") for link in root.findall("a:link", NS)] == ["self", "alternate"]
    updated = [element.text for element in root.iterfind("a:entry/a:updated", NS)]
    assert root.findtext("a:updated", namespaces=NS) == max(updated)


def titles(root: Any) -> list[str]:
    return [element.text for element in root.iterfind("a:entry/a:title", NS)]


def test_without_a_history_the_feed_tells_the_present_state() -> None:
    root = feed(None)
    assert titles(root) == ["The verdicts at present"]
    (entry,) = root.findall("a:entry", NS)
    assert entry.findtext("a:content", namespaces=NS) == "refuted: 2 · supported: 1 · cannot tell: 1 · untested: 1"
    assert entry.findtext("a:updated", namespaces=NS) == REPORT.build.date


@pytest.mark.parametrize("locale", LOCALES)
def test_each_change_is_an_entry_with_before_and_after_newest_first(locale: str) -> None:
    catalog = load_catalog(locale)

    def outcome(code: str) -> str:
        return catalog.message("outcome", code)

    def title(claim: str) -> str:
        return catalog.message("claim-title", claim)

    assert titles(feed(HISTORY, locale)) == [
        f"{title('m-figures')}: {catalog.message('feed', 'new')} → {outcome('supported')}",
        f"{title('xs-dims')}: {outcome('untested')} → {outcome('refuted')}",
        f"old-claim: {outcome('refuted')} → {catalog.message('feed', 'gone')}",
        catalog.message("feed", "first"),
    ]


def test_a_change_says_what_changed_with_it_or_that_nothing_is_known() -> None:
    contents = [element.text for element in feed(HISTORY).iterfind("a:entry/a:content", NS)]
    assert contents[0].endswith("What changed with it was not recorded.")
    assert contents[1].endswith("The file's content changed.")


def test_an_entry_leads_to_the_claim_it_is_about() -> None:
    links = [link.get("href") for link in feed(HISTORY).iterfind("a:entry/a:link", NS)]
    assert links[0] == f"{ADDRESS}claims/#claim-m-figures"
    gone, first = links[-2:]
    assert gone == first == f"{ADDRESS}claims/"


def test_ids_stay_when_the_site_moves_and_history_grows() -> None:
    shorter = VerdictHistory(report="convnextpose", records=HISTORY.records[:2])

    def ids(root: Any) -> list[str]:
        return [element.text for element in root.iterfind("a:entry/a:id", NS)]

    assert ids(feed(shorter, address="https://elsewhere.example/")) == ids(feed(HISTORY))[1:]


def test_hostile_text_is_text() -> None:
    entry = FeedEntry(key="k", updated="2026-11-20T10:00:00+00:00", title=HOSTILE_TEXT, text=HOSTILE_TEXT, page="")
    root = etree.fromstring(atom_feed("r", words(), [entry], "", "0.1.0"))
    assert root.findtext("a:entry/a:title", namespaces=NS).startswith("⟨U+0000⟩⟨U+001B⟩[31m]]></failure></script>")
