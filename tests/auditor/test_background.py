import os
import subprocess
import sys

import pytest

from nexoaudit.auditor.pace import Pace
from nexoaudit.verification.reading import reading

IDLE = """
import os
from nexoaudit.auditor.priority import background
with background():
    print(os.sched_getscheduler(0) == os.SCHED_IDLE)
print(os.sched_getscheduler(0) == os.SCHED_IDLE)
"""


def test_work_in_the_background_is_idle_and_only_while_it_lasts():
    done = subprocess.run([sys.executable, "-c", IDLE], capture_output=True, text=True, check=True)
    inside, after = done.stdout.split()
    assert inside == "True"
    assert after == "False" or os.geteuid() != 0  # an ordinary user cannot go back


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_the_rate_is_never_passed():
    clock = Clock()
    pace = Pace(1000, clock, clock.sleep)
    for _ in range(50):
        pace.advance(100)
    assert clock.now == pytest.approx(105)


def test_time_that_was_not_used_is_not_made_up_for():
    clock = Clock()
    pace = Pace(1000, clock, clock.sleep)
    clock.now += 3600
    began = clock.now
    for _ in range(50):
        pace.advance(100)
    assert clock.now == pytest.approx(began + 4)  # a second's credit


def test_without_a_rate_nobody_waits():
    clock = Clock()
    pace = Pace(0, clock, clock.sleep)
    pace.advance(10**9)
    assert clock.now == 100


def test_how_long_a_copy_takes_is_known_from_the_rate_or_from_experience():
    clock = Clock()
    assert Pace(1000, clock).takes_s(5000) == 5
    pace = Pace(0, clock)
    assert pace.takes_s(10**12) == 0
    clock.now += 10
    pace.advance(100 << 20)
    assert pace.takes_s(200 << 20) == pytest.approx(20)


@pytest.mark.parametrize("size", [0, 1, (8 << 20) + 5, 20 << 20])
def test_a_read_that_drops_the_cache_reads_the_same(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    with reading(path, drop_cache=True) as (file, _):
        blocks = list(iter(lambda: file.read(128 * 1024), b""))
    assert b"".join(blocks) == path.read_bytes()
