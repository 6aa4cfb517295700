"""When points are due, asked one by one and for all at once."""

from hypothesis import given
from hypothesis import strategies as st
from small_site import DAY, HOUR, NOW, Build, ms

from nexoaudit.rules.points import due_before_ms, due_ms

NOW_MS = ms(NOW)
HOURS = st.integers(-500 * 24, 10 * 24).map(lambda hours: NOW_MS + hours * HOUR)


@given(
    made=st.one_of(HOURS, st.sampled_from([NOW_MS - 400 * DAY - 1, NOW_MS - 400 * DAY])),
    runs=st.lists(HOURS, max_size=6, unique=True).map(sorted),
    location=st.sampled_from(["local", "offsite"]),
)
def test_what_is_due_by_now_is_what_was_made_before_one_moment(made, runs, location):
    state = Build.state()._replace(transfers={"offsite": tuple(runs)})
    component = state.policy.component("database")
    due = due_ms(state, component, location, made) < NOW_MS
    assert (made < due_before_ms(state, component, location, NOW_MS)) == due
