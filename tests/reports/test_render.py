import re
import subprocess
import sys
import types
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pytest
import weasyprint

import nexoaudit_reports
from nexoaudit.errors import ReportError
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Policy, Site
from nexoaudit.wording import catalogue, en, en_report
from nexoaudit_reports import render
from nexoaudit_reports.render import render_html, render_pdf

TEMPLATES = Path(nexoaudit_reports.__file__).parent / "templates"
CHAPTERS = [
    "Summary", "Contents", "Verdict per component", "Calendar of recovery points",
    "Copies and places", "Test restores", "Checklists", "Exceptions",
    "Objectives and standing findings", "Evidence, method and limits", "Sign-off",
]  # fmt: skip


def pdf_text(path, *options):
    done = subprocess.run(
        ["pdftotext", "-layout", *options, str(path), "-"],
        check=True, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def faulty_pdf(faulty, view, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    render_pdf(view(faulty), path)
    return path


def test_the_pdf_has_every_chapter_and_its_pages_are_counted(faulty_pdf):
    text = pdf_text(faulty_pdf)
    for chapter in CHAPTERS[1:]:
        assert re.search(rf"^\s*{chapter}", text, re.MULTILINE), chapter
    pages = text.count("\f")
    assert f"Page 2 of {pages}" in text
    assert re.search(r"Sign-off[ .]+" + str(pages), text)


def test_the_summary_is_one_page(faulty_pdf):
    assert "Some controls have failed" in pdf_text(faulty_pdf, "-l", "1")
    assert "Contents" in pdf_text(faulty_pdf, "-f", "2", "-l", "2")


def test_the_pdf_has_bookmarks_tags_language_and_archival_metadata(faulty_pdf):
    with pikepdf.open(faulty_pdf) as pdf:
        with pdf.open_outline() as outline:
            assert [str(item.title) for item in outline.root] == CHAPTERS
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.resources.Font.values()}
    assert any("Inter" in font for font in fonts)


def test_the_same_report_gives_the_same_bytes(faulty, view, faulty_pdf, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    render_pdf(view(faulty), tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == faulty_pdf.read_bytes()
    assert [item.name for item in tmp_path.iterdir()] == ["again.pdf"]


def test_a_demonstration_says_so_on_every_page(faulty_pdf):
    pages = pdf_text(faulty_pdf).split("\f")[:-1]
    assert len(pages) > 8
    assert all("Demonstration" in page for page in pages)


def test_a_real_site_never_says_demonstration_nor_gives_an_opinion(healthy, view):
    html = render_html(view(healthy))
    assert "Demonstration" not in html
    assert "Backup monitoring report" in html
    assert "compliant" not in html.lower()
    assert "not an independent opinion" in html


class _Text(HTMLParser):
    """Collects what a reader sees, or hears: text nodes and titles."""

    def __init__(self):
        super().__init__()
        self.found = []
        self._silent = 0

    def handle_starttag(self, tag, attrs):
        self._silent += tag == "style"
        self.found += [value for name, value in attrs if name in {"alt", "title", "aria-label"}]

    def handle_endtag(self, tag):
        self._silent -= tag == "style"

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.found.append(data.strip())


def visible(html):
    parser = _Text()
    parser.feed(html)
    return parser.found


def test_templates_hold_no_words_of_any_language():
    for path in TEMPLATES.glob("*.j2"):
        bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        for text in visible(bare):
            assert not re.search(r"[A-Za-z]", text), (path.name, text)


def database_drill_detail(tale):
    return tale.database_drill(tale.AFTER, "fail").detail


def _values(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _values(item)


def test_another_language_is_another_catalogue(make_story, view, tale, monkeypatch):
    def wrapped(texts):
        return {key: f"⟦{text}⟧" for key, text in texts.items()}

    for name, module in (("xx", en), ("xx_report", en_report)):
        texts = {
            key: wrapped(value)
            for key, value in vars(module).items()
            if key.isupper() and hasattr(value, "items")
        }
        fake = types.SimpleNamespace(**texts)
        monkeypatch.setitem(sys.modules, f"nexoaudit.wording.{name}", fake)
    monkeypatch.setattr(catalogue, "LANGUAGES", ("en", "xx"))
    story = make_story()
    site = story.policy.site._replace(language="xx", demonstration=True)
    story.policy = story.policy._replace(site=site)
    tale.tell_guide_month(story, faults=True)
    html = render_html(view(story.ledger))
    data = " ".join([*_values(story.policy), html[html.index("WeasyPrint") :][:40]])
    known = set(re.findall(r"[A-Za-z]{3,}", data)) | {"NXA", "toml", "etc", "nexoaudit"}
    known |= {"policy", "sweep", "copy", "seen", "gone", "verified", "drill", "job", "live"}
    known |= {
        "files",
        "audit",
        "report",
        "scenario",
        "sql",
        "point",
        "time",
        *database_drill_detail(tale).split(),
    }
    left = "\n".join(visible(html))
    while (inner := re.sub(r"⟦[^⟦⟧]*(⟧|…$)", "", left, flags=re.MULTILINE)) != left:
        left = inner
    left = re.sub(r"[0-9a-f]{8,}", "", left)
    assert set(re.findall(r"[A-Za-z]{3,}", left)) <= known


UGLY = "<script>alert('x')</script> & \u202egpj.exe \U0001f4be \u05e9\u05dc\u05d5\u05dd "


@pytest.fixture
def ugly(make_story, tale):
    """A site whose names are as bad as names can be, with many components."""
    base = tale.guide_policy()
    long = "very-long-component-name-" * 4
    extra = tuple(
        base.components[5]._replace(id=f"{long}{n}" if n < 2 else f"logs-{n}") for n in range(6)
    )
    policy = Policy(
        Site(UGLY + "n" * 200, "Europe/Madrid"),
        (
            *base.locations[:1],
            base.locations[1]._replace(path="/" + "deep/" * 80),
            Location("location-" * 12 + "x", "/srv/\x1b[31m\x00red\nline", UGLY, "d" * 90),
        ),
        (*base.components, *extra),
        base.scenarios,
    )
    story = make_story(policy)
    story.begin(tale.at(2026, 11, 1))
    name = UGLY + "\udcff\x07" + "x" * 220
    story.add("database", name, tale.at(2026, 11, 29, 2), problems=("sidecar.mismatch",))
    story.add("logs-5", "a/" * 100, tale.at(2026, 11, 29, 3, 30), problems=(UGLY,))
    story.audit(tale.at(2026, 11, 29, 4))
    drill = tale.database_drill(tale.at(2026, 11, 29, 3), "fail")
    story.drill(drill._replace(detail=UGLY * 12, path=name), tale.at(2026, 11, 29, 5))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    return story


def test_names_from_outside_stay_text(ugly, view):
    html = render_html(view(ugly.ledger))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    for sign in ("\u202e", "\x1b", "\x00", "\x07"):
        assert sign not in html


def test_ugly_names_still_make_a_report_with_a_one_page_summary(ugly, view, tmp_path):
    path = tmp_path / "ugly.pdf"
    render_pdf(view(ugly.ledger), path)
    assert "Contents" in pdf_text(path, "-f", "2", "-l", "2")
    inside = re.findall(r'<word xMin="([\d.-]+)" .*? xMax="([\d.-]+)"', pdf_text(path, "-bbox"))
    assert len(inside) > 1000
    assert min(float(left) for left, _ in inside) > 0
    assert max(float(right) for _, right in inside) < 595


def test_a_month_without_evidence_is_loud_on_paper(healthy, view, tale, tmp_path):
    report = view(healthy, "2027-01", now=tale.at(2027, 2, 1, 6))
    render_pdf(report, tmp_path / "empty.pdf")
    first = pdf_text(tmp_path / "empty.pdf", "-l", "1")
    assert "There is no evidence of this period" in first
    assert "0 of 55 controls hold" in first


def test_no_address_but_our_fonts_is_ever_opened(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    fetcher = render._OwnFonts()
    refused = [secret.as_uri(), "http://127.0.0.1/x", "report-font:../render.py", "data:,x"]
    for url in refused:
        with pytest.raises(ValueError, match="refused"):
            fetcher.fetch(url)
    assert fetcher.fetch("report-font:Inter-Regular.otf").read()[:4] == b"OTTO"


def test_anything_that_is_dropped_on_the_way_fails_the_report(tmp_path):
    page = "<img src='http://127.0.0.1/x.png'>"
    document = weasyprint.HTML(string=page, url_fetcher=render._OwnFonts())
    with pytest.raises(ReportError, match=r"not complete.*refused"), render._no_warnings():
        document.write_pdf(tmp_path / "x.pdf")


def test_a_place_that_cannot_be_written_is_one_sentence(make_story, view, tale, tmp_path):
    story = make_story(Policy(Site("small"), (), ()))
    story.begin(tale.at(2026, 11, 1))
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(ReportError, match="cannot be written: No such file"):
        render_pdf(view(story.ledger), place / "nowhere" / "report.pdf")
    (place / "taken").mkdir()
    with pytest.raises(ReportError, match="cannot be written: Is a directory"):
        render_pdf(view(story.ledger), place / "taken")
    assert [item.name for item in place.iterdir()] == ["taken"]
