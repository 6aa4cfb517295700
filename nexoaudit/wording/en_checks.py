"""English: what only the checks say, their summaries and the reasons of their own options."""

REASONS = {
    # limits given with -w and -c
    "checksum.tolerated": "{path} failed, within the limit",
    "copies.below_limit": "point {point} has {copies} copies, fewer than {limit}",
    "copies.within_limit": "point {point} has {copies} copies",
    "retention.tolerated": "{location}: {missing} of {expected} points missing, within the limit",
    "schedule.tolerated": "{missed} of {slots} slots missed, within the limit",
    "content.tolerated": "{found} losses, within the limit",
    # nothing judged
    "check.nothing": "nothing to check: {detail}",
    # files matched by --path
    "path.nothing": "no file matches {path}",
    "path.not_listed": "no file matches {path}: {detail}",
    "path.not_regular": "{detail} is not a regular file",
    "path.none": "no backup among the files that match: {matched}{note}",
    "path.on_time": "newest {path}, {age} old by its name{note}",
    "path.on_time_mtime": "newest {path}, {age} old by its time of modification{note}",
    "path.late": "newest {path}, {age} old by its name, over the limit of {limit}{note}",
    "path.late_mtime": (
        "newest {path}, {age} old by its time of modification, over the limit of {limit}{note}"
    ),
    "path.future": "{path} has a time in the future, {time}: check the clock and --timezone",
    "path.sound": "{sound} of {copies} copies match their checksum, newest {path}",
    "path.unfinished": "{path} is still being written",
    "path.left": "{left} of {copies} copies not read within {time}, newest of them {path}",
    "path.hollow": "{path}: it holds nothing",
    "path.mismatch": "{path}: its bytes are not those of the checksum beside it",
    "path.no_sidecar": "{path}: the checksum file that belongs beside it is missing",
    "path.other_name": "{path}: the checksum file beside it names another file",
    "path.rubbish": "{path}: the checksum file beside it is empty or unusable",
    "path.sidecar_unreadable": "{path}: the checksum file beside it cannot be read ({detail})",
    "path.unreadable": "{path}: it cannot be read ({detail})",
    "path.changed": "{path}: it changed while it was read",
}
"""Added to the sentences of the language, in place of any of the same code."""

SUMMARIES = {
    "age": "{good} components on time, oldest {oldest_component} {oldest}",
    "checksum": "{sound} of {copies} copies sound, {good} components",
    "copies": "{good} components with enough copies, fewest {fewest_component} {fewest}",
    "offsite": "{good} components off-site, oldest there {worst_lag_component} {worst_lag}",
    "retention": "{kept} points of {good} components kept",
    "schedule": "{on_time} of {slots} slots on time, {good} components",
    "content": "{good} components hold all they should, {complete} copies known to",
    "binlog": "{files} binary logs unbroken, {good} components",
    "restore": "{good} restored in time, slowest {slowest_component} {slowest}",
    "storage": "{good} locations with room, least {free_percent_location} {free_percent} %",
}
"""The first line of a check when all is well with more than one component."""

GOOD = {
    "age": "{good} of {components} on time",
    "checksum": "{good} of {components} sound",
    "copies": "{good} of {components} with enough copies",
    "offsite": "{good} of {components} off-site",
    "retention": "{good} of {components} complete",
    "schedule": "{good} of {components} on schedule",
    "content": "{good} of {components} complete",
    "binlog": "{good} of {components} unbroken",
    "restore": "{good} of {judged} restored in time",
    "storage": "{good} of {locations} well",
}
"""How many components are well, at the end of a line about those that are not."""

NOTES = {
    "empty": "; empty files do not count: {count}",
    "unfinished": "; {path} is still being written and does not count yet",
}
"""Put after a sentence about the files of a pattern."""

TEXTS = {
    "more": "{sentence}, and {count} more",
    "also": "Also {status}: {names}",
    "detail": "[{status}] {sentence}",
    "source": (
        "from {path} of {heartbeat}, version {version}, {entries} ledger entries, root {root}, "
        "configuration {config}"
    ),
}
"""What holds sentences together."""
