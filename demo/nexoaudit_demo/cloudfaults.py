"""Faults of the copies elsewhere: in the bucket, and on the second host."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from nexoaudit import process
from nexoaudit.errors import DemoError
from nexoaudit_demo import packfaults
from nexoaudit_demo.dumpfaults import DAYS
from nexoaudit_demo.elsewhere import Elsewhere, key_of
from nexoaudit_demo.held import Held, flip
from nexoaudit_demo.s3store import BUCKET, Client
from nexoaudit_demo.sealing import sealer

_EXPIRES_DAYS = 7
_LATER_S = 60
"""How long after the site's last moment somebody takes a statement back."""


def _stopped(client: Client, dumps: Held) -> str:
    for name in dumps.names()[-DAYS:]:
        client.delete_object(Bucket=BUCKET, Key=_key(dumps, name))
    return f"the newest {DAYS} dumps were never uploaded to the bucket"


def _other_bytes(client: Client, dumps: Held) -> str:
    key = _key(dumps, dumps.newest())
    data = bytearray(_get(client, key))
    data[len(data) // 2] ^= 0x10
    _put(client, key, bytes(data))
    return f"{key} in the bucket has the size that it had and other bytes"


def _not_encrypted(client: Client, dumps: Held) -> str:
    key = _key(dumps, dumps.newest())
    _put(client, key, dumps.local(dumps.newest()).read_bytes())
    return f"{key} in the bucket is the dump itself: nothing encrypted it"


def _weak(client: Client, dumps: Held) -> str:
    key = _key(dumps, dumps.newest())
    _put(client, key, _sealed(dumps, Elsewhere(dumps.places.root).passphrase, "CAST5"))
    return f"{key} in the bucket is encrypted with CAST5"


def _cut(client: Client, dumps: Held) -> str:
    key = _key(dumps, dumps.newest())
    data = _get(client, key)
    _put(client, key, data[: len(data) // 2])
    return f"{key} in the bucket ends half-way"


def _other_key(client: Client, dumps: Held) -> str:
    key = _key(dumps, dumps.newest())
    forgotten = Elsewhere(dumps.places.root).passphrase.with_name("another")
    try:
        _put(client, key, _sealed(dumps, forgotten, "AES256"))
    finally:
        forgotten.unlink(missing_ok=True)
    return f"{key} in the bucket was encrypted with a passphrase that nobody has any more"


def _not_in_escrow(dumps: Held) -> str:
    known = json.loads(dumps.places.state.read_text("utf-8"))
    said = [item["id"] for item in known["attestations"] if item["about"] == "escrow"]
    if not said:
        raise DemoError("nobody ever stated where the passphrase is")
    moment = datetime.fromtimestamp(dumps.now + _LATER_S, UTC).strftime("@%Y-%m-%d %H:%M:%S")
    argv = [
        *(process.find("faketime", "faketime"), "-f", moment),
        *(str(Path(sys.executable).with_name("nexoaudit")), "attest", "revoke", said[0]),
        *("--by", "nexoaudit demo", "--reason", "the envelope is gone"),
        *("--config", str(dumps.places.root / "nexoaudit.toml")),
    ]
    done = process.run(argv, deadline_s=60.0, env={**os.environ, "TZ": "UTC"})
    if done.returncode:
        raise DemoError(done.stderr.decode("utf-8", "replace").strip()[-300:])
    return "nobody states any more that the passphrase is kept outside this server"


def _key_beside(client: Client, dumps: Held) -> str:
    passphrase = Elsewhere(dumps.places.root).passphrase
    _put(client, passphrase.name, passphrase.read_bytes())
    return f"the passphrase {passphrase.name} lies in the bucket, beside what it opens"


def _key_inside(dumps: Held) -> str:
    return packfaults.key_inside(dumps.of("config"))


def _archived(client: Client, dumps: Held) -> str:
    names = dumps.names()[-DAYS:]
    for name in names:
        key = _key(dumps, name)
        client.put_object(
            Bucket=BUCKET, Key=key, Body=_get(client, key), StorageClass="DEEP_ARCHIVE"
        )
    return f"the newest {len(names)} dumps in the bucket are in the class DEEP_ARCHIVE"


def _suspended(client: Client, dumps: Held) -> str:
    del dumps
    suspended = {"Status": "Suspended"}
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=suspended)
    return "the bucket keeps no versions any more: who overwrites or deletes has the last word"


def _expiring(client: Client, dumps: Held) -> str:
    expire(client, dumps, Expiration={"Days": _EXPIRES_DAYS})
    return f"the bucket deletes each dump after {_EXPIRES_DAYS} days"


def _public(client: Client, dumps: Held) -> str:
    del dumps
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(reading("*")))
    return "anybody may read the bucket"


def _plain_twin(client: Client, dumps: Held) -> str:
    name = dumps.newest()
    key = f"{dumps.directory}/{name}"
    _put(client, key, dumps.local(name).read_bytes())
    return f"{key} lies in the bucket as it is, beside the encrypted one"


def _emptied(client: Client, dumps: Held) -> str:
    del dumps
    keys = [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    for key in keys:
        client.delete_object(Bucket=BUCKET, Key=key)
    return f"a sync of an empty directory deleted all {len(keys)} objects of the bucket"


def _other_bytes_there(dumps: Held) -> str:
    path = there(dumps, dumps.newest())
    flip(path)
    return f"{path} on the second host has the size and the time that it had, and other bytes"


def _host_key(dumps: Held) -> str:
    vault = Elsewhere(dumps.places.root).vault
    vault.new_host_key()
    return f"the second host has another key than {vault.folder / 'known_hosts'} says"


def _emptied_there(dumps: Held) -> str:
    vault = Elsewhere(dumps.places.root).vault
    empty = vault.folder / "empty"
    empty.mkdir()
    try:
        vault.mirror(empty)
    finally:
        empty.rmdir()
    return "a job with an empty directory to copy ran `rsync --delete` to the second host"


def in_bucket(change: Callable[[Client, Held], str]) -> Callable[[Held], str]:
    """Return a planter that runs the bucket for as long as it takes, unless it runs already."""

    def running(dumps: Held) -> str:
        with Elsewhere(dumps.places.root).store.running() as client:
            return change(client, dumps)

    return in_bucket_site(running)


def in_bucket_site(change: Callable[[Held], str]) -> Callable[[Held], str]:
    """Return a planter for sites that have copies in a bucket."""

    def planter(dumps: Held) -> str:
        if not Elsewhere(dumps.places.root).has_bucket:
            raise DemoError("this site has no copies in a bucket: build it where SeaweedFS is")
        return change(dumps)

    return planter


def on_host(change: Callable[[Held], str]) -> Callable[[Held], str]:
    """Return a planter for sites that have a second host."""

    def planter(dumps: Held) -> str:
        if not Elsewhere(dumps.places.root).has_host:
            raise DemoError("this site has no second host: build it where sshd is installed")
        return change(dumps)

    return planter


PLANTERS: Mapping[str, tuple[str, Callable[[Held], str]]] = MappingProxyType(
    {
        "O1c": ("the newest dumps were never uploaded to the bucket", in_bucket(_stopped)),
        "O2c": ("a copy in the bucket: same size, other bytes", in_bucket(_other_bytes)),
        "O2v": (
            "a copy on the second host: same size and time, other bytes",
            on_host(_other_bytes_there),
        ),
        "O4": (
            "a copy in the bucket ends in .gpg and is not encrypted",
            in_bucket(_not_encrypted),
        ),
        "O4a": ("a copy in the bucket is encrypted with CAST5", in_bucket(_weak)),
        "O4b": ("an encrypted copy in the bucket was cut short", in_bucket(_cut)),
        "O4c": ("a copy in the bucket that the passphrase does not open", in_bucket(_other_key)),
        "O5": ("the newest dumps in the bucket are archived", in_bucket(_archived)),
        "O6": ("the bucket keeps no versions any more", in_bucket(_suspended)),
        "O6a": ("a rule of the bucket deletes before retention ends", in_bucket(_expiring)),
        "O6b": ("anybody may read the bucket", in_bucket(_public)),
        "O7": ("the second host has another key than it had", on_host(_host_key)),
        "O9": ("nobody has the passphrase but this server", in_bucket_site(_not_in_escrow)),
        "O9a": ("the passphrase lies beside what it opens", in_bucket(_key_beside)),
        "O9b": (
            "the passphrase is in a backup of the configuration",
            in_bucket_site(_key_inside),
        ),
        "O10": ("an encrypted copy in the bucket has a plain twin", in_bucket(_plain_twin)),
        "O11c": ("the bucket was emptied by a sync", in_bucket(_emptied)),
        "O11v": ("the second host was emptied by a sync", on_host(_emptied_there)),
    }
)
"""By id: what the fault is, and what plants it."""


def there(dumps: Held, name: str) -> Path:
    """Return the copy of that name on the second host."""
    return Elsewhere(dumps.places.root).vault.backups / dumps.directory / name


def upload(client: Client, dumps: Held, name: str) -> None:
    """Encrypt a copy anew and upload it, as the job does."""
    passphrase = Elsewhere(dumps.places.root).passphrase
    with sealer(passphrase) as gpg:
        _put(client, _key(dumps, name), gpg.seal(dumps.local(name)))


def reading(who: str) -> dict[str, object]:
    """Return a policy that lets `who` (an ARN, or everybody's `*`) read the bucket."""
    statement = {
        "Sid": "Shared",
        "Effect": "Allow",
        "Principal": who if who == "*" else {"AWS": who},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{BUCKET}/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def expire(client: Client, dumps: Held, **rule: dict[str, int]) -> None:
    """Let the bucket delete dumps by a rule, such as `Expiration={"Days": 7}`."""
    whole = {
        "ID": "tidy",
        "Status": "Enabled",
        "Filter": {"Prefix": f"{dumps.directory}/"},
        **rule,
    }
    client.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": [whole]}
    )


def _key(dumps: Held, name: str) -> str:
    return key_of(f"{dumps.directory}/{name}")


def _get(client: Client, key: str) -> bytes:
    data: bytes = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return data


def _put(client: Client, key: str, data: bytes) -> None:
    client.put_object(Bucket=BUCKET, Key=key, Body=data)


def _sealed(dumps: Held, passphrase: Path, cipher: str) -> bytes:
    """Return the newest dump, encrypted with that passphrase and cipher."""
    with sealer(passphrase) as gpg:
        return gpg.seal(dumps.local(dumps.newest()), "--cipher-algo", cipher)
