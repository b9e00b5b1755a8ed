"""Text as XML 1.0 can hold it.

Source: XML 1.0 (fifth edition), production 2 (Char): of the control characters only tab, line feed and carriage
return; no surrogate; not U+FFFE and U+FFFF. No escape can write the others.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, indent, tostring

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return the text with every character that XML can't hold spelled as ``⟨U+0000⟩``."""
    return _UNWRITABLE.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", text)


def xml_bytes(root: Element) -> bytes:
    """Return a document as indented UTF-8."""
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
