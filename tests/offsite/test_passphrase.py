"""A passphrase that is brought after encrypted copies were seen."""

from disk_site import DiskSite

from nexoaudit.model.copy import Assurance


def test_copies_in_a_directory_are_read_once_their_passphrase_is_there(tmp_path, gpg):
    site = DiskSite(tmp_path)
    for path in (tmp_path / "offsite").glob("db_*"):
        if path.suffix == ".gz":
            sealed = path.with_name(f"{path.name}.gpg")
            sealed.write_bytes(gpg.seal(path.read_bytes()))
            site.date(sealed, site.now.replace(hour=3))
        path.unlink()
    assert site.audit().verified == 8
    assert site.audit().verified == 0
    text = site.config.read_text()
    named = f'failure_domain = "elsewhere"\npassphrase_file = "{gpg.passphrase_file}"'
    site.config.write_text(text.replace('failure_domain = "elsewhere"', named))
    again = site.audit()
    assert again.verified == 4
    held = [c for key, some in again.state.copies.items() if key[2] == "offsite" for c in some]
    assert {copy.problems for copy in held} == {("sidecar.missing",)}
    assert {copy.assurance for copy in held} == {Assurance.READABLE}
    assert site.audit().verified == 0
