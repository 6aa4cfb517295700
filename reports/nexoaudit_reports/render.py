"""A report as HTML and as PDF; the only user of Jinja2 and WeasyPrint."""

import hashlib
import logging
import os
import platform
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import weasyprint
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from nexoaudit.errors import ReportError
from nexoaudit.wording.catalogue import report_labels
from nexoaudit_reports.view import Report

_HERE = Path(__file__).parent
_FONTS = "report-font:"
_HARMLESS = ("Unable to save emoji font", ".notdef glyph rendered")
"""Signs in names from outside that no font here has: they show as a box, nothing else is lost."""
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
"""Controls, and the ones that turn the direction of text: a file name must not forge a line."""
_SIGNS = {
    "pass": "✓",
    "warn": "▲",
    "fail": "✗",
    "unverified": "?",
    "unconfigured": "○",
    "waived": "~",
    "yes": "✓",
    "partly": "▲",
    "no": "✗",
    "unknown": "?",
    "person": "□",
}
_COLOURS = {
    "proven": ("#2f7d53", "#2f7d53", "#ffffff"),
    "present": ("#ffffff", "#2f7d53", "#17573a"),
    "late": ("#f3c26b", "#c98a1b", "#4d2c00"),
    "damaged": ("#951b18", "#951b18", "#ffffff"),
    "missing": ("#f6cfcc", "#951b18", "#951b18"),
    "unobserved": ("#ebe6f4", "#a99bcb", "#4b3a7c"),
    "pending": ("#ffffff", "#9aa5b1", "#46515c"),
    "idle": ("#eef1f4", "#eef1f4", "#46515c"),
    "ahead": ("#ffffff", "#e3e8ed", "#46515c"),
}
"""Of a calendar's field: its fill, its edge and its sign."""
_FILLS = {
    state: Markup(f'fill="{fill}" stroke="{edge}" stroke-width="0.8"')  # noqa: S704 - our own
    for state, (fill, edge, _) in _COLOURS.items()
}
_INKS = {state: ink for state, (_, _, ink) in _COLOURS.items()}


def render_html(report: Report) -> str:
    """Return the report as one HTML page, styles and charts included."""
    labels = report_labels(report.language)

    def label(key: str, **facts: object) -> Markup:
        """Return a label; its facts are escaped, itself it is our own text."""
        shown = {name: _printable(fact) for name, fact in facts.items()}
        return Markup(escape(labels[key])).format(**shown)  # noqa: S704 - escaped beforehand

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader(_HERE / "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.globals |= {
        "t": label,
        "sign": _SIGNS,
        "fill": _FILLS,
        "ink": _INKS,
        "page": Markup('<span class="page"></span>'),
        "pages": Markup('<span class="pages"></span>'),
        "tools": _tools(),
        "dated": _iso(report.until_ms),
    }
    css = (_HERE / "templates" / "report.css").read_text("utf-8")
    return environment.get_template("report.html.j2").render(r=report, css=Markup(css))  # noqa: S704 - our own file


def render_pdf(report: Report, path: Path) -> None:
    """Write the report as an archivable, tagged PDF, replacing `path` in one step.

    The same report and the same tools give the same bytes. Raise ReportError when anything in it
    could not be rendered, or the file cannot be written.
    """
    with _no_warnings(), _fixed_clock(report.until_ms // 1000):
        document = weasyprint.HTML(
            string=render_html(report), url_fetcher=_OwnFonts(), base_url=None
        )
        content = document.write_pdf(
            font_config=FontConfiguration(),
            pdf_variant="pdf/a-3a",
            pdf_identifier=hashlib.sha256(report.id.encode()).digest()[:16],
        )
    try:
        _replace(path, content)
    except OSError as error:
        raise ReportError(f"the report {path} cannot be written: {error.strerror}") from error


def _replace(path: Path, content: bytes) -> None:
    """Write `path` in one step, through a file that nobody could have put there before."""
    descriptor, name = tempfile.mkstemp(prefix=".report-", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o640)
            file.write(content)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


class _OwnFonts(URLFetcher):  # type: ignore[misc] # WeasyPrint is not annotated
    """Serves our own fonts and refuses every other address."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return a font of ours; raise ValueError for anything else."""
        name = url.removeprefix(_FONTS)
        if name == url or not re.fullmatch(r"[A-Za-z-]+\.otf", name):
            raise ValueError(f"refused: {url}")
        font = (_HERE / "fonts" / name).read_bytes()
        return URLFetcherResponse(url, body=font, headers={"Content-Type": "font/otf"})


class _Collector(logging.Handler):
    """Keeps what WeasyPrint complains about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message unless it is harmless."""
        said = record.getMessage()
        if not said.startswith(_HARMLESS):
            self.said.append(said)


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Raise ReportError when something was refused, dropped or not understood on the way."""
    collector = _Collector()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(collector)
    try:
        with warnings.catch_warnings():
            # WeasyPrint 70 leaves its own colour profile to the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            yield
    finally:
        logger.removeHandler(collector)
    if collector.said:
        raise ReportError(f"the report is not complete: {'; '.join(collector.said[:3])}")


@contextmanager
def _fixed_clock(seconds: int) -> Iterator[None]:
    """Give font subsetting a fixed time to write into the fonts it embeds."""
    name = "SOURCE_DATE_EPOCH"
    before = os.environ.get(name)
    os.environ[name] = str(seconds)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _printable(value: Any) -> Any:
    """Return a value with control characters made visible."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def _tools() -> str:
    return f"WeasyPrint {weasyprint.__version__}, Python {platform.python_version()}"


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
