"""What people stated, as the report shows it: waivers with their owner, answers to questions."""

import pytest

from nexoaudit import evidence
from nexoaudit.evidence.statements import Head, spoken, statement_draft
from nexoaudit_reports.render import render_html

DAY = 86_400_000
WAIVER = {
    "about": "waiver",
    "control": "age",
    "component": "mail",
    "subject": "",
    "reasons": ["age.none"],
    "status": "fail",
    "reason": "moves <b>away</b> in December",
    "owner": "B. Owner",
}


@pytest.fixture
def told(make_story, tale):
    """Return a function that tells the guide's month, with statements of 20 November."""

    def tell(*statements):
        story = make_story()
        tale.tell_guide_month(story, faults=True)
        stated = tale.at(2026, 11, 20, 9)
        stated_ms = evidence.millis(stated)
        drafts = [
            statement_draft(
                spoken(
                    Head("site", stated_ms, "A. Person"),
                    {"until_ms": stated_ms + days * DAY, **words},
                )
            )
            for days, words in statements
        ]
        story._append(drafts, tale.at(2026, 11, 30, 23, 55))
        return story.ledger

    return tell


def test_a_waived_failure_is_listed_with_its_owner_and_end(told, view):
    faults = [p for p in view(told()).problems.items if p.component == "database"]
    (failed,) = [p for p in faults if p.control == "Test restore"]
    assert failed.status == "fail"
    words = {**WAIVER, "control": "restore", "component": "database", "reasons": ["restore.failed"]}
    report = view(told((30, words)))
    (waiver,) = report.waivers
    assert waiver[:-1] == (
        "database: Test restore",
        "restore.failed",
        "B. Owner",
        "moves <b>away</b> in December",
        "A. Person",
        "2026-12-20 09:00",
        True,
    )
    faults = [p for p in report.problems.items if p.component == "database"]
    (shown,) = [p for p in faults if p.control == "Test restore"]
    assert shown.status == "waived"
    assert shown.fact.endswith("; waived until 2026-12-20 09:00 by B. Owner: moves <b>away</b> in"
                               " December")  # fmt: skip
    assert waiver.refs.shown[0] in shown.refs.shown
    html = render_html(report)
    assert "moves &lt;b&gt;away&lt;/b&gt; in December" in html
    assert "recorded by A. Person" in html


def test_a_waiver_of_nothing_says_so_and_one_that_ended_is_not_listed(told, view):
    words = {**WAIVER, "control": "copies", "component": "code", "reasons": ["copies.short"]}
    (waiver,) = view(told((30, words), (2, WAIVER))).waivers
    assert (waiver.about, waiver.applied) == ("code: 3-2-1 copies", False)


def answers(report):
    return {
        (found.id, item.number): (item.answer, item.because)
        for found in report.checklists
        for item in found.items
    }


def test_a_person_answers_a_question_as_long_as_the_answer_lasts(told, view):
    question = {"about": "review", "item": "monthly.plan", "note": "with the team"}
    before = answers(view(told()))
    after = answers(view(told((30, question))))
    changed = {key: after[key] for key in after if after[key] != before[key]}
    said = "stated by A. Person on 2026-11-20 09:00, until 2026-12-20 09:00: with the team"
    assert changed == {("monthly", 6): ("yes", said)}
    assert answers(view(told((5, question)))) == before


def test_a_person_cannot_answer_what_evidence_answers(told, view):
    question = {"about": "review", "item": "monthly.running", "note": "trust me"}
    assert answers(view(told((30, question)))) == answers(view(told()))
