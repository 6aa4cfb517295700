"""Copies in a real bucket, from the upload to the verdict, each fault beside its twin."""

from datetime import timedelta

import pytest
from disk_site import DUMP

from nexoaudit.errors import LocationError
from nexoaudit.locations.s3 import S3Transport
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verdict import Status


@pytest.fixture
def cloud(elsewhere):
    elsewhere.with_bucket()
    return elsewhere


@pytest.fixture
def plain(elsewhere):
    elsewhere.with_bucket(sealed=False)
    return elsewhere


def test_encrypted_copies_are_opened_once_and_count(cloud, capfd):
    assert cloud.audit().verified >= 12
    assert cloud.bad() == {}
    for path, copy in cloud.copies("cloud").items():
        assert path.endswith(".sql.gz.gpg")
        assert (copy.proof, copy.sealed) == ("decrypted", "AES256 MDC")
        assert copy.assurance >= Assurance.READABLE
    assert {copy.sha256 for copy in cloud.copies("cloud").values()} == {
        copy.sha256 for copy in cloud.copies("local").values()
    }
    code, line = cloud.check("copies", capfd)
    told = "database: 4 copies on 3 media, 2 off-site, of all 4 points"
    assert (code, line.partition(" |")[0]) == (0, f"BACKUP COPIES OK - {told}")
    code, line = cloud.check("offsite", capfd)
    assert (code, line.partition(" - ")[0]) == (0, "BACKUP OFFSITE OK")


def test_an_encrypted_copy_is_no_point_of_its_own_in_the_history(cloud):
    cloud.audit()
    with cloud.session() as session:
        known = session.recall().histories["database", "full"]
    good, newest = (path.name for path in cloud.dumps[-2:])
    assert (known.newest.path, known.good.path) == (newest, good)
    assert len(known.series) == len(cloud.dumps) - 1


def test_plain_copies_are_proven_without_their_bytes(plain):
    plain.config.write_text(plain.config.read_text() + "")
    plain.audit()
    assert plain.bad() == {}
    proofs = {(copy.proof, copy.assurance) for copy in plain.copies("cloud").values()}
    assert proofs <= {("crc", Assurance.INTACT), ("md5", Assurance.INTACT)}


def test_a_second_audit_asks_for_no_object(cloud):
    cloud.audit()
    before = cloud.copies("cloud")
    assert cloud.audit().verified == 0
    assert cloud.copies("cloud") == before


def test_same_size_other_bytes_is_seen(plain):
    path = plain.dumps[-1]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    plain.upload(path, sealed=False, data=bytes(data))
    plain.audit()
    found = plain.bad()
    assert found["copy.differs"] is Status.FAIL
    assert found["copies.short"] is Status.FAIL


def test_another_size_is_seen(plain):
    path = plain.dumps[-1]
    plain.upload(path, sealed=False, data=path.read_bytes()[:-1])
    plain.audit()
    assert plain.bad()["copy.other_size"] is Status.FAIL


def test_an_encrypted_copy_of_something_else_is_seen(cloud):
    first, *_, last = cloud.dumps
    cloud.upload(last, data=first.read_bytes())
    cloud.audit()
    assert cloud.bad()["copy.differs"] is Status.FAIL


def test_an_encrypted_copy_that_was_cut_is_seen(cloud):
    last = cloud.dumps[-1]
    whole = cloud.gpg.seal(last.read_bytes())
    cloud.s3.put(cloud.bucket, f"{last.name}.gpg", whole[:-30])
    cloud.audit()
    assert set(cloud.bad()) & {"sealed.cut", "sealed.altered"}


def test_a_name_that_ends_in_gpg_does_not_make_it_encrypted(cloud):
    last = cloud.dumps[-1]
    cloud.s3.put(cloud.bucket, f"{last.name}.gpg", last.read_bytes())
    cloud.audit()
    found = cloud.bad()
    assert set(found) & {"sealed.not_openpgp", "sealed.not_encrypted"}


def test_a_weak_cipher_is_seen(cloud):
    last = cloud.dumps[-1]
    weak = cloud.gpg.seal(last.read_bytes(), cipher="CAST5")
    cloud.s3.put(cloud.bucket, f"{last.name}.gpg", weak)
    cloud.audit()
    assert cloud.bad()["sealed.weak"] is Status.FAIL


