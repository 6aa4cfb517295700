"""Signatures of people, made and verified by `ssh-keygen -Y` with the SSH keys they have.

Format and tool: OpenSSH's PROTOCOL.sshsig and the ALLOWED SIGNERS section of ssh-keygen(1).
"""

import hashlib
import os
import re
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.errors import SignatureError

NAMESPACE = "nexoaudit-attestation"
"""What a signature of ours is for: one that was made for anything else is none."""

_SIGN_S = 60
"""A key on a token waits for a finger."""
_VERIFY_S = 20
_LARGEST = 1 << 20
"""Of a list of signers, in bytes."""
_PASSED_ON = ("PATH", "HOME", "SSH_AUTH_SOCK")


class Checked(NamedTuple):
    """What a look at a signature found."""

    valid: bool
    detail: str = ""
    """ssh-keygen's own words about one that is not valid."""


class Signers(NamedTuple):
    """The administrator's list of who may sign."""

    path: Path
    sha256: str


def allowed_signers(path: Path) -> Signers:
    """Return the list of signers at `path`, once it is sure that only an administrator wrote it.

    Raise SignatureError when it is missing or empty, or when others than root and the user who
    runs this could change or replace it.
    """
    try:
        real = path.resolve(strict=True)
        with real.open("rb") as file:
            _refuse_open(real, os.fstat(file.fileno()))
            body = file.read(_LARGEST + 1)
        _refuse_open(real.parent, real.parent.stat())
    except OSError as error:
        raise SignatureError(
            f"the list of signers {path} cannot be read: {error.strerror}"
        ) from error
    if not body.strip() or len(body) > _LARGEST:
        raise SignatureError(f"the list of signers {path} is empty, or larger than 1 MiB")
    return Signers(real, hashlib.sha256(body).hexdigest())


def sign(key: Path, data: bytes) -> str:
    """Return the armoured signature of `data` by the SSH key in the file `key`.

    A public key stands for its private half in ssh-agent. Nobody is ever asked for a passphrase:
    a key that has one signs through the agent. Raise SignatureError when it does not sign.
    """
    argv = [_tool(), "-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE]
    done = process.run(argv, deadline_s=_SIGN_S, data=data, env=_environment())
    if done.returncode or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        said = _said(done.stderr)
        advice = ""
        if "passphrase" in said or "No private key found" in said:
            advice = ": a key with a passphrase signs through ssh-agent, run `ssh-add` first"
        raise SignatureError(f"the key {key} does not sign ({said}){advice}")
    return done.stdout.decode("ascii")


def principals(signers: Signers, signature: str, at: datetime) -> tuple[str, ...]:
    """Return whom the list names for the key of a signature, at that moment; patterns left out."""
    argv = ["find-principals", "-f", str(signers.path)]
    done = _verify(argv, signature, at, None)
    names = done.stdout.decode("utf-8", "replace").replace(",", "\n").split("\n")
    return tuple(name for name in map(str.strip, names) if name and not set(name) & set("*?!"))


def verify(signers: Signers, principal: str, data: bytes, signature: str, at: datetime) -> Checked:
    """Return whether `principal` signed `data`, and was an allowed signer at that moment."""
    argv = ["verify", "-f", str(signers.path), "-I", principal, "-n", NAMESPACE]
    done = _verify(argv, signature, at, data)
    if done.returncode == 0:
        return Checked(valid=True)
    return Checked(valid=False, detail=_said(done.stderr) or "the signature does not verify")


def _verify(argv: list[str], signature: str, at: datetime, data: bytes | None) -> process.Result:
    moment = at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    with tempfile.TemporaryDirectory(prefix="nexoaudit-") as private:
        file = Path(private) / "signature"
        file.write_text(signature, "utf-8")
        whole = [_tool(), "-Y", *argv, "-s", str(file), f"-Overify-time={moment}"]
        return process.run(whole, deadline_s=_VERIFY_S, data=data, env=_environment())


def _tool() -> str:
    return process.find("ssh-keygen", "openssh-client")


def _environment() -> dict[str, str]:
    """Return an environment in which nothing is asked of anybody and times are UTC."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "SSH_ASKPASS_REQUIRE": "never"}


def _refuse_open(path: Path, found: os.stat_result) -> None:
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    if found.st_mode & 0o022 and not sticky:
        raise SignatureError(f"others may write to {path}: run `chmod go-w {path}`")
    if found.st_uid not in {0, os.geteuid()}:
        raise SignatureError(f"{path} belongs to another user than root: run `chown root {path}`")


def _said(stderr: bytes) -> str:
    """Return the tool's own words on one line, without those that say nothing."""
    lines = stderr.decode("utf-8", "replace").splitlines()
    told = [line.strip() for line in lines if line and not line.startswith("Signing data")]
    return re.sub(r"\s+", " ", "; ".join(told))[:300]
