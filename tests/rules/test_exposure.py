from nexoaudit.assess import STANDING, assess_components
from nexoaudit.model.policy import Scenario
from nexoaudit.model.verdict import Status


def test_exposure_is_reported_and_breaks_only_above_rpo_and_grace(build):
    state = build.state()
    taken = build.dump(0).time_ms
    for after, status in ((24, Status.PASS), (25, Status.PASS), (26, Status.WARN)):
        (verdict,) = assess_components(state, taken + after * build.HOUR, controls=["exposure"])
        assert verdict.status is status
        assert verdict.facts["exposure"] == after * build.HOUR


def test_the_offsite_lag_of_26_and_a_half_hours_is_a_standing_finding(build):
    (verdict,) = assess_components(build.state(), build.now_ms, controls=["objectives"])
    assert (verdict.status, verdict.reason) == (Status.WARN, "objectives.rpo_exceeded")
    assert verdict.facts["worst"] == int(26.5 * build.HOUR)
    assert verdict.control in STANDING


def test_a_scenario_that_spares_the_server_can_use_its_dumps(build):
    state = build.state()
    scenario = Scenario("data-corruption", 86400, 7200, ("data",))
    state = state._replace(policy=state.policy._replace(scenarios=(scenario,)))
    (verdict,) = assess_components(state, build.now_ms, controls=["objectives"])
    assert (verdict.status, verdict.facts["worst"]) == (Status.PASS, build.DAY)


def test_a_scenario_that_destroys_everything_fails(build):
    state = build.state()
    scenario = Scenario("site-disaster", 86400, 7200, ("server", "elsewhere"))
    state = state._replace(policy=state.policy._replace(scenarios=(scenario,)))
    (verdict,) = assess_components(state, build.now_ms, controls=["objectives"])
    assert (verdict.status, verdict.reason) == (Status.FAIL, "objectives.nothing_survives")
