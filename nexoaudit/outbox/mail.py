"""The report by mail: SMTP with STARTTLS and AUTH, and every refused recipient noticed."""

import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import NamedTuple

from nexoaudit.errors import MailError, SecretError
from nexoaudit.model.policy import Mail
from nexoaudit.secret import read_secret

_TIMEOUT_S = 30.0


class Letter(NamedTuple):
    """What is sent."""

    subject: str
    text: str
    attachment: Path
    """A PDF."""


def send(mail: Mail, letter: Letter, now: datetime) -> tuple[str, ...]:
    """Send the letter to every recipient and return their addresses.

    Raise MailError when it could not be delivered to all of them; it says to whom, and whether
    trying again may help.
    """
    if not mail.recipients:
        raise MailError(
            "no recipient is configured: set recipients in the [mail] section", temporary=False
        )
    message = _compose(mail, letter, now)
    password = _password(mail)
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=_TIMEOUT_S) as server:
            if mail.starttls:
                server.starttls(context=ssl.create_default_context(cafile=mail.ca_file or None))
            if mail.user:
                server.login(mail.user, password)
            refused = server.send_message(message, mail.sender, list(mail.recipients))
    except (smtplib.SMTPException, OSError) as error:
        raise _failure(mail, error) from error
    if refused:
        raise MailError(_refusals(refused), temporary=False)
    return mail.recipients


def _compose(mail: Mail, letter: Letter, now: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2] or socket.getfqdn())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    try:
        pdf = letter.attachment.read_bytes()
    except OSError as error:
        raise MailError(
            f"{letter.attachment} cannot be read: {error.strerror}", temporary=False
        ) from error
    message.add_attachment(
        pdf, maintype="application", subtype="pdf", filename=letter.attachment.name
    )
    return message


def _password(mail: Mail) -> str:
    """Return the password from its file, which nobody else may read."""
    if not mail.user:
        return ""
    if not mail.password_file:
        raise MailError("mail.user is set but mail.password_file is not", temporary=False)
    path = Path(mail.password_file)
    try:
        secret = read_secret(path)
    except SecretError as error:
        raise MailError(str(error), temporary=False) from error
    if not secret.isascii():
        raise MailError(f"the password in {path} must be made of ASCII", temporary=False)
    return secret


def _failure(mail: Mail, error: Exception) -> MailError:
    """Return the error in words that say whom it concerns; a 4xx answer may pass."""
    server = f"{mail.host}:{mail.port}"
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            return MailError(
                _refusals(error.recipients), temporary=all(code < 500 for code in codes)
            )
        case smtplib.SMTPAuthenticationError():
            return MailError(
                f"{server} refused user {mail.user!r}: check the password file", temporary=False
            )
        case smtplib.SMTPNotSupportedError():
            return MailError(
                f"{server} does not offer what is configured ({error}): check starttls and user",
                temporary=False,
            )
        case smtplib.SMTPResponseException():
            said = error.smtp_error
            text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
            return MailError(
                f"{server} refused the message: {error.smtp_code} {text}",
                temporary=error.smtp_code < 500,
            )
        case ssl.SSLError():
            return MailError(
                f"the certificate of {server} is not trusted ({error.reason}): set ca_file",
                temporary=False,
            )
        case _:
            return MailError(f"{server} cannot be reached: {error}", temporary=True)


def _refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    said = ", ".join(
        f"{address} ({code} {text.decode('utf-8', 'replace')})"
        for address, (code, text) in sorted(refused.items())
    )
    return f"the mail server refused: {said}"
