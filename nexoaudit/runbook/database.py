"""The steps that bring a database back: under a new name first, then in place of the old one."""

from collections.abc import Iterator

from nexoaudit.auditor.scene import Part
from nexoaudit.model.manifest import OTHERS
from nexoaudit.runbook.quoting import comment, identifier, literal, word
from nexoaudit.runbook.situation import Situation, file_name
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_span

SLOWER = 1.3
"""What `zcat | mariadb` takes of our loader's time; see docs/drills.md."""
MOST_TABLES = 20
"""Tables whose rows are compared one by one, the largest."""
GUIDE_DEFAULTS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

FUNCTIONS = r"""
sql() { mariadb --batch --raw --skip-column-names --default-character-set=utf8mb4 "$@"; }
move() { # FROM TO, each as LITERAL IDENTIFIER: tables go; triggers are in their way
  sql -e "SELECT CONCAT('DROP TRIGGER \`', REPLACE(trigger_schema, '\`', '\`\`'), '\`.\`',
    REPLACE(trigger_name, '\`', '\`\`'), '\`;')
    FROM information_schema.triggers WHERE trigger_schema = $1" | sql
  local table moves=''
  while IFS= read -r table; do
    moves="$moves, $2.$table TO $4.$table"
  done < <(sql -e "SELECT CONCAT('\`', REPLACE(table_name, '\`', '\`\`'), '\`')
    FROM information_schema.tables
    WHERE table_schema = $1 AND table_type <> 'VIEW' ORDER BY 1")
  if [ -n "$moves" ]; then printf 'RENAME TABLE%s;\n' "${moves#,}" | sql; fi
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
rows() { # TABLE-IDENTIFIER EXPECTED
  local found; found=$(sql -e "SELECT COUNT(*) FROM $1")
  if [ "$found" != "$2" ]; then echo "STOP: $1 has $found rows, not $2" >&2; exit 1; fi
}"""


