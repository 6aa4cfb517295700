"""The steps that bring a database back: under a new name first, then in place of the old one."""

from collections.abc import Iterator

from nexoaudit.auditor.composed import GUIDE_PERCENT
from nexoaudit.auditor.scene import Part
from nexoaudit.model.manifest import OTHERS
from nexoaudit.model.server import OWN
from nexoaudit.runbook.quoting import identifier, literal, word
from nexoaudit.runbook.situation import Situation, file_name
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_span

SLOWER = GUIDE_PERCENT["restore"] / 100
"""What `zcat | mariadb` takes of our loader's time; see docs/drills.md."""
MOST_TABLES = 20
"""Tables whose rows are compared one by one, the largest."""
GUIDE_DEFAULTS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

FUNCTIONS = r"""
fed() { mariadb --binary-mode --default-character-set=utf8mb4 "$@"; } # obeys no order such as \!
sql() { fed --batch --raw --skip-column-names "$@"; }
move() { # FROM TO, as LITERALS: tables go; triggers are in their way
  sql -e "SELECT CONCAT('DROP TRIGGER \`', REPLACE(trigger_schema, '\`', '\`\`'), '\`.\`',
    REPLACE(trigger_name, '\`', '\`\`'), '\`;')
    FROM information_schema.triggers WHERE trigger_schema = $1" | sql
  sql -e "SET group_concat_max_len = 1 << 30;
    SELECT CONCAT('RENAME TABLE ', GROUP_CONCAT('\`', REPLACE($1, '\`', '\`\`'), '\`.', quoted,
      ' TO \`', REPLACE($2, '\`', '\`\`'), '\`.', quoted ORDER BY quoted), ';')
    FROM (SELECT CONCAT('\`', REPLACE(table_name, '\`', '\`\`'), '\`') AS quoted
      FROM information_schema.tables
      WHERE table_schema = $1 AND table_type <> 'VIEW') t
    HAVING COUNT(*) > 0" | sql
}
definers() { # SCHEMA-LITERAL: the accounts that it names and the server does not have
  sql -e "SELECT DISTINCT definer FROM (
      SELECT definer FROM information_schema.views WHERE table_schema = $1
      UNION SELECT definer FROM information_schema.triggers WHERE trigger_schema = $1
      UNION SELECT definer FROM information_schema.routines WHERE routine_schema = $1
      UNION SELECT definer FROM information_schema.events WHERE event_schema = $1) d
    WHERE definer NOT IN (SELECT CONCAT(user, '@', host) FROM mysql.user)
      AND definer NOT IN (SELECT user FROM mysql.user WHERE is_role = 'Y')"
}
section() { # IDENTIFIER: what a dump of several databases holds of one
  wanted="USE $1;" LC_ALL=C awk 'BEGIN { on = 1 }
    /^USE `/ { on = $0 == ENVIRON["wanted"]; next } on'
}
rows() { # TABLE-IDENTIFIER EXPECTED
  local found; found=$(sql -e "SELECT COUNT(*) FROM $1")
  if [ "$found" != "$2" ]; then echo "STOP: $1 has $found rows, not $2" >&2; exit 1; fi
}"""


def databases(situation: Situation) -> tuple["Database", ...]:
    """Return every database that comes back; one without a name for a dump of accounts alone."""
    found: list[Database] = []
    for part in situation.of_kind("database"):
        held = _held(situation, part)
        schemas = sorted(held - OWN) or ([] if held & OWN else [""])
        found += [Database(situation, part, schema, held) for schema in schemas or [""]]
    return tuple(found)


def _held(situation: Situation, part: Part) -> frozenset[str]:
    """Return the databases in a dump, as far as one knows; none: it holds accounts alone."""
    manifest = situation.manifest(part)
    live = part.component.live
    known = frozenset((live.databases if live is not None else ()) or (part.component.id,))
    if manifest is None:
        return known
    if manifest.facts.get("accounts") and not manifest.facts.get("tables"):
        return frozenset()
    tables = [name for name in manifest.counts if name != OTHERS]
    if tables and all("." in name for name in tables):
        return frozenset(name.partition(".")[0] for name in tables)
    named = str(manifest.facts.get("database", ""))
    return frozenset({named}) if named else known


