"""A project's own sentences of its report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generators.render.catalog import use_report_texts

_HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


@contextmanager
def speaking(folder: Path, *messages: tuple[str, str, str]) -> Iterator[Path]:
    """Let reports speak from a folder with these messages (context, code, text); give the file that has them."""
    path = folder / "en" / "report.po"
    path.parent.mkdir(parents=True)
    entries = (f'\nmsgctxt "{context}"\nmsgid "{code}"\nmsgstr "{text}"\n' for context, code, text in messages)
    path.write_text(_HEADER + "".join(entries), encoding="utf-8")
    use_report_texts(str(folder))
    try:
        yield path
    finally:
        use_report_texts("")