class Database:
    """The steps for one database."""

    def __init__(self, situation: Situation, part: Part) -> None:
        self._situation = situation
        self._part = part
        self._manifest = situation.manifest(part)
        facts = {} if self._manifest is None else self._manifest.facts
        live = part.component.live
        known = (live.databases if live is not None else ()) or (part.component.id,)
        self.name = str(facts.get("database") or known[0])
        self._new, self._old = f"{self.name}_restored", f"{self.name}_before"
        self._file = situation.fetch(part)

    def load(self) -> Step:
        """Load the dump under a new name and count what came back; nothing is overwritten."""
        part, took_ms = self._part, self._situation.took_ms(self._part, "restore")
        why = [f"A new database {self._new}: what is there stays as it is until this is proven."]
        if took_ms:
            slower = write_span(round(took_ms * SLOWER))
            why.append(f"Expected: about {slower} ({write_span(took_ms)} by the drill's loader).")
        new = identifier(self._new)
        return Step(
            f"Database {part.name}: load it under a new name",
            tuple(why),
            (
                f"chosen=$({self._file.reader} | LC_ALL=C grep --text --count '^USE ' || true)",
                'if [ "$chosen" -gt 1 ]; then',
                '  echo "STOP: the dump holds several databases: load it on a spare server" >&2',
                "  exit 1",
                "fi",
                f"sql -e {word(f'CREATE DATABASE {new} {self._defaults()}')}",
                f"{self._file.reader} \\",
                f"  | LC_ALL=C sed -E {word(_NAMING)} \\",
                f"  | mariadb --default-character-set=utf8mb4 {word(self._new)}",
                *self._counts(new),
                *self._definers(),
            ),
        )

    def swap(self) -> Step:
        """Put the new database in the place of the old one, which is kept."""
        new, old, now = (self._pair(name) for name in (self._new, self._old, self.name))
        objects = f'"$WORK"/{file_name(self._part.name)}'
        options = "--default-character-set=utf8mb4 --skip-lock-tables --no-data"
        source = word(self._new)
        return Step(
            f"Database {self._part.name}: in the place of the old one",
            (
                f"The old tables go to {self._old} and stay there; renaming copies no data. Views, "
                "routines, triggers and events are made anew from the dump's own.",
            ),
            (
                f"mariadb-dump {options} \\",
                f"  --no-create-info --routines --events --triggers {source} \\",
                f"  > {objects}.routines.sql",
                f"sql -e {word(_VIEWS.format(literal(self._new)))} \\",
                f"  > {objects}.views",
                f"if [ -s {objects}.views ]; then",
                f"  mapfile -t views < {objects}.views",
                f"  mariadb-dump {options} \\",
                f'    --skip-triggers {source} "${{views[@]}}" > {objects}.views.sql',
                "fi",
                f"sql -e {word(f'CREATE DATABASE IF NOT EXISTS {now[1]} {self._defaults()}')}",
                f"sql -e {word(f'CREATE DATABASE {old[1]} {self._defaults()}')}",
                f"move {_words(*now, *old)}",
                f"sql -e {word(f'DROP DATABASE {now[1]}')}   # its tables are in the other one",
                f"sql -e {word(f'CREATE DATABASE {now[1]} {self._defaults()}')}",
                f"move {_words(*new, *now)}",
                f"mariadb {word(self.name)} < {objects}.routines.sql",
                f"if [ -s {objects}.views ]; then",
                f"  mariadb {word(self.name)} < {objects}.views.sql",
                "fi",
                f"sql -e {word(f'DROP DATABASE {new[1]}')}",
                *self._counts(now[1]),
            ),
        )

    def replay(self) -> Step | None:
        """Replay the binary logs that lead on from the dump; None when there are none."""
        run = self._situation.logs(self._part)
        title = f"Database {self._part.name}: what happened after the dump"
        if run is None or not run.logs:
            if not self._situation.of_kind("binlog") and run is None and not self._has_logs():
                return None
            said = "Nothing can be replayed: the dump does not say where in the binary logs it was "
            said += "made (--master-data=2 of its job), or its log is not there."
            return Step(title, (said,))
        commands: list[str] = []
        files: list[str] = []
        for number, copy in enumerate(run.logs):
            fetch = self._situation.fetch_copy(copy, f"log_{number:05}")
            commands += fetch.commands()
            files.append(_unpacked(fetch.reader, fetch.file, number, commands))
        stop = '${STOP:+--stop-datetime="$STOP"}'
        commands += [
            "mariadb-binlog --no-defaults --verify-binlog-checksum \\",
            f"  --start-position={run.position.offset} {stop} --database={word(self.name)} \\",
            *(f"  {file} \\" for file in files),
            "  | mariadb --binary-mode",
        ]
        why = [
            f"{len(run.logs)} binary logs in this order, all in one call, from "
            f"{run.position.log} at {run.position.offset} on.",
            "Set STOP to the moment just before the damage, as '2026-11-20 14:29:59' on the clock "
            "of the database server; without it everything is replayed, the damage too.",
        ]
        if run.reason:
            why.append("After the last of them a log is missing or unsound: it ends there.")
        return Step(title, tuple(why), tuple(commands))

    def _has_logs(self) -> bool:
        return any(item.kind == "binlog" for item in self._situation.known.policy.components)

    def _defaults(self) -> str:
        """Return the defaults of the database, which no dump holds: the live server's, if known."""
        server = self._situation.known.servers.get(self._part.component.id)
        schema = None if server is None else server.schema(self.name)
        if schema is None or not (schema.charset.isidentifier() and schema.collation):
            return GUIDE_DEFAULTS
        return f"CHARACTER SET {schema.charset} COLLATE {schema.collation}"

    def _counts(self, database: str) -> Iterator[str]:
        """Yield the comparison of the largest tables with what the dump was found to hold."""
        counts = {} if self._manifest is None else dict(self._manifest.counts)
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


def _unpacked(reader: str, file: str, number: int, commands: list[str]) -> str:
    """Return the file of a log as mariadb-binlog reads it: not compressed."""
    if reader.startswith("cat "):
        return file
    plain = f'"$WORK"/log_{number:05}.plain'
    commands.append(f"{reader} > {plain}")
    return plain


_NAMING = r"/^(USE |CREATE DATABASE |\/\*!40000 DROP DATABASE )/d"
"""For sed: what would put the dump elsewhere than where it is to go."""
_VIEWS = "SELECT table_name FROM information_schema.views WHERE table_schema = {}"


def accounts(situation: Situation) -> Step:
    """Say which accounts there were: no dump of one database holds them."""
    why = [
        "No dump of a database holds its accounts. Create those of the application, with their "
        "passwords from the configuration, and those that views, triggers and routines name."
    ]
    lines: list[str] = []
    for server in situation.known.servers.values():
        for account in server.accounts or ():
            user, _, host = account.rpartition("@")
            made = f"CREATE USER {literal(user)}@{literal(host)} IDENTIFIED BY '...';"
            lines += comment(made)
        if server.backup_user:
            lines += comment(f"The account that makes the dumps: {server.backup_user}.")
    return Step("Accounts and grants", tuple(why), tuple(lines))
