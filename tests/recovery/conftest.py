"""A small site of a database and uploads: here, in a bucket encrypted, and at a second host."""

import gzip
import http.server
import io
import shutil
import tarfile
import threading
from datetime import timedelta

import pytest
from elsewhere_site import Elsewhere
from recovering import DUMPS, boxed, live
from small_site import NOW

from nexoaudit.auditor.scenes import play

UPLOADS = """
[component.uploads]
kind = "uploads"
schedule = "30 2 * * *"
since = 2026-11-17
rpo = "24h"
[[component.uploads.series]]
pattern = "files_{time:%Y%m%d_%H%M%S}.tar.gz"
keep = "30d"
locations = ["local", "offsite"]
"""
SCENARIOS = """
[scenario.data-corruption]
rpo = "24h"
rto = "2h"
destroys = ["data"]
declared = { decision = "10m" }
[scenario.site-disaster]
rpo = "24h"
rto = "8h"
destroys = ["data", "server", "elsewhere"]
declared = { decision = "30m", provisioning = "2h", dns = "15m" }
"""


SEALED: dict[bytes, bytes] = {}
"""What each content becomes when it is encrypted: a session has one passphrase."""


class Site(Elsewhere):
    """The site; its directory `offsite` stands in the same building as the server."""

    def __init__(self, root, s3, sshd, gpg):
        super().__init__(root, s3, sshd, gpg)
        text = self.config.read_text().replace('grace = "1h"', 'grace = "1h"\nrpo = "24h"')
        self.config.write_text(text + UPLOADS + SCENARIOS)
        for place in ("local", "offsite"):
            for old in sorted((root / place).glob("db_*"))[:4]:
                old.unlink()  # two dumps are enough, and two archives
            for day in (1, 0):
                self.archive(day, place)

    def upload(self, path, *, sealed=True, data=None, **options):
        """Upload a copy: what was encrypted once in these tests is not encrypted again."""
        if not sealed:
            return super().upload(path, sealed=sealed, data=data, **options)
        data = path.read_bytes() if data is None else data
        if data not in SEALED:
            SEALED[data] = self.gpg.seal(data)
        key = f"{path.name}.gpg"
        self.s3.put(self.bucket, key, SEALED[data], **options)
        return key

    def archive(self, day, location="local", top=""):
        """Write the archive of a day."""
        moment = NOW.replace(hour=2, minute=30) - timedelta(days=day)
        path = self.root / location / f"files_{moment:%Y%m%d_%H%M%S}.tar.gz"
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as tar:
            for name, data, mode in (
                ("uploads/a.bin", bytes(range(256)) * 40, 0o640),
                ("uploads/it's $(odd) ñ.txt", b"odd\n", 0o600),
                ("lib/config.php", b"<?php $day = " + str(day).encode() + b";\n", 0o640),
            ):
                member = tarfile.TarInfo(top + name)
                member.size, member.mode = len(data), mode
                member.mtime = int(moment.timestamp()) - 3600
                tar.addfile(member, io.BytesIO(data))
        path.write_bytes(gzip.compress(made.getvalue(), mtime=0))
        self.date(path, moment + timedelta(seconds=5))
        self.sidecar(path)
        return path

    @property
    def dumps(self):
        """Everything that goes off-site."""
        return sorted((self.root / "local").glob("*.gz"))

    def play(self, name):
        """Audit, and play a scenario."""
        with self.session() as session:
            found = {item.id: item for item in session.policy.scenarios}
            return play(session, found[name])

    def replace(self, old, new):
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))


@pytest.fixture
def alone(tmp_path):
    """The site with its two directories, and nothing else."""
    return Site(tmp_path, None, None, None)


@pytest.fixture
def hit(tmp_path, seaweed, sshd, gpg):
    for name in sshd.root.iterdir():
        name.unlink() if name.is_file() else shutil.rmtree(name)
    return Site(tmp_path, seaweed, sshd, gpg)


@pytest.fixture
def box(tmp_path):
    """A place with a server that keeps a log, and nothing in it."""
    with boxed(tmp_path / "box") as made:
        yield made


@pytest.fixture
def fresh(tmp_path):
    """A new server, and nothing of the application."""
    with boxed(tmp_path / "new", logging=False) as made:
        made.application.rmdir()
        yield made


@pytest.fixture(scope="session")
def backups(tmp_path_factory):
    """Backups of the shop, made once."""
    with boxed(tmp_path_factory.mktemp("shop") / "box") as made:
        return live(made, dumps=DUMPS)


@pytest.fixture
def health():
    """A web server that answers as long as it is asked for the site's own name."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            good = self.headers["Host"].startswith("shop.example:")
            self.send_response(200 if good else 503)
            self.end_headers()

        def log_message(self, *_):
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://shop.example:{httpd.server_port}/health"
        httpd.shutdown()
