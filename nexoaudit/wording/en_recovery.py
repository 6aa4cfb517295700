"""English: test restores of components, of the whole, and of scenarios."""

REASONS = {
    # restore
    "restore.never": "never restored: run `nexoaudit drill`",
    "restore.in_future": "the newest test restore is dated in the future: {drilled}",
    "restore.proven": "restored {drilled} in {duration} of {rto}",
    "restore.exact": (
        "restored {drilled} in {duration} of {rto}, {exact} tables equal to the live server's to"
        " the byte"
    ),
    "restore.contents": "what it holds came back {drilled}; not how a recovery would be done",
    "restore.overdue": "last restored {drilled}, {age} ago",
    "restore.too_slow": "restored {drilled} in {duration}, longer than {rto}",
    "restore.failed": "the test restore of {drilled} failed: {problem} ({detail})",
    "restore.not_run": "the test restore of {drilled} could not be run: {problem} ({detail})",
    "restore.not_run_again": (
        "the test restore of {drilled} could not be run: {problem} ({detail}); "
        "the last good one was of {good}"
    ),
    # recovery of the whole
    "recovery.tested": "recovery tested {good}, {since} ago: {what}",
    "recovery.lapsed": "recovery last tested {good}, {since} ago, not within {within}: {what}",
    "recovery.never": "no recovery ever succeeded in a test: run `nexoaudit drill scenario --all`",
    "recovery.unconfigured": (
        "no scenario is configured: say in a [scenario.ID] what a disaster destroys "
        "and how soon the site must be back"
    ),
    # scenarios
    "scenario.never": "{scenario}: never tried: run `nexoaudit drill scenario {scenario}`",
    "scenario.in_future": "{scenario}: its newest drill is dated in the future: {drilled}",
    "scenario.failed": "{scenario}: the drill of {drilled} failed: {problem} ({detail})",
    "scenario.not_run": "{scenario}: the drill of {drilled} could not be run: {problem} ({detail})",
    "scenario.other_copies": (
        "{scenario}: the drill of {drilled} used copies at {location}, which it destroys: "
        "run `nexoaudit drill scenario {scenario}`"
    ),
    "scenario.undeclared": (
        "{scenario}: restored {drilled} in {measured}, but nobody says how long this takes: "
        "{missing}; add it to `declared` of [scenario.{scenario}]"
    ),
    "scenario.too_slow": (
        "{scenario}: back in {known} ({measured} measured {drilled}, {declared} declared), "
        "longer than {rto}"
    ),
    "scenario.loses": (
        "{scenario}: {loses} would have been lost {drilled}, more than {rpo} "
        "and than the schedule explains, of: {components}"
    ),
    "scenario.overdue": "{scenario}: last tried {drilled}, {age} ago",
    "scenario.proven": (
        "{scenario}: back in {known} of {rto} ({measured} measured {drilled}, {declared} declared; "
        "about {guide} the guide's way), {loses} lost"
    ),
    "scenario.proven_by_sample": (
        "{scenario}: back in {known} of {rto} ({measured} measured {drilled}, of which "
        "{extrapolated} extrapolated from a sample, {declared} declared; "
        "about {guide} the guide's way), {loses} lost"
    ),
    # the drill of the whole system
    "system.proven": "the whole system was restored {drilled} in {measured}",
    "system.overdue": "the whole system was last restored {drilled}, {age} ago",
    "system.failed": "the system drill of {drilled} failed: {problem} ({detail})",
    "system.not_run": "the system drill of {drilled} could not be run: {problem} ({detail})",
}
"""Sentences of verdicts."""

PROBLEMS = {
    "scenario.nothing_outside": "nothing to restore lies outside what it destroys",
    "scenario.not_escrowed": "nobody vouches that the passphrase outlives it",
    "scenario.no_components": "no component is configured that could be restored",
}
"""What the drill of a scenario can find beside what the restores themselves find."""

STEPS = {
    "extrapolated": "the rest, extrapolated from the sample",
}
"""Timed parts that only some drills have."""

LABELS = {
    "drill.system": "system",
    "restore.title_site": "the whole site: {kind} restore",
    "restore.time_left": "{time} of {rto}: what the RTO leaves beside the declared parts",
    "measure.measured_ms": "measured",
    "measure.extrapolated_ms": "extrapolated from a sample",
    "measure.guide_ms": "restored the guide's way, about",
    "measure.locations": "where the copies were",
    "measure.loses_ms": "lost",
    "measure.declared_of": "declared: {name}",
    "measure.loses_of": "since the newest of {name}",
}
"""What the report calls what scenarios and systems record."""
