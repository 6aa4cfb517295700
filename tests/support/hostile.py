"""A store that misbehaves as it is told to: each answer is written out in the test."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Reply(NamedTuple):
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    announced: int | None = None
    """The length that is said; None: the true one, -1: none, the end of the connection is the
    end of the body."""
    hangs: bool = False
    """After the headers and the body nothing more comes, nor does the connection end."""


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


def error(code: str, status: int = 400, more: str = "", message: str = "so it is") -> Reply:
    """Return an answer with an error as S3 words it."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"
    return Reply(status, text.encode())


def listing(*keys: str, after: str = "", odd: str = "") -> Reply:
    """Return a page of a listing; `after` asks for the next one, `odd` stands in every object."""
    objects = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-23T02:10:07.000Z</LastModified>"
        f'<ETag>"{"0" * 31}{number % 10}"</ETag><Size>{number}</Size>{odd}</Contents>'
        for number, key in enumerate(keys)
    )
    more = f"<NextContinuationToken>{after}</NextContinuationToken>" if after else ""
    return Reply(
        body=f"<ListBucketResult><IsTruncated>{str(bool(after)).lower()}</IsTruncated>{more}"
        f"{objects}</ListBucketResult>".encode()
    )


class _Server(ThreadingHTTPServer):
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that hang up."""


class HostileStore:
    """An HTTP server on loopback whose answers `answer` makes, from each request in turn."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answer: Callable[[Asked], Reply] = lambda _asked: Reply(404)
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, *replies: Reply) -> None:
        """Give these answers, one after another, and the last one for ever."""
        left = list(replies)
        self.answers(lambda _asked: left.pop(0) if len(left) > 1 else left[0])

    def answers(self, answer: Callable[[Asked], Reply]) -> None:
        """Answer each request by what the function returns."""
        self._answer = answer

    def stop(self) -> None:
        """End the server and all that hangs."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query, True).items()}
                asked = Asked(self.command, url.path, query, dict(self.headers))
                store.asked.append(asked)
                self._send(store._answer(asked))

            do_HEAD = do_GET  # noqa: N815 - so the library calls it

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                length = len(reply.body) if reply.announced is None else reply.announced
                if length >= 0 and "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)
                    self.wfile.flush()
                if reply.hangs:
                    store._over.wait(60)
                self.close_connection = reply.hangs or reply.announced is not None

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
