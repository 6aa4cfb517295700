"""Global transaction ids in the texts of dumps and binary logs."""

MAX_LENGTH = 192
"""What is kept of the list in a dump."""


def outside(made_at: str, before: str, after: str) -> bool | None:
    """Return whether a dump cannot have been made in a log: None when nothing can be told.

    `made_at` are the transactions that the dump holds, `before` and `after` those before the log
    and before the next one, each as the newest number of every source.
    """
    dump, first, last = newest(made_at), newest(before), newest(after)
    if not dump or not last or len(made_at) >= MAX_LENGTH:
        return None
    return any(
        source not in last or not first.get(source, 0) <= number <= last[source]
        for source, number in dump.items()
    )


def newest(text: str) -> dict[str, int]:
    """Return the newest number of each source in `0-1-621,...` or `UUID:1-77:80,...`.

    The source is a domain with a server, or a UUID; nothing for what is not such a list.
    """
    found: dict[str, int] = {}
    try:
        for item in text.lower().split(","):
            if ":" in item:
                source, *runs = item.strip().split(":")
                found[source] = max(int(run.rpartition("-")[2]) for run in runs)
            else:
                source, _, number = item.strip().rpartition("-")
                found[source] = int(number)
    except ValueError:
        return {}
    return found
