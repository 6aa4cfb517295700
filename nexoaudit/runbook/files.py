"""The steps that bring files back: unpacked beside, then laid over what is there."""

from collections.abc import Iterator

from nexoaudit.auditor.scene import Part
from nexoaudit.model.manifest import Manifest
from nexoaudit.runbook.quoting import comment, word
from nexoaudit.runbook.situation import Situation, file_name
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_span

FUNCTIONS = """\
unpack() { # DIRECTORY: modes and owners as in the archive; nobody else gets into "$WORK"
  (
    umask 022
    mkdir -p -- "$1"
    tar --extract --file=- --directory="$1" --preserve-permissions --delay-directory-restore
  )
}
overlay() { # FROM OVER: directories that are there keep their modes and owners
  tar --create --file=- --directory="$1" . \\
    | tar --extract --file=- --directory="$2" --preserve-permissions --no-overwrite-dir
}
lay() { # FROM OVER: as overlay; what is replaced is kept beside it until somebody is sure
  if [ -e "$2" ]; then
    if [ ! -e "$2.before" ]; then cp --archive --link -- "$2" "$2.before"; fi
    overlay "$1" "$2"
  else
    (
      umask 022
      mkdir -p -- "$(dirname -- "$2")"
    )
    cp --archive --no-target-directory -- "$1" "$2"
  fi
}
files() { # DIRECTORY EXPECTED
  local found; found=$(find "$1" -type f -printf x | wc -c)
  if [ "$found" != "$2" ]; then echo "STOP: $1 has $found files, not $2" >&2; exit 1; fi
}"""
HELD = '"$WORK".jobs'
"""Where jobs and timers of a restored configuration wait."""
_ROOT_DIRECTORIES = frozenset({"etc", "home", "lib", "opt", "root", "srv", "usr", "var"})
_NAMED_FOR_CONTENT = frozenset({"attachments", "data", "files", "media", "storage", "uploads"})
_CRON = ("etc/cron*", "etc/systemd/system/*.timer", "var/spool/cron*")
"""What must not run before the backups it works on are back."""


class Files:
    """The steps for one archive of files."""

    def __init__(self, situation: Situation, part: Part) -> None:
        self._situation = situation
        self._part = part
        self.component = part.component
        self._manifest = situation.manifest(part)
        self._file = situation.fetch(part)
        self.unpacked = f'"$WORK"/{file_name(part.name)}.unpacked'

    def unpack(self) -> Step:
        """Unpack the archive beside what it is for, and count."""
        took_ms = self._situation.took_ms(
            self._part, "read", "restore", "extracted", "extrapolated"
        )
        why = [f"Expected: about {write_span(took_ms)}."] if took_ms else []
        if top := self._top():
            why.append(f"The archive has {top!r} on top: what lies in it is what belongs below.")
        return Step(
            f"Files of {self._part.name}: unpack them beside",
            tuple(why),
            (f"{self._file.reader} | unpack {self.unpacked}", *self._count()),
        )

    def lay(self, over: str) -> Step:
        """Lay what was unpacked over the directory in a variable."""
        return Step(
            f"Files of {self._part.name}: over what is there",
            (
                "Files that are not in the archive stay. No mode and no owner is changed by hand: "
                "they came with the archive.",
            ),
            (f'lay {self._source()} "${over}"',),
        )

    def configuration(self) -> Step:
        """Unpack a configuration and lay it over the root, but for what would start jobs."""
        unpacked, held = self.unpacked, HELD
        return Step(
            f"Configuration ({self._part.name})",
            (
                "Before anything that reads it. Jobs and timers are kept apart until the end: a "
                "transfer that deletes, with no backups yet to transfer, empties the other side.",
            ),
            (
                f"{self._file.reader} | unpack {unpacked}",
                *self._count(),
                f"mkdir -p {held}",
                "for item in \\",
                *(f"  {self._source()}/{pattern} \\" for pattern in _CRON[:-1]),
                f"  {self._source()}/{_CRON[-1]}; do",
                '  if [ -e "$item" ]; then',
                f'    kept={held}/"${{item#{self._source()}/}}"',
                '    mkdir -p -- "$(dirname -- "$kept")"',
                '    mv -- "$item" "$kept"',
                "  fi",
                "done",
                f'overlay {self._source()} "$ROOT"',
                "# What was restored is to be used, by the web server and by the database server.",
                f"for item in {self._source()}/etc/apache2/sites-available/*.conf; do",
                '  if [ -e "$item" ]; then a2ensite --quiet "$(basename -- "$item" .conf)"; fi',
                "done",
                'systemctl restart "$DATABASE"',
            ),
        )

    def _source(self) -> str:
        top = self._top()
        return f"{self.unpacked}/{word(top)}" if top else self.unpacked

    def _top(self) -> str:
        """Return the directory around everything that does not belong there; empty: there is none.

        A directory that policy expects, that holds the live data, that is named for what it holds
        or that each system has is what was to be archived. A tree has none: it is one itself.
        """
        component = self.component
        if self._part.series.tree:
            return ""
        wanted = {path.strip("/").partition("/")[0] for path in component.expect.paths}
        wanted |= {path.rstrip("/").rpartition("/")[2] for path in component.data}
        wanted |= {component.id, component.kind, *_NAMED_FOR_CONTENT}
        if component.kind == "config":
            wanted |= _ROOT_DIRECTORIES
        facts = {} if self._manifest is None else self._manifest.facts
        top = str(facts.get("top_directory", ""))
        return "" if top in wanted else top

    def _count(self) -> Iterator[str]:
        if self._manifest is not None and _is_plain(self._manifest):
            yield f"files {self.unpacked} {self._manifest.facts['files']}"


def _is_plain(manifest: Manifest) -> bool:
    """Return whether every regular file of the archive is one on disk, and no other."""
    facts = manifest.facts
    return "files" in facts and "hardlinks" not in facts and "hostile" not in facts


def jobs(situation: Situation) -> tuple[str, ...]:
    """Return comments that name what is scheduled for the backups, as last seen."""
    table = situation.known.timetable
    found = () if table is None else table.scheduled
    told = dict.fromkeys(f"{job.source}: {job.when} {job.command}" for job in found)
    return tuple(line for text in told for line in comment(text))


def timers(situation: Situation) -> list[str]:
    """Return the names of the timers among these jobs."""
    table = situation.known.timetable
    sources = () if table is None else (job.source for job in table.scheduled)
    names = {source.rpartition("/")[2] for source in sources if source.endswith(".timer")}
    return sorted(names)
