"""The MkDocs hooks: languages, navigation, progress, fresh code under ``mkdocs serve``, readable errors.

``mkdocs.yml`` describes the default language. Once that is built, every other
language that has a folder of prose beside its own is built in the same process
from the same file, with its own address, theme language and search index. A
project elsewhere takes these hooks from the installed package; the theme's
templates and styles come with them.

MkDocs keeps this module for its whole life, while ``generators.*`` may be
forgotten and imported anew; so nothing of ``generators`` is imported up here.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from babel import Locale
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from mkdocs.utils.yaml import yaml_load

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

SOURCE_SUFFIXES = frozenset({".py", ".j2", ".css", ".po"})
"""Files under ``generators/`` that decide what the pages say."""

EVIDENCE_KINDS = "evidence-kinds"
"""Key of a generated page's front matter: the kinds of evidence that it shows."""

log = logging.getLogger("mkdocs.plugins.assay")
_seen_source: dict[Path, tuple[tuple[str, int, int], ...]] = {}


def on_startup(*, command: str, dirty: bool) -> None:  # noqa: ARG001 - MkDocs passes both by name
    """Show the progress of ``generators`` in MkDocs' own output; keep ``serve`` from writing what it watches."""
    if command == "serve":
        sys.dont_write_bytecode = True
    shown, ours = logging.getLogger("mkdocs"), logging.getLogger("generators")
    ours.setLevel(shown.getEffectiveLevel())
    ours.propagate = False
    for handler in shown.handlers:
        if handler not in ours.handlers:
            ours.addHandler(handler)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give the build its language: navigation, description, names of the colour modes."""
    if _is_default_language(config):
        _forget_changed_modules(Path(__file__).parent)
        _begin_build()
    from generators.render.catalog import load_catalog
    from generators.render.frame import script_words
    from generators.render.pages import navigation
    from generators.shipped import shipped

    locale = _locale(config)
    config.nav = navigation(locale, Path(config.docs_dir))
    _search_in(locale, config)
    _add_templates(config, str(shipped("theme")))
    catalog = load_catalog(locale)
    config.site_description = catalog.message("frame", "description")
    config.extra["not_found"] = catalog.message("frame", "not-found")
    config.extra["feed"] = catalog.message("frame", "feed")
    config.extra["downloads"] = catalog.message("page", "downloads")
    config.extra["words"] = script_words(locale)
    for mode in config.theme["palette"]:
        mode["toggle"]["name"] = catalog.message("frame", mode["toggle"]["name"])
    return config


def on_page_context(
    context: TemplateContext,
    *,
    page: Page,
    config: MkDocsConfig,
    nav: Navigation,  # noqa: ARG001
) -> TemplateContext:
    """Lead to the same page in the other languages; give the head what it tells machines, and the page its foot."""
    from generators.pipeline.site import page_foot, structured_data
    from generators.render.pages import is_english_only

    root, locale = _root(config), _locale(config)
    found = structured_data(root, locale, page.file.src_uri, config.site_url or "")
    foot = page_foot(root, locale, page.meta.get(EVIDENCE_KINDS) or ())
    shown = _with_languages(context, config, page.url, translated=not is_english_only(page.file.src_uri))
    return cast("TemplateContext", {**shown, "structured_data": found, "foot": foot})


def on_template_context(context: TemplateContext, *, template_name: str, config: MkDocsConfig) -> TemplateContext:  # noqa: ARG001
    """Let the switcher of pages without a source, such as the error page, lead to each language's start."""
    return _with_languages(context, config, "")


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Mend what the theme puts around a page."""
    return _mended(output, config)


def on_post_template(output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
    """Mend what the theme puts around the error page."""
    return _mended(output_content, config) if template_name.endswith(".html") else output_content


def on_post_build(config: MkDocsConfig) -> None:
    """Leave out what no reader needs; build the other languages below the default one."""
    for path in Path(config.site_dir, "assets").rglob("*.map"):
        path.unlink()  # of the theme, for whoever works on its scripts: 1.3 MB in each language
    if not _is_default_language(config):
        return
    for locale in _locales(config):
        if locale != _locale(config):
            log.info("Building language: %s", locale)
            _build_language(config, locale)


def on_serve(
    server: LiveReloadServer,
    *,
    config: MkDocsConfig,
    builder: Callable[..., None],  # noqa: ARG001
) -> LiveReloadServer:
    """Watch what pages are made of besides the paths of ``mkdocs.yml``."""
    from generators.lock import LOCK_NAME
    from generators.sources import search_folders

    root = _root(config)
    folders = [folder for _, folder in search_folders(root, os.environ)]
    folders[0].mkdir(exist_ok=True)  # the project's own: a folder that comes later would not be noticed
    for path in (root / LOCK_NAME, *folders):
        if path.exists():
            server.watch(str(path))
    return server


def on_build_error(error: Exception) -> None:
    """End the build with what a person needs to know, where Assay itself says that something is wrong.

    Raises:
        Abort: In place of an :class:`~generators.errors.AssayError`.
    """
    from generators.errors import AssayError

    if isinstance(error, AssayError):
        log.error(error.diagnostics())
        raise Abort("Aborted: nothing was published.") from None


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent


def _locale(config: MkDocsConfig) -> str:
    return str(config.theme["language"])


def _locales(config: MkDocsConfig) -> tuple[str, ...]:
    """Return the languages of the site: those of Assay that have a folder beside that of the default one."""
    from generators.render.catalog import LOCALES

    prose = Path(config.docs_dir).parent
    return tuple(locale for locale in LOCALES if (prose / locale).is_dir())


def _add_templates(config: MkDocsConfig, folder: str) -> None:
    """Let the theme find Assay's templates and styles, after the project's own ones."""
    own = 1 if config.theme.custom_dir else 0
    if not any(Path(folder).samefile(known) for known in config.theme.dirs[:own]):
        config.theme.dirs.insert(own, folder)


def _is_default_language(config: MkDocsConfig) -> bool:
    return "default_locale" not in config.extra


def _search_in(locale: str, config: MkDocsConfig) -> None:
    """Let the search load the script of the language under ``docs/theme/``; MkDocs knows of none for Korean."""
    # by another name, because the theme loads no script for "en"
    script = "english" if locale == "en" else locale
    cast("Any", config.plugins["material/search"]).search_index.config["lang"] = [script]


def _mended(html: str, config: MkDocsConfig) -> str:
    from generators.render.frame import mend_frame

    return mend_frame(html, _locale(config))


def _begin_build() -> None:
    from generators.pipeline.site import begin_build

    begin_build()


def _build_language(config: MkDocsConfig, locale: str) -> None:
    with Path(config.config_file_path).open("rb") as file:
        written = yaml_load(file)  # what mkdocs.yml says, before MkDocs and on_config made it their own
    language = load_config(
        config.config_file_path,
        docs_dir=str(Path(config.docs_dir).with_name(locale)),
        site_dir=str(Path(config.site_dir) / locale),
        site_url=urljoin(config.site_url, f"{locale}/") if config.site_url else "",
        theme=written["theme"] | {"language": locale},
        extra=written["extra"] | {"default_locale": _locale(config)},
        strict=config.strict,
    )
    language.plugins.on_startup(command="build", dirty=False)
    build(language)


def _with_languages(
    context: TemplateContext, config: MkDocsConfig, url: str, *, translated: bool = True
) -> TemplateContext:
    above = "" if _is_default_language(config) else "../"
    start = context["base_url"].rstrip("/") + "/" + above
    config.extra["scope"] = start  # a reader's choice of colours is remembered for all languages together
    return cast(
        "TemplateContext", {**context, "languages": _languages(config, url, start, above, translated=translated)}
    )


def _languages(config: MkDocsConfig, url: str, start: str, above: str, *, translated: bool) -> list[dict[str, Any]]:
    """List each language with its address of the page ``url``, for the templates.

    ``link`` is relative to the page and works wherever the site is put; ``address`` is the published one. Where one
    language alone has a page, the others' addresses are those of their page about it.

    Args:
        config: Of the language that is being built.
        url: Of the page, below the start of its language.
        start: From the page to the start of the default language.
        above: From the start of this language to that of the default one.
        translated: Whether the other languages have the page.
    """
    default = config.extra.get("default_locale", _locale(config))
    published = urljoin(config.site_url, above) if config.site_url else start
    page = "" if url == "." else url
    pages = {
        locale: page if translated or locale == _locale(config) else f"{page.partition('/')[0]}/"
        for locale in _locales(config)
    }
    places = {locale: page if locale == default else f"{locale}/{page}" for locale, page in pages.items()}
    return [
        {
            "code": locale,
            "name": _language_name(locale),
            "link": start + place,
            "address": published + place,
            "is_default": locale == default,
            "is_current": locale == _locale(config),
            "is_translation": translated or locale == _locale(config),
        }
        for locale, place in places.items()
    ]


def _language_name(locale: str) -> str:
    name = Locale.parse(locale).get_display_name() or locale
    return name[0].upper() + name[1:]


def _forget_changed_modules(package: Path) -> None:
    """Drop ``generators.*`` from memory when a source file changed since the last build of this process."""
    paths = sorted(path for path in package.rglob("*") if path.suffix in SOURCE_SUFFIXES)
    source = tuple((str(path), (stat := path.stat()).st_mtime_ns, stat.st_size) for path in paths)
    if _seen_source.get(package, source) != source:
        for name in [name for name in sys.modules if name == package.name or name.startswith(f"{package.name}.")]:
            del sys.modules[name]
    _seen_source[package] = source
