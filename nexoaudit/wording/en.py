"""English: one sentence for each reason code, with the facts it names in braces."""

from nexoaudit.wording import (
    en_content,
    en_drill,
    en_jobs,
    en_moments,
    en_offsite,
    en_recovery,
    en_sealed,
    en_server,
    en_statements,
    en_storage,
    en_system,
)

STATUS = {
    "pass": "ok",
    "warn": "warning",
    "fail": "failed",
    "unverified": "unverified",
    "unconfigured": "not configured",
    "waived": "waived",
}

CONTROLS = {
    "age": "Recovery points on time",
    "checksum": "Copies intact and readable",
    "copies": "3-2-1 copies",
    "offsite": en_offsite.CONTROL,
    "retention": "Retention",
    "schedule": "Jobs on schedule",
    "content": "Content complete",
    "jobs": "Jobs and their scripts",
    "logs": "Logs tell the truth",
    "server": "Live server in the backups",
    "binlog": "Binary logs unbroken",
    "restore": "Test restore",
    "recovery": "Recovery of the whole site",
    "exposure": "Data exposed to loss",
    "objectives": "Objectives within reach of the schedule",
    "storage": "Storage of the backups",
    "auditor": "The auditor itself",
}

REASONS = {
    # every component control
    "component.unconfigured": "no backup location is configured for it",
    "component.by_parts": "judged by its parts: {parts}",
    "location.missing": "location {location} does not exist; last listed {last}",
    "location.unreadable": "location {location} cannot be read ({detail}); last listed {last}",
    "location.empty": "location {location} is empty; last listed {last}",
    # age
    "age.on_time": "newest {newest}, {age} old",
    "age.late": "newest {newest}, {age} old; due since {slot}, {missed} missed",
    "age.over_limit": "newest {newest}, {age} old, over the limit",
    "age.none": "there is no usable recovery point",
    "age.slots_unknown": "the schedule has no coming slot; newest {newest}",
    "age.after_change": "newest {newest}, newer than the last change of {changed}",
    "age.before_change": "changed {changed}, newest backup {newest} is older",
    "age.change_unknown": "the last change could not be established ({detail})",
    "age.no_watch": "set `watch` to the files whose change asks for a backup",
    "age.code_saved": "deployed commit {commit} of {changed} is in the repository",
    "age.code_differs": (
        "{count} deployed files are not those of commit {commit}, changed {changed}, first {name}"
    ),
    "age.code_unsaved": "deployed commit {commit} of {changed} is not in the repository",
    # checksum
    "checksum.sound": "{sound} of {copies} copies sound",
    "checksum.no_copies": "there is no finished copy to verify",
    "checksum.unread": "{path} at {location} has not been read yet",
    "checksum.overdue": (
        "{overdue} of {copies} copies were not read again within {within}, one not since {oldest}"
    ),
    "checksum.identical": "{path} at {location} is the same bytes as {older}",
    "checksum.differs": "{path} at {location} differs from the copy it was made from",
    # copies
    "copies.enough": "{copies} copies on {media} media, {offsite} off-site, of all {points} points",
    "copies.short": (
        "point {point} has {copies} of {want_copies} copies, {media} of {want_media} media, "
        "{offsite} of {want_offsite} off-site (the live data is one copy); lacking at: {lacking}"
    ),
    "copies.places": (
        "point {point} has {copies} of {want_copies} copies, {media} of {want_media} media, "
        "{offsite} of {want_offsite} off-site (the live data is one copy): add a location"
    ),
    "copies.older_short": (
        "{short} of {points} older points have too few copies, newest of them {older}; "
        "lacking at: {lacking}"
    ),
    "copies.none": "there is no recovery point to count copies of",
    # retention
    "retention.kept": "{location}: all {expected} points of {keep} kept",
    "retention.kept_all": "{location}: all {expected} points kept",
    "retention.versions": "{location}: {kept} versions kept, oldest {oldest}",
    "retention.gap": "{location}: {missing} of {expected} points missing, first {first}",
    "retention.frozen": (
        "{location}: {older} stands still since {since} while {newer} went on, {slots} slots "
        "between: the rotation fails"
    ),
    "retention.none": "{location}: nothing kept",
    "retention.over": "{location}: {over} copies kept longer than {keep}, oldest {oldest}",
    **en_content.REASONS,
    **en_offsite.REASONS,
    "retention.unproven": "{location}: {unproven} points are not proven to be intact",
    "retention.fading": (
        "{location}: the newest good point is of {newest}, and pruning goes on: "
        "the last good one will be gone in {days} days"
    ),
    "retention.orphan": (
        "{location}: {files} checksum files without their file kept longer than {keep}, "
        "the oldest of {oldest}"
    ),
    "retention.stray": (
        "{location}: {files} files such as {name} that belong to no series kept longer than {keep}"
    ),
    # schedule
    "schedule.in_order": "all {slots} slots on time",
    "schedule.settled": (
        "{on_time} of {slots} slots on time, the newest ones among them; "
        "{missed} missed, {late} late, {outside} outside the window, {twice} twice"
    ),
    "schedule.none_due": "no slot was due yet",
    "schedule.slots_unknown": "the schedule has no slot",
    "schedule.stopped": (
        "no run for {row} slots in a row, first {first}; {missed} of {slots} missed"
    ),
    "schedule.unreliable": (
        "missed and recovered {times} times, last {slot}; {missed} of {slots} missed"
    ),
    "schedule.missed": (
        "no run for {slot}; of {slots} slots {missed} missed, {late} late, "
        "{outside} outside the window, {twice} twice"
    ),
    "schedule.late": (
        "the run of {slot} was done at {point}, later than its grace of {grace}; "
        "of {slots} slots {late} late, {outside} outside the window, {twice} twice"
    ),
    "schedule.outside": (
        "the run of {slot} was at work at {point}, outside its window {window}; "
        "of {slots} slots {outside} outside the window, {twice} twice"
    ),
    "schedule.twice": (
        "a second run for {slot} at {point}: is the job scheduled twice? "
        "Of {slots} slots {twice} twice"
    ),
    # binlog
    "binlog.proven": "{location}: {files} logs from the dump of {dump} to {newest}, unbroken",
    "binlog.no_checksums": "{location}: {files} logs to {newest}, but without event checksums",
    "binlog.over_limit": "{location}: the newest event is of {newest}, {reach} ago",
    "binlog.pending": "{location}: the log of the dump of {dump} is not due yet",
    "binlog.no_database": "no component of kind database is configured",
    "binlog.no_dump": "{location}: there is no usable dump to begin from",
    "binlog.no_position": (
        "{location}: {dump} does not say where in the binary logs it was made: "
        "add --master-data=2 to its job"
    ),
    "binlog.none": "{location}: there is no binary log for the dump of {dump}",
    "binlog.start_missing": "{location}: {start}, in which the dump of {dump} was made, is missing",
    "binlog.starts_late": "{location}: the logs begin with {log}, after the dump of {dump}",
    "binlog.start_short": "{location}: {log} ends before the place where the dump was made",
    "binlog.other_start": "{location}: {start} is not the log in which the dump was made",
    "binlog.restarted": "{location}: the numbering began anew, {log} is newer than the dump",
    "binlog.gap": "{location}: {missing} is missing, {count} in all before {log}",
    "binlog.unread": "{location}: {log} has not been read yet",
    "binlog.foreign": "{location}: {log} was written by server {server}, not {expected}",
    "binlog.older": "{location}: {log} is older than {previous} before it",
    "binlog.transactions": "{location}: transactions are missing between {previous} and {log}",
    "binlog.left_open": "{location}: {log} was copied while it was written, and never again",
    "binlog.unclosed": "{location}: {log} does not end as a closed log does",
    "binlog.link": "{location}: {next} should follow {previous}, not {log}",
    "binlog.altered": "{path} at {location} changed after it was closed, first read {read}",
    **en_recovery.REASONS,
    # exposure and objectives
    "exposure.within": "{exposure} since the newest recoverable event, within {rpo}",
    "exposure.breach": "{exposure} since the newest recoverable event, more than {rpo}",
    "exposure.none": "there is no usable recovery point: everything is exposed",
    "objectives.rpo_met": "{scenario}: at most {worst} is lost when all jobs run, within {rpo}",
    "objectives.rpo_exceeded": (
        "{scenario}: up to {worst} is lost even when all jobs run on time, more than {rpo}"
    ),
    "objectives.rpo_met_measured": (
        "{scenario}: at most {worst} is lost when all jobs run, within {rpo}; "
        "{measured} in the drill of {drilled}"
    ),
    "objectives.rpo_exceeded_measured": (
        "{scenario}: up to {worst} is lost even when all jobs run on time, more than {rpo}; "
        "{measured} in the drill of {drilled}"
    ),
    "objectives.nothing_survives": "{scenario}: destroys every location of its copies",
    "objectives.unknown": "{scenario}: the schedule has too few slots to tell",
    **en_storage.REASONS,
    # auditor
    "auditor.alive": "last run {age} ago, {entries} ledger entries",
    "auditor.late": "last run {age} ago: is `nexoaudit run --due` in cron?",
    "auditor.stale": "the auditor last ran {age} ago, its facts may be out of date",
    "auditor.clock": "the auditor last ran in the future, at {heartbeat}: check the clock",
    "auditor.audit_missed": "the last audit ended {finished}: what was found may be out of date",
    "auditor.audit_in_future": "the last audit ended in the future, {finished}: check the clock",
    "auditor.config_changed": "{path} has changed and is not yet audited: run `nexoaudit audit`",
    "auditor.config_unreadable": "{path} cannot be read, so it may have changed unnoticed",
    "auditor.job_missed": "its job {job} due {slot} has not run",
    "auditor.job_failed": "its job {job} of {finished} failed: {detail}",
    **en_jobs.REASONS,
    **en_server.REASONS,
    **en_statements.REASONS,
}
"""Sentences of verdicts. A verdict about one copy has the facts `path` and `location`."""

