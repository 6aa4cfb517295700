"""The site's configuration and its certificate, and how they changed over a year."""

from typing import NamedTuple

from nexoaudit import process
from nexoaudit.errors import DemoError
from nexoaudit_demo import disk
from nexoaudit_demo.calendar import Calendar
from nexoaudit_demo.places import Places

MODULES = ("tickets", "knowledge", "informes", "mfa", "chat", "encuestas")
TOOLS = ("users", "backup", "logs")

DAYS_AGO = (351, 312, 268, 224, 187, 143, 101, 66, 33, 5)
"""When the configuration changed, in days before the last one; the site opens before all."""

_PHP = "etc/php/8.2/apache2/php.ini"
_VHOST = "etc/apache2/sites-available/nexosupport.conf"
CERTIFICATE = "etc/ssl/certs/nexosupport.pem"
KEY = "etc/ssl/private/nexosupport.key"
_SERVER = "etc/mysql/mariadb.conf.d/60-nexosupport.cnf"
_ACCOUNTS = "etc/nexosupport/accounts.sql"
_MAIN = "var/www/nexosupport/lib/config.php"
_CHANGES = (
    _PHP,
    _VHOST,
    _MAIN,
    "var/www/nexosupport/modules/tickets/config.php",
    "var/www/nexosupport/admin/tool/users/config.php",
    _PHP,
    "var/www/nexosupport/theme/custom/config.php",
    _VHOST,
    CERTIFICATE,
    "var/www/nexosupport/modules/mfa/config.php",
)
"""What changed, oldest first."""


class Settings(NamedTuple):
    """The configuration files of one site."""

    places: Places
    calendar: Calendar
    cron: str
    """The cron table of the backup jobs."""

    def write(self, moment: int) -> None:
        """Write all of them as at the opening of the site."""
        for name in self.names():
            self._write(name, 0, moment)

    def change(self, number: int, moment: int) -> None:
        """Make change `number` (from 0) of the year."""
        self._write(_CHANGES[number], number + 1, moment)

    def names(self) -> list[str]:
        """Return the path of every configuration file, relative to the root of the site."""
        application = "var/www/nexosupport"
        return [
            _MAIN,
            *(f"{application}/modules/{module}/config.php" for module in MODULES),
            *(f"{application}/admin/tool/{tool}/config.php" for tool in TOOLS),
            f"{application}/theme/custom/config.php",
            _VHOST,
            _PHP,
            "etc/cron.d/nexosupport-backup",
            _SERVER,
            _ACCOUNTS,
            CERTIFICATE,
            KEY,
        ]

    def _write(self, name: str, revision: int, moment: int) -> None:
        path = self.places.root / name
        if name == KEY:
            return  # written together with the certificate
        if name == CERTIFICATE:
            self._certify(moment)
        elif name == _MAIN:
            disk.put(path, _MAIN_TEXT.format(revision=revision), moment)
        elif path.name == "config.php":
            disk.put(path, _php(path.parent.name, revision), moment, disk.PUBLIC)
        elif path == self.places.cron:
            disk.put(path, self.cron, moment, disk.PUBLIC)
        elif name in {_SERVER, _ACCOUNTS}:
            text = _SERVER_TEXT if name == _SERVER else _ACCOUNTS_TEXT
            disk.put(path, text, moment)
        else:
            text = _PHP_TEXT if name == _PHP else _VHOST_TEXT
            disk.put(path, text.format(revision=revision), moment, disk.PUBLIC)

    def _certify(self, moment: int) -> None:
        """Make a certificate that is valid from `moment`, and its key."""
        certificate, key = self.places.root / CERTIFICATE, self.places.root / KEY
        disk.directory(key.parent, moment, 0o600)
        disk.put(key, "", moment, 0o600)
        disk.put(certificate, "", moment, disk.PUBLIC)
        local = self.calendar.local(moment).strftime("%Y-%m-%d %H:%M:%S")
        result = process.run(
            [
                *(process.find("faketime", "faketime"), "-f", local),
                *(process.find("openssl", "openssl"), "req", "-x509", "-nodes", "-days", "397"),
                *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
                *("-subj", "/CN=support.example.org"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            deadline_s=60,
            env=environment(self.calendar),
        )
        if result.returncode != 0:
            raise DemoError(
                f"the certificate could not be made: {result.stderr.decode(errors='replace')}"
            )
        for path in (certificate, key):
            disk.date(path, moment)
            disk.date(path.parent, moment)


def environment(calendar: Calendar) -> dict[str, str]:
    """Return the environment of the site's programs: local time, no locale, nobody's settings."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": str(calendar.zone)}


def _php(what: str, revision: int) -> str:
    return (
        f"<?php\n// {what}: ajustes locales, revisión {revision}\n"
        f"return ['enabled' => true, 'page_size' => {20 + revision}, 'locale' => 'es_ES'];\n"
    )


_MAIN_TEXT = """\
<?php
// Conexión y rutas de la instalación, revisión {revision}
$CFG = new stdClass();
$CFG->dbtype = 'mariadb';
$CFG->dbhost = 'localhost';
$CFG->dbname = 'nexosupport';
$CFG->dbuser = 'nexosupport';
$CFG->dbpass = 'DATABASE_PASSWORD_PLACEHOLDER';
$CFG->wwwroot = 'https://support.example.org';
$CFG->dirroot = '/var/www/nexosupport';
$CFG->sessiontimeout = {revision}800;
"""
_PHP_TEXT = """\
[PHP]
; revisión {revision}
memory_limit = 256M
upload_max_filesize = 5{revision}M
post_max_size = 6{revision}M
date.timezone = Europe/Madrid
session.cookie_secure = 1
"""
_SERVER_TEXT = """\
[mysqld]
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
log_bin = /var/log/mysql/mysql-bin.log
binlog_format = ROW
"""
_ACCOUNTS_TEXT = """\
-- Las cuentas de la base de datos, sin contraseñas: se piden a quien las guarda.
CREATE USER IF NOT EXISTS nexosupport@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON nexosupport.* TO nexosupport@localhost;
CREATE USER IF NOT EXISTS nexosupport_backup@localhost;
GRANT SELECT, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT ON nexosupport.*
  TO nexosupport_backup@localhost;
"""
_VHOST_TEXT = """\
# revisión {revision}
<VirtualHost *:443>
    ServerName support.example.org
    DocumentRoot /var/www/nexosupport
    SSLEngine on
    SSLCertificateFile /etc/ssl/certs/nexosupport.pem
    SSLCertificateKeyFile /etc/ssl/private/nexosupport.key
    Header always set Strict-Transport-Security "max-age=6307200{revision}"
</VirtualHost>
"""
