"""Scenarios and the system: each way to be wrong beside the drill that is right."""

import pytest

from nexoaudit.assess import Limits, assess_components, assess_site
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Span
from nexoaudit.model.policy import Scenario
from nexoaudit.model.store import Store
from nexoaudit.model.verdict import Status

HOUR = 3_600_000
DECLARED = (("decision", 1800), ("dns", 900), ("provisioning", 7200))
DISASTER = Scenario("site-disaster", 86400, 28800, ("data", "server"), DECLARED)


def played(build, **changes):
    """Return a good drill of ten days ago: an hour measured, from off-site."""
    drill = Drill(
        "scenario",
        "",
        build.now_ms - 10 * build.DAY,
        HOUR,
        "pass",
        scenario="site-disaster",
        measures=(
            ("guide_ms", Span(HOUR * 5 // 4)),
            ("locations", "offsite"),
            ("loses.database", Span(8 * HOUR)),
            ("loses_ms", Span(8 * HOUR)),
            ("measured_ms", Span(HOUR)),
        ),
    )
    return drill._replace(**changes)


def measuring(build, **changes):
    drill = played(build)
    known = {**dict(drill.measures), **{k.replace("__", "."): v for k, v in changes.items()}}
    return drill._replace(measures=tuple(sorted(known.items())))


def site(build, *drills, scenarios=(DISASTER,), **changes):
    state = build.state(drills=drills, **changes)
    return state._replace(policy=state.policy._replace(scenarios=scenarios))


def judged(build, state, limits=None):
    found = assess_site(state, build.now_ms, ["recovery"], limits=limits or Limits())
    return {verdict.subject: verdict for verdict in found}


def of_scenario(build, *drills, **changes):
    verdict = judged(build, site(build, *drills, **changes))["site-disaster"]
    return verdict.status, verdict.reason


def test_a_scenario_is_back_in_measured_and_declared_time(build):
    found = judged(build, site(build, played(build)))
    facts = found["site-disaster"].facts
    assert found["site-disaster"].reason == "scenario.proven"
    assert (facts["measured"], facts["declared"]) == (HOUR, 9900_000)
    assert facts["takes"] == HOUR + 9900_000
    assert facts["guide"] == HOUR * 5 // 4 + 9900_000
    assert (found[""].status, found[""].reason) == (Status.PASS, "recovery.tested")


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"outcome": "fail"}, Status.FAIL, "scenario.failed"),
        ({"outcome": "unverified"}, Status.UNVERIFIED, "scenario.not_run"),
        ({"outcome": "nonsense"}, Status.UNVERIFIED, "scenario.not_run"),
        ({"scenario": "another"}, Status.UNVERIFIED, "scenario.never"),
    ],
)
def test_the_newest_drill_of_a_scenario_decides(build, changes, status, reason):
    assert of_scenario(build, played(build, **changes)) == (status, reason)


def test_a_drill_dated_in_the_future_proves_nothing(build):
    later = played(build, started_ms=build.now_ms + build.DAY)
    assert of_scenario(build, later) == (Status.UNVERIFIED, "scenario.in_future")
    assert judged(build, site(build, later))[""].reason == "recovery.never"


def test_a_scenario_goes_yellow_after_its_period_and_red_after_two(build):
    for days, status in ((89, Status.PASS), (91, Status.WARN), (181, Status.FAIL)):
        state = site(build, played(build, started_ms=build.now_ms - days * build.DAY))
        found = judged(build, state)
        assert found["site-disaster"].status is status
        assert found[""].status is status


def test_the_period_is_the_policys(build):
    state = site(build, played(build))
    auditor = state.policy.auditor._replace(recovery_s=9 * 86400)
    found = judged(build, state._replace(policy=state.policy._replace(auditor=auditor)))
    assert found["site-disaster"].reason == "scenario.overdue"
    assert found[""].reason == "recovery.lapsed"


def test_a_part_that_nobody_declares_is_not_zero(build):
    short = DISASTER._replace(declared=DECLARED[:2])
    found = judged(build, site(build, played(build), scenarios=(short,)))["site-disaster"]
    assert (found.status, found.reason) == (Status.UNVERIFIED, "scenario.undeclared")
    assert found.facts["missing"] == "provisioning"
    assert "takes" not in found.facts


def test_declared_to_take_no_time_is_declared(build):
    none = DISASTER._replace(declared=(*DECLARED[:2], ("provisioning", 0)))
    assert of_scenario(build, played(build), scenarios=(none,))[0] is Status.PASS


