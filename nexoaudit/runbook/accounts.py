"""The step that makes the accounts of a new database server: from a backup, else from settings."""

from collections.abc import Iterator, Sequence

from nexoaudit.runbook.database import Database
from nexoaudit.runbook.files import Files
from nexoaudit.runbook.quoting import identifier, literal, word
from nexoaudit.runbook.situation import Situation
from nexoaudit.runbook.step import Step

APPLICATION_MAY = "SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE TEMPORARY TABLES, LOCK TABLES"
"""What an account gets of which only the settings of the application are left."""
BACKUP_MAY = "SELECT, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT"

FUNCTIONS = r"""
users() { # SQL that makes accounts, by standard input; those that every server has stay as they are
  local own="['\`](mysql|mariadb\.sys)['\`]@" root="['\`]root['\`]@" some='(\/\*M?![0-9]+ )?'
  LC_ALL=C sed -E -e "/^$some(CREATE|ALTER|GRANT|SET) .*$own.*;\s*$/d" \
    -e "/^$some((CREATE|ALTER|SET) |GRANT .* ON ).*$root.*;\s*$/d" \
    -e "/^${some}GRANT .*$root['\`]localhost['\`].*;\s*$/b" -e "/^${some}GRANT .*$root.*;\s*$/d" \
    -e "s/^(CREATE (USER|ROLE)) (IF NOT EXISTS )?/\1 IF NOT EXISTS /I" \
    -e "s/^(\/\*M!1[0-9]+ CREATE ROLE) '/\1 IF NOT EXISTS '/" \
    -e '/^GRANT .* ON (PROCEDURE |FUNCTION )?`[^`]+`\.`/{' -e "w $WORK/grants.later" -e 'd;}' |
    fed
}
privileges() { # SCHEMA: accounts out of a copy of the server's own tables, into those of this one
  local table
  for table in global_priv db tables_priv columns_priv procs_priv roles_mapping; do
    sql -e "INSERT IGNORE INTO mysql.$table SELECT * FROM $1.$table
      WHERE user NOT IN ('root', 'mysql', 'mariadb.sys')"
  done
  sql -e "DROP DATABASE $1; FLUSH PRIVILEGES"
}
setting() { # NAME FILE: what $CFG->NAME is set to
  sed -nE "s/^[^#]*->$1\s*=\s*(['\"])(.*)\1\s*;.*$/\2/p" -- "$2" | tail -n 1 |
    sed -E "s/\\\\(['\"\\\\])/\1/g"
}
quoted() { # TEXT as a string of SQL
  local quote="'" text=${1//\\/\\\\}
  printf "'%s'" "${text//$quote/$quote$quote}"
}
application() { # DATABASE PRIVILEGES DIRECTORY...: its account, by its settings; shows no password
  local base="$1" may="$2" tick='`' file user host name password known
  shift 2
  file=$(grep -rlE --include='*.php' -- '->dbuser\s*=' "$@" | sed -n 1p || true)
  if [ -z "$file" ]; then
    if [ "${ACCOUNTS:-}" = made ]; then return 0; fi
    echo 'STOP: no settings name the account of the application. Make it by hand (CREATE USER,' \
      'GRANT), set ACCOUNTS=made, and go on.' >&2
    exit 1
  fi
  user=$(setting dbuser "$file") host=$(setting dbhost "$file") password=$(setting dbpass "$file")
  name=$(setting dbname "$file")
  if [ -n "$name" ]; then base="$tick${name//$tick/$tick$tick}$tick"; fi
  case "$host" in '' | localhost | 127.0.0.1 | ::1 | /*) host=localhost ;; *) host=% ;; esac
  known=$(sql -e "SELECT COUNT(*) FROM mysql.user WHERE user = $(quoted "$user")")
  if [ "$known" = 0 ]; then
    printf 'CREATE USER %s@%s IDENTIFIED BY %s;\nGRANT %s ON %s.* TO %s@%s;\n' \
      "$(quoted "$user")" "$(quoted "$host")" "$(quoted "$password")" "$may" "$base" \
      "$(quoted "$user")" "$(quoted "$host")" | sql
    echo "made $user@$host as $file has it; it may $may on $base"
  else
    sql -e "SELECT host FROM mysql.user WHERE user = $(quoted "$user") AND plugin IN
      ('', 'mysql_native_password') AND authentication_string = ''" |
      while IFS= read -r host; do
        printf 'ALTER USER %s@%s IDENTIFIED BY %s;\n' "$(quoted "$user")" "$(quoted "$host")" \
          "$(quoted "$password")" | sql
        echo "$user@$host had no password: it has that of $file now"
      done
  fi
}"""


