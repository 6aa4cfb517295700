"""English: the labels and the prose of the monthly report."""

from nexoaudit.wording import en_copies, en_findings, en_moments, en_system

LABELS = {
    # document
    "title": "Backup monitoring report",
    "subtitle": "{period}, {site}",
    "demonstration": "Demonstration",
    "demonstration.note": (
        "The evidence in this report was made up to show the product. It says nothing about "
        "any real site."
    ),
    "page_of": "Page {page} of {pages}",
    "to_date": "to date",
    "period": "{month} {year}",
    "month.1": "January",
    "month.2": "February",
    "month.3": "March",
    "month.4": "April",
    "month.5": "May",
    "month.6": "June",
    "month.7": "July",
    "month.8": "August",
    "month.9": "September",
    "month.10": "October",
    "month.11": "November",
    "month.12": "December",
    "never": "never",
    "not_applicable": "n/a",
    "auditor": "The auditor itself",
    "site": "The site",
    "of": "of {total}",
    "yes": "yes",
    "no": "no",
    # chapters
    "chapter.summary": "Summary",
    "chapter.contents": "Contents",
    "chapter.verdicts": "Verdict per component",
    "chapter.calendar": "Calendar of recovery points",
    "chapter.restores": "Test restores",
    "chapter.checklists": "Checklists",
    "chapter.exceptions": "Exceptions",
    "chapter.objectives": "Objectives and standing findings",
    "chapter.evidence": "Evidence, method and limits",
    "chapter.signoff": "Sign-off",
    # cover
    "cover.period": "Period",
    "cover.period_value": "{start} to {end}",
    "cover.report": "Report",
    "cover.until": "Evidence up to",
    "cover.judged": "Judged as at",
    "cover.zone": "Time zone",
    "cover.ledger": "Ledger",
    "cover.ledger_value": "{size} entries, root {root}",
    "cover.version": "Version",
    "cover.version_value": "nexoaudit {version}",
    "cover.nature": (
        "Monitoring produced by the site's own tool. It is not an independent opinion and does "
        "not certify conformity with any standard."
    ),
    "notice": "Read this first",
    "notice.no_evidence": (
        "There is no evidence of this period: the auditor recorded nothing. The newest entry is "
        "of {newest}. Nothing in this report is established as good."
    ),
    "notice.stale": (
        "The auditor stopped before the period ended: the newest evidence is of {newest}. "
        "Nothing that was good then is taken as good at the end."
    ),
    "notice.no_components": "The policy names no component: nothing was judged.",
    "notice.to_date": (
        "The month is not over. Everything is as at {moment}; what is due later is not counted."
    ),
    "notice.began": (
        "Auditing began {moment}. What came before is known only from copies found then."
    ),
    # summary
    "headline.pass": "Every control holds",
    "headline.waived": "Every control holds, some by waiver",
    "headline.warn": "All essential controls hold, some need attention",
    "headline.unconfigured": "Some components are not audited",
    "headline.unverified": "Some controls could not be verified",
    "headline.fail": "Some controls have failed",
    "summary.holds": "{hold} of {total} controls hold",
    "summary.components": "Components",
    "summary.fail": "Failed ({count})",
    "summary.warn": "Warnings ({count})",
    "summary.unverified": "Not verified ({count})",
    "summary.unconfigured": "Not configured ({count})",
    "summary.more": "and {count} more: see the exceptions",
    "summary.standing": (
        "The policy itself: {count} of {total} objectives cannot be met even when every job is "
        "on time."
    ),
    "summary.clean": "There is nothing to report: no control failed, none is unverified.",
    "figure.points": "Recovery points made, of those due",
    "figure.points.unseen": "{count} more not observed",
    "figure.copies": "Copies proven, of those held",
    "figure.restores": "Test restores passed",
    "figure.restores.absent": "components not restored: {count}",
    "figure.exposure": "Longest exposure, and RPO",
    "figure.time": "Longest restore, and RTO",
    "figure.of_rpo": "of {rpo} + {grace} grace",
    "figure.not_known": "not measured",
    # how to read
    "read.title": "How to read this report",
    "read.1": (
        "Each control is judged for each component at the end of the period, by the same rules "
        "and the same recorded observations that the monitoring system uses."
    ),
    "read.2": (
        "References such as E-{example} name entries of the evidence ledger. The last chapter "
        "lists them with the first digits of their digests."
    ),
    "read.3": (
        "Every number is given with what it is a part of. Every result has a sign and a word; "
        "colour only repeats them."
    ),
    "meaning": "Meaning",
    "result": "Result",
    "meaning.pass": "The evidence shows that the control holds.",
    "meaning.warn": "It holds so far, but something needs attention.",
    "meaning.fail": "The evidence shows that it does not hold.",
    "meaning.unverified": "It could not be established. This is never taken as good.",
    "meaning.unconfigured": "The configuration does not say where its backups are.",
    "meaning.waived": "A named person accepts the deviation until a given day.",
    "scope.title": "Scope",
    "scope.locations": "Locations",
    "scope.scenarios": "Scenarios",
    "scope.none": "The policy names no location.",
    "table.location": "Location",
    "table.path": "Path",
    "table.medium": "Medium",
    "table.domain": "Failure domain",
    "table.offsite": "Off-site",
    "table.copies": "Copies",
    "table.proven": "Proven",
    "table.newest": "Newest point",
    "table.newest_proven": "Newest proven",
    "table.component": "Component",
    "table.scenario": "Scenario",
    "table.rpo": "RPO",
    "table.rto": "RTO",
    "table.destroys": "Destroys",
    # components
    "kind.database": "database",
    "kind.binlog": "binary log",
    "kind.uploads": "files",
    "kind.config": "configuration",
    "kind.code": "program code",
    "kind.logs": "logs",
    "kind.system": "full system",
    "matrix.lead": (
        "One row per component that the policy names, whether or not anything of it was found. "
        "The controls on the right of the line inform; they are not counted in the result."
    ),
    "matrix.caption": "Result of each control for each component",
    "matrix.none": "The policy names no component.",
    "component.unconfigured": "Expected, but the configuration does not say where its backups are.",
    "component.more": "and {count} more of this control: see the exceptions",
    "component.figures": "Policy in force",
    "policy.schedule": "Schedule",
    "policy.window": "Window",
    "policy.grace": "Grace",
    "policy.rpo": "RPO",
    "policy.rto": "RTO",
    "policy.keep": "Kept for",
    "policy.copies": "Copies wanted",
    "policy.copies_of": "{total} in all, {media} media, {offsite} off-site",
    "policy.parts": "Made of",
    "policy.repository": "Repository",
    "schedule.on_change": "after each change",
    "keep.forever": "ever",
    # calendar
    "calendar.lead": (
        "One line per location and one field per day. A field tells what came of the points that "
        "were due on that day; where several were due it shows how many were made."
    ),
    "calendar.proven": "made and proven",
    "calendar.present": "made, not proven",
    "calendar.late": "made late",
    "calendar.damaged": "made, but damaged",
    "calendar.missing": "missing",
    "calendar.unobserved": "not observed",
    "calendar.pending": "not yet due there",
    "calendar.idle": "nothing due",
    "calendar.cell": "{day}: {made} of {due}, {state}",
    "calendar.row": "{component} at {location}: {count}",
    "calendar.made_of": "{made} of {due}",
    "calendar.versions": "{made} versions",
    "calendar.anywhere": "all parts",
    "calendar.repository": "Kept in version control; it has no dated copies.",
    "calendar.on_change": "Backed up after each change: a field shows a day with a new version.",
    "calendar.parts": "A set of {parts} from one window.",
    "calendar.days": "Days of the month",
    "calendar.made": "Made",
    "calendar.total": "{made} of {due} due points made",
    # restores
    "restores.lead": (
        "Every test restore of the period, good or bad, with the time of each step as measured "
        "in a sandbox of its own. {passed} of {total} passed."
    ),
    "restores.none": "No test restore was run in this period.",
    "restores.absent": "Not test-restored in this period: {components}.",
    "restores.hidden": "{count} earlier test restores of the period are in the ledger only.",
    "restore.title": "{component}: {kind} restore",
    "drill.database": "database",
    "drill.contents": "contents",
    "drill.files": "file",
    "drill.scenario": "scenario",
    "restore.pass": "passed",
    "restore.fail": "failed",
    "restore.unverified": "could not be run",
    "restore.started": "Started",
    "restore.point": "Recovery point",
    "restore.copy": "Copy",
    "restore.copy_value": "{path} at {location}",
    "restore.time": "Measured",
    "restore.time_value": "{time} of an RTO of {rto}",
    "restore.used": "{percent} % of the RTO",
    "restore.steps": "Time per step",
    "restore.measures": "Found after the restore",
    "restore.problems": "Problems",
    "restore.evidence": "Evidence",
    "measure.tables": "tables",
    "measure.rows": "rows",
    "measure.views": "views",
    "measure.triggers": "triggers",
    "measure.routines": "routines",
    "measure.events": "events",
    "measure.files": "files",
    "measure.members": "members",
    "measure.bytes": "bytes",
    "measure.rows_of": "rows in {table}",
    "measure.raw_bytes": "uncompressed",
    "measure.statements": "statements",
    "measure.mode": "mode",
    "measure.poured": "rows poured in",
    "measure.server": "server",
    "measure.definers": "definers",
    "measure.hostile": "hostile members",
    "measure.links_outside": "links that lead outside",
    "measure.setuid": "setuid members",
    "measure.sampled_files": "files restored as a sample",
    "measure.sampled_bytes": "restored as a sample",
    "measure.rto_ms": "RTO",
    "measure.rpo_ms": "from its newest row to the backup",
    "measure.fetched_bytes": "fetched",
    "measure.fetch_ms": "waited for what was fetched",
    "measure.orphans": "rows without their parent",
    "measure.schema": "digest of how all objects are made",
    "measure.content": "digest of all rows",
    "measure.asserts": "demands of the owner",
    "measure.held": "of these hold",
    "measure.newest_ms": "newest content",
    "measure.newest_in": "newest content in",
    "refs.more": "and {count} more",
    **en_copies.LABELS,
    **en_findings.LABELS,
    **en_moments.LABELS,
    **en_system.LABELS,
}
"""By key; facts that a label names are in braces."""
