"""English: what is inside a recovery point, against policy and history."""

REASONS = {
    "content.complete": "{path} holds {total} {unit}, nothing lost since {good}",
    "content.accepted": "{path} was accepted by {by} on {accepted}: {why}",
    "content.unconfirmed": (
        "{path} holds {total} {unit}, and nobody has said that this is all: look, then "
        "`nexoaudit accept {component}`"
    ),
    "content.unread": "no usable copy of series {series} has been read",
    "content.not_looked_for": (
        "{path} was read before the policy asked for these paths; the next audit reads it again"
    ),
    # against policy
    "content.tables_missing": "{path} lacks {count} expected tables: {names}",
    "content.rows_below": "{path}: table {name} has {rows} rows, at least {least} are expected",
    "content.not_left_out": (
        "{path} holds {count} tables that the policy says are left out: {names}"
    ),
    "content.paths_missing": "{path} lacks {count} expected paths: {names}",
    "content.key_inside": (
        "{path} holds {names}, which opens the encrypted copies: who has it has them all"
    ),
    "content.unwanted": "{path} holds what should be left out: {names}",
    "content.hostile": (
        "{path} holds {count} members that would write elsewhere when extracted, first {name}"
    ),
    "content.special": "{path} holds {count} device nodes or pipes, first {name}",
    "content.links_outside": "{path} holds {count} links that lead outside",
    "content.open_secret": "{path} holds {count} secrets that everybody may read, first {name}",
    "content.open": "{path} at {location} may be read by everybody on that machine, {count} in all",
    "content.drops_database": (
        "{path} drops a database by name: restored as it is, it replaces the one in production"
    ),
    "content.makes_database": (
        "{path} makes and uses a database by name, unlike those before: restored as it is, it goes"
        " to production"
    ),
    "content.engines": (
        "{path} holds {count} tables that change while they are dumped, --single-transaction does"
        " not hold them: {names}"
    ),
    # against the live server
    "content.definer_gone": (
        "{path}: views or programs have the rights of accounts that the server does not have:"
        " {names}"
    ),
    "content.live_missing": (
        "{path} lacks {count} {kinds} that were on the live server when it was made: {names}"
    ),
    # against the live system
    "content.certificate_missing": (
        "{path} lacks {count} certificates or keys that the web server uses: {names}"
    ),
    "content.certificate_other": (
        "{path} holds other certificates or keys than the web server uses: {names}"
    ),
    "content.certificate_untold": (
        "{path} holds too many certificates to tell whether these are among them: {names}"
    ),
    "content.certificate_unread": (
        "{count} certificates or keys that the web server uses cannot be read: {names}"
    ),
    "content.schema_fits": "the deployed code and the database are of version {schema}",
    "content.schema_settling": (
        "the deployed code is of version {code}, the database of {schema}, since {since}"
    ),
    "content.schema_older": (
        "the deployed code is of version {code}, the database still of {schema}, since {since}:"
        " run the upgrade"
    ),
    "content.schema_newer": (
        "the database is of version {schema}, the deployed code of {code}, since {since}: one of"
        " them was put back without the other"
    ),
    "content.schema_other": (
        "the deployed code is of version {code}, the database of {schema}, since {since}"
    ),
    "content.schema_unknown": "whether the deployed code fits the database is unknown: {detail}",
    # against history
    "content.database": "{path} is of database {after}, those before were of {before}",
    "content.gone": "{path} lacks {count} that were there on {good}: {names}",
    "content.emptied": (
        "{path}: {name} is empty, on {good} it held {before} ({count} emptied in all)"
    ),
    "content.collapsed": (
        "{path}: {name} fell from {before} to {after} since {good} ({count} fell by half or more)"
    ),
    "content.volatile": (
        "{path}: {name} fell from {before} to {after} since {good}, as such tables do ({count} did)"
    ),
    "content.fewer": "{path} holds {after} {unit}, on {good} there were {before}",
    "content.objects_gone": "{path} lacks {count} {kind} that were there on {good}: {names}",
    "content.objects_fewer": "{path} has {after} {kind}, on {good} there were {before}",
    "content.charset": "{path} is written in {after}, on {good} in {before}: text may be damaged",
    "content.mojibake": (
        "{path}: {doubled} of {accents} accented letters are doubly encoded since {good}"
    ),
    "content.text_lost": "{path} holds {after} accented letters, on {good} there were {before}",
    "content.no_position": (
        "{path} no longer records its binary log position: no recovery to a point in time"
    ),
    "content.version": "{path} was made by {after}, on {good} by {before}",
    "content.altered": (
        "{path}: {count} files have other bytes than on {good}, their size and time the same:"
        " damaged on the live disk, or altered and dated back: {names}"
    ),
    "content.size": "{path} holds {size}, usual are {usual}",
    "content.dwindling": (
        "{path}: {name} shrinks at almost every point, from {before} to {after} rows in {days} days"
    ),
    "content.declining_total": (
        "{path}: its {unit} fell by {percent} % in {days} days, a little each time"
    ),
    "content.declining_bytes": (
        "{path}: its content shrank by {percent} % in {days} days, a little each time"
    ),
    "content.left_out": (
        "{path} no longer holds {name} and {before} like it: is an exclude not anchored?"
    ),
    "content.top_directory_new": (
        "{path} has a top directory {name} that it had not: a restore lands one level too deep"
    ),
    "content.top_directory_gone": (
        "{path} has lost its top directory {name}: a restore lands one level too high"
    ),
}
