"""The live server against the backups: each fault with its healthy twin."""

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.grant import Grant
from nexoaudit.model.policy import Login
from nexoaudit.model.server import Logging, Schema, Server
from nexoaudit.model.verdict import Status, worst
from nexoaudit.rules.coverage import databases_of

PASS, WARN, FAIL, UNVERIFIED = Status.PASS, Status.WARN, Status.FAIL, Status.UNVERIFIED
NEEDED = ("EVENT", "SELECT", "SHOW VIEW", "TRIGGER")
USER = "dumper@localhost"


def schema(**changes):
    whole = Schema(
        "shop", "utf8mb4", "utf8mb4_unicode_ci",
        engines=(("tickets", "InnoDB"), ("users", "InnoDB")),
        views=(), triggers=("audit",), routines=(), events=(), sequences=(),
    )  # fmt: skip
    return whole._replace(**changes)


def server(build, *schemas, **changes):
    schemas = schemas or (schema(),)
    logging = Logging(True, "ROW", "FULL", 30 * 86400, 1, (), ())
    whole = Server(
        "database", "/run/mysqld.sock",
        since_ms=build.now_ms - 30 * build.DAY, seen_ms=build.now_ms,
        engine="MariaDB", version="10.11", logging=logging,
        databases=tuple(item.name for item in schemas), schemas=schemas,
        accounts=(USER,), backup_user=USER, grants=(Grant(NEEDED, "shop", "*"),),
    )  # fmt: skip
    return whole._replace(**changes)


@pytest.fixture
def judged(build):
    def judge(found, control="server", facts=None, history=None, beside=None, held=None):
        login = Login("nexoaudit", "/run/mysqld.sock", backup_user=USER)
        component = build.database(live=login)
        whole = build.history()
        inside = {**whole.newest.facts, "accounts": 3, "schemas": 1, "names.triggers": "audit"}
        newest = whole.newest._replace(facts={**inside, **(facts or {})})
        good = whole.good._replace(facts=inside)
        whole = whole._replace(newest=newest, good=good)
        state = build.state()
        state = state._replace(
            policy=state.policy._replace(components=(component, *filter(None, [beside]))),
            servers={"database": found} if found else {},
            histories={("database", "full"): history or whole, **(held or {})},
        )
        return assess_components(state, build.now_ms, controls=[control], components=["database"])

    return judge


def reasons(verdicts):
    return [(verdict.status, verdict.reason) for verdict in verdicts]


def test_a_server_that_is_all_in_the_backups_passes(judged, build):
    assert reasons(judged(server(build))) == [(PASS, "server.covered")]


