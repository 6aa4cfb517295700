"""SSH keys, a list of who may sign with them, and a site that asks for signatures."""

import shutil
import subprocess
from pathlib import Path

import pytest
from disk_site import DiskSite

NAMESPACE = "nexoaudit-attestation"
TAPE = """
[location.tape]
kind = "attested"
medium = "tape"
failure_domain = "vault"
offsite = true
transfer = "0 6 * * *"

[component.database]"""


class Keys:
    """Keys of people: Ana may sign, Eve may not, Leo's key has a passphrase."""

    ANA = "ana@example.com"

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, passphrase in (("ana", ""), ("eve", ""), ("leo", "secret")):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name]
            subprocess.run([*command, "-f", str(root / name)], check=True)
        self.ana, self.eve, self.leo = (root / name for name in ("ana", "eve", "leo"))
        self.signers = self.listed("allowed_signers", self.line("ana", self.ANA))

    def line(self, name: str, principals: str, options: str = f'namespaces="{NAMESPACE}"') -> str:
        """Return a line that lets somebody sign."""
        public = (self.root / f"{name}.pub").read_text()
        return " ".join(word for word in (principals, options, public) if word)

    def listed(self, name: str, *lines: str) -> Path:
        """Return a list of these lines that nobody else may write to."""
        path = self.root / name
        path.write_text("".join(lines))
        path.chmod(0o644)
        return path


def make_keys(root: Path) -> Keys:
    """Return new keys below `root`, or skip where there is no OpenSSH."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    root.chmod(0o755)
    return Keys(root)


def sign_here(site: DiskSite, signers: Path | None) -> DiskSite:
    """Let a site ask for signatures by that list, and keep its dumps on tape, not off-site."""
    text = site.config.read_text().replace("[component.database]", TAPE, 1)
    text = text.replace('"offsite"]', '"tape"]')
    if signers is not None:
        text = text.replace("[location.local]", f'signers = "{signers}"\n[location.local]', 1)
    site.config.write_text(text)
    return site
