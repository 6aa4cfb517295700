"""The demonstration's second host: a real sshd that lives only as long as each connection."""

import getpass
import shutil
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import DemoError

HOST = "vault"
_DEADLINE_S = 300.0
_SSHD = """\
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""
_HOST = """\
Host {name}
 HostName {name}
 User {user}
 ProxyCommand {sshd} -i -f {folder}/sshd_config
 IdentityFile {folder}/{key}
 IdentitiesOnly yes
 IdentityAgent none
 UserKnownHostsFile {folder}/known_hosts
 GlobalKnownHostsFile /dev/null
 StrictHostKeyChecking yes
 HostKeyAlias vault
"""


class Vault:
    """The host of the site below `root`: its keys, and the directory that it keeps."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "vault"
        self.backups = self.folder / "backups"
        self.config = self.folder / "ssh_config"

    def make(self, forced: Path) -> None:
        """Make keys and configuration; the auditor's key may run only the program `forced`."""
        sshd = find_sshd()
        if sshd is None:
            raise DemoError("sshd is not installed: run `apt-get install openssh-server`")
        self.backups.mkdir(parents=True)
        self.folder.chmod(0o755)
        for name in ("host_key", "auditor", "jobs"):
            _key(self.folder / name)
        public = {name: (self.folder / f"{name}.pub").read_text() for name in ("auditor", "jobs")}
        (self.folder / "authorized_keys").write_text(
            f'command="sh {forced} {self.backups}",restrict {public["auditor"]}'
            f"restrict {public['jobs']}"
        )
        (self.folder / "known_hosts").write_text(
            f"{HOST} {(self.folder / 'host_key.pub').read_text()}"
        )
        (self.folder / "sshd_config").write_text(_SSHD.format(folder=self.folder))
        hosts = ((HOST, "auditor"), (f"{HOST}-jobs", "jobs"))
        self.config.write_text(
            "".join(
                _HOST.format(
                    name=name, key=key, folder=self.folder, sshd=sshd, user=getpass.getuser()
                )
                for name, key in hosts
            )
        )

    def mirror(self, source: Path) -> None:
        """Do what the guide's job does: rsync over ssh, hard links kept."""
        argv = [
            process.find("rsync", "rsync"),
            *("-aH", "--delete", "-e", f"ssh -F {self.config}"),
            f"{source}/",
            f"{HOST}-jobs:{self.backups}/",
        ]
        done = process.run(argv, deadline_s=_DEADLINE_S)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-300:]
            raise DemoError(f"rsync to the second host failed: {said}")


def find_sshd() -> str | None:
    """Return the path of sshd; None when it is not installed."""
    return shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")


def _key(path: Path) -> None:
    argv = [process.find("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519"]
    done = process.run([*argv, "-N", "", "-C", "", "-f", str(path)], deadline_s=30.0)
    if done.returncode:
        raise DemoError(f"ssh-keygen could not make {path}")
