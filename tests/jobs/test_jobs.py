import os

import pytest

from nexoaudit.assess import assess_components, assess_site
from nexoaudit.model.verdict import Status
from nexoaudit.wording.catalogue import catalogue
from nexoaudit.wording.sentence import sentence

TABLE = "/etc/cron.d/site-backup"
JOB = "/usr/local/bin/site-db-backup.sh"
LINE = f"0 2 * * * root {JOB} >> /var/log/site.log 2>&1\n"
MASTER = "/usr/local/sbin/site-master.sh"


@pytest.fixture
def judged(live, build):
    """Return a function that looks at the live site and judges its job."""

    def judge(**changes):
        state = build.state(
            policy=live.policy(**changes),
            timetable=live.review(**changes),
        )
        found = assess_components(state, build.now_ms, controls=["jobs"])
        found += assess_site(state, build.now_ms, ["jobs"])
        words = catalogue("en")
        said = {verdict.reason: sentence(verdict, words) for verdict in found}
        assert all("?" not in text.removesuffix("?") for text in said.values()), said
        status = {verdict.reason: verdict.status for verdict in found}
        return status, said

    return judge


def test_a_job_of_cron_d_is_found_with_its_user_times_and_script(live):
    (job,) = live.scheduled()
    assert (job.source, job.line, job.user, job.when) == (TABLE, 1, "root", "0 2 * * *")
    assert (job.programs, job.through, job.faults) == ((JOB,), (), ())
    assert live.review().paths == (JOB,)


def test_what_is_scheduled_once_and_can_run_is_well(judged):
    assert judged()[0] == {"jobs.scheduled": Status.PASS}


def test_without_a_job_in_the_policy_nothing_is_asked(judged):
    assert judged(job="")[0] == {}


def test_a_job_that_nothing_schedules(live, judged):
    live.put(TABLE, "# " + LINE)
    status, said = judged()
    assert status == {"jobs.not_scheduled": Status.FAIL}
    assert said["jobs.not_scheduled"].startswith("site-db-backup.sh is not scheduled")


def test_a_job_after_changes_needs_a_script_but_no_schedule(live, judged):
    live.put(TABLE, "")
    assert judged(schedule="on-change")[0] == {}
    (live.root / JOB.lstrip("/")).unlink()
    assert judged(schedule="on-change")[0] == {"jobs.no_script": Status.FAIL}


def test_the_same_time_in_two_tables_is_twice(live, judged):
    live.put("/var/spool/cron/crontabs/root", f"0 2 * * * {JOB}\n", 0o600)
    assert judged()[0] == {"jobs.twice": Status.WARN}


def test_two_lines_that_share_the_times_of_the_policy_are_one_schedule(live, judged):
    live.put(TABLE, LINE + LINE.replace("0 2", "0 14", 1))
    assert judged(schedule="0 2,14 * * *")[0] == {"jobs.scheduled": Status.PASS}
    assert judged()[0] == {"jobs.other_times": Status.WARN}


def test_another_time_than_the_policy_says(live, judged):
    live.put(TABLE, LINE.replace("0 2", "0 6", 1))
    status, said = judged()
    assert status == {"jobs.other_times": Status.WARN}
    assert said["jobs.other_times"] == (
        f"site-db-backup.sh is scheduled for 0 6 * * * ({TABLE}:1), not for 0 2 * * *"
    )


