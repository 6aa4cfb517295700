import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.crontab import DEFAULT_PATH, read_table, times
from nexoaudit.formats.timer import as_cron, read_unit

TABLE = """\
# a comment
SHELL=/bin/bash
0 2 * * * root /usr/local/bin/one.sh >> /var/log/one.log 2>&1
PATH = "/opt/bin:/usr/bin"
@daily backup /usr/local/bin/two.sh
  30 4 * * mon-fri root three --at "$(date +\\%F)"
"""


def test_a_system_table_names_the_user_of_each_job():
    table = read_table(TABLE, system=True)
    assert [(job.line, job.when, job.user) for job in table.jobs] == [
        (3, "0 2 * * *", "root"),
        (5, "0 0 * * *", "backup"),
        (6, "30 4 * * mon-fri", "root"),
    ]
    assert [job.path for job in table.jobs] == [DEFAULT_PATH, *["/opt/bin:/usr/bin"] * 2]
    assert table.jobs[2].command == 'three --at "$(date +%F)"'
    assert not table.jobs[2].cut
    assert (table.bad, table.ended) == ((), True)


def test_a_bare_percent_cuts_the_command():
    (job,) = read_table("0 2 * * * dump --name $(date +%F).sql\n", system=False).jobs
    assert (job.command, job.cut, job.user) == ("dump --name $(date +", True, "")


@pytest.mark.parametrize(
    "line",
    ["0 2 * * * root", "0 25 * * * root x", "60 2 * * * root x", "@never root x", "hello", "0 2 1"],
)
def test_a_line_that_cron_does_not_understand_is_named(line):
    assert read_table(f"# x\n{line}\n", system=True).bad == (2,)


def test_an_open_last_line_is_seen():
    assert not read_table("0 2 * * * root x", system=True).ended
    assert read_table("", system=True).ended


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0 2 * * *", "00 02 * * *"),
        ("0 5 * * 0", "0 5 * * 7"),
        ("0 5 * * sun", "0 5 * * SUN"),
        ("*/15 * * * *", "0,15,30,45 0-23 * * *"),
        ("0 0 1 jan *", "0 0 1 1 *"),
    ],
)
def test_the_same_times_are_equal_however_they_are_written(one, other):
    assert times(one) == times(other)
    assert times(one) != times("1 1 * * *")


@pytest.mark.parametrize("text", ["@reboot", "* * * *", "*/0 * * * *", "5/10 * * * *", "a * * * *"])
def test_what_has_no_times(text):
    assert times(text) is None


@pytest.mark.parametrize(
    ("calendar", "cron"),
    [
        ("daily", "0 0 * * *"),
        ("*-*-* 02:00:00", "0 2 * * *"),
        ("Sun *-*-* 05:00", "0 5 * * 0"),
        ("02:30", "30 2 * * *"),
        ("Mon..Fri 03:00", "0 3 * * 1-5"),
        ("Sat,Sun 03:00", "0 3 * * 6,0"),
        ("*-*-01 03:00:00", "0 3 1 * *"),
        ("*:0/15", "*/15 * * * *"),
        ("2026-01-01 02:00", ""),
        ("*-*-* 02:00:30", ""),
        ("02:00 Europe/Madrid", ""),
        ("Someday 02:00", ""),
        ("", ""),
    ],
)
def test_a_calendar_of_systemd_in_the_words_of_cron(calendar, cron):
    assert as_cron(calendar) == cron
    assert not cron or times(cron) is not None


def test_a_unit_file():
    unit = read_unit(
        "[Timer]\nOnCalendar=daily\nOnCalendar=\nOnCalendar=02:00\nUnit=x.service\n"
        "[Service]\nUser=backup\nExecStart=-/usr/local/bin/x.sh \\\n  --all\n"
    )
    assert unit.calendar == ("02:00",)
    assert (unit.starts, unit.user) == ("x.service", "backup")
    assert unit.commands == ("/usr/local/bin/x.sh    --all",)


@given(st.text(alphabet=st.sampled_from("0123*/,-@ #%\\\n=aPATHroot\x00é"), max_size=80))
def test_any_text_is_read(text):
    for system in (True, False):
        table = read_table(text, system=system)
        assert all(job.command for job in table.jobs)
        assert len(table.jobs) + len(table.bad) <= text.count("\n") + 1
    times(text)
    read_unit(text)
    as_cron(text)


@given(st.text())
def test_any_unicode_is_read(text):
    read_table(text, system=True)
    as_cron(text)
