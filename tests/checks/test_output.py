"""Text that Nagios, Icinga and NRPE keep as it is."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Span
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit_checks._output import LINE_BYTES, clean, first_line, shorten
from nexoaudit_checks._perfdata import Item, label_of, measure
from nexoaudit_checks._plugin import answer
from nexoaudit_checks._spec import Figure

ITEM = re.compile(r"[A-Za-z0-9_-]+=-?\d+(s|B|c|%)?(;\d*(;\d+)?)?")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


@settings(database=None, deadline=None)
@given(ANY_TEXT)
def test_clean_text_is_one_printable_line_without_a_bar(text):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert "|" not in cleaned
    assert cleaned.isprintable()
    cleaned.encode()


@settings(database=None, deadline=None)
@given(ANY_TEXT, st.integers(0, 60))
def test_the_first_line_fits_and_keeps_its_numbers(text, count):
    perfdata = " ".join(f"n{number}=1s" for number in range(count))
    line = first_line("BACKUP AGE CRITICAL", text, perfdata)
    assert len(line.encode()) <= LINE_BYTES
    assert line.endswith(perfdata)
    assert line.count("|") == (1 if count else 0)


@pytest.mark.parametrize(
    ("text", "size", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc..."),
        ("ab cdefg", 6, "ab..."),
        ("\u20ac\u20ac\u20ac", 9, "\u20ac\u20ac\u20ac"),
        ("\u20ac\u20ac\u20ac", 8, "\u20ac..."),
    ],
)
def test_shortened_text_never_splits_a_character(text, size, short):
    assert shorten(text, size) == short
    assert len(short.encode()) <= size


UGLY = "db|x=1;2 \n\x00\r\t\udcff\u202e'\"`$(id)`_20261120.sql.gz"


@pytest.mark.parametrize("detail", [(), ("-v",)])
def test_file_names_cannot_break_out_of_the_text(check, site, spoiled, build, detail):
    def newest(copy: Copy) -> bool:
        return copy.time_ms == build.dump(0).time_ms and copy.location == "local"

    state = spoiled(site("database"), newest, path=UGLY, problems=("sidecar.mismatch",))
    said = check("checksum", state, *detail)
    first, *rest = said.text.splitlines()
    assert first == (
        "BACKUP CHECKSUM CRITICAL - database: db?x=1;2 ??????'\"`$(id)`_20261120.sql.gz at local:"
        " its bytes are not those of the checksum beside it"
        " | components=1 copies=22 database_failed=1 database_unread=0 failed=1 problems=1"
        " sound=21 unread=0"
    )
    assert len(rest) == len(detail)
    assert "|" not in "".join(rest)


def test_spanish_names_are_kept(check, site, spoiled):
    state = spoiled(site("database"), lambda copy: True, path="año/copia_ñandú.sql.gz")
    state = spoiled(state, lambda copy: True, problems=("sidecar.mismatch",))
    assert "database: año/copia_ñandú.sql.gz at local" in check("checksum", state).line


@pytest.mark.parametrize("count", [1, 12, 13, 200])
@pytest.mark.parametrize("name", ["age", "checksum", "content", "copies", "retention", "schedule"])
def test_many_components_fit_in_one_line(check, site, build, name, count):
    names = [f"c{number}" for number in range(count)]
    said = check(name, site(*names))
    assert said.code == 0
    assert len(said.text.encode()) < 1023
    _, perfdata = said.line.split(" | ")
    items = perfdata.split(" ")
    assert all(ITEM.fullmatch(item) for item in items), items
    assert len({item.split("=")[0] for item in items}) == len(items)
    assert f"components={count}" in items
    assert any(item.startswith("c0_") for item in items) == (count <= 12)


@pytest.mark.parametrize("count", [12, 13])
def test_many_troubled_components_fit_too(check, site, without, count):
    names = [f"a-component-with-a-rather-long-name-{number}" for number in range(count)]
    said = check("age", without(site(*names), lambda copy: True), "-v")
    first, *rest = said.text.splitlines()
    assert said.code == 2
    assert len(first.encode()) < 1023
    assert first.endswith(f" | components={count} problems={count}")
    assert len(rest) == count


def test_a_line_too_long_loses_words_but_no_number(check, site, without):
    names = [f"a-component-with-a-rather-long-name-{number}" for number in range(60)]
    said = check("age", without(site(*names), lambda copy: True))
    assert 1000 < len(said.text.encode()) < 1023
    assert said.line.endswith("... | components=60 problems=60")


def test_details_are_cut_before_nrpe_cuts_them(check, site, without):
    names = [f"component-{number}" for number in range(400)]
    said = check("age", without(site(*names), lambda copy: True), "-v")
    assert said.text.splitlines()[-1] == "... 100 more"
    assert len(said.text.splitlines()) == 302


def verdict(component: str, status: Status = Status.PASS, **facts: int) -> Verdict:
    return Verdict("age", component, status, "age.on_time", facts)


def test_labels_are_sanitised_and_stay_distinct():
    assert label_of("añ b'=;|x_age") == "a__b____x_age"
    figures = (Figure("age", "oldest", "age", "s", across=max),)
    verdicts = (verdict("a b", age=Span(5000)), verdict("a=b", age=Span(7000)))
    items = measure(figures, verdicts, "component").items
    assert [item.label for item in items] == ["components", "problems", "oldest", "a_b_age"]


def test_what_is_unknown_has_no_number():
    figures = (Figure("age", "oldest", "age", "s"),)
    assert measure(figures, (verdict("a"),), "component").items == (
        Item("components", 1),
        Item("problems", 0),
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "U", None, 1.5])
def test_only_whole_numbers_become_performance_data(value):
    figures = (Figure("age", "oldest", "age", "s"),)
    strange = Verdict("age", "a", Status.PASS, "age.on_time", {"age": value})
    assert len(measure(figures, (strange,), "component").items) == 2


STATES = [
    ((Status.PASS,), 0),
    ((Status.WAIVED,), 0),
    ((Status.PASS, Status.WARN), 1),
    ((Status.WARN, Status.UNVERIFIED), 3),
    ((Status.UNCONFIGURED, Status.WARN, Status.PASS), 3),
    ((Status.UNVERIFIED, Status.FAIL), 2),
    ((Status.FAIL, Status.UNCONFIGURED, Status.WARN, Status.PASS), 2),
    ((), 3),
]


@pytest.mark.parametrize(("statuses", "code"), STATES)
def test_the_worst_wins_in_the_order_2_3_1_0(statuses, code):
    for order in (statuses, statuses[::-1]):
        verdicts = [verdict("a", status) for status in order]
        said = answer("BACKUP AGE", verdicts, [Item("components", 1)], "text", [])
        word = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[code]
        assert (said.code, said.text) == (code, f"BACKUP AGE {word} - text | components=1\n")


def test_a_waived_failure_is_green_and_says_so():
    from nexoaudit.wording.checks import check_words
    from nexoaudit_checks._summary import Summary

    verdicts = (verdict("a", age=Span(5000)), verdict("b", Status.WAIVED))
    summary = Summary(verdicts, check_words("en"), {})
    assert summary.line("age") == "a: newest ?, 5 s old. Also waived: b"
