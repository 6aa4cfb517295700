"""The binary logs that lead on from a dump: fetched with everything else, replayed in one call."""

from collections.abc import Iterator
from datetime import datetime

from nexoaudit.auditor.composed import GUIDE_PERCENT
from nexoaudit.formats.names import unsealed
from nexoaudit.model.binlog import log_number
from nexoaudit.model.copy import Copy
from nexoaudit.outlook import Replay, has_logs
from nexoaudit.runbook.database import Database
from nexoaudit.runbook.quoting import word
from nexoaudit.runbook.situation import Situation
from nexoaudit.runbook.step import Step
from nexoaudit.wording.values import write_size, write_span

SLOWER = GUIDE_PERCENT["replay"] / 100
"""What `mariadb-binlog | mariadb` takes of the drill's time; see docs/drills.md."""

FUNCTIONS = r"""
stoppable() { # FIRST LAST MADE SCENARIO: whether STOP can be kept, before anything is touched
  local moment='^20[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]$'
  if [[ $STOP =~ \.([0-9]+):[0-9]+$ ]]; then
    if ((10#${BASH_REMATCH[1]} >= $1 && 10#${BASH_REMATCH[1]} <= $2)); then return 0; fi
    echo "STOP: $STOP is in none of the logs" >&2
  elif [[ ! $STOP =~ $moment ]]; then
    echo "STOP: '$STOP' is no moment such as '2026-11-20 14:29:59'" >&2
  elif [[ $STOP < $3 ]]; then
    echo "STOP: the newest dump is not older than $STOP: it holds the damage. Write this anew:" >&2
    echo "nexoaudit runbook $4 --before '$STOP'" >&2
  else
    return 0
  fi
  exit 1
}
replay() { # DATABASE POSITION FILE...: all in one call, from POSITION in the first, up to STOP
  local base="$1" start="$2" file until=() files=()
  shift 2
  case "${STOP:-}" in
    '') files=("$@") ;;
    *.[0-9]*:[0-9]*) # LOG:POSITION
      for file in "$@"; do
        files+=("$file")
        if [ ".${file##*.}" = ".$(sed 's/.*\.//; s/:.*//' <<< "$STOP")" ]; then
          until=("--stop-position=${STOP##*:}")
          break
        fi
      done
      if [ -z "${until[*]}" ]; then echo "STOP: $STOP is in none of the logs" >&2; exit 1; fi ;;
    *) files=("$@") until=("--stop-datetime=$STOP") ;;
  esac
  TZ="$ZONE" mariadb-binlog --no-defaults --verify-binlog-checksum \
    --start-position="$start" "${until[@]}" --database="$base" -- "${files[@]}" |
    mariadb --binary-mode
}"""


def fetches(situation: Situation, bases: tuple[Database, ...]) -> Iterator[Step]:
    """Yield the steps that bring the logs here and verify them: each run of them once."""
    seen: set[tuple[str, ...]] = set()
    for base in bases:
        run = situation.logs(base.part)
        if run is None or not run.logs or _paths(run) in seen:
            continue
        seen.add(_paths(run))
        size = sum(copy.size for copy in run.logs)
        told = f"{len(run.logs)} logs at {run.holding[2]}, {write_size(size)}."
        if took_ms := situation.took_ms(base.part, "logs"):
            told += f" Expected: {write_span(took_ms)}."
        why = [told]
        if situation.host_stands:
            why.append(
                "What happened since the newest of them is in the logs of the server itself, if it "
                "still runs: FLUSH BINARY LOGS, have your job copy them, run nexoaudit audit, and "
                "write this anew."
            )
        commands = [line for copy in run.logs for line in _commands(situation, copy)]
        yield Step("Fetch and verify the binary logs", tuple(why), tuple(commands))


def replays(situation: Situation, base: Database) -> Step | None:
    """Return the step that replays the logs; None: the site has none in its backups."""
    title = f"Database {base.title}: what happened after the dump"
    run = situation.logs(base.part)
    if run is None or not run.logs:
        if not has_logs(situation.known):
            return None
        said = "Nothing can be replayed: the dump does not say where in the binary logs it was "
        said += "made (--master-data=2 of its job), or its log is not there."
        return Step(title, (said,))
    zone = situation.known.policy.site.timezone
    why = [
        f"{len(run.logs)} binary logs in this order, all in one call, from {run.position.log} at "
        f"{run.position.offset} on. Of each statement only those count that were run in this "
        "database."
    ]
    if took_ms := situation.took_ms(base.part, "replay"):
        slower = write_span(round(took_ms * SLOWER))
        why.append(f"Expected: about {slower} ({write_span(took_ms)} by the drill's way).")
    commands = []
    if situation.host_stands:
        why.append(
            f"STOP is the moment just before the damage, on the clock of {zone}, or its place, as "
            "mysql-bin.000042:1234. To find it, read the logs:"
        )
        commands += [
            "# mariadb-binlog --no-defaults --base64-output=decode-rows --verbose FILE | less"
        ]
    if run.reason:
        why.append("After the last of them a log is missing or unsound: it ends there.")
    files = [_file(situation, copy) for copy in run.logs]
    commands += [
        f"ZONE={word(zone)}",
        f"replay {word(base.name)} {run.position.offset} \\",
        *(f"  {file} \\" for file in files[:-1]),
        f"  {files[-1]}",
    ]
    return Step(title, tuple(why), tuple(commands))


def stoppable(situation: Situation) -> str:
    """Return the command that looks whether what was set as the end of the replay can be one."""
    numbers = [log_number(unsealed(copy.path)) for run in situation.replays for copy in run.logs]
    made_ms = max(part.copy.time_ms for part in situation.of_kind("database"))
    made = datetime.fromtimestamp(made_ms // 1000, situation.zone)
    name = situation.scene.scenario.id
    return f"stoppable {min(numbers)} {max(numbers)} '{made:%Y-%m-%d %H:%M:%S}' {name}"


def _paths(run: Replay) -> tuple[str, ...]:
    return tuple(copy.path for copy in run.logs)


def _called(copy: Copy) -> str:
    return f"log_{_number(copy)}"


def _number(copy: Copy) -> str:
    return f"{log_number(unsealed(copy.path)):06}"


def _commands(situation: Situation, copy: Copy) -> Iterator[str]:
    """Yield the lines that make a log a file as mariadb-binlog reads it: opened, not compressed."""
    fetch = situation.fetch_copy(copy, _called(copy))
    yield from fetch.commands()
    if not fetch.reader.startswith("cat "):
        yield f"{fetch.reader} > {_plain(copy)}"


def _file(situation: Situation, copy: Copy) -> str:
    fetch = situation.fetch_copy(copy, _called(copy))
    return fetch.file if fetch.reader.startswith("cat ") else _plain(copy)


def _plain(copy: Copy) -> str:
    return f'"$WORK"/plain.{_number(copy)}'
