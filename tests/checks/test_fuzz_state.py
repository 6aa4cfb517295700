"""A damaged state file: every check answers in one line, and never with a traceback."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.state.codec import encode_state

MORE = settings(max_examples=max(40, settings().max_examples))
CHECKS = ("age", "auditor", "binlog", "checksum", "content", "copies", "retention", "schedule")
_ODD = st.sampled_from(
    [
        "null",
        "true",
        "-1",
        "9" * 30,
        '""',
        '"x"',
        r'"\ud800"',
        r'"| \n"',
        "[]",
        "{}",
        "[null]",
        "1.5",
    ]
).map(json.loads)


@pytest.fixture(scope="module")
def sample(build):
    return json.dumps(encode_state(build.state())).encode()


@st.composite
def bent(draw, sample):
    """Draw the state with a few of its values replaced or gone."""
    state = json.loads(sample)
    for _ in range(draw(st.integers(1, 3))):
        at = state
        while True:
            keys = sorted(at) if isinstance(at, dict) else range(len(at))
            key = draw(st.sampled_from(list(keys)))
            inner = at[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 3)) == 0:
                break
            at = inner
        if draw(st.booleans()):
            at[key] = draw(_ODD)
        else:
            del at[key]
        if not state:
            break
    return json.dumps(state).encode()


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_answers(check, state_file, sample, mutated, name):
    @MORE
    @given(bent(sample) | mutated(sample))
    def answers(data):
        state_file.write_bytes(data)
        said = check(name, None, "-s", str(state_file), "-v")
        assert said.code in {0, 1, 2, 3}
        assert said.errors == ""
        first = said.text.split("\n")[0]
        assert first.startswith(f"BACKUP {name.upper()} ")
        assert len(first.encode()) < 1024

    answers()


def test_what_is_no_state_is_unknown(check, state_file):
    @MORE
    @given(st.binary(max_size=200) | st.just(b"[" * 100_000), st.sampled_from(CHECKS))
    def unknown(data, name):
        state_file.write_bytes(data)
        assert check(name, None, "-s", str(state_file)).code == 3

    unknown()
