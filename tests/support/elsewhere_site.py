"""A small site whose dumps also lie in a real bucket, encrypted, and on a real second host."""

import shutil
from importlib import import_module

from disk_site import DiskSite
from gnupg import Gnupg
from sshd import Sshd
from weed import S3Server

from nexoaudit.assess import assess_components, assess_site
from nexoaudit.auditor.statements import Pen, record
from nexoaudit.model.moments import millis
from nexoaudit.model.verdict import Status

CLOUD = """
[location.cloud]
kind = "s3"
bucket = "{bucket}"
endpoint = "{endpoint}"
region = "us-east-1"
credentials_file = "{credentials}"
medium = "cloud"
failure_domain = "cloud"
offsite = true
transfer = "30 4 * * *"
"""
OPENED = 'passphrase_file = "{passphrase}"\n'
VAULT = """
[location.vault]
kind = "ssh"
host = "{host}"
ssh_config = "{config}"
path = "{path}"
medium = "remote"
failure_domain = "vault"
offsite = true
transfer = "30 4 * * *"
"""


class Elsewhere(DiskSite):
    """The site; `cloud` and `vault` say what lies where. All dumps are of the last four days."""

    def __init__(self, root, s3: S3Server, sshd: Sshd, gpg: Gnupg) -> None:
        super().__init__(root)
        self.s3, self.sshd, self.gpg = s3, sshd, gpg
        self.bucket = ""

    @property
    def dumps(self):
        return sorted((self.root / "local").glob("*.sql.gz"))

    def add(self, section: str, name: str) -> None:
        text = self.config.read_text() + section
        self.config.write_text(
            text.replace('locations = ["local"', f'locations = ["{name}", "local"').replace(
                f'["{name}", "local"', f'["local", "{name}"'
            )
        )

    def with_bucket(self, *, sealed=True, versioning="Enabled", **fields) -> None:
        """Keep the dumps in a bucket as well."""
        self.bucket = self.s3.make_bucket()
        if versioning:
            self.s3.admin.put_bucket_versioning(
                Bucket=self.bucket, VersioningConfiguration={"Status": versioning}
            )
        told = {
            "bucket": self.bucket,
            "endpoint": self.s3.endpoint,
            "credentials": self.s3.credentials("AKPOLICY"),
            "passphrase": self.gpg.passphrase_file,
            **fields,
        }
        self.add((CLOUD + OPENED if sealed else CLOUD).format(**told), "cloud")
        for path in self.dumps:
            self.upload(path, sealed=sealed)
        if sealed:
            self.state_escrow()

    def state_escrow(self) -> None:
        """Have somebody say that the passphrase is kept elsewhere, too."""
        with self.session() as session:
            now_ms = millis(self.now)
            words = {"about": "escrow", "location": "cloud", "note": "envelope"}
            record(session, Pen("A. Person"), {**words, "until_ms": now_ms + 90 * 86_400_000})

    def upload(self, path, *, sealed=True, data=None, **options) -> str:
        data = path.read_bytes() if data is None else data
        key = f"{path.name}.gpg" if sealed else path.name
        self.s3.put(self.bucket, key, self.gpg.seal(data) if sealed else data, **options)
        return key

    def remove(self, key: str) -> None:
        self.s3.admin.delete_object(Bucket=self.bucket, Key=key)

    def with_vault(self, host="backup", **fields) -> None:
        """Keep the dumps on a second host as well."""
        shutil.copytree(self.root / "local", self.sshd.root, dirs_exist_ok=True)
        told = {"host": host, "config": self.sshd.config, "path": self.sshd.root, **fields}
        self.add(VAULT.format(**told), "vault")

    def copies(self, location: str):
        """Return the copies at a location as the published state has them, by name."""
        with self.session() as session:
            held = session.recall().copies
        return {
            copy.path: copy
            for (_, _, place), some in held.items()
            for copy in some
            if place == location
        }

    def bad(self, controls=("checksum", "copies", "offsite", "retention")):
        """Return what is not well, by reason."""
        with self.session() as session:
            state = session.recall()
        now_ms = millis(self.now)
        found = assess_components(state, now_ms, controls=controls)
        found += assess_site(state, now_ms, ["offsite"])
        return {v.reason: v.status for v in found if v.status is not Status.PASS}

    def check(self, name: str, capfd):
        """Return exit code and line of a check."""
        capfd.readouterr()
        state = str(self.root / "state/state.json")
        code = import_module(f"nexoaudit_checks.{name}").main(["-s", state], self.now)
        return code, capfd.readouterr().out.rstrip("\n")
