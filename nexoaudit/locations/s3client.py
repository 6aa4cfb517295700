"""One bucket of an S3 store through botocore: who asks, where, how long, and how often again."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import SplitResult, urlsplit
from xml.sax.saxutils import escape

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from nexoaudit import __version__
from nexoaudit.errors import LocationError
from nexoaudit.locations.s3errors import FAILURES, StoreError, late, translate
from nexoaudit.locations.s3list import Refusal, read_page, timestamp
from nexoaudit.model.location import Bucket
from nexoaudit.secret import read_secret

Answer = Mapping[str, Any]
"""What botocore makes of an answer."""

_ATTEMPTS = 5
_CONNECT_S = 10
_READ_S = 30
_AT_ONCE = 16
_BUSY = frozenset({429, 500, 502, 503, 504})
_NO_OBJECTS = b"<ListBucketResult/>"


class BucketClient:
    """Asks questions about one bucket; safe to use from several threads.

    What is momentarily out of order is asked again, at most five times in all. Every failure is a
    StoreError.
    """

    def __init__(self, bucket: Bucket, *, deadline_s: float) -> None:
        """Read the credentials' configuration; nothing is asked of the store yet.

        Raise SecretError when others may read the credentials file.
        """
        self.bucket = bucket
        self._deadline_s = deadline_s
        self._closed = False
        self.trouble: StoreError | None = None
        """Why the question asked last had to be asked again; None: it had not."""
        if bucket.credentials_file:
            read_secret(Path(bucket.credentials_file))
        try:
            self._client: Any = _make(bucket, deadline_s)
        except FAILURES as error:
            raise translate(error, self.where) from error
        events = self._client.meta.events
        # In this spelling it comes before botocore's own, which would read the page a second time.
        events.register("before-parse.*.ListObjectsV2", self._read_page)
        events.register("needs-retry.s3", self._note)
        events.register("before-call.s3.HeadBucket", _no_region)

    @property
    def where(self) -> str:
        """The bucket in a sentence."""
        host = urlsplit(self.bucket.endpoint).hostname or "AWS"
        owner = f" of account {self.bucket.owner}" if self.bucket.owner else ""
        return f"bucket {self.bucket.bucket}{owner} at {host}"

    @property
    def endpoint(self) -> SplitResult:
        """The URL that is asked; of AWS that of a region."""
        return urlsplit(str(self._client.meta.endpoint_url))

    @property
    def partition(self) -> str:
        """Which AWS it is, `aws` or `aws-cn`; no bucket's name is there twice."""
        return str(self._client.meta.partition)

    def ask(self, operation: str, **options: Any) -> Answer:
        """Return the answer to one question, such as `head_object`, about the bucket.

        That of `list_objects_v2` has the page as `Page`.
        """
        if self.bucket.owner:
            options["ExpectedBucketOwner"] = self.bucket.owner
        self.trouble = None
        try:
            answer: Answer = getattr(self._client, operation)(Bucket=self.bucket.bucket, **options)
        except FAILURES as error:
            raise translate(error, self.where) from error
        return answer

    def late(self) -> LocationError:
        """Return the error for when no answer came in time: what kept it, where that is known."""
        return self.trouble or late(self.where, self._deadline_s)

    def close(self) -> None:
        """End the connections that nobody uses; what is still being asked is not asked again."""
        self._closed = True
        self._client.close()

    def _read_page(
        self, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
    ) -> None:
        """Read a page of the listing ourselves, and leave botocore an empty one.

        Half a page becomes what botocore asks for again: an error of the server.
        """
        if response_dict["status_code"] != 200:
            return
        try:
            page = read_page(response_dict["body"], self.bucket.prefix)
        except Refusal:
            response_dict["status_code"] = 500
        except LocationError as error:
            response_dict["status_code"] = 500
            told = f"<Code>{error.reason}</Code><Message>{escape(str(error))}</Message>"
            response_dict["body"] = f"<Error>{told}</Error>".encode()
        else:
            customized_response_dict["Page"] = page
            response_dict["body"] = _NO_OBJECTS

    def _note(self, response: Any, caught_exception: Exception | None, **_: Any) -> None:
        """Remember what makes botocore ask again, as far as it has a name."""
        trouble = caught_exception
        if trouble is None and response is not None and response[0].status_code in _BUSY:
            trouble = ClientError(response[1], "")
        if trouble is not None:
            known = translate(trouble, self.where)
            self.trouble = known if known.reason != "location.unreadable" else None
            if self._closed:
                raise known


def _no_region(**_: Any) -> tuple[Any, Answer]:
    """Answer in place of the store that it does not say in which region a bucket is.

    Only botocore asks, when it was refused and not told a region; where that question is redirected
    too, by whatever sends everybody to https, it asks it again without end.
    """
    answer = {"Error": {"Code": "404"}, "ResponseMetadata": {"HTTPHeaders": {}}}
    return SimpleNamespace(status_code=404), answer


@cache
def _descriptions() -> Loader:
    """Return the reader of botocore's descriptions of services, which remembers what it read."""
    return Loader()


def _make(bucket: Bucket, deadline_s: float) -> Any:
    """Return a botocore client as an auditor wants it.

    Where an endpoint is configured in the environment it does not count: the policy says where.
    """
    profile = bucket.profile or ("default" if bucket.credentials_file else None)
    session = botocore.session.Session(profile=profile)
    if bucket.credentials_file:  # with a profile named, keys in the environment do not count
        session.set_config_variable("credentials_file", bucket.credentials_file)
    session.register_component("data_loader", _descriptions())
    parsers = session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=timestamp)
    options: dict[str, Any] = {
        "connect_timeout": min(_CONNECT_S, deadline_s),
        "read_timeout": min(_READ_S, deadline_s),
        "retries": {"mode": "standard", "total_max_attempts": _ATTEMPTS},
        "max_pool_connections": _AT_ONCE,
        "user_agent_extra": f"nexoaudit/{__version__}",
        "s3": {"addressing_style": "path" if bucket.endpoint else "auto"},
        "ignore_configured_endpoint_urls": True,
        # A part of an object has another checksum than the whole, which would be compared.
        "response_checksum_validation": "when_required",
        "request_checksum_calculation": "when_required",
    }
    return session.create_client(
        "s3",
        region_name=bucket.region or None,
        endpoint_url=bucket.endpoint or None,
        config=Config(**options),
    )