COPY_PROBLEMS = {
    "file.vanished": "it disappeared while it was read",
    "file.changed": "it changed while it was read",
    "file.unreadable": "the auditor may not read it",
    "file.read_error": "its medium gave an error while it was read",
    "file.reader_died": "its reader died before the end: out of memory, or a file made to do that",
    "file.rotted": "its bytes changed, though its size and its time did not",
    "file.not_regular": "it is no regular file but a link, a directory, a device or a pipe",
    "stream.empty": "it is empty",
    "stream.nothing": "it holds nothing: what was to be backed up had failed",
    "stream.truncated": "it is cut short",
    "stream.corrupt": "it is damaged: its bytes were altered after it was made",
    "stream.unsupported": "its compression or encryption cannot be read here",
    "stream.bomb": "it expands beyond all measure and was not read to its end",
    "stream.trailing_garbage": "something follows its end",
    "sidecar.mismatch": "its bytes are not those of the checksum beside it",
    "sidecar.rubbish": "the checksum file beside it is empty or unusable",
    "sidecar.unreadable": "the auditor may not read the checksum file beside it",
    "sidecar.missing": "the checksum file that belongs beside it is missing",
    "sidecar.other_name": "the checksum file beside it names another file",
    "dump.not_sql": "it is no SQL dump",
    "dump.no_trailer": "the dump died half-way: its closing line is missing",
    "dump.no_header": "the beginning of the dump is missing",
    "dump.rubbish": "what is no SQL was caught with the dump, and a restore stops there",
    "dump.unprovable": "it was made with --compact: no closing line shows that it is complete",
    "dump.broken_member": "the dump is pieced together, and what lay between may be lost",
    "dump.no_tables": "the dump is complete but holds no table",
    "dump.placeholder_views": "the dump holds views without their definitions",
    "dump.left_out": "the dump says itself that something could not be dumped",
    "dump.two_headers": "it holds several complete dumps",
    "tar.corrupt": "it is no tar archive, or a header in it is damaged",
    "tar.truncated": "the archive is cut off inside a file",
    "tar.no_end": "the archive is cut off between two files",
    "tar.empty": "the archive holds no file",
    "tar.after_end": "something follows the archive's end",
    "binlog.not_binlog": "it is no binary log",
    "binlog.corrupt": "the chain of events in the binary log is broken",
    "binlog.checksum": "an event in the binary log is not what the server wrote",
    "binlog.truncated": "the binary log is cut off inside an event",
    "binlog.encrypted": "the binary log is encrypted and cannot be verified",
    "tree.empty": "the tree holds no file",
    "tree.nested": "another generation was moved into it: the rotation fails and history ends",
    "tree.altered": "a file in it changed although its date and size did not: it is damaged",
    "time.future": "its time lies in the future",
    "time.content_before_name": "its content is older than its name: an old dump, newly named",
    "time.content_after_name": "its content is newer than its name",
    **en_sealed.COPY_PROBLEMS,
}
"""What verification can find in one copy; put after `PATH at LOCATION: `."""

_DRILLS = (en_drill, en_moments, en_recovery, en_system)
DRILL_PROBLEMS = {code: said for part in _DRILLS for code, said in part.PROBLEMS.items()}
STEPS = {code: said for part in _DRILLS for code, said in part.STEPS.items()}
