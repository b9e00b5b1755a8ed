"""What changed, as an Atom feed.

Ids are UUIDs of what an entry is about: they stay when the site moves.

Source: RFC 4287 (Atom), RFC 9562 (UUID version 5).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, SubElement

from generators.exports.xml_text import xml_bytes, xml_text
from generators.model.exports import FeedEntry, ReportWords

ATOM = "http://www.w3.org/2005/Atom"
FEED_PATH = "feed.xml"
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://schema.org/ClaimReview")
"""Namespace of the ids; any fixed one does."""


def atom_feed(report: str, words: ReportWords, entries: Sequence[FeedEntry], address: str, version: str) -> bytes:
    """Return the feed in the language of the words.

    Args:
        report: Id of the report.
        words: Of the report.
        entries: Newest first, at least one.
        address: Where the language's site is published, ending with ``/``; empty where that isn't known, and links are
            relative to the feed then.
        version: Of Assay.
    """
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": words.locale})
    _add(feed, "id", _urn(report, words.locale, ""))
    _add(feed, "title", f"Assay: {words.question}")
    _add(feed, "subtitle", words.description)
    _add(feed, "updated", max(entry.updated for entry in entries))
    _add(SubElement(feed, "author"), "name", "Assay")
    SubElement(feed, "generator", {"version": version}).text = "Assay"
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": urljoin(address, FEED_PATH)})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": address or "./"})
    for entry in entries:
        _add_entry(feed, entry, _urn(report, words.locale, entry.key), address)
    return xml_bytes(feed)


def _add_entry(feed: Element, entry: FeedEntry, urn: str, address: str) -> None:
    element = SubElement(feed, "entry")
    _add(element, "id", urn)
    _add(element, "title", entry.title)
    _add(element, "updated", entry.updated)
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": urljoin(address, entry.page)})
    SubElement(element, "content", {"type": "text"}).text = xml_text(entry.text)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = xml_text(text)


def _urn(*parts: str) -> str:
    return uuid.uuid5(_IDS, "/".join(parts)).urn
