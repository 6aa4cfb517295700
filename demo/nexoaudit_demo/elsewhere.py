"""The demonstration's copies elsewhere: encrypted ones in a bucket, plain ones on a second host."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import DemoError, NexoError
from nexoaudit_demo.places import Places
from nexoaudit_demo.s3store import BUCKET, MISSING, REGION, Client, Store, find_weed
from nexoaudit_demo.sealing import sealer
from nexoaudit_demo.vault import HOST, Vault

CLOUD = "cloud"
"""The id of the bucket in the configuration."""
_IN_CLOUD = ("database", "config")
"""Components whose copies are encrypted and uploaded; the second host mirrors all."""
_CLOUD = """
# The bucket, by a read-only identity. What lies there is encrypted.
[location.{id}]
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
        """The file that opens the encrypted copies; no backup of the site holds it."""
        return self.root / "root/.backup-key"

    @property
    def store(self) -> Store:
        """The bucket's server."""
        return Store(self.root)

    @property
    def vault(self) -> Vault:
        """The second host, which needs no server: each connection brings its own."""
        return Vault(self.root)

    @property
    def has_bucket(self) -> bool:
        """Whether the site has copies in a bucket."""
        return self.store.credentials.exists()

    @property
    def has_host(self) -> bool:
        """Whether the site has copies on a second host."""
        return self.vault.config.exists()

    @contextmanager
    def filling(self) -> Iterator[Callable[[Path], tuple[str, ...]]]:
        """Start what takes its time, and give a function that copies the backups to both places.

        It takes the only program that the auditor may run on the second host. It returns what was
        left out and how to have it, in a sentence each. The bucket is there until the context ends.
        """
        with ExitStack() as stack:
            ready = stack.enter_context(self.store.starting()) if find_weed() else None
            yield partial(self._fill, ready)

    def renew(self, changed: Iterable[str]) -> None:
        """Upload anew, or delete, those of the site's backups that are kept in the bucket."""
        backups = Places(self.root).backups
        uploaded = [backups / name for name in changed if _is_uploaded(name)]
        if not uploaded:
            return
        with self.store.running() as client, sealer(self.passphrase) as gpg:
            for path in uploaded:
                key = key_of(path.relative_to(backups))
                if path.exists():
                    client.put_object(Bucket=BUCKET, Key=key, Body=gpg.seal(path))
                else:
                    client.delete_object(Bucket=BUCKET, Key=key)

    def _fill(self, ready: Callable[[], Client] | None, forced: Path) -> tuple[str, ...]:
        left_out = []
        try:
            self.vault.make(forced)
            self.vault.mirror(Places(self.root).backups)
        except NexoError as error:
            self.vault.remove()
            left_out.append(f"Left out, the copies on a second host: {error}.")
        try:
            self._upload(ready)
        except NexoError as error:
            left_out.append(f"Left out, the encrypted copies in a bucket: {error}.")
        return tuple(left_out)

    def _upload(self, ready: Callable[[], Client] | None) -> None:
        if ready is None:
            raise DemoError(MISSING)
        backups = Places(self.root).backups
        with sealer(self.passphrase) as gpg:
            sealed = gpg.seal_all(_to_upload(backups))
            client = ready()
            for path, data in sealed:
                client.put_object(Bucket=BUCKET, Key=key_of(path.relative_to(backups)), Body=data)
        self.store.let_in()

    def configured(self, text: str) -> str:
        """Return a configuration of the site with the places that were filled added to it."""
        if self.has_host:
            text = _kept_at(text, "vault")
            text += _VAULT.format(host=HOST, config=self.vault.config, path=self.vault.backups)
        if self.has_bucket:
            text = _kept_at(text, CLOUD, _IN_CLOUD)
            text += _CLOUD.format(
                id=CLOUD,
                bucket=BUCKET,
                endpoint=self.store.endpoint,
                region=REGION,
                credentials=self.store.credentials,
                passphrase=self.passphrase,
            )
        return text


def key_of(path: Path | str) -> str:
    """Return the key in the bucket of a backup, by its path below the backups."""
    return f"{path}.gpg"


def _to_upload(backups: Path) -> list[Path]:
    return sorted(
        path
        for path in backups.glob("*/*")
        if path.is_file() and _is_uploaded(str(path.relative_to(backups)))
    )


def _is_uploaded(name: str) -> bool:
    return name.partition("/")[0] in _IN_CLOUD and not name.endswith(".sha256")


def _kept_at(text: str, location: str, components: tuple[str, ...] = ()) -> str:
    """Return a configuration whose series, all or those of `components`, are kept there too."""
    parts = re.split(r"(?m)^(?=\[+component\.)", text)
    wanted = tuple(f"[[component.{name}.series]]" for name in components) or "[[component."
    return "".join(
        re.sub(r'(?m)^(locations = \[.*"offsite".*)\]', rf'\1, "{location}"]', part)
        if part.startswith(wanted)
        else part
        for part in parts
    )
