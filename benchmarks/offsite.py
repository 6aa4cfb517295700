"""Listing a bucket, against boto3's own paginator over the same canned answers of a store.

The figures are the processor time of 100,000 keys, which should be at most half of boto3's, and the
time and the requests that an unchanged bucket of 20,000 keys costs.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import boto3

from nexoaudit.locations.open import open_transport
from nexoaudit.model.location import Bucket, Location

PAGE = 1000
_ROUNDS = 3
_SERVER = """\
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
sys.path.insert(0, sys.argv[1])
from offsite import page

class Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    asked = []
    pages = {}

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/asked":
            body = json.dumps(self.asked).encode()
            self.asked.clear()
        else:
            self.asked.append(self.path)
            token = parse_qs(url.query).get("continuation-token", ["0"])[0]
            body = self.pages[url.path.strip("/"), int(token)]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

for keys in map(int, sys.argv[2:]):
    for first in range(0, keys, 1000):
        Store.pages[f"keys-{keys}", first] = page(first, keys)
server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
print(server.server_port, flush=True)
server.serve_forever()
"""


def page(first: int, keys: int) -> bytes:
    """Return one page of a listing as AWS writes it."""
    objects = []
    for number in range(first, min(first + PAGE, keys)):
        day = number % 28 + 1
        name = f"nexosupport_db_202611{day:02}_{number:06}.sql.gz.gpg"
        etag = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
        objects.append(
            f"<Contents><Key>nexosupport/database/{name}</Key>"
            f"<LastModified>2026-11-{day:02}T02:10:07.000Z</LastModified>"
            f"<ETag>&quot;{etag}&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>"
            f"<ChecksumType>FULL_OBJECT</ChecksumType><Size>{number * 4096}</Size>"
            "<StorageClass>STANDARD_IA</StorageClass></Contents>"
        )
    last = first + PAGE >= keys
    token = "" if last else f"<NextContinuationToken>{first + PAGE}</NextContinuationToken>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>keys</Name>'
        f"<Prefix></Prefix>{token}<KeyCount>{len(objects)}</KeyCount><MaxKeys>{PAGE}</MaxKeys>"
        f"<EncodingType>url</EncodingType><IsTruncated>{str(not last).lower()}</IsTruncated>"
        f"{''.join(objects)}</ListBucketResult>"
    ).encode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100_000, help="keys of the larger bucket")
    options = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    argv = [sys.executable, "-c", _SERVER, str(Path(__file__).parent), str(options.keys), "20000"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout
            endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
            compare(endpoint, options.keys)
            again(endpoint, 20_000)
        finally:
            server.kill()
    return 0


def compare(endpoint: str, keys: int) -> None:
    """Print the processor time of both ways over the same pages, in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(_ROUNDS):
        ours.append(processor(lambda: list_ours(endpoint, keys), keys))
        theirs.append(processor(lambda: list_boto3(endpoint, keys), keys))
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"{keys} keys: {mine:.2f} s of processor time, boto3's paginator {other:.2f} s:"
        f" {mine / other:.2f} of it (target: at most 0.50)"
    )
    assert mine <= other / 2


def again(endpoint: str, keys: int) -> None:
    """Print what it takes to see that nothing is new in a bucket."""
    with urllib.request.urlopen(f"{endpoint}/asked"):
        pass
    began = time.perf_counter()
    assert list_ours(endpoint, keys) == keys
    elapsed = time.perf_counter() - began
    with urllib.request.urlopen(f"{endpoint}/asked") as answer:
        asked = json.load(answer)
    about_objects = [each for each in asked if "list-type=2" not in each]
    print(
        f"{keys} keys, nothing new: {elapsed:.2f} s, {len(asked)} requests,"
        f" {len(about_objects)} of them about an object (target: under 5 s, 0)"
    )
    assert not about_objects
    assert elapsed < 5


def processor(run: Callable[[], int], keys: int) -> float:
    began = time.process_time()
    assert run() == keys
    return time.process_time() - began


def list_ours(endpoint: str, keys: int) -> int:
    bucket = Bucket(f"keys-{keys}", endpoint=endpoint, region="us-east-1")
    with open_transport(Location("s3", kind="s3", bucket=bucket), deadline_s=600) as transport:
        return sum(1 for _ in transport.listing())


def list_boto3(endpoint: str, keys: int) -> int:
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=f"keys-{keys}")
    return sum(1 for each in pages for _ in each["Contents"])


if __name__ == "__main__":
    sys.exit(main())
