"""What the checks say of what is waived: the whole line, and exit code 0 with the word."""

import pytest

from nexoaudit.model.statement import Waiver

DAY = 86_400_000
NOTE = "waived until 2026-12-20 12:00 by A. Person: a second store is ordered"
SHORT = (
    "point 2026-11-20 02:00 has 2 of 3 copies, 1 of 2 media, 0 of 1 off-site"
    " (the live data is one copy); lacking at: offsite (missing)"
)


@pytest.fixture
def waiver(build):
    """Return a function that gives a waiver of the copies of a component."""

    def make(component="database", **changes):
        item = Waiver(
            "0123456789ab", build.now_ms - DAY, "ana@example.com", "signed", 9, "copies", component,
            "", ("copies.short",), "fail", build.now_ms + 30 * DAY, "a second store is ordered",
            "A. Person",
        )  # fmt: skip
        return item._replace(**changes)

    return make


@pytest.fixture
def short(site, without, build):
    """Return a site whose components' newest points are not off-site, with these waivers."""

    def make(*names, waivers=(), sound=()):
        state = without(
            site(*names, *sound),
            lambda copy: (
                copy.component in names
                and copy.location == "offsite"
                and copy.time_ms == build.dump(0).time_ms
            ),
        )
        return state._replace(waivers=tuple(waivers))

    return make


PERF = "components=1 database_copies=2 fewest=2 points=10 problems={problems} short=1"


def test_the_only_thing_is_waived(check, short, waiver):
    said = check("copies", short("database", waivers=[waiver()]))
    assert (said.code, said.errors) == (0, "")
    perf = PERF.format(problems=0)
    assert said.line == f"BACKUP COPIES OK - database: {SHORT}; {NOTE} | {perf}"


def test_the_twin_without_a_waiver_fails(check, short):
    said = check("copies", short("database"))
    assert said.code == 2
    perf = PERF.format(problems=1)
    assert said.line == f"BACKUP COPIES CRITICAL - database: {SHORT} | {perf}"


def test_a_waived_component_beside_sound_ones(check, short, waiver):
    said = check("copies", short("database", sound=("a", "b"), waivers=[waiver()]))
    assert said.code == 0
    assert said.line == (
        "BACKUP COPIES OK - 2 components with enough copies, fewest database 2."
        " Also waived: database | a_copies=3 b_copies=3 components=3 database_copies=2 fewest=2"
        " points=30 problems=0 short=1"
    )


def test_a_waived_component_beside_a_failed_one(check, short, waiver):
    said = check("copies", short("database", "shop", waivers=[waiver()]))
    assert said.code == 2
    assert said.line.startswith(f"BACKUP COPIES CRITICAL - shop: {SHORT}. Also waived: database | ")


def test_two_waived_components_are_both_named(check, short, waiver):
    said = check("copies", short("database", "shop", waivers=[waiver(), waiver("shop")]))
    assert said.code == 0
    assert said.line.startswith(
        f"BACKUP COPIES OK - database: {SHORT}; {NOTE}. Also waived: shop |"
    )


def test_the_details_say_what_is_waived(check, short, waiver):
    said = check("copies", short("database", waivers=[waiver()]), "-v")
    assert said.text.splitlines()[1] == f"[waived] database: {SHORT}; {NOTE}"


def test_a_waiver_that_ended_turns_red_by_itself_and_says_so(check, short, waiver, build):
    ended = waiver(until_ms=build.now_ms)
    said = check("copies", short("database", waivers=[ended]))
    assert said.code == 2
    perf = PERF.format(problems=1)
    assert said.line == (
        f"BACKUP COPIES CRITICAL - database: {SHORT}; no longer waived since 2026-11-20 12:00"
        f" | {perf}"
    )


def test_a_waiver_hides_no_dead_auditor(check, short, waiver, build):
    state = short("database", waivers=[waiver()])
    said = check("copies", state._replace(heartbeat_ms=build.now_ms - 2 * build.HOUR))
    assert said.code == 3
    assert said.line.startswith("BACKUP COPIES UNKNOWN - the auditor last ran 2h ago")


def test_the_auditor_warns_of_a_waiver_that_is_about_to_end(check, short, waiver, build):
    ending = waiver(until_ms=build.now_ms + 2 * DAY, stated_ms=build.now_ms - 20 * DAY)
    state = short("database", waivers=[ending])
    said = check("auditor", state._replace(config_path="/nonexistent"), "-v")
    assert "the waiver of database copies by A. Person ends 2026-11-22 12:00" in said.text


def test_a_limit_comes_before_a_waiver(check, short, waiver):
    state = short("database", waivers=[waiver()])
    assert check("copies", state, "-c", "3").code == 2  # another reason: below the limit
    said = check("copies", state, "-c", "2")
    assert (said.code, "waived" in said.line) == (0, False)


def test_no_site_without_waivers_loads_their_rule(live_state, python):
    code = (
        "import sys\nfrom nexoaudit_checks._run import run\n"
        "from nexoaudit_checks.copies import CHECK\n"
        "run(CHECK, sys.argv[1:], None, own=False)\n"
        "print('nexoaudit.rules.waivers' in sys.modules)"
    )
    assert python(code, "-s", str(live_state)).stdout == b"False\n"
