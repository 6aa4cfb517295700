"""The demonstration's second host: a real sshd that lives only as long as each connection."""

import os
import pwd
import shlex
import shutil
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import DemoError, ToolError

HOST = "vault"
_JOBS = "vault-jobs"
_DEADLINE_S = 300.0
_SSHD = """\
HostKey "{folder}/host_key"
PidFile none
AuthorizedKeysFile "{expanded}/authorized_keys"
StrictModes no
UsePAM {pam}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv SHLVL=9
"""
"""SHLVL keeps bash from running the .bashrc of whoever runs the demonstration."""
_START = """\
#!/bin/sh
# The directory is what systemd makes before it starts sshd.
[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd
exec {sshd} -i -f {config}
"""
_HOST = """\
Host {name}
 HostName {name}
 User {user}
 ProxyCommand sh {start}
 IdentityFile "{folder}/{key}"
 IdentitiesOnly yes
 IdentityAgent none
 UserKnownHostsFile "{folder}/known_hosts"
 GlobalKnownHostsFile /dev/null
 StrictHostKeyChecking yes
 HostKeyAlias {host}
"""


class Vault:
    """The host of the site below `root`: its keys, and the directory that it keeps."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "vault"
        self.backups = self.folder / "backups"
        self.config = self.folder / "ssh_config"

    def make(self, forced: Path) -> None:
        """Make keys and configuration; the auditor's key may run only the program `forced`.

        Raise DemoError or ToolError when this machine cannot play that host, with the reason.
        """
        sshd = _find_sshd()
        account = _account()
        self.backups.mkdir(parents=True)
        self.folder.chmod(0o700)
        for name in ("auditor", "jobs"):
            _new_key(self.folder / name)
        self.new_host_key()
        self.trust_host_key()
        command = f"sh {shlex.quote(str(forced))} {shlex.quote(str(self.backups))}"
        self._write("authorized_keys", _only(command, self._public("auditor")))
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(f"restrict {self._public('jobs')}")
        pam = "yes" if _is_locked(account.pw_name) else "no"
        self._write(
            "sshd_config", _SSHD.format(folder=self.folder, expanded=_percent(self.folder), pam=pam)
        )
        config = shlex.quote(str(self.folder / "sshd_config"))
        self._write("start", _START.format(sshd=sshd, config=config))
        self._write("ssh_config", "".join(self._host(account.pw_name, *one) for one in _NAMES))

    def mirror(self, source: Path) -> None:
        """Do what the guide's job should do: rsync over ssh, hard links kept.

        Raise DemoError or ToolError when it does not arrive there.
        """
        done = process.run(
            [
                process.find("rsync", "rsync"),
                *("-aH", "--delete", "-e", f"ssh -F {shlex.quote(str(self.config))}"),
                f"{source}/",
                f"{_JOBS}:{self.backups}/",
            ],
            deadline_s=_DEADLINE_S,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-300:]
            raise DemoError(f"rsync to the second host failed: {said}")

    def remove(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_host_key(self) -> None:
        """Give the host another key than it had."""
        (self.folder / "host_key").unlink(missing_ok=True)
        _new_key(self.folder / "host_key")

    def trust_host_key(self) -> None:
        """Write the key that the host has into known_hosts, as its administrator would."""
        self._write("known_hosts", f"{HOST} {self._public('host_key')}")

    def _host(self, user: str, name: str, key: str) -> str:
        return _HOST.format(
            name=name,
            key=key,
            host=HOST,
            user=user,
            folder=_percent(self.folder),
            start=_percent(shlex.quote(str(self.folder / "start"))),
        )

    def _public(self, name: str) -> str:
        return (self.folder / f"{name}.pub").read_text()

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)


_NAMES = ((HOST, "auditor"), (_JOBS, "jobs"))
"""What the host is called by whom: with the key of each."""


def _find_sshd() -> str:
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
    if sshd is None:
        raise ToolError("sshd is not installed: run `apt-get install openssh-server`")
    return sshd


def _account() -> pwd.struct_passwd:
    """Return our own account, the one that an sshd of ours can let in."""
    account = pwd.getpwuid(os.geteuid())
    if account.pw_shell.endswith(("nologin", "false")):
        raise DemoError(f"the user {account.pw_name} has no login shell, which sshd needs")
    return account


def _is_locked(user: str) -> bool:
    """Return whether the account's password is locked: without PAM sshd then lets nobody in."""
    try:
        entries = Path("/etc/shadow").read_text(errors="replace").splitlines()
    except OSError:
        return False  # nor can sshd read it, which is ours
    return any(entry.startswith(f"{user}:!") for entry in entries)


def _only(command: str, public: str) -> str:
    """Return the line of authorized_keys that allows a key one command."""
    quoted = command.replace('"', r"\"")
    return f'command="{quoted}",restrict {public}'


def _percent(path: Path | str) -> str:
    """Return a path as ssh takes it, which expands words that begin with a percent sign."""
    return str(path).replace("%", "%%")


def _new_key(path: Path) -> None:
    argv = [process.find("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519"]
    done = process.run([*argv, "-N", "", "-C", "", "-f", str(path)], deadline_s=30.0)
    if done.returncode:
        raise DemoError(f"ssh-keygen could not make {path}")
