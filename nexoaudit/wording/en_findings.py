"""English: the report's labels and prose about checklists, exceptions and evidence."""

LABELS = {
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
    "checklist.stated": "stated by {by} on {stated}, until {until}",
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
    "probe.points_unseen": "; {count} more were not observed",
    "probe.points_blind": "; not configured: {components}",
    "probe.offsite_lacking": "no off-site location for: {components}",
    "probe.offsite_age": "age of the newest proven off-site point: {ages}",
    "probe.offsite_nothing": "no daily component has an objective to judge by",
    "probe.verified": "{count} reads of copies in the period, {unread} copies not yet read",
    "probe.restores_run": "{count} test restores in the last 35 days, scheduled {schedule}",
    "probe.restores_of_month": "{passed} of {total} test restores of the period passed",
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
    "criterion.offsite": "Due points off-site, closed to others, back in time, kept safe.",
    "criterion.retention": "A good point for each slot of the retention, none far beyond it.",
    "criterion.schedule": "One run for each slot of {schedule}, within {grace} and in its window.",
    "criterion.content": (
        "The newest point holds what is expected, and what the last good one held."
    ),
    "criterion.logs": "Every success in a log has its file, every file its line, every run an end.",
    "criterion.server": "All of the live server is in some backup; the backup user may only dump.",
    "criterion.jobs": "Each job scheduled once and able to run; scripts that notice a failure.",
    "criterion.binlog": "The logs lead from the newest usable dump to the newest event.",
    "criterion.restore": "A good test restore each month, within {rto}.",
    "criterion.recovery": "Each scenario tried in time, back within its objectives.",
    "criterion.exposure": "No more than {rpo} of data at risk, {grace} allowed.",
    "criterion.storage": "Room for what comes, on whole disks that are not the data's.",
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
    "waivers.title": "Waivers",
    "waivers.caption": "Deviations that somebody answers for until a given day",
    "waivers.about": "What is waived",
    "waivers.reason": "Why",
    "waivers.owner": "Owner",
    "waivers.until": "Ends",
    "waivers.by": "recorded by {by}",
    "waivers.idle": "nothing that it covers is wrong now",
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
}
"""By key; facts that a label names are in braces."""
