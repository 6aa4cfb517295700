"""Which machine this is, from its own files, told as a host's forced command tells it."""

import subprocess
from pathlib import Path

import pytest

from nexoaudit.live.here import observe_here
from nexoaudit.locations import identity

TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.168.7.0
        /24 link UNICAST
     |-- 192.168.7.20
        /32 host LOCAL
     |-- 192.168.7.255
        /32 link BROADCAST
"""
INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe800000000000000000000000000001 02 40 20 80     eth0
20010db8000000010000000000000005 02 40 00 80     eth0
"""


def test_this_machine_is_told_from_its_files(tmp_path):
    for name, text in {
        "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        "proc/net/fib_trie": TRIE,
        "proc/net/if_inet6": INET6,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    key = tmp_path / "etc/ssh/ssh_host_ed25519_key"
    key.parent.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    told = subprocess.run(["ssh-keygen", "-lf", key], check=True, capture_output=True, text=True)
    assert observe_here(tmp_path) == (
        "address:127.0.0.1",
        "address:192.168.7.20",
        "address:2001:db8:0:1::5",
        "address:::1",
        f"hostkey:{told.stdout.split()[1]}",
        "machine:4935dd770f38a02076217877c567f0f09a254ce1402eca7e881c6fc590dc125a",
        "network:192.168.7.0/24",
        "network:2001:db8:0:1::/64",
    )


def test_what_cannot_be_read_is_left_out(tmp_path):
    assert observe_here(tmp_path) == ()
    for name in ("etc/machine-id", "proc/net/fib_trie", "proc/net/if_inet6"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"uninitialized\n\xff\n")
    (tmp_path / "etc/ssh").mkdir()
    (tmp_path / "etc/ssh/ssh_host_rsa_key.pub").write_text("ssh-rsa no-key\n")
    assert observe_here(tmp_path) == ()


def test_a_host_on_this_machine_shares_tokens_with_it(sshd):
    from datetime import UTC, datetime

    from nexoaudit.locations.ssh import SshTransport

    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    here = set(observe_here())
    assert "address:127.0.0.1" in here
    for host, access, kind in (
        ("backup", "command", "machine"),
        ("backup-sftp", "sftp", "address"),
    ):
        transport = SshTransport(sshd.location(host, access=access), deadline_s=30)
        shared = here & set(transport.store(now).identity)
        transport.close()
        if kind != "machine" or Path("/etc/machine-id").exists():
            assert [token.partition(":")[0] for token in shared] == [kind]


@pytest.mark.parametrize(
    ("told", "tokens"),
    [
        ("203.0.113.9", ("address:203.0.113.9", "network:203.0.113.0/24")),
        ("::ffff:203.0.113.9", ("address:203.0.113.9", "network:203.0.113.0/24")),
        ("127.0.1.1", ("address:127.0.0.1",)),
        ("::1", ("address:::1",)),
        ("fe80::1%eth0", ()),
        ("0.0.0.0", ()),
        ("no address", ()),
    ],
)
def test_an_address_has_one_spelling(told, tokens):
    assert identity.addresses(told) == tokens


@pytest.mark.parametrize(
    ("told", "public"),
    [("8.8.8.8", True), ("10.0.2.15", False), ("172.17.0.1", False), ("fd00::2", False)],
)
def test_an_address_that_many_machines_have_tells_none_from_another(told, public):
    assert bool(identity.public_addresses(told)) is public
