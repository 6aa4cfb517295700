"""What is asked of a restored system, as the configuration has it."""

import json

import jsonschema
import pytest

from nexoaudit.errors import ConfigError
from nexoaudit.model.drilling import Drilling, Reconcile
from nexoaudit.policy.load import load
from nexoaudit.policy.schema import json_schema
from nexoaudit.state.policies import decode_policy, encode_policy

SITE = """\
[site]
name = "example"
[component.code]
kind = "code"
schedule = "on-change"
"""
DRILL = """\
[drill]
health = ["/usr/bin/php", "/usr/local/lib/health.php"]
plant = "UPDATE config SET value = :nonce WHERE name = 'motd';"
deadline = "90s"
web_user = "apache"
[[drill.reconcile]]
sql = "SELECT path FROM attachments"
below = "uploads/"
[[drill.reconcile]]
sql = "SELECT 1"
"""


@pytest.fixture
def read(tmp_path):
    def parse(text):
        (tmp_path / "site.toml").write_text(text)
        return load(tmp_path / "site.toml").policy

    return parse


def test_all_of_it_is_read_and_kept(read):
    policy = read(SITE + DRILL)
    assert policy.drill == Drilling(
        ("/usr/bin/php", "/usr/local/lib/health.php"),
        "UPDATE config SET value = :nonce WHERE name = 'motd'",
        (Reconcile("SELECT path FROM attachments", "uploads"), Reconcile("SELECT 1")),
        90,
        "apache",
    )
    assert decode_policy(json.loads(json.dumps(encode_policy(policy)))) == policy
    assert read(SITE).drill == Drilling()


def test_a_policy_recorded_before_has_the_defaults(read):
    recorded = encode_policy(read(SITE))
    del recorded["drill"]
    assert decode_policy(recorded).drill == Drilling()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("plant = ", "# ", "drill: health and plant go together"),
        ("health = ", "# ", "drill: health and plant go together"),
        ('"/usr/bin/php", ', '"php", ', "drill.health: expected a command and its arguments"),
        ('["/usr/bin/php", "/usr/local/lib/health.php"]', "[]", "drill.health: expected a command"),
        (":nonce", "1", "drill.plant: expected one statement with :nonce"),
        ("UPDATE", "DELETE; UPDATE", "drill.plant: expected one statement with :nonce"),
        ('"90s"', '"0s"', "drill.deadline: expected a duration"),
        ("SELECT path", "DELETE", "drill.reconcile.0.sql: expected one SELECT of one column"),
        ('"uploads/"', '"../uploads"', "drill.reconcile.0.below: expected a directory below"),
        ('"uploads/"', '"/uploads"', "drill.reconcile.0.below: expected a directory below"),
        ('sql = "SELECT 1"', "", "drill.reconcile.1.sql: is missing"),
        ("web_user", "www_user", "drill.www_user: unknown key; known here: deadline, health"),
        ('[[drill.reconcile]]\nsql = "SELECT 1"', "", ""),
    ],
)
def test_what_cannot_be_meant_is_refused(read, old, new, said):
    changed = (SITE + DRILL).replace(old, new)
    assert changed != SITE + DRILL
    if not said:
        read(changed)
        return
    with pytest.raises(ConfigError) as caught:
        read(changed)
    assert said in str(caught.value)


@pytest.mark.parametrize("value", ["drill = 3", "[drill]\nreconcile = 3", "[drill.reconcile]"])
def test_other_shapes_are_refused(read, value):
    with pytest.raises(ConfigError, match="expected"):
        read(f"{value}\n{SITE}" if value == "drill = 3" else f"{SITE}{value}\n")


def test_the_schema_knows_it():
    validator = jsonschema.Draft202012Validator(json_schema()["properties"]["drill"])
    good = {"health": ["/bin/true"], "plant": "SET a = :nonce", "reconcile": [{"sql": "SELECT 1"}]}
    assert not list(validator.iter_errors(good))
    assert list(validator.iter_errors({**good, "reconcile": [{}]}))
    assert list(validator.iter_errors({**good, "helth": []}))
