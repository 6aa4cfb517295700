"""A login over the network: the server must prove with its certificate that it is the one meant."""

import datetime
import ipaddress
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nexoaudit.live.server import observe_server
from nexoaudit.model.policy import Login
from nexoaudit.sandbox.server import server

PEM = serialization.Encoding.PEM


def certificate(directory, name):
    """Make a certificate for 127.0.0.1 that signs itself; return the options to use it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / f"{name}.pem").write_bytes(made.public_bytes(PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain)
    (directory / f"{name}.key").write_bytes(private)
    return [f"--ssl-cert={directory}/{name}.pem", f"--ssl-key={directory}/{name}.key"]


@pytest.fixture(scope="module")
def remote():
    """A server on a free port of the loopback, its certificate, and a stranger's."""
    directory = Path(tempfile.mkdtemp(prefix="nx"))
    directory.chmod(0o755)  # the server is another user
    try:
        options = certificate(directory, "server")
        certificate(directory, "stranger")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        network = ["--skip-networking=0", "--bind-address=127.0.0.1", f"--port={port}"]
        with server(options=[*network, *options]) as running:
            with running.connect(timeout_s=30) as admin, admin.cursor() as cursor:
                cursor.execute("CREATE USER nexoaudit@'127.0.0.1'")
            yield Login("nexoaudit", host="127.0.0.1", port=port), directory
    finally:
        shutil.rmtree(directory)


@pytest.mark.parametrize(
    ("ca", "host", "reason"),
    [
        ("", "127.0.0.1", ""),
        ("server.pem", "127.0.0.1", ""),
        ("stranger.pem", "127.0.0.1", "server.untrusted"),
        ("server.pem", "localhost", "server.untrusted"),
        ("missing.pem", "127.0.0.1", "server.untrusted"),
        ("server.key", "127.0.0.1", "server.untrusted"),  # no certificate in it
    ],
)
def test_whose_certificate_is_trusted(remote, build, ca, host, reason):
    login, directory = remote
    ca_file = str(directory / ca) if ca else ""
    seen = observe_server("database", login._replace(ca_file=ca_file, host=host), build.NOW)
    assert seen.reason == reason, seen.detail
    assert bool(seen.version) is not bool(reason)
