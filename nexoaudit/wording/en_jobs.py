"""English: what is wrong with the site's own jobs and their scripts."""

REASONS: dict[str, str] = {
    "jobs.scheduled": "{job} is scheduled: {found}, {where}",
    "jobs.not_scheduled": "{job} is not scheduled: no cron table and no timer names it",
    "jobs.perhaps_hidden": (
        "{job} is not scheduled where the auditor may look; {path} cannot be read ({detail})"
    ),
    "jobs.twice": "{job} is scheduled twice for the same time: {found}, last at {where}",
    "jobs.twice_through": "{job} is scheduled by itself and run by another script too ({where})",
    "jobs.other_times": "{job} is scheduled for {found} ({where}), not for {schedule}",
    "jobs.no_script": "{job} is in no cron table, no timer and none of the usual places",
    "jobs.unseen": "whether {job} is scheduled has not been looked at yet",
    "jobs.unreadable": "{path} cannot be read ({detail}): a job may be hidden there",
    "jobs.changed": (
        "{script} changed {seen}: {digest} now, {digest_before} before (since {before})"
    ),
    "logs.agree": "the logs name {claims} files of the last week, and they are there",
    "logs.unseen": "the log {log} has not been read yet",
    "logs.missing": "the log {log} does not exist",
    "logs.unreadable": "the log {log} cannot be read ({detail})",
    "logs.no_file": "{log} says {at} that {name} was made, but it is nowhere ({count} such lines)",
    "logs.no_line": "{name} of {at} is there, but {log} says nothing of it ({count} such files)",
    "logs.no_end": "{log}: {job} began {at} and never ended ({count} such runs)",
    "logs.failed": "{log}: {job} failed {at}",
    "logs.success_after_complaint": (
        "{log}: {job} of {at} is called a success after: {detail} ({count} such runs)"
    ),
    "logs.completed_after_failure": (
        "{log}: {job} of {at} is called a success though a part of it failed ({count} such runs)"
    ),
    "cron.dotted_name": (
        "{job} never runs: cron passes over {where}, whose name holds more than a-z, 0-9, _ and -"
    ),
    "cron.writable": "{job} never runs: cron refuses {where}, which others may write ({detail})",
    "cron.owner": "{job} never runs: cron refuses {where}, which root does not own ({detail})",
    "cron.bad_line": "{job} never runs: cron refuses the whole table of {where}, see {detail}",
    "cron.no_newline": "{job} never runs: cron refuses the table of {where}, its last line is open",
    "cron.percent": r"{job} is cut off at {where}: cron ends a command at %, write \%",
    "cron.unknown_user": "{job} never runs: there is no user {user} ({where})",
    "cron.not_in_path": (
        "{job} cannot run ({where}): {detail} is not in the PATH that it gets; set PATH or write "
        "the whole path"
    ),
    "cron.no_such_file": "{job} cannot run ({where}): {detail} does not exist",
    "cron.not_executable": "{job} cannot run ({where}): {user} may not execute {detail}",
    "script.not_followed": (
        "{where}: the auditor cannot follow the script to its end: review the rest by hand"
    ),
    "timer.not_enabled": "{job} never runs: {where} is not enabled: run `systemctl enable`",
}
"""`where` is a file and line."""

