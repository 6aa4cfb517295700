"""The deadline: an answer in time, whatever hangs."""

import os
import signal
import subprocess

import pytest

from nexoaudit.cli.tour import CHECKS


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("name", CHECKS)
def test_a_state_that_hangs_is_answered_by_the_deadline(command, pipe, name):
    said = command(name, "-s", str(pipe), "-t", "1")
    assert (said.code, said.errors) == (3, "")
    assert said.line == f"BACKUP {name.upper()} UNKNOWN - no answer within 1 s"


def test_no_except_can_eat_the_deadline(pipe, python, run_age):
    code = (
        "import nexoaudit_checks._run as run\n"
        "def stubborn(path):\n"
        "    while True:\n"
        "        try:\n"
        "            open(path).read()\n"
        "        except BaseException:\n"
        "            pass\n"
        "run.read_state = stubborn\n" + run_age
    )
    done = python(code, "-s", str(pipe), "-t", "1")
    assert (done.returncode, done.stdout, done.stderr) == (
        3,
        b"BACKUP AGE UNKNOWN - no answer within 1 s\n",
        b"",
    )


def test_the_deadline_holds_though_the_alarm_was_blocked_by_the_parent(script, pipe):
    done = subprocess.run(
        [script("age"), "-s", str(pipe), "-t", "1"],
        capture_output=True,
        timeout=30,
        check=False,
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM}),
    )
    assert (done.returncode, done.stdout) == (3, b"BACKUP AGE UNKNOWN - no answer within 1 s\n")


def test_the_deadline_holds_where_no_signal_reaches(python):
    # A dead mount keeps even the alarm away; here the process blocks it after arming.
    code = (
        "import os, signal, threading\n"
        "from nexoaudit_checks import _deadline\n"
        "_deadline.arm('BACKUP AGE', 1)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n"
        "os.read(os.pipe()[0], 1)\n"
    )
    done = python(code)
    assert (done.returncode, done.stdout) == (3, b"BACKUP AGE UNKNOWN - no answer within 1 s\n")


def test_a_limit_on_threads_does_not_stop_a_check(live_state, python, run_age):
    code = (
        "import threading\n"
        'def refuse(self): raise RuntimeError("can\'t start new thread")\n'
        "threading.Thread.start = refuse\n" + run_age
    )
    done = python(code, "-s", str(live_state))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"BACKUP AGE OK - ")


def test_a_later_deadline_replaces_the_earlier_one(python):
    code = (
        "import time\n"
        "from nexoaudit_checks import _deadline\n"
        "_deadline.arm('BACKUP AGE', 1)\n"
        "_deadline.arm('BACKUP AGE', 60)\n"
        "time.sleep(1.6)\n"
        "print('alive')\n"
    )
    assert python(code).stdout == b"alive\n"


def test_who_has_claimed_the_answer_is_not_interrupted(python):
    code = (
        "import time\n"
        "from nexoaudit_checks import _deadline\n"
        "_deadline.arm('BACKUP AGE', 1)\n"
        "_deadline.claim()\n"
        "time.sleep(1.6)\n"
        "print('answer')\n"
    )
    assert python(code).stdout == b"answer\n"
