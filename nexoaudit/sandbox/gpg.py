"""gpg at work: encrypted bytes in, what they hold out, nothing on disk and no agent left."""

import io
import os
import select
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.errors import SecretError
from nexoaudit.formats.stream import BOMB_RATIO, BOMB_SIZE
from nexoaudit.sandbox import private
from nexoaudit.sandbox.account import unprivileged
from nexoaudit.sandbox.gpgstatus import Status
from nexoaudit.secret import open_secret

_STALL_S = 600.0
"""For so long gpg may take nothing and give nothing before it is ended."""
_LOOK_S = 1.0
_NOTHING = {b"", b"\n", b"\r"}
_LEAVE_S = 10.0
"""How long a source may take to return after everything else has ended."""


class Outcome(NamedTuple):
    """How a decryption ended."""

    okay: bool
    """gpg opened all of it, and nothing was altered."""
    cipher: str
    """What the data is really encrypted with; empty: gpg did not get so far."""
    problem: str
    """Reason code; empty when it is okay."""
    detail: str = ""


class Decryption(io.RawIOBase):
    """The content as a file that is read once, to its end; then `end` says what it is worth.

    What was read before counts for nothing until then: gpg gives out bytes before it has checked
    them.
    """

    def __init__(self, handle: process.Handle, blocks: Iterator[bytes], status: Status) -> None:
        super().__init__()
        self._handle = handle
        # The feeder alone closes it: a number that was closed may be another file's a moment later.
        self._pipe, handle.stdin = handle.stdin, None
        self._blocks = blocks
        self._status = status
        self._given = 0
        self._fed = 0
        self._feeding = False
        self._left = False
        self._given_up = ""
        self._error: BaseException | None = None
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def read(self, size: int | None = -1, /) -> bytes:
        """Return some of the content, at most `size` bytes; none at its end."""
        out = self._handle.stdout
        if out is None or self._given_up or not self._wait(out.fileno()):
            return b""
        block = os.read(out.fileno(), size if size and size > 0 else io.DEFAULT_BUFFER_SIZE)
        self._given += len(block)
        if self._given > max(BOMB_SIZE, BOMB_RATIO * self._fed):
            self._give_up("stream.bomb")
            return b""
        return block

    def end(self) -> Outcome:
        """Take the rest of the blocks and return how it ended; the content was read to its end.

        What reading a block raises is raised here.
        """
        self._feeder.join()
        if self._error is not None:
            raise self._error
        code = self._handle.wait()
        self._status.join()
        if self._given_up:
            return Outcome(False, "", self._given_up, "gpg was ended")
        return _outcome(code, self._status)

    def leave(self) -> None:
        """End whatever still goes on."""
        self._left = True
        process.stop(self._handle)
        self._feeder.join(_LEAVE_S)
        self._status.join()

    def _wait(self, descriptor: int) -> bool:
        """Wait for bytes; return False when gpg stood still for too long, and was ended."""
        still, fed = 0.0, -1
        while not select.select([descriptor], [], [], _LOOK_S)[0]:
            # While no block comes, it is not gpg that keeps everybody waiting.
            still = still + _LOOK_S if fed == self._fed and self._feeding else 0.0
            fed = self._fed
            if still >= _STALL_S:
                self._give_up("file.reader_died")
                return False
        return True

    def _give_up(self, problem: str) -> None:
        self._given_up = problem
        self._handle.kill()

    def _feed(self) -> None:
        """Write every block to gpg; when it has ended, take the rest all the same."""
        pipe = self._pipe
        try:
            for block in self._blocks:
                if self._left:
                    return
                self._feeding = True
                if pipe is not None and not _write(pipe.fileno(), block):
                    pipe = None
                self._fed += len(block)
                self._feeding = False
        except BaseException as error:  # noqa: BLE001 - it is raised again where it can be seen
            self._error = error
            self._handle.kill()
        finally:
            self._feeding = True
            if self._pipe is not None:
                with suppress(OSError):
                    self._pipe.close()


@contextmanager
def decrypting(blocks: Iterator[bytes], passphrase_file: Path) -> Iterator[Decryption]:
    """Have gpg decrypt what `blocks` yields, with the passphrase in the first line of a file.

    gpg runs unprivileged, in a private home directory that goes with it, without an agent; the
    passphrase goes from the file to gpg by a descriptor. The blocks are taken by a thread of its
    own. All has ended when the context does. Raise SecretError for the file, ToolError or
    SandboxError when gpg cannot be run; then no block was taken.
    """
    account = unprivileged()
    program = process.guarded([process.find("gpg", "gnupg")], account)
    with ExitStack() as stack:
        secret = stack.enter_context(open_secret(passphrase_file))
        if os.pread(secret.fileno(), 1, 0) in _NOTHING:
            raise SecretError(f"the first line of the password file {passphrase_file} is empty")
        home = stack.enter_context(private.directory(account))
        status = Status()
        stack.callback(status.close)
        handle = process.start(
            [*program, *_options(home, secret.fileno(), status.writer)],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(home)},
            cwd=home,
            stdin=process.PIPE,
            stdout=process.PIPE,
            pass_fds=(secret.fileno(), status.writer),
        )
        status.started()
        decryption = Decryption(handle, blocks, status)
        stack.callback(decryption.leave)
        yield decryption


def _options(home: Path, secret: int, status: int) -> list[str]:
    return [
        "--no-options",
        "--batch",
        "--no-tty",
        "--quiet",
        f"--homedir={home}",
        "--no-keyring",
        "--no-random-seed-file",
        "--no-autostart",
        "--disable-dirmngr",
        "--pinentry-mode=loopback",
        "--no-symkey-cache",
        f"--passphrase-fd={secret}",
        f"--status-fd={status}",
        "--decrypt",
    ]


def _write(descriptor: int, block: bytes) -> bool:
    """Write all of `block`; return False when nobody reads it any more."""
    rest = memoryview(block)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BrokenPipeError:
        return False
    return True


def _outcome(code: int, status: Status) -> Outcome:
    """Judge by code and words, which must agree.

    The code alone is 0 for a message that was never encrypted, and gpg 2.2 has the words of a
    success for authenticated encryption that was altered.
    """
    cipher, words = status.cipher, status.words
    if code == 0 and {"DECRYPTION_OKAY", "GOODMDC"} <= words:
        return Outcome(True, cipher, "")
    said = status.error or "the integrity check failed"
    if code < 0:
        return Outcome(False, cipher, "file.reader_died", f"gpg was killed by signal {-code}")
    if "DECRYPTION_INFO" not in words:
        return Outcome(False, cipher, "stream.unsupported", f"gpg ended with code {code}")
    if "BAD_PASSPHRASE" in status.error or not words & {"PLAINTEXT", "BADMDC"}:
        return Outcome(False, cipher, "sealed.key", f"gpg ended with code {code}: {said}")
    return Outcome(False, cipher, "sealed.altered", f"gpg ended with code {code}: {said}")