_FAULTS = {
    "script.pipe_status": (
        "the failure of {detail} is lost in the pipe, only the last command's status counts",
        "set -o pipefail",
    ),
    "script.unchecked": ("nobody looks whether {detail} failed", "set -e"),
    "script.says_success": ("success is reported whatever happened before", "set -euo pipefail"),
    "script.exits_zero": (
        "the script always ends with status 0, whatever happened before",
        "set -euo pipefail",
    ),
    "script.completes_anyway": (
        "after this failure the script goes on and reports success",
        "failed=1   # and at the end: exit $failed",
    ),
    "script.digest_anyway": (
        "the checksum is made even of a backup that failed, and then matches it",
        "set -euo pipefail",
    ),
    "script.prunes_anyway": (
        "old backups are deleted even when no new one was made",
        "set -euo pipefail",
    ),
    "script.removes_anyway": (
        "{detail} is deleted even when what was to be made of it failed",
        "set -euo pipefail",
    ),
    "script.drops_anyway": (
        "the database is dropped even when its safety copy failed",
        "set -euo pipefail",
    ),
    "script.hides_errors": (
        "the complaints of {detail} are thrown away: a missing path is not noticed",
        "2>> /var/log/backup.err",
    ),
    "script.dump_incomplete": ("the dump leaves out what {detail} would add", "{detail}"),
    "script.no_position": (
        "the dump does not say its place in the binary logs, so replay cannot begin",
        "--master-data=2",
    ),
    "script.inconsistent": (
        "the dump locks nothing and is no transaction: its tables are of different moments",
        "--single-transaction",
    ),
    "script.password_argument": (
        "{detail} gets its password as an argument, which every process list shows",
        "--defaults-extra-file=/etc/backup.cnf   # mode 0600",
    ),
    "script.password_inside": (
        "a password is written into the script ({detail})",
        "--defaults-extra-file=/etc/backup.cnf   # mode 0600",
    ),
    "script.password_readable": (
        "a password is written into the script ({detail}), and everybody may read it",
        "chmod 700 {script}   # and move it to a file of mode 0600",
    ),
    "script.asks_password": (
        "{detail} asks for a password, and cron has no terminal to answer at",
        "--defaults-extra-file=/root/.my.cnf; for gpg --batch --pinentry-mode loopback",
    ),
    "script.path_missing": (
        "{detail} does not exist, so the archive lacks it",
        "correct the path",
    ),
    "script.excludes_anywhere": (
        "{detail}: not anchored, so directories of such a name are left out at every depth",
        "--exclude=/NAME   # tar: --exclude=./NAME",
    ),
    "script.moves_into": (
        "mv {detail}: where the second is there already, the first ends up inside it",
        "rm -rf PREVIOUS; mv -T CURRENT PREVIOUS",
    ),
    "script.renews_times": (
        "cp {detail}: every time is renewed, and a file of the same name overwritten",
        "cp -pn",
    ),
    "script.absolute_sidecar": (
        "the checksum file names a whole path: checked elsewhere it reads the original again",
        "(cd DIR && sha256sum NAME > NAME.sha256)",
    ),
    "script.no_umask": ("everybody may read the backups it makes", "umask 027"),
    "script.opens_modes": (
        "chmod {detail}: everybody may read what should be secret",
        "chmod -R u=rwX,g=rX,o=",
    ),
    "script.leaves_in_tmp": (
        "{detail}: what is restored or saved there lies open, and stays when the script stops",
        "dir=$(mktemp -d); trap 'rm -rf \"$dir\"' EXIT",
    ),
    "script.restores_too_deep": (
        "archives with a directory on top come back one level too deep in {detail}",
        "--strip-components=1",
    ),
    "script.newest_by_time": (
        "the newest is chosen by file time: a copied old dump passes, all others go unseen",
        "check_backup_checksum --path 'GLOB'",
    ),
    "script.mirrors_deletion": (
        "{detail} deletes on the other side what is gone here: an emptied source empties both",
        "--max-delete=100   # or look first whether a fresh backup is there",
    ),
    "script.passphrase_here": (
        "{detail} takes the passphrase from this machine: lost with it, all copies are lost",
        "gpg --batch --encrypt --recipient KEY   # the private key is kept elsewhere",
    ),
    "script.tests_here": (
        "a dump is loaded into the live server: one that names its database overwrites it",
        "nexoaudit drill database",
    ),
    "script.compares_nothing": (
        "{detail}: counted and printed, but compared with nothing",
        'if [ "$COUNT" -lt 40 ]; then exit 1; fi',
    ),
}
"""By code, what a fault in a script hides, and the line that mends it."""

REASONS |= {
    code: f"{{where}}: {hides}; mend: `{mending}`" for code, (hides, mending) in _FAULTS.items()
}
