import pytest


def strip(report, component):
    return next(item for item in report.calendar.strips if item.component == component)


def row(report, component, location):
    return next(item for item in strip(report, component).rows if item.label == location)


def states(line):
    return [cell.state for cell in line.cells]


def test_a_day_without_its_point_is_missing_everywhere(faulty, view):
    report = view(faulty)
    for place in ("local", "vault"):
        assert row(report, "database", place).cells[13].state == "missing"
    assert (strip(report, "database").made, strip(report, "database").due) == (29, 30)


def test_a_damaged_copy_is_no_point_where_it_lies_but_one_elsewhere(faulty, view):
    report = view(faulty)
    assert row(report, "database", "vault").cells[20].state == "damaged"
    assert row(report, "database", "local").cells[20].state == "proven"
    assert row(report, "database", "vault").made == 28


def test_a_point_after_its_grace_is_late_but_made(faulty, view):
    uploads = strip(view(faulty), "uploads")
    assert uploads.rows[0].cells[8].state == "late"
    assert (uploads.made, uploads.due) == (30, 30)


def test_a_day_of_several_slots_shows_how_many_were_made(faulty, view):
    line = row(view(faulty), "binlog", "local")
    assert (line.cells[27].text, line.cells[27].state) == ("21", "missing")
    assert (line.cells[0].text, line.cells[0].state) == ("24", "proven")
    assert "21 of 24, missing" in line.cells[27].title


def test_a_healthy_month_is_proven_throughout_also_what_was_pruned_since(healthy, view):
    report = view(healthy)
    for component in ("database", "binlog", "uploads"):
        for line in strip(report, component).rows:
            assert set(states(line)) == {"proven"}
    assert all(item.made == item.due for item in report.calendar.strips)


def test_a_weekly_component_has_nothing_due_on_other_days(healthy, view):
    line = row(view(healthy), "logs", "local")
    assert states(line).count("proven") == 5
    assert states(line).count("idle") == 25


def test_a_set_of_parts_is_made_where_all_its_parts_are(healthy, faulty, view):
    assert (strip(view(healthy), "system").made, strip(view(faulty), "system").made) == (5, 5)


def test_an_on_change_component_shows_its_versions_and_owes_none(healthy, view):
    config = strip(view(healthy), "config")
    assert [cell.day for cell in config.rows[0].cells if cell.state == "proven"] == [5, 19]
    assert config.due == 0


def test_what_is_not_configured_has_no_field_at_all(healthy, view):
    mail = strip(view(healthy), "mail")
    assert (mail.rows, mail.due) == ((), 0)
    assert "does not say where" in mail.note


def test_slots_after_the_moment_of_judgement_are_not_counted(healthy, view, tale):
    report = view(healthy, now=tale.at(2026, 11, 10, 2, 20))
    line = row(report, "database", "local")
    assert line.cells[9].state == "pending"  # its grace is not over
    assert line.cells[10].state == "ahead"
    assert (line.made, line.due) == (9, 9)


def test_slots_before_auditing_began_are_not_held_against_the_site(make_story, view, tale):
    story = make_story()
    policy = story.policy
    story.policy = policy._replace(
        components=tuple(item._replace(since_ms=0) for item in policy.components)
    )
    story.begin(tale.at(2026, 11, 23, 6))
    for day in range(1, 31):
        if day == 7:
            story.audit(tale.at(2026, 11, 23, 6, 5))
        if day > 16:  # older binary logs were pruned after a week
            for hour in range(24):
                point = tale.at(2026, 11, day, hour)
                story.add("binlog", f"b{day}.{hour}", point, series="incremental")
        story.add("database", f"db{day}", tale.at(2026, 11, day, 2))
    story.audit(tale.at(2026, 11, 30, 23, 50))
    report = view(story.ledger)
    assert set(states(row(report, "binlog", "local"))[:15]) == {"unobserved"}
    assert states(row(report, "binlog", "local"))[16:] == ["proven"] * 14
    assert strip(report, "binlog").unobserved > 300
    assert set(states(row(report, "database", "local"))) == {"proven"}
    # dumps are kept for 30 days: what is not there off-site never was
    assert set(states(row(report, "database", "vault"))) == {"missing"}


def test_what_nobody_looked_at_is_not_observed_rather_than_missing(healthy, view, tale):
    report = view(healthy, "2027-01", now=tale.at(2027, 2, 1, 6))
    line = row(report, "database", "local")
    assert set(states(line)) == {"unobserved"}
    assert (line.made, line.due) == (0, 0)


@pytest.mark.parametrize(("day", "slots"), [(24, 24), (25, 25), (26, 24)])
def test_the_night_clocks_go_back_has_an_hour_more(healthy, view, day, slots):
    line = row(view(healthy, "2026-10"), "binlog", "local")
    assert f"of {slots}, " in line.cells[day - 1].title


def test_the_longest_exposure_spans_the_gap(healthy, faulty, view):
    day_ms = 24 * 3_600_000
    assert strip(view(healthy), "database").longest_ms == day_ms
    assert strip(view(faulty), "database").longest_ms == 2 * day_ms
