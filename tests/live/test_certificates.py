"""The certificates in use: found through the web server's configuration, sought in the backup."""

import os
import tarfile
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.assess import assess_components
from nexoaudit.auditor.acceptance import accept
from nexoaudit.formats.webserver import key_files
from nexoaudit.model.moments import millis
from nexoaudit.verification.contents import MAX_DIGESTS

APACHE = """\
<VirtualHost *:443>
    # SSLCertificateFile /etc/ssl/old.pem
    SSLCertificateFile "/etc/ssl/certs/shop.pem"
    sslcertificatekeyfile /etc/ssl/private/shop.key
</VirtualHost>
"""
NGINX = """\
server {
    ssl_certificate     /etc/ssl/certs/shop.pem;
    ssl_certificate_key /etc/ssl/private/shop.key;
    ssl_certificate     $ssl_server_name.pem;
    ssl_certificate_key data:$key;
    ssl_session_cache shared:SSL:10m;
}
"""
SECTION = """
[component.config]
kind = "config"
schedule = "on-change"
grace = "1h"
since = 2026-11-17
watch = ["{root}/etc/apache2/*.conf"]
[[component.config.series]]
pattern = "config_{{time:%Y%m%d}}.tar"
keep = "30d"
locations = ["local"]
sidecar = false
"""
NAMES = ("etc/ssl/certs/shop.pem", "etc/ssl/private/shop.key")


@pytest.mark.parametrize("text", [APACHE, NGINX])
def test_both_web_servers_name_their_files(text):
    assert key_files(text.encode()) == ("/etc/ssl/certs/shop.pem", "/etc/ssl/private/shop.key")


@given(st.binary())
def test_any_bytes_name_absolute_paths_or_nothing(data):
    assert all(name.startswith("/") for name in key_files(data))
    assert all(name.startswith("/") for name in key_files(b"ssl_certificate " + data))


@pytest.fixture
def host(site):
    """A web server's files below the site's root."""
    files = {"etc/apache2/shop.conf": APACHE, NAMES[0]: "certificate 1", NAMES[1]: "key 1"}
    for name, text in files.items():
        path = site.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        site.date(path, site.now - timedelta(days=2))
    site.config.write_text(site.config.read_text() + SECTION.format(root=site.root))
    return site


def saved(host, *left_out, others=0):
    pack = host.root / "local" / "config_20261120.tar"
    with tarfile.open(pack, "w") as tar:
        for number in range(others):
            other = tarfile.TarInfo(f"etc/ssl/others/{number}.pem")
            other.size = len(str(number))
            tar.addfile(other, BytesIO(str(number).encode()))
        for name in ("etc/apache2/shop.conf", *NAMES):
            if name not in left_out:
                tar.add(host.root / name, name)
    pack.chmod(0o600)
    host.date(pack, host.now - timedelta(hours=2))


def findings(host):
    host.audit()
    with host.session() as session:
        accept(session, ["config"], "A. Person", "compared")
        state = session.recall()
    now_ms = millis(host.now)
    found = assess_components(state, now_ms, controls=["content"], components=["config"])
    return [(verdict.reason, verdict.facts.get("names")) for verdict in found]


def test_a_backup_with_the_certificates_in_use_is_complete(host):
    saved(host)
    assert [reason for reason, _ in findings(host)] == ["content.accepted"]


def test_a_key_that_is_in_no_backup_fails(host):
    saved(host, NAMES[1])
    assert findings(host) == [("content.certificate_missing", "/etc/ssl/private/shop.key")]


def test_a_backup_of_another_certificate_fails_after_the_grace(host):
    saved(host)
    path = host.root / NAMES[0]
    path.write_text("certificate 2")
    host.date(path, host.now - timedelta(minutes=10))
    assert findings(host) == [("content.accepted", None)]
    host.date(path, host.now - timedelta(minutes=70))
    assert findings(host) == [("content.certificate_other", "/etc/ssl/certs/shop.pem")]


def test_a_certificate_that_cannot_be_read_is_unverified(host):
    saved(host)
    (host.root / NAMES[1]).unlink()
    os.mkfifo(host.root / NAMES[1])
    assert findings(host) == [("content.certificate_unread", "/etc/ssl/private/shop.key")]


@pytest.mark.parametrize(
    ("others", "reason"),
    [(MAX_DIGESTS - 2, "content.accepted"), (MAX_DIGESTS, "content.certificate_untold")],
)
def test_among_too_many_certificates_a_missing_one_is_unknown(host, others, reason):
    saved(host, others=others)
    assert [found for found, _ in findings(host)] == [reason]


def test_a_configuration_that_names_too_many_files_is_unverified(host):
    saved(host)
    lines = "".join(f"SSLCertificateFile /etc/ssl/certs/z{number}.pem\n" for number in range(600))
    (host.root / "etc/apache2/shop.conf").write_text(APACHE + lines)
    assert "content.certificate_unread" in {reason for reason, _ in findings(host)}
