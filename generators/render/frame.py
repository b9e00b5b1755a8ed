"""The frame that the site's theme puts around each page, mended and given its words.

The theme's HTML has a dialog without a name, attributes that HTML doesn't
allow on a checkbox, and a label whose control isn't there. A screen reader
stumbles over the first, a validator over the others.
"""

from __future__ import annotations

from generators.render.catalog import load_catalog
from generators.render.markup import escape_html

WORDS = (
    "copy",
    "copied",
    "filter",
    "rows-shown",
    "show-all",
    "sort",
    "table",
    "chart-keys",
    "code",
    "menu",
    "search",
)
"""What the page's own script says, by the code of its message."""


def mend_frame(html: str, locale: str) -> str:
    """Return a page of the theme as HTML has it, with a name for its search dialog."""
    name = escape_html(load_catalog(locale).message("frame", "search"))
    mended = html.replace('role="dialog">', f'role="dialog" aria-label="{name}">', 1)
    for toggle in ("__drawer", "__search"):
        mended = mended.replace(f'type="checkbox" id="{toggle}" autocomplete="off"', f'type="checkbox" id="{toggle}"')
    return mended if 'id="__toc"' in mended else mended.replace(' for="__toc"', "", 1)


def script_words(locale: str) -> dict[str, str]:
    """Return the words of the page's script in a language."""
    catalog = load_catalog(locale)
    return {code: catalog.message("frame", code) for code in WORDS}