def test_without_a_login_nothing_is_said(build):
    assert assess_components(build.state(), build.now_ms, controls=["server"]) == ()


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        (
            {"failed_ms": 1, "reason": "server.refused", "detail": "1045"},
            UNVERIFIED,
            "server.refused",
        ),
        ({"hidden": ("triggers",)}, UNVERIFIED, "server.hidden"),
        ({"grants": ()}, FAIL, "server.no_backup_user"),
        ({"grants": (Grant(("SELECT",), "shop", "*"),)}, FAIL, "server.grants_few"),
        ({"grants": (Grant(("ALL PRIVILEGES",), "*", "*"),)}, WARN, "server.grants_many"),
        ({"grants": (Grant((*NEEDED, "DROP"), "shop", "*"),)}, WARN, "server.grants_many"),
        ({"grants": (Grant((*NEEDED, "LOCK TABLES"), "shop", "*"),)}, PASS, "server.covered"),
        ({"databases": ()}, WARN, "server.database_gone"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_server(judged, build, changes, status, reason):
    assert reasons(judged(server(build, **changes))) == [(status, reason)]


def test_a_server_never_seen_is_unverified(judged):
    assert reasons(judged(None)) == [(UNVERIFIED, "server.never_seen")]


@pytest.mark.parametrize(
    ("engine", "status", "reason"),
    [
        ("InnoDB", PASS, "server.covered"),
        ("ROCKSDB", PASS, "server.covered"),
        ("MyISAM", WARN, "server.engines"),
        ("Aria", WARN, "server.engines"),
        ("MEMORY", WARN, "server.engines"),
        ("", FAIL, "server.broken_tables"),
    ],
)
def test_engines_that_one_transaction_does_not_hold(judged, build, engine, status, reason):
    found = server(build, schema(engines=(("tickets", "InnoDB"), ("users", engine))))
    assert reasons(judged(found)) == [(status, reason)]


@pytest.mark.parametrize(
    ("other", "status", "reason"),
    [
        (schema(name="wiki"), WARN, "server.uncovered"),
        (schema(name="shop_test"), WARN, "server.residue"),
        (schema(name="empty", engines=(), triggers=()), PASS, "server.covered"),
    ],
)
def test_databases_that_no_component_covers(judged, build, other, status, reason):
    assert reasons(judged(server(build, schema(), other))) == [(status, reason)]


def test_what_a_component_holds_must_be_known_to_tell_what_it_lacks(judged, build):
    found = judged(server(build), facts={"database": ""})
    assert (UNVERIFIED, "server.coverage_unknown") in reasons(found)


def test_databases_of_another_server_do_not_count(judged, build):
    wiki = schema(name="wiki")
    elsewhere = build.database(
        id="wiki", live=Login("nexoaudit", host="db2", databases=("wiki",)), series=()
    )
    found = judged(server(build, schema(), wiki), beside=elsewhere)
    assert reasons(found) == [(WARN, "server.uncovered")]
    here = elsewhere._replace(live=None)
    held = {("wiki", "full"): build.history()}
    named = held["wiki", "full"].newest
    held["wiki", "full"] = build.history()._replace(
        newest=named._replace(facts={**named.facts, "database": "wiki"})
    )
    found = judged(server(build, schema(), wiki), beside=here, held=held)
    assert reasons(found) == [(PASS, "server.covered")]


@pytest.mark.parametrize(
    ("database", "counts", "held"),
    [
        ("mysql", {"global_priv": 4}, True),
        ("mysql", {"user": 4}, True),
        ("mysql", {"global_priv": 0}, False),
        ("shop", {"user": 4}, False),
        ("shop", {"shop.users": 4, "mysql.global_priv": 4}, True),
        ("shop", {"shop.users": 4, "mysql.proc": 4}, False),
    ],
)
def test_accounts_are_held_by_dumps_of_their_tables(judged, build, database, counts, held):
    other = build.history()
    facts = {**other.newest.facts, "database": database}
    dump = other.newest._replace(facts=facts, counts=counts)
    found = judged(
        server(build),
        facts={"accounts": 0},
        beside=build.database(id="accounts"),
        held={("accounts", "full"): other._replace(newest=dump)},
    )
    assert ((WARN, "server.accounts_unsaved") in reasons(found)) is not held
    assert (WARN, "server.database_gone") not in reasons(found)


@pytest.mark.parametrize(
    ("database", "counts", "held"),
    [
        ("shop", {"users": 1, "tickets": 1}, {"shop"}),
        ("shop", {"users": 1, "old.tickets": 1}, {"shop"}),
        ("shop", {"shop.users": 1, "wiki.pages": 1}, {"shop", "wiki"}),
        ("", {"users": 1}, set()),
    ],
)
def test_the_databases_that_a_dump_names(build, database, counts, held):
    dump = build.history().newest
    dump = dump._replace(facts={**dump.facts, "database": database}, counts=counts)
    assert databases_of(dump) == held


def test_accounts_that_are_in_no_dump_warn(judged, build):
    assert reasons(judged(server(build), facts={"accounts": 0})) == [
        (WARN, "server.accounts_unsaved")
    ]


def test_the_mending_grant_names_what_is_lacking(judged, build):
    whole = schema(views=("v",), routines=("r",), events=("e",))
    found = server(
        build, whole, grants=(Grant(("LOCK TABLES", "SELECT", "SHOW VIEW"), "shop", "*"),)
    )
    (verdict,) = judged(found, facts={"position": "mysql-bin.000001:4"})
    assert verdict.facts["mend"] == (
        "GRANT TRIGGER, EVENT ON `shop`.* TO 'dumper'@'localhost';"
        " GRANT SELECT ON `mysql`.`proc` TO 'dumper'@'localhost';"
    )
    lines = [
        verdict.facts["mend"]
        for verdict in judged(
            found._replace(engine="MySQL", version="8.0.36"), facts={"position": "binlog.000001:4"}
        )
    ]
    assert lines == [
        "GRANT TRIGGER, EVENT ON `shop`.* TO 'dumper'@'localhost';"
        " GRANT SHOW_ROUTINE, RELOAD, REPLICATION CLIENT ON *.* TO 'dumper'@'localhost';"
    ]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, PASS, "content.complete"),
        ({"engines": (("tickets", "InnoDB"), ("users", "InnoDB"), ("new", "InnoDB"))}, FAIL,
         "content.live_missing"),
        ({"events": ("nightly",)}, FAIL, "content.live_missing"),
        ({"triggers": None}, PASS, "content.complete"),
    ],
)  # fmt: skip
def test_what_the_live_server_has_and_the_dump_has_not(judged, build, changes, status, reason):
    assert reasons(judged(server(build, schema(**changes)), "content")) == [(status, reason)]


