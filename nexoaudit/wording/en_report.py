"""English: the labels and the prose of the monthly report."""

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
    "of": "of {total}",
    "none": "none",
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
    "cover.site": "Site",
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
    "figure.points.unseen": "{count} due before auditing began",
    "figure.copies": "Copies proven, of those held",
    "figure.restores": "Test restores passed",
    "figure.restores.absent": "{count} components not restored",
    "figure.exposure": "Longest exposure, and RPO",
    "figure.time": "Longest restore, and RTO",
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
    "component.places": "Locations",
    "component.findings": "Findings",
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
    "calendar.unobserved": "before auditing began",
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
    "calendar.legend": "Legend",
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
    "drill.files": "file",
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
    "measure.newest_ms": "newest row",
    "measure.newest_in": "newest row in",
    # checklists
    "checklists.lead": (
        "The guide's own lists. An item is answered only by evidence; one that no evidence can "
        "answer waits for a person, and is never taken as done."
    ),
    "checklist.tally": (
        "Of {total} items: {yes} yes, {partly} partly, {no} no, {unknown} not established, "
        "{person} waiting for a person."
    ),
    "checklist.item": "Item",
    "checklist.answer": "Answer",
    "checklist.because": "Because",
    "checklist.evidence": "Evidence",
    "answer.yes": "yes",
    "answer.partly": "partly",
    "answer.no": "no",
    "answer.unknown": "not established",
    "answer.person": "waiting for a person",
    "checklist.waiting": "no statement recorded",
    "checklist.holds": "{hold} of {total} controls hold",
    "checklist.quote": "; {component}: {said}",
    "checklist.preproduction": "Before production",
    "checklist.preproduction.scripts": "The backup jobs exist and make sound backups",
    "checklist.preproduction.scheduled": "The jobs run on their schedule",
    "checklist.preproduction.space": "The backup directory has room enough",
    "checklist.preproduction.user": "A database user of its own makes the dumps",
    "checklist.preproduction.offsite": "Off-site storage is set up",
    "checklist.preproduction.encryption": "What leaves the site is encrypted",
    "checklist.preproduction.verification": "Backups are verified on a schedule",
    "checklist.preproduction.alerts": "Monitoring alerts reach somebody",
    "checklist.preproduction.procedure": "The restore procedure is written down",
    "checklist.preproduction.plan": "There is a disaster recovery plan",
    "checklist.preproduction.restore_scheduled": "A test restore is scheduled each month",
    "checklist.preproduction.training": "The team has practised restoring",
    "checklist.monthly": "Monthly review",
    "checklist.monthly.running": "Backups ran when they were due",
    "checklist.monthly.logs": "The backup logs were read for errors",
    "checklist.monthly.offsite": "Off-site copies are up to date",
    "checklist.monthly.restore": "A restore was tested",
    "checklist.monthly.retention": "Backups are kept as long as they must be, and no longer",
    "checklist.monthly.plan": "The disaster recovery plan was reviewed",
    "checklist.disaster": "Disaster recovery",
    "checklist.disaster.offsite": "The newest off-site backup is younger than 24 hours",
    "checklist.disaster.verification": "The backups passed verification",
    "checklist.disaster.procedure": "The way to restore is written down",
    "checklist.disaster.restore": "A recovery was tested in the last 90 days",
    "checklist.disaster.contacts": "Emergency contacts are up to date",
    "checklist.disaster.dns": "The DNS settings are saved or written down",
    "checklist.disaster.certificates": "The TLS certificates are in a backup",
    "checklist.disaster.credentials": "Credentials are kept in a safe place",
    "checklist.disaster.plan": "The plan is reviewed every quarter",
    "probe.points": "{made} of {due} due recovery points were made",
    "probe.points_blind": "; not configured: {components}",
    "probe.offsite_lacking": "no off-site location for: {components}",
    "probe.offsite_all": "all {count} components with files name an off-site location",
    "probe.offsite_age": "age of the newest proven off-site point: {ages}",
    "probe.offsite_nothing": "no daily component has an objective to judge by",
    "probe.verified": "{count} reads of copies in the period, {unread} copies not yet read",
    "probe.restores_run": "{count} test restores in the last 35 days, scheduled {schedule}",
    "probe.restores_of_month": "{passed} of {total} test restores of the period passed",
    "probe.restores_of_quarter": "{passed} of {total} newest test restores in 90 days passed",
    "probe.restores_lacking": "; none of: {components}",
    "probe.certificates": "{component} must contain {paths} to be complete",
    # exceptions
    "exceptions.lead": (
        "Every result that is not good at the end of the period, the gravest first: {total} in "
        "all. Findings about the policy itself are in the next chapter."
    ),
    "exceptions.none": "There are none.",
    "exceptions.hidden": "Not printed: {count} more of {component}.",
    "exceptions.caption": "Exceptions at the end of the period",
    "exceptions.number": "No.",
    "exceptions.result": "Result",
    "exceptions.fact": "Fact, and what the policy asks for",
    "exceptions.since": "Since",
    "exceptions.evidence": "Evidence",
    "exceptions.every": "Every control",
    "since.unknown": "not known",
    "criterion.configured": "Each component that the policy names has a location to audit.",
    "criterion.age": "A point for each slot of {schedule}, within {grace}.",
    "criterion.age.on_change": "A point after each change, within {grace}.",
    "criterion.age.code": "The deployed commit is in the repository, within {grace}.",
    "criterion.checksum": "Each copy is what was recorded, readable to its end.",
    "criterion.copies": "{total} copies on {media} media, {offsite} of them off-site.",
    "criterion.retention": "A good point for each slot of the retention, none far beyond it.",
    "criterion.restore": "A good test restore each month, within {rto}.",
    "criterion.exposure": "No more than {rpo} of data at risk, {grace} allowed.",
    "criterion.auditor": "The auditor runs on schedule, with the configuration it has audited.",
    # objectives
    "objectives.lead": (
        "What the schedule can achieve at best, against each scenario's objective, and how much "
        "was exposed at the end of the period. These findings are about the policy: they stand "
        "until it changes, and no check reports them."
    ),
    "objectives.none": "The policy sets no objective to compare with.",
    "objectives.finding": "Finding",
    # evidence
    "evidence.lead": (
        "The entries of the ledger that this report relies on. Each is named by its index and "
        "the first {digits} digits of its leaf, which is the SHA-256 of the entry as recorded."
    ),
    "evidence.hidden": "{count} further entries are referred to but not listed.",
    "evidence.caption": "Ledger entries",
    "evidence.ref": "Entry",
    "evidence.kind": "Kind",
    "evidence.subject": "Subject",
    "evidence.moment": "Seen",
    "evidence.leaf": "Leaf",
    "evidence.facts": "Ledger, policy and tools",
    "evidence.tally": "Entries of the period",
    "evidence.count": "Entries",
    "evidence.nothing": "The ledger has no entry of this period.",
    "entry.policy": "configuration in force",
    "entry.sweep": "listings of a location",
    "entry.copy.seen": "copies seen for the first time",
    "entry.copy.changed": "copies that changed",
    "entry.copy.gone": "copies no longer there",
    "entry.copy.verified": "reads of a copy",
    "entry.live": "facts of the live system",
    "entry.drill": "test restores",
    "entry.attestation": "statements of a person",
    "entry.waiver": "waivers",
    "entry.job": "runs of the auditor's jobs",
    "entry.mail": "mails",
    "fact.ledger_size": "Ledger size, entries",
    "fact.ledger_root": "Ledger root",
    "fact.judged_size": "Judged on the first",
    "fact.judged_root": "Their root",
    "fact.judged_at": "Judged as at",
    "fact.until": "Newest entry",
    "fact.policy_digest": "Policy, SHA-256",
    "fact.policy_path": "Policy file",
    "fact.rules": "Rules version",
    "fact.tools": "Tools",
    "method.title": "Method",
    "method.1": (
        "The auditor lists each location, reads each new copy once from end to end, restores "
        "recovery points in a sandbox, and appends what it saw to a ledger that is never edited. "
        "Pure rules derive every result from the policy, these observations and the moment of "
        "judgement. It never makes, changes or deletes a backup."
    ),
    "method.2": (
        "The root is the Merkle tree hash of RFC 9162 over all entries. The same ledger size, "
        "rules version and language give the same report again. Compare the root with the one "
        "in the next report or with the ledger itself to see that nothing was changed."
    ),
    "limits.title": "Limits",
    "limits.1": (
        "The ledger shows what the auditor recorded. It cannot show what the auditor never saw, "
        "nor that the machine it runs on told it the truth."
    ),
    "limits.2": (
        "A copy is proven when its bytes equal those that were recorded. Only a test restore "
        "proves that data comes back, and only for the recovery point that was restored."
    ),
    "limits.3": "What only a person can state is not assumed: it waits in the checklists.",
    # sign-off
    "signoff.lead": (
        "The undersigned have read this report. A signature confirms the reading; it does not "
        "alter what the evidence says."
    ),
    "signoff.step": "Step",
    "signoff.prepared": "Prepared",
    "signoff.reviewed": "Reviewed",
    "signoff.approved": "Approved",
    "signoff.name": "Name",
    "signoff.role": "Role",
    "signoff.date": "Date",
    "signoff.signature": "Signature",
    "signoff.responses": "Responses of management",
    # signs for people who do not see them
    "sign.alt": "Result: {word}",
    "refs.more": "and {count} more",
}
"""By key; facts that a label names are in braces."""
