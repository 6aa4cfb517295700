import pytest

from nexoaudit.errors import ReportError
from nexoaudit.model.drill import CONTENTS
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component, Policy, Site
from nexoaudit.wording.values import write_span
from nexoaudit_reports.view.exceptions import LIMIT

HOUR = 3_600_000


def figure(report, label):
    return next(item for item in report.summary.figures if label in item.label)


def answers(report, checklist):
    found = next(item for item in report.checklists if item.id == checklist)
    return [item.answer for item in found.items]


def without_mail(story):
    kept = tuple(item for item in story.policy.components if item.id != "mail")
    story.policy = story.policy._replace(components=kept)
    return story


def test_the_same_ledger_gives_the_same_view_whenever_it_is_made(faulty, view, tale):
    first = view(faulty)
    assert view(faulty, now=tale.at(2027, 6, 1)) == first
    assert view(faulty, as_of_size=faulty.size) == first
    hash(repr(first))


def test_a_past_report_can_be_made_again_after_the_ledger_grew(make_story, view, tale):
    story = make_story()
    tale.tell_guide_month(story, faults=True)
    story.audit(tale.at(2026, 12, 1, 4))
    before, size = view(story.ledger), story.ledger.size
    story.audit(tale.at(2026, 12, 2, 4))
    after = view(story.ledger)
    assert view(story.ledger, as_of_size=size) == before
    assert after.ledger_size > before.ledger_size
    assert after.matrix == before.matrix


def test_what_came_after_the_month_does_not_change_its_verdicts(make_story, view, tale):
    story = make_story()
    tale.tell_guide_month(story, faults=False)
    before = view(story.ledger)
    story.drill(tale.database_drill(tale.at(2026, 12, 1, 3), "fail"), tale.at(2026, 12, 1, 4))
    after = view(story.ledger)
    assert after.restores == before.restores
    assert after.summary.groups == before.summary.groups


def test_the_contents_of_a_dump_give_no_recovery_time(make_story, view, tale):
    story = make_story()
    tale.tell_guide_month(story, faults=False)
    before = view(story.ledger)
    at = tale.at(2026, 11, 29, 12)
    contents = tale.database_drill(at, "pass")._replace(kind=CONTENTS, duration_ms=99 * HOUR)
    story.drill(contents, at)
    story.audit(tale.at(2026, 12, 1, 4))
    after = view(story.ledger)
    assert figure(after, "RTO") == figure(before, "RTO")
    shown = after.restores.items[-1]
    assert (shown.title, shown.status) == ("database: contents restore", "pass")
    assert (shown.measured, shown.used, shown.used_text) == ("n/a of an RTO of n/a", 0.0, "")


def test_an_unfinished_month_is_judged_to_date(healthy, view, tale):
    report = view(healthy, now=tale.at(2026, 11, 10, 12))
    assert not report.finished
    assert report.judged_at == "2026-11-10 12:00"
    assert report.to_day == "2026-11-10"
    assert any("not over" in notice for notice in report.summary.notices)


