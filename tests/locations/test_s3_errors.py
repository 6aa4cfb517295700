"""Each way in which a bucket cannot be reached: its reason, one sentence, and no secret in it."""

import socket
import ssl
import subprocess
import threading

import pytest
from hostile import Reply, error, listing

from nexoaudit.errors import LocationError, SecretError
from nexoaudit.locations.s3 import S3Transport
from nexoaudit.model.location import Bucket, Location

SECRETS = ("the-secret-of", "token0123456789")


def refusal(transport):
    with pytest.raises(LocationError) as caught:
        list(transport.listing())
    return caught.value


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (error("InvalidAccessKeyId", 403), "location.refused", "InvalidAccessKeyId"),
        (error("SignatureDoesNotMatch", 403), "location.refused", "SignatureDoesNotMatch"),
        (error("ExpiredToken", 400), "location.refused", "ExpiredToken"),
        (error("AccessDenied", 403), "location.forbidden", "s3:ListBucket"),
        (Reply(403), "location.forbidden", "s3:ListBucket"),
        (error("NoSuchBucket", 404), "location.missing", "does not exist"),
        (error("RequestTimeTooSkewed", 403), "location.clock", "clock"),
        (error("PermanentRedirect", 301), "location.region", "region"),
        (
            error("AuthorizationHeaderMalformed", 400, "<Region>eu-south-2</Region>"),
            "location.region",
            "eu-south-2",
        ),
        (
            error("IllegalLocationConstraintException", 400),
            "location.region",
            "belongs to another region",
        ),
        (error("Throttling", 400), "location.throttled", "fewer requests"),
        (error("TooManyRequests", 429), "location.throttled", "fewer requests"),
        (Reply(503, b"<html>busy</html>"), "location.throttled", "fewer requests"),
        (error("RequestTimeout", 400), "location.timeout", "in time"),
        (error("InternalError", 500), "location.unreadable", "InternalError: so it is"),
        (error("location.cut", 400), "location.cut", "half-way"),
        (error("location.region", 400), "location.region", "region"),
        (error("{where}", 418), "location.unreadable", "{where}"),
        (Reply(418, b"I am a teapot"), "location.unreadable", "418"),
        (Reply(400, b"<Error><Code/></Error>"), "location.unreadable", "cannot be used"),
    ],
)
def test_what_a_store_answers(hostile, astray, reply, reason, words):
    hostile.says(reply)
    with astray() as transport:
        told = refusal(transport)
    assert told.reason == reason
    assert words in str(told)
    assert "bucket backups at 127.0.0.1" in str(told)
    assert "\n" not in str(told)


def test_a_wrong_region_is_mended_where_the_store_says_the_right_one(hostile, astray):
    wrong = error("AuthorizationHeaderMalformed", 400, "<Region>eu-south-2</Region>")

    def answer(asked):
        signed = {name.lower(): value for name, value in asked.headers.items()}["authorization"]
        return listing("one") if "/eu-south-2/s3/" in signed else wrong

    hostile.answers(answer)
    with astray() as transport:
        assert [found.path for found in transport.listing()] == ["one"]


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidArgument", "token0123456789" * 4])
def test_a_store_that_repeats_a_secret(hostile, astray, code):
    echoed = {}

    def answer(asked):
        echoed.update({name.lower(): value for name, value in asked.headers.items()})
        return error(code, 400, message=f"\x1b[31m{echoed['x-amz-security-token']}\n" * 3)

    hostile.answers(answer)
    with astray() as transport:
        told = [str(refusal(transport))]
        told += [stored.detail for stored in transport.stored(["one"])]
    assert echoed["x-amz-security-token"].startswith("token")
    assert not [text for text in told for secret in SECRETS if secret in text]
    assert not [text for text in told if "\x1b" in text or "\n" in text]


def made(endpoint="http://127.0.0.1:1", **fields):
    bucket = Bucket("backups", endpoint=endpoint, region="us-east-1", **fields)
    return S3Transport(Location("l", kind="s3", bucket=bucket), deadline_s=20)


@pytest.fixture
def keys(no_aws, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")


def test_nobody_listens(keys, at_once):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = refusal(made(f"http://127.0.0.1:{port}"))
    assert told.reason == "location.unreachable"
    assert "Connection refused" in str(told)


def test_a_certificate_that_nobody_vouches_for(tmp_path, keys, at_once):
    pem = tmp_path / "pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=127.0.0.1", "-keyout", pem, "-out", tmp_path / "crt"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", pem)

    def shake_hands(server):
        while True:
            try:
                connection = server.accept()[0]
            except OSError:
                return
            with connection:
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=shake_hands, args=(server,), daemon=True)
        thread.start()
        endpoint = f"https://127.0.0.1:{server.getsockname()[1]}"
        told = refusal(made(endpoint=endpoint))
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert told.reason == "location.unreachable"
    assert "self-signed certificate" in str(told)


def test_no_credentials_at_all(no_aws):
    told = refusal(made())
    assert told.reason == "location.refused"
    assert "credentials" in str(told)


def test_a_profile_that_is_not_there(no_aws):
    with pytest.raises(LocationError, match="nobodys") as caught:
        made(profile="nobodys")
    assert caught.value.reason == "location.refused"


def test_a_credentials_file_that_others_may_read(no_aws, tmp_path):
    file = tmp_path / "credentials"
    with pytest.raises(SecretError, match="cannot be read"):
        made(credentials_file=str(file))
    file.write_text("[default]\naws_access_key_id = A\naws_secret_access_key = the-secret-of-all\n")
    file.chmod(0o640)
    with pytest.raises(SecretError, match="chmod 600") as caught:
        made(credentials_file=str(file))
    assert "the-secret-of-all" not in str(caught.value)
    file.chmod(0o600)
    made(credentials_file=str(file)).close()


def test_a_credentials_file_that_is_none(no_aws, tmp_path):
    file = tmp_path / "credentials"
    for text in ("the-secret-of-all", "[other]\naws_access_key_id = A\n", "[default]\n"):
        file.write_text(text)
        file.chmod(0o600)
        with pytest.raises(LocationError) as caught:
            list(made(credentials_file=str(file)).listing())
        assert caught.value.reason == "location.refused"
        assert "the-secret-of-all" not in str(caught.value)


def test_the_credentials_file_counts_and_not_the_environment(hostile, astray, tmp_path):
    file = tmp_path / "credentials"
    file.write_text("[audit]\naws_access_key_id = AKFILE\naws_secret_access_key = s\n")
    file.chmod(0o600)
    hostile.says(listing("one"))
    with astray(credentials_file=str(file), profile="audit") as transport:
        assert len(list(transport.listing())) == 1
    signed = {name.lower(): value for name, value in hostile.asked[0].headers.items()}
    assert "AKFILE" in signed["authorization"]
    assert "x-amz-security-token" not in signed
