"""Generations that rsync mirrors to a real second host, each fault beside its twin."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.evidence import millis
from nexoaudit.locations.ssh import SshTransport
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verdict import Status

HERE = """
[location.vault]
kind = "ssh"
host = "{host}"
access = "{access}"
ssh_config = "{config}"
path = "{path}"
medium = "remote"
failure_domain = "vault"
offsite = true
transfer = "30 4 * * *"

[component.incremental]
kind = "uploads"
schedule = "45 2 * * *"
grace = "1h"
since = 2026-11-19
copies = {{ total = 3, media = 2, offsite = 1 }}
[[component.incremental.series]]
id = "incremental"
pattern = "{pattern}"
keep = "{keep}"
locations = ["local", "vault"]
"""
CONTROLS = ("checksum", "copies", "offsite", "retention")


class Mirrored:
    """The site; `night` lets the job run at 02:45 and the transfer at 04:30 of the next day."""

    def __init__(self, elsewhere, access="command", *, dated=False):
        self.site, self.dated = elsewhere, dated
        self.sshd = elsewhere.sshd
        self.base = elsewhere.root / "local/incremental"
        self.there = self.sshd.root / "incremental"
        self.live = elsewhere.root / "live"
        self.live.mkdir()
        self.base.mkdir()
        for number in range(6):
            self.put(f"uploads/{number}/a.pdf", b"%PDF" * 2000 + b"%d" % number)
        self.put("sub/\udcff\\n.txt", b"odd")
        self.put("sub.txt", b"after the directory of a name that begins alike")
        pattern = "incremental/{time:%Y-%m-%d}/" if dated else "incremental/*/"
        told = {
            "host": "backup" if access == "command" else "backup-sftp",
            "config": self.sshd.config,
            "path": self.sshd.root,
            "access": access,
            "pattern": pattern,
            "keep": "30d" if dated else "2d",
        }
        elsewhere.config.write_text(elsewhere.config.read_text() + HERE.format(**told))
        elsewhere.now -= timedelta(days=2)
        self.night(1)
        self.night(2)

    def put(self, name, data):
        path = self.live / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.site.date(path, self.site.now - timedelta(days=9))

    def run(self):
        """Make a generation as `rsync --link-dest` does."""
        current, previous = self.base / "current", self.base / "previous"
        if self.dated:
            made = sorted(self.base.iterdir())
            previous = made[-1] if made else previous
            current = self.base / f"{self.site.now:%Y-%m-%d}"
        else:
            shutil.rmtree(previous, ignore_errors=True)
            if current.exists():
                current.rename(previous)
        linked = [f"--link-dest={previous}"] if previous.exists() else []
        subprocess.run(["rsync", "-a", *linked, f"{self.live}/", f"{current}/"], check=True)
        for path in (current, *(path for path in current.rglob("*") if path.is_dir())):
            self.site.date(path, self.site.now.replace(hour=2, minute=45))

    def transfer(self, links="-H"):
        source, target = f"{self.base}/", f"{self.there}/"
        argv = ["rsync", "-a", "--delete", *([links] if links else []), source, target]
        subprocess.run(argv, check=True)

    def night(self, number):
        self.site.now += timedelta(days=1)
        self.put(f"uploads/new{number}.pdf", b"a%d" % number)
        self.run()
        self.transfer()

    def audit(self):
        return self.site.audit()

    def held(self):
        return {
            path: copy for path, copy in self.site.copies("vault").items() if path.endswith("/")
        }

    def found(self):
        """Return what is not well, by reason, after an audit."""
        state, now_ms = self.audit().state, millis(self.site.now)
        found = assess_components(state, now_ms, controls=CONTROLS, components=["incremental"])
        return {v.reason: v.status for v in found if v.status is not Status.PASS}

    def write(self, name, data, *, moment=None):
        """Write a file of a generation there, at some time of the past."""
        path = min(self.there.iterdir()) / name
        path.write_bytes(data)
        self.site.date(path, moment or self.site.now - timedelta(days=8))

    def remove(self, name):
        min(self.there.glob(f"*/{name}")).unlink()


@pytest.fixture
def rotating(elsewhere):
    return Mirrored(elsewhere)


@pytest.fixture
def dated(elsewhere):
    return Mirrored(elsewhere, dated=True)


def test_mirrored_generations_are_proven_by_what_their_host_computes(rotating):
    assert rotating.found() == {}
    held = rotating.held()
    assert set(held) == {"incremental/current/", "incremental/previous/"}
    assert {(copy.proof, copy.assurance) for copy in held.values()} == {("host", Assurance.INTACT)}
    made = rotating.site.copies("local")
    assert all(copy.sha256 == made[path].sha256 for path, copy in held.items())


def test_night_after_night_each_mirror_is_proven_anew_and_then_left_alone(rotating):
    for number in range(3, 6):
        rotating.night(number)
        assert rotating.found() == {}
    assert rotating.audit().verified == 0
    assert {copy.proof for copy in rotating.held().values()} == {"host"}


def test_dated_generations_are_proven_by_their_own_names(dated):
    assert dated.found() == {}
    assert len(dated.held()) == 2
    assert {copy.proof for copy in dated.held().values()} == {"host"}


@pytest.mark.parametrize(
    "fault",
    [
        lambda site: site.write("uploads/3/a.pdf", b"%PDX" * 2000 + b"3"),
        lambda site: site.remove("uploads/3/a.pdf"),
        lambda site: site.write("uploads/extra.pdf", b"%PDF"),
    ],
    ids=["one-differs", "one-missing", "one-extra"],
)
def test_a_dated_mirror_with_other_files_differs(dated, fault):
    fault(dated)
    dated.site.now += timedelta(hours=1)
    found = dated.found()
    assert found["copy.differs"] is Status.FAIL
    dated.transfer("-Hc")
    dated.site.now += timedelta(hours=1)
    assert dated.found() == {}


@pytest.mark.parametrize(
    "fault",
    [
        lambda site: site.write("uploads/3/a.pdf", b"%PDX" * 2000 + b"3"),
        lambda site: site.remove("uploads/3/a.pdf"),
        lambda site: site.write("uploads/extra.pdf", b"%PDF"),
    ],
    ids=["one-differs", "one-missing", "one-extra"],
)
def test_a_rotating_mirror_with_other_files_is_no_generation_that_is_known(rotating, fault):
    fault(rotating)
    rotating.site.now += timedelta(hours=1)
    found = rotating.found()
    assert found["copy.unproven"] is Status.UNVERIFIED
    assert Status.FAIL not in found.values()
    assert rotating.audit().verified == 0  # it is asked once, not at each audit


def test_bytes_that_changed_under_an_old_listing_are_seen_when_their_turn_comes(dated):
    dated.audit()
    path = min(dated.there.glob("*/uploads/3/a.pdf"))
    dated.write("uploads/3/a.pdf", b"%PDX" * 2000 + b"3", moment=path_time(path))
    assert "copy.differs" not in dated.found()  # size and time are as they were
    dated.site.now += timedelta(days=21)
    assert dated.found()["copy.differs"] is Status.FAIL


def path_time(path):
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_between_the_rotation_and_the_transfer_a_mirror_is_the_generation_before(rotating):
    rotating.audit()
    rotating.site.now = rotating.site.now.replace(hour=2, minute=50) + timedelta(days=1)
    rotating.put("uploads/late.pdf", b"%PDF late")
    rotating.run()
    rotating.site.now += timedelta(minutes=15)
    assert rotating.found() == {}
    rotating.site.now = rotating.site.now.replace(hour=8)
    assert rotating.found()["checksum.differs"] is Status.FAIL  # the transfer did not come
    rotating.transfer()
    rotating.site.now += timedelta(hours=1)
    assert rotating.found() == {}


def test_a_mirror_that_came_before_the_read_here_is_proven_without_asking_again(
    rotating, monkeypatch
):
    """A read here that was interrupted: the host's answer waits for it."""
    rotating.site.now += timedelta(days=1)
    rotating.put("uploads/x.pdf", b"%PDF x")
    rotating.run()
    rotating.transfer()
    (rotating.base / "current").rename(rotating.base.parent / "hidden")
    rotating.audit()
    assert rotating.held()["incremental/current/"].proof == ""
    (rotating.base.parent / "hidden").rename(rotating.base / "current")
    monkeypatch.setattr(SshTransport, "stored", None)
    rotating.audit()
    assert rotating.held()["incremental/current/"].proof == "host"