def test_times_are_compared_only_by_the_same_clock(live, judged):
    live.put(TABLE, LINE.replace("0 2", "0 1", 1))
    live.put("/etc/timezone", "UTC\n")
    assert judged()[0] == {"jobs.other_times": Status.WARN}
    (live.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Madrid")
    assert judged()[0] == {"jobs.scheduled": Status.PASS}
    live.put(TABLE, LINE * 2)
    assert judged()[0] == {"jobs.twice": Status.WARN}


def test_reboot_is_no_time(live, judged):
    live.put(TABLE, f"@reboot root {JOB}\n")
    assert judged()[0] == {"jobs.other_times": Status.WARN}


@pytest.mark.parametrize(
    ("fault", "table", "mode"),
    [
        ("cron.writable", LINE, 0o664),
        ("cron.no_newline", LINE.rstrip(), 0o644),
        ("cron.bad_line", LINE + "0 25 * * * root x\n", 0o644),
        ("cron.percent", f"0 2 * * * root {JOB} --day $(date +%F)\n", 0o644),
        ("cron.no_such_file", LINE.replace("/usr/local/bin", "/opt/backup"), 0o644),
        ("cron.unknown_user", LINE.replace("root", "nobody_here"), 0o644),
        ("cron.not_in_path", "0 2 * * * root site-db-backup.sh\n", 0o644),
    ],
)
def test_what_cron_would_not_run(live, judged, fault, table, mode):
    live.put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    live.put(TABLE, table, mode)
    status, said = judged()
    assert status == {fault: Status.FAIL}
    assert TABLE in said[fault]


def test_a_command_found_by_the_path_of_the_table(live, judged):
    live.put(TABLE, "PATH=/usr/local/bin:/usr/bin\n0 2 * * * root site-db-backup.sh\n")
    assert judged()[0] == {"jobs.scheduled": Status.PASS}


def test_a_command_in_the_script_that_lies_outside_the_path(live, judged):
    live.put("/usr/local/bin/aws", "#!/usr/bin/python3\n", 0o755)
    live.put(JOB, "#!/bin/bash\nto=/var/backups/site\naws s3 sync $to s3://x\n", 0o755)
    status, said = judged()
    assert status["cron.not_in_path"] is Status.FAIL
    assert f"aws, in {JOB}" in said["cron.not_in_path"]
    live.put(JOB, '#!/bin/bash\nPATH="$PATH:/usr/local/bin"\naws s3 ls /var/backups/site\n', 0o755)
    assert "cron.not_in_path" not in judged()[0]


def test_a_script_that_may_not_be_executed_can_still_be_given_to_a_shell(live, judged):
    live.put(JOB, "#!/bin/bash\n", 0o644)
    assert judged()[0] == {"cron.not_executable": Status.FAIL}
    live.put(TABLE, LINE.replace(JOB, f"bash {JOB}"))
    assert judged()[0] == {"jobs.scheduled": Status.PASS}


def test_a_user_who_may_not_execute_what_root_may(live, judged):
    live.put("/etc/passwd", "root:x:0:0::/:/bin/sh\nbackup:x:34:34::/:/bin/sh\n")
    live.put(JOB, "#!/bin/bash\n", 0o700)
    assert judged()[0] == {"jobs.scheduled": Status.PASS}
    live.put(TABLE, LINE.replace("root", "backup"))
    expected = os.geteuid() == 34
    assert ("cron.not_executable" in judged()[0]) is not expected


def test_a_dotted_table_is_passed_over_unless_another_runs_the_job(live, judged):
    table = live.root / TABLE.lstrip("/")
    live.put(TABLE + ".bak", LINE)
    assert judged()[0] == {"jobs.scheduled": Status.PASS}
    table.unlink()
    assert judged()[0] == {"cron.dotted_name": Status.FAIL}


def test_a_daily_directory_takes_names_without_dots_only(live, judged):
    live.put(TABLE, "")
    live.put("/etc/cron.daily/site-backup", f"#!/bin/sh\nexec {JOB}\n", 0o755)
    assert judged()[0] == {"jobs.scheduled": Status.PASS}
    (live.root / "etc/cron.daily/site-backup").rename(live.root / "etc/cron.daily/site-backup.sh")
    assert judged()[0] == {"cron.dotted_name": Status.FAIL}


def test_a_job_that_a_master_script_runs(live, judged):
    live.put(MASTER, f"#!/bin/bash\nif {JOB} >> /var/log/x; then echo ok; fi\n", 0o755)
    live.put(TABLE, f"30 1 * * * root {MASTER}\n")
    assert judged()[0] == {"jobs.scheduled": Status.PASS}
    live.put(TABLE, f"30 1 * * * root {MASTER}\n{LINE}")
    assert judged()[0] == {"jobs.twice_through": Status.WARN}
    live.put(TABLE, f"30 1 * * * root {MASTER}\n")
    live.put(MASTER, f"#!/bin/bash\n# {JOB}\n", 0o755)
    assert judged()[0] == {"jobs.not_scheduled": Status.FAIL}


def test_a_timer_counts_when_it_is_enabled(live, judged):
    live.put(TABLE, "")
    live.put("/etc/systemd/system/b.timer", "[Timer]\nOnCalendar=*-*-* 02:00:00\n")
    live.put("/etc/systemd/system/b.service", f"[Service]\nExecStart={JOB}\n")
    assert judged()[0] == {"timer.not_enabled": Status.FAIL}
    wants = live.root / "etc/systemd/system/timers.target.wants"
    wants.mkdir()
    (wants / "b.timer").symlink_to("../b.timer")
    assert judged()[0] == {"jobs.scheduled": Status.PASS}
    assert judged(schedule="0 3 * * *")[0] == {"jobs.other_times": Status.WARN}


def test_what_has_nothing_to_do_with_backups_is_not_recorded(live):
    live.put("/usr/local/bin/tidy.sh", "#!/bin/sh\nrm -rf /tmp/old\n", 0o755)
    live.put("/etc/cron.d/tidy", "0 5 * * * root /usr/local/bin/tidy.sh\n")
    review = live.review()
    assert [job.source for job in review.scheduled] == [TABLE]
    assert review.paths == (JOB,)


def test_no_password_is_recorded(live):
    live.put(
        TABLE,
        "0 2 * * * root mysqldump -phunter2 x | gzip > /var/backups/site/x; site-db-backup.sh\n",
    )
    assert "hunter2" not in repr(live.review())


def test_hostile_files_neither_stop_nor_mislead_the_look(live, judged):
    folder = live.root / "etc/cron.d"
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "gone").symlink_to("nowhere")
    (folder / "folder").mkdir()
    (folder / "device").symlink_to("/dev/zero")
    live.put("/etc/cron.d/binary", bytes(range(256)) * 5000)
    live.put("/etc/cron.d/latin", b"# caf\xe9\n0 1 * * * root true\n")
    live.put("/etc/cron.d/endless", "x" * (3 << 20))
    (folder / "latin").rename(os.fsdecode(os.fsencode(folder) + b"/b\xe9d"))
    status, _ = judged()
    assert status == {"jobs.scheduled": Status.PASS}


def test_scripts_that_run_one_another_in_a_circle(live):
    live.put(JOB, f"#!/bin/bash\n{MASTER}\n", 0o755)
    live.put(MASTER, f"#!/bin/bash\n{JOB}\n", 0o755)
    (job,) = live.scheduled()
    assert job.through == (MASTER,)


@pytest.mark.unprivileged
def test_a_table_that_may_not_be_read_is_told_of(live, judged):
    spool = live.root / "var/spool/cron/crontabs"
    spool.mkdir(parents=True)
    spool.chmod(0o300)
    assert judged()[0] == {"jobs.unreadable": Status.UNVERIFIED, "jobs.scheduled": Status.PASS}
    live.put(TABLE, "")
    assert judged()[0] == {
        "jobs.unreadable": Status.UNVERIFIED,
        "jobs.perhaps_hidden": Status.UNVERIFIED,
    }
    spool.chmod(0o700)
