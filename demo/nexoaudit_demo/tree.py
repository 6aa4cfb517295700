"""The application tree: code in releases, uploads by the day, and what must not be backed up."""

import hashlib
from collections.abc import Iterator
from importlib import resources

from nexoaudit import process
from nexoaudit.errors import DemoError
from nexoaudit_demo import disk
from nexoaudit_demo.calendar import DAY, Calendar
from nexoaudit_demo.places import Places
from nexoaudit_demo.settings import MODULES, TOOLS, environment

RELEASES = ((399, "2.0.0"), (290, "2.0.1"), (170, "2.1.0"), (95, "2.1.1"), (20, "2.2.0"))
"""When each version was deployed, in days before the last one."""

_UPLOADS_BEFORE = 90
_NAMES = (
    "informe trimestral.pdf", "captura de pantalla.png", "menú de año nuevo.pdf", "nómina.csv",
    "logo_empresa.png", "contrato (firmado).pdf", "diseño final (v2).txt", "registro.txt",
    "niño con piñata.png", "actas/reunión nº 4.pdf", "notas.txt", "presupuesto 2026.csv",
)  # fmt: skip
_IGNORED = (
    "/uploads/\n/cache/\n/tmp/\n/sessions/\n/logs/\n/vendor/\n"
    "config.php\n/modules/informes/cache/\n"
)


class Tree:
    """The application of one site, as it is at the moment it was last told."""

    def __init__(self, places: Places, calendar: Calendar) -> None:
        self._places = places
        self._calendar = calendar
        self._uploads = 0
        self._sent: list[str] = []

    def sent(self) -> list[str]:
        """Return the files that users sent since it was asked last, below `uploads`."""
        sent, self._sent = self._sent, []
        return sent

    def open(self, moment: int) -> None:
        """Make everything that is not in version control, as at the opening of the site."""
        for number in range(12):
            self._put(f"vendor/acme/library{number:02}/autoload.php", "<?php\n", moment)
        for number in range(_UPLOADS_BEFORE):
            self._upload(moment + number * DAY // 2)
        # Names that a careless exclude would take for the site's own cache and logs.
        self._sent.append("2026/logs/lectura del contador.txt")
        self._put(f"uploads/{self._sent[-1]}", "12.345 kWh\n", moment)
        self._put("modules/informes/cache/plantilla.html", "<p>Plantilla útil</p>\n", moment)

    def live(self, moment: int) -> None:
        """Let a day of use leave its traces: uploads, and files that must not be backed up."""
        for step in range(2):
            self._upload(moment - 3600 * (6 - 4 * step))
        day = self._calendar.stamp(moment)[:8]
        for number in range(4):
            token = hashlib.sha256(f"{day}{number}".encode()).hexdigest()
            self._put(f"sessions/sess_{number:02}", f'token|s:64:"{token}";\n', moment)
            self._put(f"cache/page_{number:02}.html", f"<!-- {token} -->\n", moment)
        self._put("tmp/upload.part", day, moment)
        self._put("logs/application.log", f"{day} todo en orden ✓\n", moment)

    def deploy(self, version: str, moment: int) -> None:
        """Release `version`: commit it as at `moment`, push it to the bare repository."""
        is_first = not (self._places.application / ".git").exists()
        if is_first:
            disk.directory(self._places.repository.parent, moment)
            disk.directory(self._places.application, moment)
            self._git("init", "-q", "--bare", "-b", "main", str(self._places.repository))
            self._git("init", "-q", "-b", "main", ".")
            disk.date(self._places.repository.parent, moment)
            self._git("remote", "add", "origin", "../../../srv/git/nexosupport.git")
        for name, text in _code(version):
            path = self._places.application / name
            if not path.exists() or path.read_text("utf-8") != text:
                self._put(name, text, moment)
        when = f"{moment} +0000"
        self._git("add", "-A")
        self._git("commit", "-q", "-m", f"Release {version}", when=when)
        self._git("tag", "-a", f"v{version}", "-m", f"Version {version}", when=when)
        self._git("push", "-q", "-u", "origin", "main", "--tags")
        for directory in (self._places.application / ".git", self._places.repository):
            for path in (directory, *directory.rglob("*")):
                disk.date(path, moment)
        disk.date(self._places.application, moment)

    def _git(self, *arguments: str, when: str = "") -> None:
        who = {"NAME": "Equipo NexoSupport", "EMAIL": "dev@example.org"}
        env = environment(self._calendar) | {
            **{f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who},
            **({"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else {}),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "HOME": str(self._places.root),
        }
        result = process.run(
            [process.find("git", "git"), *arguments],
            deadline_s=60,
            env=env,
            cwd=self._places.application,
        )
        if result.returncode != 0:
            raise DemoError(f"git {arguments[0]} failed: {result.stderr.decode(errors='replace')}")

    def _put(self, name: str, data: bytes | str, moment: int) -> None:
        disk.put(self._places.application / name, data, moment, disk.PUBLIC)

    def _upload(self, moment: int) -> None:
        """Add one file that a user sends at `moment`."""
        number = self._uploads
        self._uploads += 1
        name = _NAMES[number % len(_NAMES)]
        stem, dot, suffix = name.rpartition(".")
        month = self._calendar.local(moment).strftime("%Y/%m")
        noise = hashlib.sha512(f"upload {number}".encode()).digest()
        if suffix == "png":
            data = b"\x89PNG\r\n\x1a\n" + noise * 3
        elif suffix == "pdf":
            data = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + noise * 5 + b"\n%%EOF\n"
        else:
            data = (f"línea de ejemplo nº {number}; año {month[:4]}\n" * 8).encode()
        self._sent.append(f"{month}/{stem}-{number:04}{dot}{suffix}")
        self._put(f"uploads/{self._sent[-1]}", data, moment)


def _code(version: str) -> Iterator[tuple[str, str]]:
    """Yield the files of a release; those with its number in them change with each."""
    yield ".gitignore", _IGNORED
    yield "version.php", f"<?php\n$release = '{version}';\n"
    yield "index.php", "<?php\nrequire __DIR__ . '/lib/config.php';\necho 'Mesa de ayuda';\n"
    health = resources.files("nexoaudit_demo").joinpath("health-check.php")
    yield "api/health-check.php", health.read_text("utf-8")
    yield "lib/setup.php", "<?php\nfunction nexo_setup(): void {}\n"
    yield "lib/db/install.xml", f'<XMLDB PATH="lib/db" VERSION="{version}"></XMLDB>\n'
    for module in MODULES:
        yield f"modules/{module}/version.php", f"<?php\n$plugin = '{module} {version}';\n"
        for name in ("index", "lib", "settings", "renderer"):
            yield f"modules/{module}/{name}.php", f"<?php\n// {module}: {name}\n"
        yield f"modules/{module}/lang/es/{module}.php", "<?php\n$string['title'] = 'Título';\n"
    for tool in TOOLS:
        for name in ("index", "lib"):
            yield f"admin/tool/{tool}/{name}.php", f"<?php\n// herramienta {tool}: {name}\n"
    yield "theme/custom/style/nexo.css", f"/* {version} */\n:root {{ --acento: #0b6e4f; }}\n"
    yield "theme/custom/layout/página.html", "<main>¡Hola! 👋</main>\n"
    yield "theme/core/style/core.css", "body { margin: 0 }\n"
