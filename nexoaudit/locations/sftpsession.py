"""One session of SFTP over ssh: many requests under way at once, answers in any order."""

from collections.abc import Iterator
from contextlib import contextmanager

from nexoaudit.errors import LocationError
from nexoaudit.locations import sftppackets as packets
from nexoaudit.locations.channel import Channel, Patience
from nexoaudit.locations.sftppackets import Packet, PacketError
from nexoaudit.locations.sshclient import SshClient
from nexoaudit.locations.sshfaults import CONNECTION, NO_SUBSYSTEM, ssh_fault


class SftpSession:
    """Asks, and hands out the answers. It connects again after the connection broke."""

    def __init__(self, client: SshClient) -> None:
        self._client = client
        self._channel: Channel | None = None
        self._number = 0
        self._answers: dict[int, Packet] = {}
        self._awaited: set[int] = set()
        self._unwanted: set[int] = set()

    def ask(self, patience: Patience, kind: int, *values: bytes | int) -> int:
        """Send a request, and return the number to fetch its answer with."""
        if self._channel is not None and not self._awaited and not self._channel.alive:
            self.close()
        channel = self._channel or self._connect(patience)
        self._number = (self._number + 1) & 0xFFFF_FFFF
        self._awaited.add(self._number)
        channel.tell(packets.request(kind, self._number, *values))
        return self._number

    def answer(self, patience: Patience, number: int) -> Packet:
        """Return the answer to request `number`."""
        with self.understood():
            while number not in self._answers:
                if number not in self._awaited:  # the connection it was sent over is gone
                    raise self._cut()
                packet = packets.parse(self._packet(patience))
                if packet.number in self._unwanted:
                    self._unwanted.remove(packet.number)
                elif packet.number in self._awaited:
                    self._awaited.remove(packet.number)
                    self._answers[packet.number] = packet
                else:
                    raise PacketError("an answer to nothing")
        return self._answers.pop(number)

    def drop(self, number: int) -> None:
        """Say that nobody will fetch this answer."""
        self._answers.pop(number, None)
        if number in self._awaited:
            self._awaited.remove(number)
            self._unwanted.add(number)

    @contextmanager
    def understood(self) -> Iterator[None]:
        """Turn packets that make no sense into a LocationError, and end the session."""
        try:
            yield
        except PacketError as error:
            self.close()
            raise LocationError(
                "location.unreadable",
                f"{self._client.name} does not speak SFTP as it should ({error}): see which"
                " program its sshd_config names as the subsystem sftp",
            ) from error

    def close(self) -> None:
        """End it."""
        if self._channel is not None:
            self._channel.close()
        self._channel = None
        self._answers.clear()
        self._awaited.clear()
        self._unwanted.clear()

    def _connect(self, patience: Patience) -> Channel:
        channel = self._channel = self._client.session("sftp", patience, subsystem=True)
        channel.tell(packets.request(packets.INIT, 3))  # of this one the number is the version
        length = channel.exactly(4, patience)
        if len(length) < 4:
            raise self._refusal(channel, patience)
        if int.from_bytes(length, "big") > packets.LONGEST:
            heard = length + channel.some(patience)
            self.close()
            raise self._noise(heard)
        with self.understood():
            version = packets.parse(self._take(channel, patience, int.from_bytes(length, "big")))
            if version.kind != packets.VERSION or version.number < 3:
                raise PacketError("its first answer is no version that we know")
        return channel

    def _refusal(self, channel: Channel, patience: Patience) -> LocationError:
        """Return why the session ended before its first word."""
        code, said = channel.ended(patience), channel.complaints
        if code != CONNECTION or self._client.connected:
            said = NO_SUBSYSTEM  # over a shared connection ssh does not say so itself
        self.close()
        return ssh_fault(self._client.name, said, begun=False)

    def _noise(self, heard: bytes) -> LocationError:
        """Return what to say of a session that begins with anything but a packet."""
        shown = heard[:60].decode("utf-8", "backslashreplace")
        told = (
            f"the login shell of {self._client.name} prints something before the answer"
            f" ({shown!r}): let its .bashrc be silent where nobody logs in by hand"
        )
        if heard.startswith(b"nexoaudit-remote "):
            told = (
                f"{self._client.name} runs nexoaudit-remote for this key: set access to `command`"
            )
        return LocationError("location.unreadable", told)

    def _packet(self, patience: Patience) -> bytes:
        if self._channel is None:
            raise self._cut()
        length = int.from_bytes(self._take(self._channel, patience, 4), "big")
        if length > packets.LONGEST:
            raise PacketError("a packet is too long")
        return self._take(self._channel, patience, length)

    def _take(self, channel: Channel, patience: Patience, count: int) -> bytes:
        """Return the next `count` bytes, or raise why there are none."""
        taken = channel.exactly(count, patience)
        if len(taken) < count:
            fault = self._client.fault(channel, patience) or self._cut()
            self.close()
            raise fault
        return taken

    def _cut(self) -> LocationError:
        return LocationError(
            "location.cut", f"the SFTP session with {self._client.name} broke off: try again"
        )
