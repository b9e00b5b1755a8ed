"""``python -m benchmarks.pages``: how heavy the built site's pages are, and how steady, in a real browser."""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.timing import ROOT, processor_name
from generators.model.page_figures import PageFigures, PageRecord, TableFigures
from generators.store import encode, write_atomically

RECORD = ROOT / "docs" / "measurements" / "pages.json"
SLOWDOWN, BITS_PER_SECOND, ROUND_TRIP_MS = 4, 1_638_400, 150
"""What Lighthouse imitates for a phone. Source: Lighthouse, docs/throttling.md, "slow 4G"."""
PHONE = {"width": 412, "height": 823}
ROWS = 5000
LONG_TABLE = "long-table"
LAST = "search_index.json"
"""What a page asks for last, when everything else is there."""
POLL_MS, PATIENCE = 250, 120
TYPED = "stages.2 dwconv weight"
COMPRESSED = frozenset({".html", ".css", ".js", ".json", ".svg", ".xml"})
ROW = re.compile(r'<tr id="tensor-.*?</tr>', re.DOTALL)

WATCH = """
  window.shift = 0; window.paint = 0
  new PerformanceObserver(l => l.getEntries().forEach(e => { if (!e.hadRecentInput) window.shift += e.value }))
    .observe({type: "layout-shift", buffered: true})
  new PerformanceObserver(l => l.getEntries().forEach(e => window.paint = e.startTime))
    .observe({type: "largest-contentful-paint", buffered: true})
  window.untilPainted = (target, type) => new Promise(done => target.addEventListener(type, event =>
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - event.timeStamp))), {once: true}))
"""


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        file = path / "index.html" if path.is_dir() else path
        if not file.is_file():
            self.send_error(404)
            return
        body = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        if file.suffix in COMPRESSED:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    """Measure, print, record where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--site", type=Path, help="a built site (default: build it)")
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD.relative_to(ROOT)}")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="assay-pages-"))
    try:
        record = measure(_site(options.site, folder / "site"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console = Console()
    for page in record.pages:
        figures = f"{page.requests:3} requests {page.transferred_bytes / 1024:6.0f} KiB"
        console.print(f"{page.path:40} {figures} shift {page.layout_shift:.3f} paint {page.largest_paint_ms:.0f} ms")
    console.print(record.table)
    if options.record:
        with write_atomically(RECORD) as file:
            file.write(encode(record))
    return 0


def measure(site: Path) -> PageRecord:
    """Return the figures of a built site."""
    long_page = _write_long_table(site)
    with _served(site) as address, _browser() as browser:
        pages = tuple(_measure_page(browser, address, path) for path in _one_of_each_kind(site))
        table = _measure_table(browser, address + long_page)
        version = f"Chromium {browser.version}"
    return PageRecord(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        browser=version,
        processor=processor_name(),
        cores=len(os.sched_getaffinity(0)),
        slowdown=SLOWDOWN,
        bits_per_second=BITS_PER_SECOND,
        round_trip_ms=ROUND_TRIP_MS,
        pages=pages,
        table=table,
    )


def _site(given: Path | None, folder: Path) -> Path:
    if given is None:
        subprocess.run([sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)], cwd=ROOT, check=True)
    else:
        shutil.copytree(given, folder)
    return folder


def _one_of_each_kind(site: Path) -> list[str]:
    """Return the English pages; of checkpoints and controls, the largest and the smallest."""
    english = (path for path in site.glob("**/index.html") if path.relative_to(site).parts[0] not in {"es", "ko"})
    found = sorted(path.parent for path in english)
    entries = sorted(
        (folder for folder in found if folder.parent.name == "checkpoints" and folder.name != LONG_TABLE),
        key=lambda folder: (folder / "index.html").stat().st_size,
    )
    others = [folder for folder in found if folder not in entries and folder.name != LONG_TABLE]
    shown = [*others, entries[0], entries[-1]] if entries else others
    return [("" if folder == site else f"{folder.relative_to(site).as_posix()}/") for folder in shown]


def _write_long_table(site: Path) -> str:
    """Write a page whose table of tensors has many rows, from that of a control."""
    source = next(
        path for path in sorted(site.glob("checkpoints/control-*/index.html")) if ROW.search(path.read_text())
    )
    text = source.read_text(encoding="utf-8")
    rows = ROW.findall(text)
    many = "\n".join(rows[n % len(rows)].replace('id="tensor-', f'id="tensor-{n}-', 1) for n in range(ROWS))
    first, last = text.index(rows[0]), text.index(rows[-1]) + len(rows[-1])
    folder = site / "checkpoints" / LONG_TABLE
    folder.mkdir()
    (folder / "index.html").write_text(text[:first] + many + text[last:], encoding="utf-8")
    return f"checkpoints/{LONG_TABLE}/"


def _measure_page(browser: Any, address: str, path: str) -> PageFigures:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    speed = BITS_PER_SECOND / 8
    conditions = {"offline": False, "latency": ROUND_TRIP_MS, "downloadThroughput": speed, "uploadThroughput": speed}
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", conditions)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire.on("Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda e: sizes.update({addresses[e["requestId"]]: int(e["encodedDataLength"])}))
    page.add_init_script(WATCH)
    page.goto(address + path, timeout=120_000)
    for _ in range(PATIENCE):
        page.wait_for_timeout(POLL_MS)
        if any(url.endswith(LAST) for url in sizes):
            break
    shift, paint = page.evaluate("[window.shift, window.paint]")
    context.close()
    return PageFigures(
        path=path,
        requests=len(sizes),
        transferred_bytes=sum(sizes.values()),
        layout_shift=round(shift, 3),
        largest_paint_ms=round(paint),
    )


def _measure_table(browser: Any, address: str) -> TableFigures:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(WATCH)
    page.goto(address)
    folded = page.locator("details:has([id^='tensor-'])").first
    folded.locator("> summary").click()
    box = folded.locator("input[type=search]").first
    box.focus()
    times = [_timed(page, "document.activeElement", "keydown", partial(page.keyboard.press, key)) for key in _keys()]
    heading = folded.locator("thead th").nth(9).locator("button")
    heading.focus()
    sort = _timed(page, "document.activeElement", "keydown", partial(page.keyboard.press, "Enter"))
    page.close()
    return TableFigures(
        rows=ROWS,
        keystrokes=len(times),
        filter_median_ms=round(statistics.median(times), 1),
        filter_maximum_ms=round(max(times), 1),
        sort_ms=round(sort, 1),
    )


def _keys() -> list[str]:
    """Return what is typed, and taken back: the rows become fewer and more."""
    return [("Space" if letter == " " else letter) for letter in TYPED] + ["Backspace"] * len(TYPED)


def _timed(page: Any, target: str, event: str, act: partial[Any]) -> float:
    page.evaluate(f"() => {{ window.painted = window.untilPainted({target}, '{event}') }}")
    act()
    return float(page.evaluate("() => window.painted"))


@contextmanager
def _served(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    executable = next(
        found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
