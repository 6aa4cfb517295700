"""A location that is a bucket of an S3 store: AWS, or whatever speaks its language.

Only reading requests are made; see docs/offsite.md for the rights that they need.
"""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime
from functools import partial
from typing import BinaryIO

from nexoaudit.errors import LocationError
from nexoaudit.locations.deadline import Call, Deadline
from nexoaudit.locations.directory import Found, read_path
from nexoaudit.locations.s3body import as_file
from nexoaudit.locations.s3client import Answer, BucketClient
from nexoaudit.locations.s3errors import StoreError
from nexoaudit.locations.s3list import Page
from nexoaudit.locations.s3object import Objects
from nexoaudit.locations.s3posture import look
from nexoaudit.model.location import Location
from nexoaudit.model.store import Store
from nexoaudit.model.stored import Stored

_AT_ONCE = 8
"""Objects asked for at the same time: of each the way there and back takes longest."""


class S3Transport:
    """The way to a bucket: a `Transport`.

    Each call, a listing or a whole series of `stored` included, waits at most `deadline_s` seconds
    for the store; of a file that is being read each read does. What the caller does between two
    items does not count.
    """

    def __init__(self, location: Location, *, deadline_s: float) -> None:
        """Prepare; nothing is asked yet.

        Raise SecretError when others may read the credentials file, LocationError when the
        configuration of AWS on this machine cannot be used.
        """
        if location.bucket is None:
            said = f"location {location.id} names no bucket"
            raise LocationError("location.missing", said)
        self._id = location.id
        self._prefix = location.bucket.prefix
        self._deadline_s = deadline_s
        self._client = BucketClient(location.bucket, deadline_s=deadline_s)

    def listing(self) -> Iterator[Found]:
        """Yield every object below the prefix; see `Transport`. Directory markers are left out."""
        deadline = self._deadline()
        asked: set[str] = set()
        call: Call[Page] | None = Call(partial(self._page, {}))
        while call is not None:
            page = deadline.wait(call)
            call = None
            if page.token is not None:
                if page.token in asked:
                    said = f"{self._client.where} lists in a circle: its listing has no end"
                    raise LocationError("location.unreadable", said)
                asked.add(page.token)
                call = Call(partial(self._page, {"ContinuationToken": page.token}))
            yield from page.files

    def store(self, now: datetime) -> Store:
        """Return which bucket it is and how it keeps what it holds; see `Transport`.

        What the auditor may not see, and what the answer to which is odd, is unknown.
        """
        return look(self._id, self._client, now, self._deadline().ask)

    def stored(self, paths: Iterable[str]) -> Iterator[Stored]:
        """Yield what the bucket says of each object, in order; see `Transport`.

        Raise LocationError when it is the bucket that fails, not an object.
        """
        deadline = self._deadline()
        objects = Objects(self._client)
        calls: deque[Call[Stored]] = deque()
        for path in paths:
            calls.append(Call(partial(objects.head, self._key(path), path)))
            if len(calls) == _AT_ONCE:
                yield deadline.wait(calls.popleft())
        while calls:
            yield deadline.wait(calls.popleft())

    def read(
        self, path: str, start: int = 0, length: int | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """Open an object; see `Transport`.

        An archived one is a LocationError `location.archived`; it is never restored from here.
        """
        if length == 0:
            return closing(io.BytesIO())
        last = "" if length is None else start + length - 1
        asked = {"Range": f"bytes={start}-{last}"} if start or length is not None else {}
        try:
            answer = self._deadline().ask(
                partial(self._client.ask, "get_object", Key=self._key(path), **asked)
            )
        except StoreError as error:
            if error.code in {"InvalidRange", "416"}:
                return closing(io.BytesIO())
            raise
        self._check_range(answer, start)
        where = self._client.where
        return closing(as_file(answer["Body"], length, where=where, deadline=self._deadline))

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _deadline(self) -> Deadline:
        return Deadline(self._deadline_s, self._client.late)

    def _key(self, path: str) -> str:
        return self._prefix + read_path(path)

    def _page(self, how: dict[str, str]) -> Page:
        answer = self._client.ask("list_objects_v2", Prefix=self._prefix, EncodingType="url", **how)
        page: Page = answer["Page"]
        return page

    def _check_range(self, answer: Answer, start: int) -> None:
        """Refuse other bytes than those that were asked for."""
        told = str(answer.get("ContentRange", f"bytes {0}-"))
        if not told.startswith(f"bytes {start}-"):
            answer["Body"].close()
            said = f"{self._client.where} sends other bytes of an object than those asked for"
            raise LocationError("location.unreadable", said)
