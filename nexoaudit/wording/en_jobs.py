"""English: what is wrong with the site's own jobs and their scripts."""

REASONS = {
    "jobs.scheduled": "{job} is scheduled: {found}, {where}",
    "jobs.not_scheduled": "{job} is not scheduled: no cron table and no timer names it",
    "jobs.perhaps_hidden": (
        "{job} is not scheduled where the auditor may look; {path} cannot be read ({detail})"
    ),
    "jobs.twice": "{job} is scheduled twice for the same time: {found}, last at {where}",
    "jobs.other_times": "{job} is scheduled for {found} ({where}), not for {schedule}",
    "jobs.no_script": "{job} is in no cron table, no timer and none of the usual places",
    "jobs.unseen": "whether {job} is scheduled has not been looked at yet",
    "jobs.unreadable": "{path} cannot be read ({detail}): a job may be hidden there",
    "jobs.changed": (
        "{script} changed {seen}: {digest} now, {digest_before} before (since {before})"
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
    "timer.not_enabled": "{job} never runs: {where} is not enabled: run `systemctl enable`",
}
"""`where` is a file and line; each sentence about a fault ends with what mends it."""
