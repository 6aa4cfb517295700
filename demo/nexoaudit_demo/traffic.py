"""What the users of the site do, as SQL. Everything follows from row numbers: no chance in it."""

# ruff: noqa: S608 - every value is our own, and the server is thrown away

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nexoaudit_demo import phrases
from nexoaudit_demo.growth import Counts

ROLES = ("admin", "manager", "agent", "user", "guest")

_STEP_S = 250
"""Distance of two statements of one hour; all of them fit into it."""


class _Insert(NamedTuple):
    """One table's new rows, made by the server from their numbers."""

    table: str
    columns: str
    values: str
    """Expressions over the row number `seq`; `@` followed by a letter is a pseudo-random number."""
    sources: str = ""


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _random(salt: str) -> str:
    return f"CRC32(CONCAT('{salt}', seq))"


def _pick(salt: str, texts: Sequence[str]) -> str:
    return f"ELT(1 + {_random(salt)} MOD {len(texts)}, {', '.join(map(_quote, texts))})"


def _one_of(salt: str, count: str) -> str:
    return f"1 + {_random(salt)} MOD {{{count}}}"


def _sentences(how_many: int) -> str:
    return " ".join(
        f"JOIN workshop.sentences s{n} ON s{n}.n = CRC32(CONCAT('s{n}', seq))"
        f" MOD {len(phrases.SENTENCES)}"
        for n in range(how_many)
    )


_USERS = _Insert(
    "users",
    "id, username, email, passwordhash, firstname, lastname, department_id, lastlogin,"
    " timecreated, timemodified",
    "seq, CONCAT('user', seq), CONCAT('user', seq, '@example.org'),"
    " CONCAT('$2y$12$', LEFT(SHA2(CONCAT('p', seq), 256), 53)),"
    f" {_pick('f', phrases.FIRST_NAMES)}, {_pick('l', phrases.LAST_NAMES)},"
    f" 1 + seq MOD {len(phrases.DEPARTMENTS)}, {{time}}, {{time}}, {{time}}",
)
_ROLE_ASSIGNMENTS = _Insert(
    "role_assignments",
    "id, user_id, role_id, timecreated",
    f"seq, LEAST(seq, {{users}}), 1 + {_random('r')} MOD {len(ROLES)}, {{time}}",
)
_MFA_SETTINGS = _Insert(
    "mfa_settings",
    "id, user_id, factor, secret, timecreated, timemodified",
    f"seq, {_one_of('u', 'users')}, 1 + seq MOD 3, UNHEX(SHA2(CONCAT('m', seq), 256)),"
    " {time}, {time}",
)
_SESSIONS = _Insert(
    "sessions",
    "id, sid, user_id, ip, userdata, timecreated, timemodified",
    f"seq, SHA2(CONCAT('sid', seq), 256), {_one_of('u', 'users')},"
    f" INET6_ATON(CONCAT('192.0.2.', {_random('i')} MOD 256)),"
    " CONCAT('lang|s:2:\"es\";token|s:32:\"', MD5(seq), '\";'), {time}, {time}",
)
_TICKETS = _Insert(
    "tickets",
    "id, code, user_id, assignee_id, department_id, subject, priority, timecreated, timemodified",
    f"seq, CONCAT('NX-', LPAD(seq, 7, '0')), {_one_of('u', 'users')}, {_one_of('a', 'users')},"
    f" 1 + {_random('d')} MOD {len(phrases.DEPARTMENTS)}, {_pick('t', phrases.SUBJECTS)},"
    f" 1 + {_random('q')} MOD 4, {{time}}, {{time}}",
)
_TICKET_TAGS = _Insert(
    "ticket_tags", "ticket_id, tag_id", f"seq, 1 + {_random('g')} MOD {len(phrases.TAGS)}"
)
_TICKET_MESSAGES = _Insert(
    "ticket_messages",
    "id, ticket_id, user_id, body, internal, timecreated",
    f"seq, {_one_of('t', 'tickets')}, {_one_of('u', 'users')},"
    " CONCAT_WS(' ', s0.body, s1.body, s2.body, s3.body, s4.body, 'Ref.', UPPER(MD5(seq))),"
    " seq MOD 7 = 0, {time}",
    _sentences(5),
)
_ATTACHMENTS = _Insert(
    "attachments",
    "id, message_id, filename, mimetype, contenthash, content, timecreated",
    f"seq, {_one_of('m', 'ticket_messages')}, CONCAT('captura nº ', seq, '.png'), 'image/png',"
    " SHA2(CONCAT('c', seq), 256), CONCAT(X'89504E470D0A1A0A0000000D49484452',"
    " REPEAT(CONCAT(UNHEX(SHA2(CONCAT('c', seq), 512)), X'000A0D1A225C27'), 12)), {time}",
)
_KNOWLEDGE_ARTICLES = _Insert(
    "knowledge_articles",
    "id, author_id, title, body, timecreated, timemodified",
    f"seq, {_one_of('u', 'users')}, CONCAT('Guía ', seq, ': ', {_pick('t', phrases.SUBJECTS)}),"
    " CONCAT_WS('\\n\\n', s0.body, s1.body, s2.body, s3.body, s4.body, s5.body), {time}, {time}",
    _sentences(6),
)
_AUDIT_LOG = _Insert(
    "audit_log",
    "user_id, action, target, target_id, detail, timecreated",
    f"{_one_of('u', 'users')}, ELT(1 + {_random('o')} MOD 4, 'user.login', 'user.logout',"
    f" 'mfa.verified', 'ticket.viewed'), 'users', {_one_of('u', 'users')},"
    f" CONCAT('ip=192.0.2.', {_random('i')} MOD 256, ' agent=', MD5({_random('b')} MOD 50)),"
    " {time}",
)


