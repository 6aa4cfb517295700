"""Mail against a real SMTP server on loopback, with STARTTLS and AUTH."""

import datetime as dt
import email
import email.policy
import ipaddress
import socket
import ssl
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nexoaudit.errors import MailError
from nexoaudit.model.policy import Mail
from nexoaudit.outbox.mail import Letter, send

NOW = dt.datetime(2026, 12, 1, 6, 0, tzinfo=dt.UTC)
PASSWORD = "s3cret word"


class Handler:
    """Refuses nobody@ for ever and grey@ for now; `reply` answers every message."""

    def __init__(self):
        self.received = []
        self.reply = None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("grey@"):
            return "451 4.7.1 greylisted, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.reply:
            return self.reply
        self.received.append(envelope)
        return "250 2.0.0 queued"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return directory


@pytest.fixture
def server(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        Handler(),
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=True,
    )
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def mail(server, certificate, tmp_path):
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    return Mail(
        recipients=("auditor@example.com",),
        sender="nexoaudit@example.com",
        host="127.0.0.1",
        port=server.port,
        user="nexo",
        password_file=str(secret),
        ca_file=str(certificate / "cert.pem"),
    )


@pytest.fixture
def letter(tmp_path):
    pdf = tmp_path / "informe-2026-11 ñ.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 1000)
    return Letter("Example: señal 2026-11", "Attached.\n", pdf)


def refusal(mail, letter):
    with pytest.raises(MailError) as caught:
        send(mail, letter, NOW)
    return caught.value


def test_the_report_arrives_byte_for_byte(server, mail, letter):
    both = ("auditor@example.com", "second@example.com")
    assert send(mail._replace(recipients=both), letter, NOW) == both
    (envelope,) = server.handler.received
    assert envelope.rcpt_tos == list(both)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == letter.subject
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == letter.attachment.name
    assert attached.get_content() == letter.attachment.read_bytes()


def test_one_refused_recipient_of_two_is_noticed(server, mail, letter):
    two = mail._replace(recipients=("auditor@example.com", "nobody@example.com"))
    error = refusal(two, letter)
    assert str(error) == ("the mail server refused: nobody@example.com (550 5.1.1 no such user)")
    assert len(server.handler.received) == 1


@pytest.mark.parametrize(
    ("changes", "said", "temporary"),
    [
        ({"recipients": ("nobody@example.com",)}, "no such user", False),
        ({"recipients": ("grey@example.com",)}, "greylisted", True),
        ({"recipients": ()}, "no recipient is configured", False),
        ({"starttls": False}, "refused", False),
        ({"user": "", "password_file": ""}, "refused the message", False),
        ({"ca_file": ""}, "is not trusted", False),
        ({"host": "127.0.0.1", "port": 1}, "cannot be reached", True),
        ({"password_file": ""}, "mail.password_file is not", False),
        ({"password_file": "/nonexistent/password"}, "cannot be read", False),
    ],
)
def test_each_failure_is_one_sentence(mail, letter, changes, said, temporary):
    error = refusal(mail._replace(**changes), letter)
    if "starttls" not in changes:
        assert said in str(error)
    assert "\n" not in str(error)
    assert PASSWORD not in str(error)
    assert error.temporary is temporary


def test_a_wrong_password_is_refused_and_not_shown(mail, letter, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("hunter2")
    wrong.chmod(0o600)
    error = refusal(mail._replace(password_file=str(wrong)), letter)
    assert "refused user 'nexo'" in str(error)
    assert "hunter2" not in str(error)


def test_a_password_file_that_others_may_read_is_not_used(server, mail, letter, tmp_path):
    open_file = tmp_path / "open"
    open_file.write_text(PASSWORD)
    open_file.chmod(0o644)
    assert "chmod 600" in str(refusal(mail._replace(password_file=str(open_file)), letter))
    assert not server.handler.received


def test_a_password_that_smtp_cannot_carry_is_said_so(mail, letter):
    Path(mail.password_file).write_text("señal")
    assert "must be made of ASCII" in str(refusal(mail, letter))


def test_a_message_that_is_too_large_is_refused_for_good(server, mail, letter):
    server.handler.reply = "552 5.3.4 message too big"
    error = refusal(mail, letter)
    assert "552" in str(error)
    assert not error.temporary


def test_a_server_in_trouble_is_worth_another_try(server, mail, letter):
    server.handler.reply = "452 4.3.1 disk full"
    assert refusal(mail, letter).temporary
