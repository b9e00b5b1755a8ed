"""A chart's light and dark file as one SVG element that follows the reader's colours.

Both files are the same drawing in other colours. Each pair of colours becomes a
CSS variable. The ids that matplotlib gives to what it draws often are digests of
its look, colours included; they are numbered anew, with the chart's name in front,
so that both files are alike and many charts can stand in one page.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from lxml import etree
from msgspec import Struct

_ID = re.compile(r"(?P<before>\bid=\"|\bhref=\"#|url\(#)(?P<id>[^\")]+)")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_COLOURED = {"fill": "#000000", "stroke": "none"}
"""Properties that have a colour, with what they are where nothing is said: matplotlib leaves black fills out."""
_SVG = "{http://www.w3.org/2000/svg}"

Pair = tuple[str, str]
"""A colour in the light and in the dark drawing."""


class InlineChart(Struct, frozen=True, kw_only=True):
    """A chart that can stand in a page.

    Attributes:
        svg: The element.
        pairs: Its colours; :func:`colour_rules` makes them known to a page.
    """

    svg: str
    pairs: tuple[Pair, ...]


def inline_chart(light: bytes, dark: bytes, name: str, words: str) -> InlineChart:
    """Return a chart as an element.

    Args:
        light: The file for light pages.
        dark: The same drawing for dark ones; where it is another drawing, the light one is shown on both.
        name: Of the chart, unique in the page.
        words: What it shows, for those who don't see it.
    """
    root, other = _read(light, name), _read(dark, name) if dark else None
    if other is None or not _is_same_drawing(root, other):
        other = _read(light, name)
    pairs = [pair for ours, theirs in zip(root.iter(), other.iter(), strict=True) for pair in _join(ours, theirs)]
    root.set("role", "img")
    root.set("aria-label", words)
    return InlineChart(svg=etree.tostring(root, encoding="unicode"), pairs=tuple(dict.fromkeys(pairs)))


def colour_rules(pairs: tuple[Pair, ...]) -> str:
    """Return the CSS that gives the charts of a page their colours."""
    light = "".join(f"{_variable(pair)}:{pair[0]};" for pair in dict.fromkeys(pairs))
    dark = "".join(f"{_variable(pair)}:{pair[1]};" for pair in dict.fromkeys(pairs))
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _variable(pair: Pair) -> str:
    return f"--chart-{pair[0][1:]}-{pair[1][1:]}"


def _read(svg: bytes, name: str) -> etree._Element:
    """Parse a drawing without what isn't drawn; nothing is loaded from elsewhere and no entity is expanded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    numbers: dict[str, str] = {}
    text = _ID.sub(lambda m: f"{m['before']}{name}--{numbers.setdefault(m['id'], str(len(numbers)))}", svg.decode())
    root = etree.fromstring(text.encode(), parser)
    for element in list(root.iter(etree.Element)):
        if element.tag in {f"{_SVG}metadata", f"{_SVG}script"}:
            element.getparent().remove(element)
            continue
        element.tail = None if element.tail is not None and not element.tail.strip() else element.tail
        element.text = None if element.text is not None and not element.text.strip() else element.text
    return root


def _is_same_drawing(light: etree._Element, dark: etree._Element) -> bool:
    """Whether two drawings differ in nothing but colours."""
    return all(
        ours is not None and theirs is not None and _without_colours(ours) == _without_colours(theirs)
        for ours, theirs in zip_longest(light.iter(), dark.iter())
    )


def _without_colours(element: etree._Element) -> tuple[object, ...]:
    attributes = {key: value for key, value in element.items() if key != "style" and key not in _COLOURED}
    style = {key: value for key, value in _style(element).items() if key not in _COLOURED}
    return element.tag, element.text, attributes, style


def _join(light: etree._Element, dark: etree._Element) -> list[Pair]:
    """Give an element both of its colours; return them."""
    ours, theirs = _style(light), _style(dark)
    pairs = []
    for name, default in _COLOURED.items():
        if name not in ours and name not in theirs:
            continue
        pair = ours.get(name, default), theirs.get(name, default)
        if all(map(_COLOUR.fullmatch, pair)):
            pairs.append(pair)
            ours[name] = f"var({_variable(pair)})"
        light.attrib.pop(name, None)
    if ours:
        light.set("style", "; ".join(f"{key}: {value}" for key, value in ours.items()))
    return pairs


def _style(element: etree._Element) -> dict[str, str]:
    """Return what an element says of its look, in its style or in attributes of their own."""
    declarations = (part.partition(":") for part in element.get("style", "").split(";"))
    said = {name.strip(): value.strip() for name, _, value in declarations if value}
    return {**{name: element.get(name) for name in _COLOURED if element.get(name)}, **said}