def test_the_wrong_passphrase_opens_nothing(cloud, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.touch(0o600)
    wrong.write_text("not it\n")
    right = str(cloud.gpg.passphrase_file)
    cloud.config.write_text(cloud.config.read_text().replace(right, str(wrong)))
    cloud.audit()
    assert cloud.bad()["sealed.key"] is Status.FAIL


def test_without_a_passphrase_nothing_is_claimed(cloud):
    line = f'passphrase_file = "{cloud.gpg.passphrase_file}"\n'
    text = cloud.config.read_text()
    cloud.config.write_text(text.replace(line, ""))
    cloud.audit()
    found = cloud.bad()
    assert found["sealed.no_key"] is Status.UNVERIFIED
    assert Status.FAIL not in found.values()
    cloud.config.write_text(text)
    cloud.audit()
    assert cloud.bad() == {}


def test_a_plain_twin_of_an_encrypted_copy_is_seen(cloud):
    cloud.upload(cloud.dumps[-1], sealed=False)
    cloud.audit()
    assert cloud.bad()["offsite.twin"] is Status.FAIL


def test_what_must_be_encrypted_and_is_not(plain):
    plain.config.write_text(
        plain.config.read_text().replace('kind = "s3"', 'kind = "s3"\nencrypted = true')
    )
    plain.audit()
    assert plain.bad()["offsite.plain"] is Status.FAIL


def test_a_transfer_that_stopped_is_seen(cloud):
    for path in cloud.dumps[-2:]:
        cloud.remove(f"{path.name}.gpg")
    cloud.audit()
    found = cloud.bad()
    assert found["offsite.missing"] is Status.FAIL
    assert found["copies.short"] is Status.FAIL


def test_an_emptied_bucket_is_shouted(cloud, capfd):
    cloud.audit()
    for path in cloud.dumps:
        cloud.remove(f"{path.name}.gpg")
    cloud.audit()
    assert cloud.bad()["offsite.emptied"] is Status.FAIL
    code, line = cloud.check("offsite", capfd)
    assert code == 2
    assert "4 COPIES VANISHED" in line


def test_a_bucket_without_versions_warns(elsewhere):
    elsewhere.with_bucket(versioning="")
    elsewhere.audit()
    assert elsewhere.bad() == {"offsite.unprotected": Status.WARN}


def test_refused_credentials_keep_what_was_known(cloud):
    cloud.audit()
    known = cloud.copies("cloud")
    good = str(cloud.s3.credentials("AKPOLICY"))
    bad = str(cloud.s3.credentials("AKPOLICY", "wrong"))
    cloud.config.write_text(cloud.config.read_text().replace(good, bad))
    outcome = cloud.audit()
    assert [sweep.reason for sweep in outcome.failed] == ["location.refused"]
    assert cloud.copies("cloud") == known
    found = cloud.bad()
    assert found["location.refused"] is Status.UNVERIFIED
    assert Status.FAIL not in found.values()


def test_what_the_bucket_does_not_tell_is_unknown(elsewhere):
    elsewhere.with_bucket(credentials=elsewhere.s3.credentials("AKAUDITOR"))
    elsewhere.audit()
    assert elsewhere.bad() == {"offsite.posture_unknown": Status.UNVERIFIED}


def test_a_bucket_that_is_gone_is_unverified(cloud):
    cloud.config.write_text(cloud.config.read_text().replace(cloud.bucket, "no-such-bucket"))
    outcome = cloud.audit()
    assert [sweep.reason for sweep in outcome.failed] == ["location.missing"]
    assert cloud.bad()["location.missing"] is Status.UNVERIFIED


def test_a_name_with_a_date_only_is_the_only_point_of_its_day(elsewhere):
    elsewhere.with_bucket(sealed=False)
    text = elsewhere.config.read_text()
    elsewhere.config.write_text(
        text.replace('keep = "30d"', 'keep = "30d"\nat = { cloud = "day_{time:%Y%m%d}.sql.gz" }')
    )
    for path in elsewhere.dumps:
        data = path.read_bytes()
        elsewhere.s3.put(elsewhere.bucket, f"day_{path.name[3:11]}.sql.gz", data)
        elsewhere.remove(path.name)
    elsewhere.audit()
    assert elsewhere.bad() == {}
    assert {copy.of for copy in elsewhere.copies("cloud").values()} == {
        path.name for path in elsewhere.dumps
    }


def test_of_several_points_of_a_day_only_a_read_tells_which_it_is(elsewhere):
    elsewhere.with_bucket(sealed=False)
    text = elsewhere.config.read_text().replace(
        'keep = "30d"', 'keep = "30d"\nat = { cloud = "day_{time:%Y%m%d}.sql.gz" }'
    )
    for path in elsewhere.dumps:
        elsewhere.s3.put(elsewhere.bucket, f"day_{path.name[3:11]}.sql.gz", path.read_bytes())
        elsewhere.remove(path.name)
    last = elsewhere.dumps[-1]
    other = last.with_name(last.name.replace("_020000", "_030000"))
    other.write_bytes(elsewhere.dumps[0].read_bytes())
    elsewhere.date(other, elsewhere.now - timedelta(hours=1))
    elsewhere.config.write_text(text.replace('kind = "s3"', 'kind = "s3"\ndownload = "0kB"'))
    elsewhere.audit()
    found = elsewhere.bad(["offsite", "checksum"])
    assert found["copy.unproven"] is Status.UNVERIFIED
    assert "offsite.missing" not in found
    elsewhere.config.write_text(text)
    elsewhere.audit()
    copy = elsewhere.copies("cloud")[f"day_{last.name[3:11]}.sql.gz"]
    assert (copy.of, copy.proof) == (last.name, "read")


def test_a_passphrase_that_nobody_keeps_elsewhere_is_not_green(elsewhere):
    elsewhere.state_escrow = lambda: None
    elsewhere.with_bucket()
    elsewhere.audit()
    assert elsewhere.bad() == {"escrow.never_stated": Status.UNVERIFIED}


def test_a_passphrase_beside_what_it_opens_fails(cloud):
    name = cloud.gpg.passphrase_file.name
    cloud.s3.put(cloud.bucket, f"keys/{name}", b"not to be here")
    cloud.audit()
    assert cloud.bad() == {"offsite.key_beside": Status.FAIL}


def test_one_object_that_may_not_be_read_stops_no_other(cloud, monkeypatch):
    first = f"{cloud.dumps[-1].name}.gpg"  # the newest is looked at first
    read = S3Transport.read

    def refusing(self, path, start=0, length=None):
        if path == first:
            raise LocationError("location.forbidden", "its key is another account's")
        return read(self, path, start, length)

    monkeypatch.setattr(S3Transport, "read", refusing)
    assert cloud.audit().failed == ()
    copies = cloud.copies("cloud")
    assert copies.pop(first).problems == ("copy.refused",)
    assert {copy.proof for copy in copies.values()} == {"decrypted"}
    assert cloud.bad(["checksum"])["copy.refused"] is Status.UNVERIFIED
    monkeypatch.undo()
    cloud.audit()
    assert cloud.bad(["checksum"]) == {}


def test_no_secret_is_in_what_is_published(cloud):
    cloud.audit()
    published = (cloud.root / "state/state.json").read_text()
    ledger = (cloud.root / "state/ledger.sqlite").read_bytes()
    for secret in ("correct horse", "the-secret-of-the-policy"):
        assert secret not in published
        assert secret.encode() not in ledger


def test_checksums_do_not_heal_what_was_found_inside(elsewhere):
    text = DUMP.format(number=10, stamp="").rpartition("-- Dump completed")[0]
    elsewhere.dump(0, text=text)
    elsewhere.with_bucket()
    elsewhere.audit()
    path = f"{elsewhere.dumps[-1].name}.gpg"
    first = elsewhere.copies("cloud")[path]
    elsewhere.audit(reread=True)
    again = elsewhere.copies("cloud")[path]
    assert (first.proof, first.problems) == ("decrypted", ("dump.no_trailer",))
    assert (again.proof, again.problems) == ("md5", ("dump.no_trailer",))
