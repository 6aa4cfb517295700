"""Sites whose people sign what they state, and the command line as they use it."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from disk_site import DiskSite
from signing import Keys, make_keys, sign_here

from nexoaudit.cli.main import main


class Said(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def id(self) -> str:
        """Return the id of the statement that was recorded."""
        return re.search(r"[0-9a-f]{12}", self.out)[0]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def signing(site: DiskSite, keys: Keys) -> DiskSite:
    """A site that asks for signatures, audited once."""
    sign_here(site, keys.signers)
    site.audit()
    return site


@pytest.fixture
def run(site, capsys, monkeypatch) -> Callable[..., Said]:
    """Run a command on the site and return what it said, ids put in their place."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NEXOAUDIT_SIGNING_KEY", raising=False)

    def run(*argv: object) -> Said:
        words = [str(word) for word in argv]
        code = main([*words, "--config", str(site.config)], clock=lambda: site.now)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def listed(site) -> Callable[..., Path]:
    """Return a function that lists files of the local location as sha256sum does."""

    def write(*names: str, spoil: str = "", **more: str) -> Path:
        paths = sorted((site.root / "local").iterdir())
        path = site.root / f"list{len(list(site.root.glob('list*')))}"
        lines = [
            f"{hashlib.sha256(item.read_bytes()).hexdigest()}  /mnt/tape/{item.name}\n"
            for item in paths
            if not names or item.name in names
        ]
        lines += [
            f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in more.items()
        ]
        text = "".join(lines)
        path.write_text(text.replace(text[:8], spoil) if spoil else text)
        return path

    return write


@pytest.fixture
def tape(signing, run, keys) -> Callable[..., Said]:
    """Return a function that states something about a tape, signed by Ana."""

    def state(event: str, *argv: object, barcode: str = "NX0042L8") -> Said:
        said = ("attest", "medium", "--location", "tape", "--barcode", barcode, "--event", event)
        return run(*said, *argv, "--sign", keys.ana)

    return state
