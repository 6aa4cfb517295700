"""The demonstration's cloud: a real S3 server on this machine, which the auditor may read."""

import json
import os
import random
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nexoaudit import process
from nexoaudit.errors import DemoError

BUCKET = "nexosupport-backups"
REGION = "us-east-1"
_ADMIN = ("DEMOADMIN", "the-jobs-of-the-demonstration")
_READER = ("DEMOREADER", "the-auditor-of-the-demonstration")
_PATIENCE_S = 60


class Store:
    """The S3 server of the site below `root`: its files, and how to reach it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "cloud"

    @property
    def credentials(self) -> Path:
        """The AWS credentials file of the auditor, who may read and list only."""
        return self.folder / "auditor.credentials"

    @property
    def endpoint(self) -> str:
        """Its URL, the same each time it is started."""
        return f"http://127.0.0.1:{self._ports()[3]}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server; raise DemoError when its program is missing or it does not start."""
        program = find_weed()
        if program is None:
            raise DemoError("weed is not installed: pip install 'nexoaudit[demo]'")
        self._prepare()
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
            self._await(server)
            yield
        finally:
            process.stop(server)

    def client(self) -> Any:
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

    def _prepare(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        identities = [
            _identity("jobs", *_ADMIN, "Admin", "Read", "Write", "List", "Tagging"),
            _identity("auditor", *_READER, "Read", "List"),
        ]
        (self.folder / "s3.json").write_text(json.dumps({"identities": identities}))
        self.credentials.touch(0o600)
        self.credentials.write_text(
            f"[default]\naws_access_key_id = {_READER[0]}\naws_secret_access_key = {_READER[1]}\n"
        )

    def _ports(self) -> list[int]:
        """Return the four ports that were chosen when the site was made."""
        file = self.folder / "ports.json"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps([_free_port() for _ in range(4)]))
        ports: list[int] = json.loads(file.read_text())
        return ports

    def _command(self, program: Path) -> list[str]:
        master, volume, filer, s3 = self._ports()
        return [
            *(str(program), "-logtostderr=true", "server", f"-dir={self.folder}/data"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"),
            *(f"-master.port={master}", "-master.volumeSizeLimitMB=64"),
            *(f"-volume.port={volume}", "-volume.max=400"),
            *("-filer", f"-filer.port={filer}", "-s3", f"-s3.port={s3}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"),
            *(f"-s3.config={self.folder}/s3.json", f"-s3.localSocket={self.folder}/s3.sock"),
        ]

    def _await(self, server: process.Handle) -> None:
        """Wait until an upload succeeds: an open port does not say that there is room behind it."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        client = self.client()
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                if not any(b["Name"] == BUCKET for b in client.list_buckets()["Buckets"]):
                    client.create_bucket(Bucket=BUCKET)
                    client.put_bucket_versioning(
                        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
                    )
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
                client.delete_object(Bucket=BUCKET, Key="ready")
            except (BotoCoreError, ClientError) as error:
                if server.poll() is not None or time.monotonic() > until:
                    said = (self.folder / "log").read_text(errors="replace").strip()[-300:]
                    raise DemoError(f"the S3 server did not start: {said}") from error
                time.sleep(0.1)
            else:
                return


def find_weed() -> Path | None:
    """Return the program of SeaweedFS that was installed beside this Python; None: it was not."""
    program = Path(sys.executable).with_name("weed")
    return program if program.exists() else None


def _identity(name: str, key: str, secret: str, *actions: str) -> dict[str, Any]:
    keys = [{"accessKey": key, "secretKey": secret}]
    return {"name": name, "credentials": keys, "actions": list(actions)}


def _free_port() -> int:
    """Return a port that nobody listens on; SeaweedFS takes the one 10,000 above it as well."""
    while True:
        port = random.randrange(12_000, 30_000)  # noqa: S311 - no secret
        try:
            for each in (port, port + 10_000):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", each))
        except OSError:
            continue
        return port
