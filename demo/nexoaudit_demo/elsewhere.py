"""The demonstration's copies elsewhere: encrypted ones in a bucket, plain ones on a second host."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from nexoaudit_demo.places import Places
from nexoaudit_demo.s3store import BUCKET, REGION, Store, find_weed
from nexoaudit_demo.sealing import sealer
from nexoaudit_demo.vault import HOST, Vault, find_sshd

_IN_CLOUD = ("database", "config")
"""Components whose copies are encrypted and uploaded; the second host mirrors all."""
_CLOUD = """
# The bucket, by a read-only identity. What lies there is encrypted.
[location.cloud]
kind = "s3"
bucket = "{bucket}"
endpoint = "{endpoint}"
region = "{region}"
credentials_file = "{credentials}"
medium = "cloud"
failure_domain = "cloud"
offsite = true
encrypted = true
passphrase_file = "{passphrase}"
transfer = "30 4 * * *"
"""
_VAULT = """
# The second host, over ssh, by a key that may only look.
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


class Elsewhere(NamedTuple):
    """The two places of the site below `root`."""

    root: Path

    @property
    def passphrase(self) -> Path:
        """The file that opens the encrypted copies; it is no part of the site or its backups."""
        return self.root / "escrow/passphrase"

    @property
    def store(self) -> Store:
        """The bucket's server."""
        return Store(self.root)

    @property
    def vault(self) -> Vault:
        """The second host."""
        return Vault(self.root)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the servers that this site has; the second host needs none."""
        if not self.store.credentials.exists() or find_weed() is None:
            yield
            return
        with self.store.running():
            yield

    def fill(self, forced: Path) -> None:
        """Copy the site's backups to both places, as far as their programs are installed.

        `forced` is the only program that the auditor may run on the second host.
        """
        backups = Places(self.root).backups
        if find_sshd() is not None:
            self.vault.make(forced)
            self.vault.mirror(backups)
        if find_weed() is not None:
            with self.store.running(), sealer(self.passphrase) as gpg:
                client = self.store.client()
                for path, sealed in gpg.seal_all(_to_upload(backups)):
                    key = f"{path.relative_to(backups)}.gpg"
                    client.put_object(Bucket=BUCKET, Key=key, Body=sealed)

    def configured(self, text: str) -> str:
        """Return a configuration of the site with the places that were filled added to it."""
        if self.vault.config.exists():
            text = _kept_at(text, "vault")
            text += _VAULT.format(host=HOST, config=self.vault.config, path=self.vault.backups)
        if self.store.credentials.exists():
            text = _kept_at(text, "cloud", _IN_CLOUD)
            text += _CLOUD.format(
                bucket=BUCKET,
                endpoint=self.store.endpoint,
                region=REGION,
                credentials=self.store.credentials,
                passphrase=self.passphrase,
            )
        return text


def _to_upload(backups: Path) -> list[Path]:
    return sorted(
        path
        for component in _IN_CLOUD
        for path in (backups / component).iterdir()
        if path.is_file() and not path.name.endswith(".sha256")
    )


def _kept_at(text: str, location: str, components: tuple[str, ...] = ()) -> str:
    """Return a configuration in which every series of files, or those of `components`, lies there.

    A tree of files is one copy where it can be walked, and nothing that ssh or S3 could prove.
    """
    parts = re.split(r"(?m)^(?=\[+component\.)", text)
    wanted = tuple(f"[[component.{name}.series]]" for name in components)
    return "".join(
        re.sub(r'(?m)^(locations = \[.*"offsite".*)\]', rf'\1, "{location}"]', part)
        if part.startswith(wanted or "[[component.") and '/"\n' not in part
        else part
        for part in parts
    )
