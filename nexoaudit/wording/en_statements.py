"""English: what people stated, and what becomes of it."""

_MEDIUM = "{location}: medium {barcode} ({place})"

REASONS = {
    # media that only people can see
    "attested.current": (
        "{location}: {media} media, {intact} of {points} points read back and equal, last {read};"
        " stated until {until}"
    ),
    "attested.never_stated": (
        "{location}: nobody has stated what lies there: run `nexoaudit attest medium`"
    ),
    "attested.expiring": _MEDIUM + ": the statement by {by} ends {until}: state it again",
    "attested.expired": _MEDIUM + ": the statement by {by} ended {until}: it does not count",
    "attested.read_failed": _MEDIUM + ": it was read back {read} with other bytes than written",
    "attested.never_read": (
        _MEDIUM + ": nobody has read it back, its {points} points are only claimed"
    ),
    "attested.read_stale": (
        _MEDIUM + ": last read back {read}, more than {within} ago: it does not count"
    ),
    "attested.two_places": (
        "{location}: medium {barcode} is stated to be at several places at once: {places}"
    ),
    "attested.unknown_content": (
        _MEDIUM + ": {count} files on it were never read by nexoaudit, first {first}"
    ),
    "attested.unsigned": (
        _MEDIUM + ": the statement {statement} of {stated} is not signed: it does not count"
    ),
    "attested.bad": (
        _MEDIUM + ": the signature of statement {statement} of {stated} is not good ({detail}):"
        " it does not count"
    ),
    "attested.unchecked": (
        _MEDIUM + ": the signature of statement {statement} of {stated} is not checked ({detail})"
    ),
    "attested.ahead": (
        _MEDIUM + ": the statement {statement} is dated in the future, {stated}: it does not count"
    ),
    # the passphrase of encrypted copies
    "escrow.current": "{location}: {by} stated {stated} that its passphrase is kept elsewhere",
    "escrow.never_stated": (
        "{location}: nobody has stated that the passphrase of its copies is kept outside the"
        " protected server: run `nexoaudit attest escrow`"
    ),
    "escrow.expiring": "{location}: the statement by {by} about its passphrase ends {until}",
    "escrow.expired": (
        "{location}: the statement by {by} about its passphrase ended {until}: state it again"
    ),
    "escrow.unsigned": (
        "{location}: the statement {statement} about its passphrase is not signed:"
        " it does not count"
    ),
    "escrow.bad": (
        "{location}: the signature of statement {statement} about its passphrase is not good"
        " ({detail}): it does not count"
    ),
    "escrow.unchecked": (
        "{location}: the signature of statement {statement} about its passphrase is not checked"
        " ({detail})"
    ),
    "escrow.ahead": (
        "{location}: the statement {statement} about its passphrase is dated in the future,"
        " {stated}: it does not count"
    ),
    # any other statement, as the auditor's own control tells of it
    "statement.unsigned": (
        "the statement {statement} by {by} of {stated} is not signed: it does not count"
    ),
    "statement.bad": (
        "the signature of statement {statement} of {stated} is not good ({detail}):"
        " it does not count"
    ),
    "statement.unchecked": (
        "the signature of statement {statement} by {by} of {stated} is not checked ({detail})"
    ),
    "statement.ahead": (
        "the statement {statement} by {by} is dated in the future, {stated}: it does not count"
    ),
    # waivers
    "waiver.until": "{sentence}; waived until {waiver_until} by {waiver_owner}: {waiver_reason}",
    "waiver.ended": "{sentence}; no longer waived since {waiver_ended}",
    "auditor.waiver_ends": "the waiver of {about} by {owner} ends {until}",
}

CONDITIONS = {
    "current": "valid",
    "expiring": "ends soon",
    "expired": "has ended",
    "read_failed": "read back with other bytes",
    "never_read": "never read back",
    "read_stale": "not read back for too long",
    "unsigned": "not signed",
    "bad": "bad signature",
    "unchecked": "signature not checked",
    "ahead": "dated in the future",
}
"""How a statement stands, in a word or two."""