def _insert(what: _Insert, first: int, last: int, held: Counts) -> Iterator[str]:
    """Yield the statement that adds the rows `first` to `last`, when there are any."""
    if last < first:
        return
    evenly = f"@since + (seq - {first}) * (@until - @since) DIV {last - first + 1}"
    values = what.values.format(time=evenly, **held._asdict())
    yield (
        f"INSERT INTO {what.table} ({what.columns})"
        f" SELECT {values} FROM seq_{first}_to_{last} {what.sources}"
    )


def _statements(old: Counts, new: Counts) -> Iterator[str]:
    """Yield the statements that lead from `old` to `new`, parents first."""

    def grow(what: _Insert, field: str = "") -> Iterator[str]:
        name = field or what.table
        return _insert(what, getattr(old, name) + 1, getattr(new, name), new)

    kept_from = new.sessions_opened - new.sessions + 1
    yield "UPDATE config SET value = @until, timemodified = @until WHERE name = 'cron.lastrun'"
    yield from grow(_USERS)
    yield from grow(_ROLE_ASSIGNMENTS)
    yield from grow(_MFA_SETTINGS)
    yield f"DELETE FROM sessions WHERE id < {kept_from}"
    yield from _insert(_SESSIONS, max(old.sessions_opened + 1, kept_from), new.sessions_opened, new)
    yield from grow(_TICKETS)
    yield from grow(_TICKET_TAGS)
    yield from grow(_TICKET_MESSAGES)
    yield from grow(_ATTACHMENTS)
    if old.tickets_closed < new.tickets_closed:
        yield (
            "UPDATE tickets SET status = 'closed', timemodified ="
            " GREATEST(@since, LEAST(@until, timecreated + CRC32(id) MOD 172800))"
            f" WHERE id BETWEEN {old.tickets_closed + 1} AND {new.tickets_closed}"
        )
    yield from grow(_KNOWLEDGE_ARTICLES)
    yield f"UPDATE users SET lastlogin = @until WHERE id = 1 + @until DIV 60 MOD {new.users}"
    yield from grow(_AUDIT_LOG, "audit_entries")


def bulk(old: Counts, new: Counts, since: int, until: int) -> Iterator[str]:
    """Yield SQL for long ago: everything between two moments at once, rows spread evenly."""
    yield f"SET timestamp = {until}, @since = {since}, @until = {until}"
    yield from _statements(old, new)


def hour(old: Counts, new: Counts, start: int) -> Iterator[str]:
    """Yield SQL for the hour from `start`: each statement has its own time, as have its rows."""
    for number, statement in enumerate(_statements(old, new)):
        moment = start + 60 + number * _STEP_S
        yield f"SET timestamp = {moment}, @since = {moment}, @until = {moment}"
        yield statement


def end_of_hour(moment: int) -> Iterator[str]:
    """Yield SQL that closes the binary log as at `moment`."""
    yield f"SET timestamp = {moment}"
    yield "FLUSH BINARY LOGS"


def opening(moment: int) -> Iterator[str]:
    """Yield SQL for the rows that are there from the start."""
    settings = [
        ("site.name", "NexoSupport · Mesa de ayuda"),
        ("site.language", "es"),
        ("site.url", "https://support.example.org"),
        ("release.version", "2.0.0"),
        ("cron.lastrun", moment),
        ("site.motd", "¡Os damos la bienvenida!"),
        *((f"option.{number:02}", f"valor «{number}» ✓") for number in range(1, 31)),
    ]
    colours = [f"#{0x123456 + 7919 * number:06x}" for number in range(37)]
    yield f"SET timestamp = {moment}"
    yield _rows("config (name, value, timemodified)", [(*pair, moment) for pair in settings])
    yield _rows(
        "theme_settings (theme, name, value)",
        [("nexo", f"colour{number:02}", colour) for number, colour in enumerate(colours)],
    )
    yield _rows(
        "departments (name, email, sortorder)",
        [
            (name, f"departamento{number}@example.org", number)
            for number, name in enumerate(phrases.DEPARTMENTS)
        ],
    )
    yield _rows(
        "roles (shortname, name, capabilities)",
        [(role, role.capitalize(), "{}") for role in ROLES],
    )
    yield _rows("tags (name, colour)", list(zip(phrases.TAGS, colours, strict=False)))
    yield _rows("workshop.sentences (n, body)", list(enumerate(phrases.SENTENCES)))


def stored(paths: Sequence[str], moment: int) -> Iterator[str]:
    """Yield SQL for files that were sent: what names them is a row."""
    yield f"SET timestamp = {moment}"
    yield _rows("stored_files (path, timecreated)", [(path, moment) for path in paths])


def _rows(target: str, rows: Sequence[tuple[object, ...]]) -> str:
    values = ", ".join(f"({', '.join(_quote(str(cell)) for cell in row)})" for row in rows)
    return f"INSERT INTO {target} VALUES {values}"
