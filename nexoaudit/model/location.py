"""Where copies live, and how they are reached."""

from typing import NamedTuple

PLACES = ("path", "s3", "ssh", "attested")
"""The kinds of location."""


class Bucket(NamedTuple):
    """A bucket of an S3 store. Secrets are not in it: they lie where the profile has them."""

    bucket: str
    prefix: str = ""
    """What every key begins with; ends in `/` unless it is empty."""
    endpoint: str = ""
    """URL of an S3-compatible store; empty: AWS."""
    region: str = ""
    profile: str = ""
    """Of the AWS configuration files; empty: whatever the environment gives."""
    credentials_file: str = ""
    """An AWS credentials file of mode 0600; empty: the usual places."""
    owner: str = ""
    """Number of the account that must own the bucket; empty: nobody compares."""


class Host(NamedTuple):
    """A host that the system's ssh reaches; keys and users are those of its configuration."""

    host: str
    """As ssh_config names it."""
    config_file: str = ""
    """An ssh_config of its own; empty: the user's and the system's."""
    access: str = "command"
    """`command`: our forced command, which makes digests there; `sftp`: listing and reads only."""


class Location(NamedTuple):
    """Where copies live."""

    id: str
    path: str = ""
    """The directory; at a host the directory there. Empty for a bucket and an attested medium."""
    medium: str = "disk"
    failure_domain: str = "site"
    offsite: bool = False
    transfer: str = ""
    """Cron expression of the job that copies points there; empty: points are made there."""
    grace_s: int = 3600
    min_bytes: int = 0
    """How large its file system must be; 0: any size."""
    job: str = ""
    """The script or command that copies points there; see `Component.job`."""
    kind: str = "path"
    """One of `PLACES`; of an `attested` one only people say what is there."""
    bucket: Bucket | None = None
    """Of kind `s3`."""
    host: Host | None = None
    """Of kind `ssh`."""
    encrypted: bool = False
    """What lies there must be encrypted."""
    passphrase_file: str = ""
    """A file of mode 0600 with the passphrase of encrypted copies; empty: they stay closed."""
    download: int = 2 << 30
    """Bytes a day that may be fetched from here to prove what nothing else proves."""
    fetch_s: int = 0
    """How long it takes until an archived object can be read; 0: nobody says."""
    rate: int = 0
    """Bytes per second at which a restore can fetch from here; 0: nobody says."""
    max_age_s: int = 3456000
    """Of an `attested` one: how long a person's word about it may last at most."""

    @property
    def remote(self) -> bool:
        """Whether it is reached over a network, by a transport."""
        return self.kind in {"s3", "ssh"}