def accounts(
    situation: Situation, databases: Sequence[Database], archives: Sequence[Files]
) -> Step:
    """Return the step that makes accounts anew: no dump of one database holds them.

    First from a dump of accounts, then by the scripts in the restored configuration, and last that
    of the application from its own settings, where the server still has none of that name.
    """
    commands: list[str] = []
    for database in databases:
        commands += database.accounts()
    if commands:
        commands.append("ACCOUNTS=made   # by the dump")
    sources = [archive.unpacked for archive in archives]
    kept = [a.unpacked for a in archives if a.component.kind == "config"]
    if kept:
        commands += [
            "mapfile -d '' scripts < <(grep -rlZiE --include='*.sql' \\",
            rf"  '^\s*(CREATE\s+USER|GRANT)\s' {' '.join(kept)} || true)",
            'for script in "${scripts[@]}"; do',
            '  echo "accounts of $script"',
            '  users < "$script"',
            "done",
        ]
    named = [database for database in databases if database.name]
    for database in named[:1]:
        commands.append(f"application {word(identifier(database.name))} {word(APPLICATION_MAY)} \\")
        commands.append(f"  {' '.join(sources) or '/dev/null'}")
    return Step("Accounts and grants", tuple(_why(situation, databases)), tuple(commands))


def grants(databases: Sequence[Database]) -> Iterator[Step]:
    """Yield the step that grants what dumps grant on single tables: they have to be there first."""
    if any(database.holds_accounts for database in databases):
        yield Step(
            "Grants on single tables",
            (),
            (
                'if [ -s "$WORK"/grants.later ]; then',
                '  fed < "$WORK"/grants.later',
                "fi",
            ),
        )


def _why(situation: Situation, databases: Sequence[Database]) -> Iterator[str]:
    saved = accounts_saved(situation, databases)
    if saved is None:
        yield "No dump of one database holds its accounts, and nobody has tried what else does."
    elif saved:
        yield "They come from a backup."
    else:
        yield "NO BACKUP HOLDS THE ACCOUNTS AND GRANTS."
    yield (
        "That of the application is made from its own settings where no backup has it: its "
        "password is read from them and shown nowhere. It may do what is listed, no more: grant "
        "CREATE, ALTER, DROP and INDEX by hand when the application is to change its tables."
    )
    for server in situation.known.servers.values():
        others = ", ".join(account for account in server.accounts or ())
        if others:
            yield f"The server had: {others}."
        if server.backup_user:
            user, _, host = server.backup_user.rpartition("@")
            yield (
                f"For the jobs, with a password of your own: CREATE USER {literal(user)}@"
                f"{literal(host)} IDENTIFIED BY '...'; GRANT {BACKUP_MAY} ON the databases."
            )


def accounts_saved(situation: Situation, databases: Sequence[Database]) -> bool | None:
    """Return whether a backup holds the accounts; None: nobody has looked."""
    if any(database.holds_accounts for database in databases):
        return True
    looked = [
        drill
        for drill in situation.known.drills
        if any(step.name == "unsaved" for step in drill.steps)
    ]
    newest = max(looked, key=lambda drill: drill.started_ms, default=None)
    if newest is None:
        return None
    lacking = next((step.detail for step in newest.steps if step.name == "unsaved"), "")
    return "accounts" not in lacking
