"""What can be wrong with an SSH host, each told by its reason and by one sentence."""

import socket
from datetime import UTC, datetime

import pytest
from ssh_said import refusal
from sshd import REMOTE, new_key

from nexoaudit.locations.ssh import SshTransport

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_host_key_that_changed_is_told_loudly(sshd, reach):
    sshd.add("changed", "internal-sftp -R", " HostKeyAlias changed")
    sshd.trust("changed", key="backup.key", port=22)
    reason, told = refusal(reach("changed", "sftp"))
    assert reason == "location.host_key"
    assert "is not the one that known_hosts has" in told
    assert sshd.fingerprint in told
    assert str(sshd.here / "known_hosts") in told


def test_a_host_key_that_nobody_ever_saw_is_another_matter(sshd, reach):
    sshd.add("unknown", "internal-sftp -R", " HostKeyAlias never-seen")
    before = (sshd.here / "known_hosts").read_bytes()
    reason, told = refusal(reach("unknown", "sftp"))
    assert reason == "location.host_key"
    assert told.startswith("no key of unknown is known")
    assert (sshd.here / "known_hosts").read_bytes() == before


@pytest.mark.parametrize("checking", ["no", "accept-new", "ask"])
def test_no_configuration_makes_us_accept_an_unknown_key(sshd, reach, checking):
    name = f"{checking}-unknown"
    settings = f" HostKeyAlias never-seen\n StrictHostKeyChecking {checking}"
    sshd.add(name, "internal-sftp -R", settings)
    assert refusal(reach(name, "sftp"))[0] == "location.host_key"


def test_a_key_that_the_host_does_not_know_is_refused(sshd, reach):
    sshd.add("stranger", "internal-sftp -R")
    new_key(sshd.here / "stranger.key")
    assert refusal(reach("stranger", "sftp"))[0] == "location.refused"


def test_a_private_key_that_everybody_may_read_is_told_of(sshd, reach):
    sshd.add("careless", "internal-sftp -R")
    (sshd.here / "careless.key").chmod(0o644)
    reason, told = refusal(reach("careless", "sftp"))
    assert reason == "location.refused"
    assert "0600" in told


def test_a_host_that_is_away_is_unreachable(sshd, reach):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        sshd.add("away", more=f" Port {closed.getsockname()[1]}")
        assert refusal(reach("away"))[0] == "location.unreachable"


def test_a_name_that_nobody_knows_is_unreachable(sshd, reach):
    sshd.add("nowhere", more=" HostName nowhere.invalid")
    reason, told = refusal(reach("nowhere"))
    assert reason == "location.unreachable"
    assert "nowhere was not found" in told


def test_a_broken_configuration_says_which_line(sshd, reach):
    sshd.add("broken")
    config = sshd.here / "broken_config"
    config.write_text("Host broken\n Prot 22\n")
    location = sshd.location("broken")
    location = location._replace(host=location.host._replace(config_file=str(config)))
    reason, told = refusal(SshTransport(location, deadline_s=20))
    assert reason == "location.unreachable"
    assert "prot" in told.lower()


def test_a_host_that_accepts_and_is_silent_times_out(sshd, reach):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sshd.add("silent", more=f" Port {silent.getsockname()[1]}")
        assert refusal(reach("silent", deadline_s=1.2))[0] == "location.timeout"


def test_a_peer_that_is_no_ssh_server_is_told_of(sshd, reach):
    sshd.add("nonsense", more=" ProxyCommand yes 'HTTP/1.1 400 Bad Request'")
    assert refusal(reach("nonsense", deadline_s=5))[0] in {
        "location.unreachable",
        "location.timeout",
    }


@pytest.mark.parametrize("access", ["command", "sftp"])
def test_a_directory_that_is_not_there_is_missing(sshd, reach, access):
    host = "backup" if access == "command" else "backup-sftp"
    reason, told = refusal(reach(host, access, f"{sshd.root}/nowhere"))
    assert reason == "location.missing"
    assert f"{sshd.root}/nowhere" in told


def test_another_directory_than_the_served_one_is_forbidden(sshd, reach):
    for path in ("/etc", f"{sshd.root}/..", "/"):
        assert refusal(reach("backup", path=path))[0] == "location.forbidden"


@pytest.mark.parametrize("script", ["", "echo 'no such thing' >&2; exit 1"])
def test_a_host_without_the_forced_command_is_told_of(sshd, reach, script):
    reason, told = refusal(reach(sshd.play(script) if script else "backup-shell"))
    assert reason == "location.unreadable"
    assert "authorized_keys" in told


@pytest.mark.parametrize("access", ["command", "sftp"])
def test_a_login_shell_that_prints_is_told_of(sshd, reach, access):
    server = "/usr/lib/openssh/sftp-server -R" if access == "sftp" else f"sh {REMOTE} {sshd.root}"
    name = sshd.play(f"echo 'Welcome to us!'\nexec {server}\n")
    reason, told = refusal(reach(name, access))
    assert reason == "location.unreadable"
    assert ".bashrc" in told
    assert "Welcome to us!" in told


def test_a_forced_command_of_another_release_is_told_of(sshd, reach):
    reason, told = refusal(reach(sshd.play("echo nexoaudit-remote 2")))
    assert reason == "location.unreadable"
    assert "version 2" in told


def test_a_host_without_sftp_says_so(sshd, reach):
    (sshd.here / "bare_config").write_text(
        (sshd.here / "sshd_config").read_text().replace("Subsystem sftp internal-sftp\n", "")
    )
    proxy = f" ProxyCommand /usr/sbin/sshd -i -f {sshd.here}/bare_config\n HostKeyAlias piped"
    sshd.add("bare", more=proxy)
    reason, told = refusal(reach("bare", "sftp"))
    assert reason == "location.refused"
    assert "allows no sftp" in told


def test_the_key_of_the_forced_command_is_not_for_sftp(reach):
    reason, told = refusal(reach("backup", "sftp"))
    assert reason == "location.unreadable"
    assert "set access to `command`" in told


def test_a_key_that_allows_something_else_is_not_for_sftp(sshd, reach):
    assert refusal(reach(sshd.play("exit 0"), "sftp"))[0] == "location.refused"


@pytest.mark.parametrize("tool", ["find", "sha256sum"])
def test_a_host_without_the_tools_of_gnu_says_which(sshd, reach, tmp_path, tool):
    remote = tmp_path / "remote"
    remote.write_text(REMOTE.read_text().replace("PATH=/usr/local", f"PATH={tmp_path}:/usr/local"))
    (tmp_path / tool).write_text("#!/bin/sh\necho BusyBox >&2\nexit 1\n")
    (tmp_path / tool).chmod(0o755)
    transport = reach(sshd.play(f"exec sh {remote} {sshd.root}"))
    call = (
        (lambda it: list(it.listing())) if tool == "find" else (lambda it: list(it.stored(["a"])))
    )
    reason, told = refusal(transport, call)
    assert reason == "location.unreadable"
    assert f"{tool} of GNU" in told
