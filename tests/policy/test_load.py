import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from good_policy import GOOD
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.errors import ConfigError
from nexoaudit.model.policy import Login
from nexoaudit.policy.load import load
from nexoaudit.policy.schema import json_schema
from nexoaudit.policy.units import parse_duration, parse_size
from nexoaudit.state.policies import decode_policy, encode_policy


def test_a_good_configuration_becomes_a_policy(read):
    policy = read(GOOD).policy
    database = policy.component("database")
    assert (database.grace_s, database.rpo_s, database.series[0].keep_s) == (3600, 86400, 2592000)
    assert database.since_ms == 1793487600000  # midnight in Madrid
    assert database.expect.min_rows == (("users", 10),)
    assert policy.location("local").failure_domain == "server"


LIVE = """
[component.database.live]
host = "db.example.com"
user = "nexoaudit"
password_file = "/etc/nexoaudit/live.password"
databases = ["shop"]
backup_user = "backup@localhost"
"""


def test_a_policy_survives_the_state_file(read):
    policy = read(GOOD + LIVE).policy
    assert policy.component("database").live == Login(
        "nexoaudit",
        host="db.example.com",
        password_file="/etc/nexoaudit/live.password",
        databases=("shop",),
        backup_user="backup@localhost",
    )
    assert decode_policy(encode_policy(policy)) == policy


def test_a_table_cannot_be_both_expected_and_left_out(read):
    def leaving_out(table):
        return GOOD.replace("min_rows", f'absent = ["{table}"]\nmin_rows')

    policy = read(leaving_out("cache_*")).policy
    assert policy.component("database").expect.absent == ("cache_*",)
    assert decode_policy(encode_policy(policy)) == policy
    with pytest.raises(ConfigError, match="min_rows: users is also named by absent"):
        read(leaving_out("user?"))


def test_every_error_at_once_with_key_path_line_and_expectation(read):
    text = (
        GOOD.replace('"Europe/Madrid"', '"Mars/Olympus"')
        .replace('"0 2 * * *"', '"2 o\'clock"')
        .replace('"30d"', '"30 days"')
        .replace('["local"]', '"local"')
        .replace('grace = "1h"', 'grace = 1\ngarce = "1h"')
    )
    with pytest.raises(ConfigError) as caught:
        read(text)
    problems = [re.sub(r"^.*site\.toml:", "", problem) for problem in caught.value.problems]
    assert problems == [
        "3: site.timezone: expected a time zone such as \"Europe/Madrid\", found 'Mars/Olympus'",
        "14: component.database.garce: unknown key; known here: assert, copies, data, deployed, "
        "expect, grace, job, keep, kind, live, parts, repository, rpo, rto, schedule, schema, "
        "series, since, watch, window",
        "11: component.database.schedule: expected a cron expression of five fields such as "
        '"0 2 * * *", or "on-change", found "2 o\'clock"',
        '13: component.database.grace: expected a duration such as "90s", "15m", "25h", "7d" or '
        '"4w", found 1',
        '19: component.database.series.0.keep: expected a duration such as "90s", "15m", "25h", '
        '"7d" or "4w", or "forever", found \'30 days\'',
        "20: component.database.series.0.locations: expected a list of location ids, found 'local'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["local"]', '["lokal"]', "19: component.database.series.0.locations: there is no "
         "location 'lokal'; known: local"),
        ('["server"]', '["servers"]', "26: scenario.fire.destroys: no location has the failure "
         "domain 'servers'; known: data, server"),
        ("[component.database]", "[component.Data_Base]", "9: component.Data_Base: an id is made "
         "of a-z, 0-9, '_' and '-' only"),
        ('name = "example"', "", "1: site.name: is missing; expected the site's name"),
        ("{time:", "{tim:", "17: component.database.series.0.pattern: expected a path below the "
         "location such as"),
        ('keep = "30d"', 'keep = "30d"\nparts = ["x"]', "19: component.database.series.0.parts: "
         "unknown key"),
    ],
)  # fmt: skip
def test_one_error_each(read, old, new, said):
    with pytest.raises(ConfigError) as caught:
        read(GOOD.replace(old, new))
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "[site]\nname = 'x'\n", "site = 3", "component = []"])
def test_a_configuration_of_nothing_is_refused(read, text):
    with pytest.raises(ConfigError):
        read(text)


