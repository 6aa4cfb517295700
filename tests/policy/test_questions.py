"""What a configuration asks of a restored database: the owner's demands, and versions."""

import json

import pytest
from good_policy import GOOD

from nexoaudit.errors import ConfigError
from nexoaudit.model.assertion import Assertion
from nexoaudit.state.policies import decode_policy, encode_policy

ASSERT = """
[[component.database.assert]]
name = "users"
sql = "SELECT COUNT(*) > 10 FROM users;"
must = "true"
[[component.database.assert]]
name = "admins"
sql = "SELECT COUNT(*) FROM users WHERE admin"
must = "value"
value = "2"
"""


def test_what_its_owner_demands_of_a_restored_database(read):
    policy = read(GOOD + ASSERT).policy
    assert policy.component("database").asserts == (
        Assertion("users", "SELECT COUNT(*) > 10 FROM users", "true"),
        Assertion("admins", "SELECT COUNT(*) FROM users WHERE admin", "value", "2"),
    )
    assert decode_policy(json.loads(json.dumps(encode_policy(policy)))) == policy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("SELECT COUNT(*) > 10", "DELETE", "expected one SELECT such as"),
        ("users;", "users; SELECT 1", "expected one SELECT such as"),
        ('must = "true"', 'must = "false"', "expected what the answer must be: one of true"),
        ('must = "true"', "", "must: is missing"),
        ('value = "2"', "", 'assert.1.value: value and must = "value" go together'),
        ('must = "true"', 'must = "true"\nvalue = "2"', 'assert.0.value: value and must = "value"'),
        ('name = "admins"', 'name = "users"', "assert.1.name: two of them are called 'users'"),
        ("[[component.database.assert]]", "[component.database.assert]", "not valid TOML"),
    ],
)
def test_demands_that_make_no_sense(read, old, new, said):
    with pytest.raises(ConfigError) as caught:
        read(GOOD + ASSERT.replace(old, new))
    assert said in str(caught.value)


def test_only_a_database_can_be_asked(read):
    asked = GOOD + ASSERT
    with pytest.raises(ConfigError, match="only a component of kind database can be asked"):
        read(asked.replace('kind = "database"', 'kind = "uploads"'))