def test_what_changed_after_the_dump_was_made_is_not_held_against_it(judged, build):
    more = schema(events=("nightly",))
    later = server(build, more, since_ms=build.now_ms - build.HOUR)
    assert worst(judged(later, "content")) is PASS
    before = server(build, more, seen_ms=build.dump(0).time_ms - build.HOUR)
    assert worst(judged(before, "content")) is PASS


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"on": False}, FAIL, "binlog.off"),
        ({"format": "STATEMENT"}, FAIL, "binlog.format"),
        ({"format": "MIXED"}, WARN, "binlog.format"),
        ({"expiry_s": 1800}, FAIL, "binlog.expires_before_copy"),
        ({"expiry_s": 2 * 86400}, WARN, "binlog.expires_early"),
        ({"ignored": ("shop",)}, FAIL, "binlog.left_out"),
        ({"only": ("wiki",)}, FAIL, "binlog.left_out"),
        ({"only": ("shop",)}, None, ""),
        ({"expiry_s": 0}, None, ""),
        ({"expiry_s": None}, None, ""),
        ({}, None, ""),
    ],
)
def test_how_the_server_must_write_its_binary_logs(build, changes, status, reason):
    found = server(build)
    found = found._replace(logging=found.logging._replace(**changes))
    logs = build.database(id="binlog", kind="binlog", schedule="0 * * * *")
    state = build.state(servers={"database": found})
    hours = tuple(build.now_ms + build.HOUR * n for n in range(-40, 3))
    state = state._replace(
        policy=state.policy._replace(components=(build.database(), logs)),
        slots={**state.slots, "binlog": hours},
    )
    verdicts = assess_components(state, build.now_ms, controls=["binlog"], components=["binlog"])
    found = [(v.status, v.reason) for v in verdicts if v.subject == "server:database"]
    assert found == ([(status, reason)] if reason else [])


def test_definers_that_the_server_does_not_know_warn(judged, build):
    found = server(build)
    assert worst(judged(found, "content", facts={"definers": USER})) is PASS
    gone = judged(found, "content", facts={"definers": f"{USER}, desk@10.0.0.7"})
    assert [(v.reason, v.facts["names"]) for v in gone] == [
        ("content.definer_gone", "desk@10.0.0.7")
    ]
    unknown = judged(found._replace(accounts=None), "content", facts={"definers": "desk@x"})
    assert worst(unknown) is PASS


def test_a_server_that_two_components_look_at_is_judged_once(build):
    found = server(build)
    found = found._replace(logging=found.logging._replace(on=False))
    logs = build.database(id="binlog", kind="binlog", schedule="0 * * * *")
    state = build.state(servers={"database": found, "wiki": found._replace(component="wiki")})
    components = (build.database(), build.database(id="wiki"), logs)
    state = state._replace(policy=state.policy._replace(components=components))
    verdicts = assess_components(state, build.now_ms, controls=["binlog"], components=["binlog"])
    assert [v.subject for v in verdicts if v.reason == "binlog.off"] == ["server:database"]


@pytest.mark.parametrize("changes", [{"format": "MIXED"}, {"expiry_s": 2 * 86400}])
def test_a_warning_about_the_logs_leaves_the_exposure_as_it_is(build, changes):
    found = server(build)
    found = found._replace(logging=found.logging._replace(**changes))
    logs = build.database(id="binlog", kind="binlog", schedule="0 * * * *")
    state = build.state()
    state = state._replace(
        policy=state.policy._replace(components=(build.database(), logs)),
        slots={**state.slots, "binlog": tuple(build.now_ms + build.HOUR * n for n in range(3))},
    )
    warned = state._replace(servers={"database": found})
    asked = {"controls": ["exposure"], "components": ["database"]}
    before = assess_components(state, build.now_ms, **asked)
    assert assess_components(warned, build.now_ms, **asked) == before