@pytest.mark.parametrize(
    ("month", "size", "said"),
    [
        ("2026-09", None, "begins after 2026-09"),
        ("2027-02", None, "had not begun"),
        ("2026-11", 0, "no size 0"),
        ("2026-11", 999_999, "no size 999999"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(healthy, view, month, size, said):
    with pytest.raises(ReportError, match=said):
        view(healthy, month, as_of_size=size)


def test_an_empty_ledger_is_one_sentence(make_story, view):
    with pytest.raises(ReportError, match="has 0 entries"):
        view(make_story().ledger)


def test_results_have_a_numerator_and_a_denominator(faulty, view):
    summary = view(faulty).summary
    assert summary.holds == f"{summary.hold} of {summary.total} controls hold"
    assert sum(count for _, _, count in summary.counts) == summary.total == 55
    assert summary.status == "fail"
    points = figure(view(faulty), "Recovery points")
    assert (points.value, points.of, points.status) == ("786", "of 790", "fail")
    exposure = figure(view(faulty), "exposure")
    assert (exposure.value, exposure.of) == (write_span(48 * HOUR), "of 24h + 1h grace")
    assert exposure.note == "database"
    assert figure(view(faulty), "restores").value == "4"
    assert figure(view(faulty), "Longest restore").of == "of 4h"


def test_a_healthy_site_holds_but_for_what_is_not_configured(healthy, view):
    report = view(healthy)
    assert report.summary.status == "unconfigured"
    assert [item.component for item in report.problems.items] == ["mail"]
    assert {figure.status for figure in report.summary.figures} == {"pass"}


def test_a_fully_configured_healthy_site_is_green(make_story, view, tale):
    story = without_mail(make_story())
    tale.tell_guide_month(story, faults=False)
    report = view(story.ledger)
    assert report.summary.status == "pass"
    assert report.problems.total == 0
    assert answers(report, "monthly") == ["yes", "person", "yes", "yes", "yes", "person"]


def test_a_month_without_any_evidence_says_so_and_nothing_in_it_is_green(healthy, view, tale):
    report = view(healthy, "2027-01", now=tale.at(2027, 2, 1, 6))
    assert any("no evidence of this period" in notice for notice in report.summary.notices)
    assert report.summary.hold == 0
    marks = [mark.status for row in report.matrix.rows for mark in row.marks]
    assert "pass" not in marks
    assert report.matrix.site[0].mark.status == "fail"
    assert "pass" not in {figure.status for figure in report.summary.figures}
    for checklist in ("preproduction", "monthly", "disaster"):
        assert "yes" not in answers(report, checklist)


def test_an_auditor_that_stopped_in_the_month_leaves_nothing_green(make_story, view, tale):
    story = without_mail(make_story())
    tale.tell_guide_month(story, faults=False)
    size = story.ledger.size_at(millis(tale.at(2026, 11, 28)))
    report = view(story.ledger, as_of_size=size)
    assert not report.finished  # by its own evidence, the month was not over
    story.ledger._db.execute("DROP TRIGGER entry_no_delete")
    story.ledger._db.execute("DELETE FROM entry WHERE idx >= ?", (size,))
    report = view(story.ledger)
    assert report.finished
    assert report.summary.hold == 0
    assert any("stopped before" in notice for notice in report.summary.notices)


def test_no_component_at_all_is_never_good(make_story, view, tale):
    story = make_story(Policy(Site("empty"), (), ()))
    story.begin(tale.at(2026, 10, 20))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    report = view(story.ledger)
    assert any("names no component" in notice for notice in report.summary.notices)
    for checklist in ("preproduction", "monthly", "disaster"):
        assert "yes" not in answers(report, checklist)
    assert "pass" not in {figure.status for figure in report.summary.figures}


def test_the_guides_lists_have_12_6_and_9_items(faulty, view):
    assert [len(item.items) for item in view(faulty).checklists] == [12, 6, 9]


def test_items_are_answered_by_evidence_or_wait_for_a_person(faulty, view):
    report = view(faulty)
    assert answers(report, "preproduction") == [
        "no", "no", "yes", "person", "no", "no", "yes", "person", "person", "person",
        "yes", "person",
    ]  # fmt: skip
    assert answers(report, "monthly") == ["no", "person", "unknown", "no", "no", "person"]
    for checklist in report.checklists:
        for item in checklist.items:
            if item.answer == "person":
                assert (item.because, item.refs.shown) == ("no statement recorded", ())
            else:
                assert item.refs.shown


def test_an_unconfigured_component_keeps_items_from_being_a_yes(healthy, view):
    report = view(healthy)
    assert answers(report, "monthly") == [
        "unknown", "person", "unknown", "yes", "unknown", "person",
    ]  # fmt: skip
    assert "mail" in report.checklists[1].items[0].because


def test_certificates_wait_for_a_person_where_none_are_expected(make_story, view, tale):
    story = without_mail(make_story())
    plain = tuple(item._replace(expect=item.expect._replace(paths=())) for item in
                  story.policy.components)  # fmt: skip
    story.policy = story.policy._replace(components=plain)
    tale.tell_guide_month(story, faults=False)
    assert answers(view(story.ledger), "disaster")[6] == "person"


def test_every_drill_of_the_month_is_shown_with_its_times(faulty, view):
    restores = view(faulty).restores
    assert (restores.passed, restores.total, restores.absent) == (4, 5, ())
    failed = restores.items[-1]
    assert (failed.status, failed.measured) == ("fail", "22 s of an RTO of 4h")
    assert failed.problems
    assert [step.status for step in failed.steps] == ["pass", "fail", "pass", "pass"]
    assert failed.measures == (
        ("uncompressed", "51.2 MB"),
        ("rows", "200,000"),
        ("tables", "15"),
        ("rows in messages", "120,000"),
    )


def test_a_restore_slower_than_the_objective_did_not_pass(make_story, view, tale):
    story = without_mail(make_story())
    tale.tell_guide_month(story, faults=False)
    slow = tale.database_drill(tale.at(2026, 11, 30, 3), seconds=5 * 3600)
    story.drill(slow, tale.at(2026, 11, 30, 23, 55))
    report = view(story.ledger)
    assert report.restores.items[-1].status == "fail"
    assert report.restores.items[-1].used == 1.25
    assert figure(report, "Longest restore").status == "fail"
    assert answers(report, "monthly")[3] == "no"


def test_a_month_without_a_drill_names_what_was_not_restored(make_story, view, tale):
    story = make_story()
    story.begin(tale.at(2026, 11, 1))
    story.add("database", "db", tale.at(2026, 11, 30, 2))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    report = view(story.ledger)
    assert report.restores.absent == ("database", "binlog", "uploads", "config")
    assert figure(report, "restores").status == "unverified"
    assert answers(report, "disaster")[3] == "no"


def test_every_exception_has_a_criterion_and_evidence_that_the_index_lists(faulty, view):
    report = view(faulty)
    listed = {row.ref for row in report.evidence.rows}
    assert report.problems.total == len(report.problems.items) == 10
    for item in report.problems.items:
        assert item.criterion
        assert item.refs.shown
        assert set(item.refs.shown) <= listed
    bad = next(item for item in report.problems.items if "20261121" in item.fact)
    assert (bad.since, bad.status) == ("2026-11-21 07:00", "fail")


def test_the_index_gives_the_leaves_of_the_ledger(faulty, view):
    for row in view(faulty).evidence.rows:
        entry = faulty.entry(int(row.ref.removeprefix("E-")))
        assert (entry.kind, entry.leaf[:12]) == (row.kind, row.leaf)


def test_hundreds_of_exceptions_are_counted_not_printed(make_story, view, tale):
    story = make_story()
    story.begin(tale.at(2026, 11, 1))
    for n in range(400):
        moment = tale.at(2026, 11, 1 + n % 29, n % 24, n % 60)
        story.add("logs", f"logs_{n}.tar.gz", moment, problems=("stream.truncated",))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    report = view(story.ledger)
    assert len(report.problems.items) == LIMIT
    assert report.problems.total > 400
    assert LIMIT + sum(count for _, count in report.problems.hidden) == report.problems.total
    assert len(report.evidence.rows) <= 300
    section = next(item for item in report.sections if item.component == "logs")
    assert any("more of this control" in line.text for line in section.lines)


def test_a_component_that_changed_its_time_zone_late_still_has_a_report(make_story, view, tale):
    story = make_story()
    story.begin(tale.at(2026, 11, 1))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    site = story.policy.site._replace(timezone="Asia/Tokyo")
    story.policy = story.policy._replace(site=site)
    story.begin(tale.at(2026, 12, 1, 5))
    assert view(story.ledger).zone == "Asia/Tokyo"


def test_a_policy_may_name_a_component_the_ledger_never_saw(make_story, view, tale):
    more = Component("new", "system", "0 2 * * 0", parts=("database", "mail"), keep_s=86400)
    story = make_story()
    story.policy = story.policy._replace(components=(*story.policy.components, more))
    story.begin(tale.at(2026, 11, 1))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    report = view(story.ledger)
    assert next(row for row in report.matrix.rows if row.component == "new")
