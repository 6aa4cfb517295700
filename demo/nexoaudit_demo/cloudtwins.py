"""Healthy twins of the faults of the copies elsewhere: what looks much like one and is well."""

import json
import os
from collections.abc import Mapping
from types import MappingProxyType

from nexoaudit_demo import cloudfaults
from nexoaudit_demo.cloudfaults import in_bucket, on_host
from nexoaudit_demo.elsewhere import Elsewhere
from nexoaudit_demo.held import Held
from nexoaudit_demo.s3store import BUCKET, Client
from nexoaudit_demo.twins import Twin

_LONG_DAYS = 400
_SOMEBODY = "arn:aws:iam::123456789012:user/restore"


def _uploaded_anew(client: Client, dumps: Held) -> str:
    """Let the job have encrypted and uploaded the newest dump once more."""
    cloudfaults.upload(client, dumps, dumps.newest())
    return "uploaded anew"


def _old_ones_expire(client: Client, dumps: Held) -> str:
    """Let the bucket delete what is older than retention asks for, and what was overwritten."""
    cloudfaults.expire(
        client,
        dumps,
        Expiration={"Days": _LONG_DAYS},
        NoncurrentVersionExpiration={"NoncurrentDays": 7},
    )
    return "old ones expire"


def _shared_with_one(client: Client, dumps: Held) -> str:
    """Let a policy allow one user of another account to read the bucket."""
    del dumps
    policy = json.dumps(cloudfaults.reading(_SOMEBODY))
    client.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    return "shared with one"


def _key_renewed(dumps: Held) -> str:
    """Let the second host have a new key that its administrator has written into known_hosts."""
    vault = Elsewhere(dumps.places.root).vault
    vault.new_host_key()
    vault.trust_host_key()
    return "key renewed"


def _copied_anew(dumps: Held) -> str:
    """Let the transfer have written the newest dump on the second host once more."""
    path = cloudfaults.there(dumps, dumps.newest())
    found = path.stat()
    again = path.with_name(f".{path.name}.Xy12Zz")
    again.write_bytes(path.read_bytes())
    os.utime(again, ns=(found.st_atime_ns, found.st_mtime_ns))
    again.replace(path)
    return "copied anew"


TWINS: Mapping[str, Twin] = MappingProxyType(
    {
        "uploaded-anew": Twin(
            "O1c O2c O4a O4c", "a dump encrypted and uploaded once more", in_bucket(_uploaded_anew)
        ),
        "old-ones-expire": Twin(
            "O6a O11c", "a rule that deletes after retention ends", in_bucket(_old_ones_expire)
        ),
        "shared-with-one": Twin(
            "O6b", "a bucket that one other account may read", in_bucket(_shared_with_one)
        ),
        "key-renewed": Twin("O7", "a new host key that is known", on_host(_key_renewed)),
        "copied-anew": Twin("O2v O11v", "a copy written anew, same bytes", on_host(_copied_anew)),
    }
)
"""What can be made in a site that has both places; as in `twins.TWINS`."""
