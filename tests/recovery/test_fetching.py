"""How the runbook brings copies of every form here."""

import subprocess

from nexoaudit.model.location import Location
from nexoaudit.runbook.fetching import Fetch
from nexoaudit.runbook.files import FUNCTIONS


def lines(build, path, root="/backups", **changes):
    copy = build.dump(0, path=path, **changes)
    fetch = Fetch(Location("local", str(root), passphrase_file="/key"), copy, "part", "a" * 64)
    return fetch, list(fetch.commands())


def test_an_encrypted_copy_is_opened_whether_or_not_somebody_has_read_it(build):
    for sealed in ("", "AES256 MDC"):
        _, commands = lines(build, "db.sql.gz.gpg", sealed=sealed)
        assert any(line.startswith("opened ") for line in commands)
        assert commands[-1] == f'verify "$WORK"/part.sql.gz {"a" * 64}'
    _, plain = lines(build, "db.sql.gz")
    assert plain == [f"verify /backups/db.sql.gz {'a' * 64}"]


def test_a_tree_is_laid_as_an_archive_is(build, tmp_path):
    (tmp_path / "from/daily 1/uploads").mkdir(parents=True)
    (tmp_path / "from/daily 1/uploads/a b").write_text("inside")
    fetch, commands = lines(build, "daily 1/", tmp_path / "from")
    assert all(line.startswith("#") for line in commands)
    text = f"set -euo pipefail\n{FUNCTIONS}\n{fetch.reader} | unpack {tmp_path}/to\n"
    subprocess.run(["bash", "-c", text], check=True)
    assert (tmp_path / "to/uploads/a b").read_text() == "inside"