def test_corruption_of_data_needs_a_decision_and_no_server(build):
    corruption = DISASTER._replace(destroys=("data",), declared=(("decision", 600),))
    assert of_scenario(build, played(build), scenarios=(corruption,))[0] is Status.PASS
    silent = corruption._replace(declared=())
    assert of_scenario(build, played(build), scenarios=(silent,))[1] == "scenario.undeclared"


def test_declared_time_counts_against_the_objective(build):
    for hours, status in ((5, Status.PASS), (6, Status.FAIL)):
        drill = measuring(build, measured_ms=Span(hours * HOUR))
        assert of_scenario(build, drill)[0] is status


def test_too_slow_is_told_before_what_nobody_declares(build):
    drill = measuring(build, measured_ms=Span(9 * HOUR))
    silent = DISASTER._replace(declared=())
    assert of_scenario(build, drill, scenarios=(silent,)) == (Status.FAIL, "scenario.too_slow")


def test_a_drill_from_copies_that_the_disaster_destroys_proves_nothing(build):
    drill = measuring(build, locations="local")
    assert of_scenario(build, drill) == (Status.UNVERIFIED, "scenario.other_copies")


def test_a_place_of_another_name_is_destroyed_with_the_one_it_is(build):
    stores = {
        name: Store(name, build.now_ms, identity=("device:8:1",)) for name in ("local", "offsite")
    }
    state = site(build, played(build), stores=stores)
    assert judged(build, state)["site-disaster"].reason == "scenario.other_copies"
    apart = {**stores, "offsite": stores["offsite"]._replace(identity=("device:8:2",))}
    assert judged(build, state._replace(stores=apart))["site-disaster"].status is Status.PASS


def test_an_offsite_place_at_the_site_itself_is_lost_with_the_site(build):
    stores = {
        "offsite": Store("offsite", build.now_ms, identity=("network:192.0.2.0/24",)),
        "": Store("", build.now_ms, identity=("network:192.0.2.0/24",)),
    }
    state = site(build, played(build), stores=stores)
    assert judged(build, state)["site-disaster"].reason == "scenario.other_copies"


def test_what_the_schedule_explains_is_a_standing_finding_and_no_failure(build):
    explained = measuring(build, loses__database=Span(26 * HOUR), loses_ms=Span(26 * HOUR))
    assert of_scenario(build, explained)[0] is Status.PASS
    beyond = measuring(build, loses__database=Span(50 * HOUR), loses_ms=Span(50 * HOUR))
    assert of_scenario(build, beyond) == (Status.FAIL, "scenario.loses")


def test_an_extrapolated_time_says_so(build):
    drill = measuring(build, extrapolated_ms=Span(HOUR // 2))
    assert of_scenario(build, drill) == (Status.PASS, "scenario.proven_by_sample")


def test_restores_of_components_are_no_tested_recovery(build):
    database = Drill("database", "database", build.now_ms - build.DAY, 60_000, "pass")
    found = judged(build, site(build, database))
    assert (found[""].status, found[""].reason) == (Status.UNVERIFIED, "recovery.never")


def test_the_system_drill_is_a_tested_recovery(build):
    system = Drill("system", "", build.now_ms - build.DAY, 60_000, "pass")
    found = judged(build, site(build, system))
    assert found[""].reason == "recovery.tested"
    assert found["system"].reason == "system.proven"
    for outcome, status in (("fail", Status.FAIL), ("unverified", Status.UNVERIFIED)):
        found = judged(build, site(build, system._replace(outcome=outcome)))
        assert found["system"].status is status
        assert found[""].reason == "recovery.never"


def test_a_good_one_still_counts_when_the_next_could_not_be_run(build):
    again = played(build, outcome="unverified", started_ms=build.now_ms - build.DAY)
    found = judged(build, site(build, played(build), again))
    assert found["site-disaster"].status is Status.UNVERIFIED
    assert found[""].status is Status.PASS


def test_without_any_scenario_it_says_what_to_write(build):
    (found,) = judged(build, site(build, scenarios=())).values()
    assert (found.status, found.reason) == (Status.UNCONFIGURED, "recovery.unconfigured")


def test_limits_of_the_check_replace_the_period(build):
    state = site(build, played(build))
    found = judged(build, state, Limits(warn_ms=9 * build.DAY, fail_ms=11 * build.DAY))
    assert found["site-disaster"].status is Status.WARN


def test_objectives_tell_what_was_measured(build):
    def reasons(*drills):
        state = site(build, *drills)
        found = assess_components(state, build.now_ms, controls=["objectives"])
        return [verdict.reason for verdict in found]

    assert reasons() == ["objectives.rpo_exceeded"]
    assert reasons(played(build)) == ["objectives.rpo_exceeded_measured"]
