"""English: the live database server, what no backup holds of it, and the backup user."""

REASONS = {
    "server.covered": "{place}: all {databases} databases are in a backup, {version}",
    "server.never_seen": "{place} has not been looked at yet",
    # it could not be looked at
    "server.away": "{place} does not answer ({detail}); last seen {seen}",
    "server.refused": "{place} refuses the login ({detail}); last seen {seen}",
    "server.timeout": "{place} does not answer in time ({detail}); last seen {seen}",
    "server.secret": "the password of the login cannot be used: {detail}",
    "server.untrusted": "{place} could not prove that it is the right server ({detail})",
    "server.failed": "{place} did not answer as it should ({detail}); last seen {seen}",
    "server.crowded": "{place} holds too much to be looked at ({detail})",
    "server.hidden": (
        "the login may not see {names}: what is there is unknown; grant it what docs/live.md says"
    ),
    # what is in no backup
    "server.coverage_unknown": (
        "no dump that was read names the databases of {names}: set `databases` in its section"
        " `live`, or read one"
    ),
    "server.uncovered": "{count} databases are in no backup: {names}",
    "server.residue": "{count} databases look left over from a restore: {names}",
    "server.database_gone": "{count} databases that are backed up are not on the server: {names}",
    "server.engines": (
        "{count} tables change while they are dumped, --single-transaction does not hold them:"
        " {names}"
    ),
    "server.broken_tables": "the server cannot open {count} tables: {names}",
    "server.accounts_unsaved": (
        "{count} accounts and their grants are in no dump: dump the database mysql as well"
    ),
    "server.defaults_unsaved": (
        "the dump does not make its database: restore it with the defaults {names}"
    ),
    # the backup user
    "server.no_backup_user": "there is no account {user} to make backups",
    "server.grants_many": "{user} may do more than dump: {names}",
    "server.grants_few": "{user} cannot dump all: it lacks {names}. Mend: {mend}",
    # how it writes its binary logs
    "binlog.off": "{place} writes no binary log: nothing since the newest dump can come back",
    "binlog.format": (
        "{place} writes its binary logs as {format}: a replay may do something else than was"
        " done; set binlog_format = ROW"
    ),
    "binlog.expires_before_copy": (
        "{place} deletes its binary logs after {expiry}, they are copied every {interval}"
    ),
    "binlog.expires_early": (
        "{place} deletes its binary logs after {expiry}, the policy keeps them {keep}"
    ),
    "binlog.left_out": "{place} leaves databases out of its binary logs: {names}",
}