def test_a_host_that_computes_nothing_proves_nothing_and_says_what_to_do(elsewhere, capfd):
    mirrored = Mirrored(elsewhere, "sftp")
    mirrored.site.now += timedelta(hours=1)
    found = mirrored.found()
    assert found["tree.unprovable"] is Status.UNVERIFIED
    assert Status.FAIL not in found.values()
    assert mirrored.audit().verified == 0
    _, line = mirrored.site.check("checksum", capfd)
    assert "leave the location out of this series" in line
    text = mirrored.site.config.read_text()
    text = text.replace('"backup-sftp"', '"backup"').replace('access = "sftp"', "")
    mirrored.site.config.write_text(text)
    assert mirrored.found() == {}


def test_a_file_that_the_host_may_not_read_leaves_the_tree_unverified(rotating, monkeypatch):
    ask = SshTransport.stored

    def refusing(transport, paths):
        for told in ask(transport, paths):
            refused = told.path.endswith("previous/uploads/3/a.pdf")
            yield told._replace(outcome="refused", detail="no right") if refused else told

    with monkeypatch.context() as patch:
        patch.setattr(SshTransport, "stored", refusing)
        found = rotating.found()
        assert found["copy.refused"] is Status.UNVERIFIED
        assert Status.FAIL not in found.values()
        rotating.site.now += timedelta(minutes=15)
        assert rotating.audit().verified == 0  # nor is all of it read there once more
    rotating.site.now += timedelta(hours=6)
    assert rotating.found() == {}


def test_hard_links_that_the_transfer_lost_are_told_of(rotating):
    shutil.rmtree(rotating.there)
    rotating.transfer(links="")
    rotating.site.now += timedelta(hours=1)
    assert rotating.found() == {"offsite.doubled": Status.WARN}
    assert {copy.proof for copy in rotating.held().values()} == {"host"}