def test_what_is_not_toml_is_one_sentence(read, tmp_path):
    with pytest.raises(ConfigError, match="not valid TOML"):
        read("[site")
    with pytest.raises(ConfigError, match=r"nexoaudit init --scan DIR"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_the_schema_says_what_the_loader_says():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = tomllib.loads(GOOD.replace("since = 2026-11-01", 'since = "2026-11-01"'))
    assert not list(validator.iter_errors(good))
    good["component"]["database"]["garce"] = "1h"
    assert list(validator.iter_errors(good))


@given(st.integers(0, 5200), st.sampled_from("smhdw"))
def test_durations(number, unit):
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    assert parse_duration(f"{number}{unit}") == number * seconds


@given(st.text(max_size=8))
def test_anything_else_is_no_duration(text):
    if not re.fullmatch(r"[0-9]{1,9}[smhdw]", text):
        with pytest.raises(ValueError, match="a duration such as"):
            parse_duration(text)


def test_the_published_schema_is_this_one(request):
    document = Path(__file__).parents[2] / "docs" / "nexoaudit.schema.json"
    text = json.dumps(json_schema(), indent=2) + "\n"
    if request.config.getoption("--write-docs"):
        document.write_text(text)
    assert document.read_text() == text


@pytest.mark.parametrize("path", ["/backups", "/backups/", "/backups/more", "/"])
def test_two_locations_that_are_one_place_are_refused(read, path):
    twice = f'[location.offsite]\npath = "{path}"\n\n[component.database]'
    with pytest.raises(ConfigError, match="is the same directory as, or lies within"):
        read(GOOD.replace("[component.database]", twice, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('host = "db.example.com"', "", "name either the server's socket, or its host"),
        ('user = "n', 'socket = "/run/s"\nuser = "n', "name either the server's socket, or its"),
        ('host = "db.example.com"', 'socket = "/s"\nca_file = "/ca"', "a socket needs no certif"),
        ('"backup@localhost"', '"backup"', "expected an account such as"),
        ('user = "nexoaudit"', "", "user: is missing"),
        ('kind = "database"', 'kind = "uploads"', "only a component of kind database has"),
    ],
)
def test_a_login_that_cannot_be_meant_is_refused(read, old, new, said):
    with pytest.raises(ConfigError, match=said):
        read((GOOD + LIVE).replace(old, new, 1))


VERSIONS = """
[component.code]
kind = "code"
schedule = "on-change"
repository = "/srv/git/site.git"
deployed = "/var/www/site"
[component.code.schema]
component = "database"
sql = "SELECT value FROM shop.config WHERE name = 'version';"
file = "/var/www/site/version.php"
pattern = 'version = ([0-9.]+)'
"""


def test_code_may_name_where_its_version_and_that_of_its_database_are(read):
    policy = read(GOOD + VERSIONS).policy
    found = policy.component("code").schema
    assert found.sql == "SELECT value FROM shop.config WHERE name = 'version'"
    assert decode_policy(json.loads(json.dumps(encode_policy(policy)))) == policy
    undated = tomllib.loads((GOOD + VERSIONS).replace("since = 2026-11-01\n", ""))
    jsonschema.validate(undated, json_schema())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('component = "database"', 'component = "db"', "no component 'db' of kind database"),
        ('component = "database"', 'component = "code"', "no component 'code' of kind database"),
        ("SELECT value", "UPDATE x; SELECT value", "expected one SELECT of one value"),
        ("SELECT value", "SELECT value INTO OUTFILE '/x'", "expected one SELECT of one value"),
        ("SELECT value", "SELECT /*!1 SLEEP(9), */ value", "expected one SELECT of one value"),
        ("'version';", "'version' FOR  UPDATE", "expected one SELECT of one value"),
        ("'version';", "'version'; DELETE FROM x", "expected one SELECT of one value"),
        ("([0-9.]+)", "[0-9.]+", "expected a regular expression with one group"),
        ("([0-9.]+)", "([0-9.]+", "expected a regular expression with one group"),
        ("([0-9.]+)", "([0-9])([.])", "expected a regular expression with one group"),
        ("/var/www/site/version", "version", "expected an absolute path"),
        ("file = ", "# file = ", "schema.file: is missing"),
    ],
)
def test_a_question_about_versions_that_cannot_be_meant_is_refused(read, old, new, said):
    with pytest.raises(ConfigError, match=said):
        read(GOOD + VERSIONS.replace(old, new, 1))


def test_a_component_that_is_a_part_of_itself_is_refused(read):
    circle = '[component.{}]\nkind = "system"\nschedule = "0 5 * * 0"\nparts = ["{}"]\n'
    with pytest.raises(ConfigError, match="is a part of itself"):
        read(GOOD + circle.format("a", "b") + circle.format("b", "a"))


def test_a_series_needs_a_location(read):
    with pytest.raises(ConfigError, match="name at least one location"):
        read(GOOD.replace('locations = ["local"]', "locations = []"))


def test_a_location_may_ask_for_room_and_a_component_say_where_its_data_is(read):
    text = GOOD.replace('path = "/backups"', 'path = "/backups"\nmin_size = "100GB"')
    text = text.replace('rpo = "24h"\nsince', 'rpo = "24h"\ndata = ["/var/lib/mysql"]\nsince')
    policy = read(text).policy
    assert policy.location("local").min_bytes == 100 * 10**9
    assert policy.component("database").data == ("/var/lib/mysql",)
    assert decode_policy(json.loads(json.dumps(encode_policy(policy)))) == policy
    undated = tomllib.loads(text.replace("since = 2026-11-01\n", ""))
    jsonschema.validate(undated, json_schema())


def test_a_policy_recorded_before_data_could_be_named_is_still_read(read):
    policy = read(GOOD).policy
    recorded = encode_policy(policy)
    del recorded["locations"][0]["min_bytes"]
    del recorded["components"][0]["data"]
    assert decode_policy(recorded) == policy


def test_sizes_are_read_as_they_are_written_on_disks():
    assert [parse_size(text) for text in ("500MB", "2 TB", "1KiB", "93GiB")] == [
        500 * 10**6,
        2 * 10**12,
        1024,
        93 * 2**30,
    ]
    for wrong in ("", "100", "100G", "GB", "-1GB", "1.5GB", "100gb", "1GB ", "9999TB"):
        with pytest.raises(ValueError, match="a size such as"):
            parse_size(wrong)


def test_data_and_sizes_that_make_no_sense_are_errors(read):
    text = GOOD.replace('path = "/backups"', 'path = "/backups"\nmin_size = "100"')
    text = text.replace('rpo = "24h"\nsince', 'rpo = "24h"\ndata = ["var/lib/mysql"]\nsince')
    with pytest.raises(ConfigError) as caught:
        read(text)
    said = "\n".join(caught.value.problems)
    assert 'location.local.min_size: expected a size such as "100GB" or "93GiB", found ' in said
    assert "component.database.data: expected a list of absolute paths, found " in said