class Database:
    """The steps for one database."""

    def __init__(self, situation: Situation, part: Part, schema: str, held: frozenset[str]) -> None:
        self._situation = situation
        self.part = part
        self._manifest = situation.manifest(part)
        self.name = schema
        """Empty: there is nothing but accounts in the dump."""
        self._held = held
        self._new, self._old = f"{self.name}_restored", f"{self.name}_before"
        self._file = situation.fetch(part)
        facts = {} if self._manifest is None else self._manifest.facts
        self._makes_accounts = bool(facts.get("accounts"))
        self.title = part.name if schema in {"", part.component.id} else f"{schema} ({part.name})"

    @property
    def holds_accounts(self) -> bool:
        """Whether the dump holds accounts, as statements or as the server's own tables."""
        return self._makes_accounts or "mysql" in self._held

    def accounts(self) -> Iterator[str]:
        """Yield the commands that make the accounts in the dump."""
        if self._makes_accounts:
            only = "" if not self.name else f" | LC_ALL=C grep -E {word(_OF_ACCOUNTS)}"
            yield f"{self._file.reader}{only} | users"
        if "mysql" in self._held:
            yield "sql -e 'CREATE DATABASE mysql_restored'"
            yield from self._loading("mysql", "mysql_restored")
            yield "privileges mysql_restored"

    def load(self) -> Step:
        """Load the dump under a new name and count what came back; nothing is overwritten."""
        took_ms = self._situation.took_ms(self.part, "restore")
        why = [f"A new database {self._new}: what is there stays as it is until this is proven."]
        if took_ms:
            slower = write_span(round(took_ms * SLOWER))
            why.append(f"Expected: about {slower} ({write_span(took_ms)} by the drill's loader).")
        new = identifier(self._new)
        return Step(
            f"Database {self.title}: load it under a new name",
            tuple(why),
            (
                *self._stop_at_others(),
                f"sql -e {word(f'CREATE DATABASE {new} {self._defaults()}')}",
                *self._loading(self.name, self._new),
                *self._counts(new),
                *self._definers(),
            ),
        )

    def _stop_at_others(self) -> Iterator[str]:
        """Yield a stop at a dump that holds more than is known of it."""
        if len(self._held) > 1:
            return
        used = f"{self._file.reader} | LC_ALL=C grep --text '^USE ' | sort -u"
        yield f"chosen=$({used} | wc -l || true)"
        yield 'if [ "$chosen" -gt 1 ]; then'
        yield '  echo "STOP: the dump holds several databases: load it on a spare server" >&2'
        yield "  exit 1"
        yield "fi"

    def _loading(self, schema: str, target: str) -> Iterator[str]:
        """Yield what loads a database of the dump into another one, whatever the dump says."""
        yield f"{self._file.reader} \\"
        if len(self._held) > 1:
            yield f"  | section {word(identifier(schema))} \\"
        naming = f"{_NAMING}; /{_OF_ACCOUNTS}/d" if self._makes_accounts else _NAMING
        yield f"  | LC_ALL=C sed -E {word(naming)} \\"
        yield f"  | fed -- {word(target)}"

    def swap(self) -> Step:
        """Put the new database in the place of the old one, which is kept."""
        new, old, now = (self._pair(name) for name in (self._new, self._old, self.name))
        objects = f'"$WORK"/{file_name(f"{self.part.name} {self.name}")}'
        options = "--default-character-set=utf8mb4 --skip-lock-tables --no-data"
        source = word(self._new)
        return Step(
            f"Database {self.title}: in the place of the old one",
            (
                f"The old tables go to {self._old} and stay there; renaming copies no data. Views, "
                "routines, triggers and events are made anew from the dump's own.",
            ),
            (
                f"mariadb-dump {options} \\",
                f"  --no-create-info --routines --events --triggers -- {source} \\",
                f"  > {objects}.routines.sql",
                f"sql -e {word(_VIEWS.format(literal(self._new)))} \\",
                f"  > {objects}.views",
                f"if [ -s {objects}.views ]; then",
                f"  mapfile -t views < {objects}.views",
                f"  mariadb-dump {options} \\",
                f'    --skip-triggers -- {source} "${{views[@]}}" > {objects}.views.sql',
                "fi",
                f"sql -e {word(f'CREATE DATABASE IF NOT EXISTS {now[1]} {self._defaults()}')}",
                f"sql -e {word(f'CREATE DATABASE {old[1]} {self._defaults()}')}",
                f"move {_words(now[0], old[0])}",
                f"sql -e {word(f'DROP DATABASE {now[1]}')}   # its tables are in the other one",
                f"sql -e {word(f'CREATE DATABASE {now[1]} {self._defaults()}')}",
                f"move {_words(new[0], now[0])}",
                f"fed -- {word(self.name)} < {objects}.routines.sql",
                f"if [ -s {objects}.views ]; then",
                f"  fed -- {word(self.name)} < {objects}.views.sql",
                "fi",
                f"sql -e {word(f'DROP DATABASE {new[1]}')}",
                f'if [ -z "$(sql -e {word(f"SHOW TABLES FROM {old[1]}")})" ]; then',
                f"  sql -e {word(f'DROP DATABASE {old[1]}')}   # there was none",
                "fi",
                *self._counts(now[1]),
            ),
        )

    def _defaults(self) -> str:
        """Return the defaults of the database, which no dump holds: the live server's, if known."""
        server = self._situation.known.servers.get(self.part.component.id)
        schema = None if server is None else server.schema(self.name)
        if schema is None or not (schema.charset.isidentifier() and schema.collation):
            return GUIDE_DEFAULTS
        return f"CHARACTER SET {schema.charset} COLLATE {schema.collation}"

    def _counts(self, database: str) -> Iterator[str]:
        """Yield the comparison of the largest tables with what the dump was found to hold."""
        counts = {} if self._manifest is None else dict(self._manifest.counts)
        if len(self._held) > 1:
            start = f"{self.name}."
            own = {name: rows for name, rows in counts.items() if name.startswith(start)}
            counts = {name.removeprefix(start): rows for name, rows in own.items()}
        largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_TABLES]
        for table, count in sorted(largest):
            if table != OTHERS and "\\" not in table and "�" not in table:
                yield f"rows {word(f'{database}.{identifier(table)}')} {count}"

    def _definers(self) -> Iterator[str]:
        """Yield a stop at accounts that the database needs and the server does not have."""
        yield f"missing=$(definers {word(literal(self._new))})"
        yield 'if [ -n "$missing" ]; then'
        yield '  echo "STOP: create these accounts first, or views and triggers fail: $missing" >&2'
        yield "  exit 1"
        yield "fi"

    @staticmethod
    def _pair(name: str) -> tuple[str, str]:
        return literal(name), identifier(name)


def _words(*texts: str) -> str:
    return " ".join(word(text) for text in texts)


_NAMING = r"/^(USE |CREATE DATABASE |\/\*!40000 DROP DATABASE )/d"
"""For sed: what would put the dump elsewhere than where it is to go."""
_OF_ACCOUNTS = (
    r"^(\/\*M?![0-9]+ )?((CREATE|ALTER|DROP) (USER|ROLE)|GRANT|REVOKE|SET (DEFAULT )?ROLE|"
    r"SELECT COALESCE\(CURRENT_ROLE|EXECUTE IMMEDIATE CONCAT\('SET ROLE)"
)
"""Lines of a dump made with --system=users, beside the tables."""
_VIEWS = "SELECT table_name FROM information_schema.views WHERE table_schema = {}"
