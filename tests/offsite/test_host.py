"""Copies on a real second host, from the transfer to the verdict, each fault beside its twin."""

import os

import pytest
from disk_site import DUMP

from nexoaudit.model.copy import Assurance
from nexoaudit.model.verdict import Status


@pytest.fixture
def vault(elsewhere):
    elsewhere.with_vault()
    return elsewhere


def test_copies_are_proven_by_digests_made_there(vault):
    vault.audit()
    assert vault.bad() == {}
    copies = vault.copies("vault").values()
    assert {(copy.proof, copy.assurance) for copy in copies} == {("host", Assurance.INTACT)}


def test_a_host_that_allows_sftp_only_is_read(elsewhere):
    elsewhere.with_vault("backup-sftp")
    text = elsewhere.config.read_text()
    elsewhere.config.write_text(text.replace('kind = "ssh"', 'kind = "ssh"\naccess = "sftp"'))
    elsewhere.audit()
    assert elsewhere.bad() == {}
    assert {copy.proof for copy in elsewhere.copies("vault").values()} == {"read"}


def test_beyond_the_days_budget_only_the_size_is_known(elsewhere):
    elsewhere.with_vault("backup-sftp")
    text = elsewhere.config.read_text()
    elsewhere.config.write_text(
        text.replace('kind = "ssh"', 'kind = "ssh"\naccess = "sftp"\ndownload = "1kB"')
    )
    elsewhere.audit()
    found = elsewhere.bad()
    assert found["copy.unproven"] is Status.UNVERIFIED
    assert Status.FAIL not in found.values()


def test_same_size_other_bytes_is_seen(vault):
    vault.audit()
    assert vault.bad() == {}
    path = vault.sshd.root / vault.dumps[-1].name
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert vault.audit().verified == 1
    assert vault.bad()["copy.differs"] is Status.FAIL
    assert vault.audit().verified == 0


def test_a_changed_host_key_is_refused_loudly(vault, capfd):
    vault.audit()
    known = vault.copies("vault")
    hosts = vault.sshd.here / "known_hosts"
    good = hosts.read_text()
    try:
        lines = good.splitlines()
        hosts.write_text("\n".join(line[:-12] + "AAAAAAAAAAAA" for line in lines) + "\n")
        outcome = vault.audit()
    finally:
        hosts.write_text(good)
    assert [sweep.reason for sweep in outcome.failed] == ["location.host_key"]
    assert vault.copies("vault") == known
    code, line = vault.check("offsite", capfd)
    assert code == 3
    assert "THE HOST KEY IS NOT THE KNOWN ONE" in line


def test_deletions_that_were_mirrored_are_shouted(vault):
    vault.audit()
    for path in vault.dumps:
        (vault.sshd.root / path.name).unlink()
    vault.audit()
    assert vault.bad()["offsite.emptied"] is Status.FAIL


def test_this_very_host_is_not_off_site(vault):
    vault.config.write_text(vault.config.read_text().replace("demonstration = true", ""))
    vault.audit()
    assert vault.bad()["offsite.same_host"] is Status.FAIL


def test_a_copy_of_a_bad_dump_is_as_bad(elsewhere):
    text = DUMP.format(number=10, stamp="").rpartition("-- Dump completed")[0]
    elsewhere.dump(0, text=text)
    elsewhere.dump(0, "offsite", text=text)
    elsewhere.with_vault()
    elsewhere.audit()
    bad = [path for path, copy in elsewhere.copies("vault").items() if copy.problems]
    assert bad == [elsewhere.dumps[-1].name]
    assert elsewhere.copies("vault")[bad[0]].problems == ("dump.no_trailer",)
    assert elsewhere.bad(["offsite"])["dump.no_trailer"] is Status.FAIL
    times = {copy.path: copy.problems for copy in elsewhere.copies("vault").values()}
    elsewhere.audit(reread=True)
    assert {copy.path: copy.problems for copy in elsewhere.copies("vault").values()} == times
