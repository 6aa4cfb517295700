"""What test restores to a moment say, in English."""

PROBLEMS = {
    "drill.pitr_unprovable": (
        "the dump does not say where in the binary logs it was made: add --master-data=2 to"
        " mariadb-dump"
    ),
    "drill.log_missing": "a binary log is missing: a replay would lose what it holds",
    "drill.log_broken": "a binary log is not as the server wrote it",
    "drill.log_foreign": "a binary log does not continue what comes before it",
    "drill.transaction_missing": "a binary log lacks a transaction: a replay would lose it",
    "drill.logs_late": "no binary log came for too long: what happened since is lost",
    "drill.logs_encrypted": "the server encrypts its binary logs, and nothing here opens them",
    "drill.logs_unchecked": "the binary logs hold no checksums: a changed byte would not be seen",
    "drill.nothing_since": "the binary logs hold nothing after the dump yet: drill again later",
    "drill.no_boundary": "no moment has a transaction before it and one after it",
    "drill.until_unreached": "the binary logs end before the moment that was asked for",
    "drill.other_dump": (
        "the dump changed since its place in the binary logs was read: audit, and drill again"
    ),
    "drill.cross_database": "a replay of one database alone would tear statements apart",
    "drill.several_databases": "the binary logs change databases that the dump does not hold",
    "drill.not_replayable": "the binary logs hold what no sandbox may run",
    "drill.not_replayed": (
        "no binary log could be replayed: what happened after the dump is counted as lost"
    ),
    "drill.replay_failed": "the binary logs do not replay",
    "drill.replay_nothing": "nothing was replayed",
    "drill.replay_short": "transactions before the moment are missing after the replay",
    "drill.replay_beyond": "transactions after the moment are there after the replay",
    "drill.replay_twice": "transactions were replayed twice",
    "drill.replay_differs": "the replay wrote something else than the binary logs hold",
    "drill.exact_differs": "what came back is not what the live server held at that moment",
    "drill.exact_pending": "the live server was asked; the logs do not reach that moment yet",
    "drill.exact_unseen": "the live server could not be asked what its tables hold",
    "drill.exact_other_logs": (
        "the live server was not writing these binary logs when it was asked what its tables hold"
    ),
    "drill.exact_version": (
        "checksums tell nothing between servers of different versions: drill it where MariaDB is of"
        " the live server's"
    ),
    "drill.exact_nothing": "no table could be compared with the live server",
}
STEPS = {
    "logs": "bring the binary logs",
    "replay": "replay",
    "compare": "compare the replay",
    "exact": "compare with the live server",
}

LABELS = {
    "drill.point-in-time": "point-in-time",
    "measure.until_ms": "restored to",
    "measure.reach_ms": "the logs reach to",
    "measure.exposed_ms": "measured RPO",
    "measure.transactions": "transactions replayed",
    "measure.row_events": "row events replayed",
    "measure.replayed_bytes": "replayed",
    "measure.replayed_per_s": "replayed per second",
    "measure.log_bytes": "binary logs",
    "measure.log_files": "binary logs, files",
    "measure.last_before": "last transaction that is there",
    "measure.first_after": "first one that is not",
    "measure.left_out": "databases left out",
    "measure.snapshot_ms": "the live server was asked",
    "measure.snapshot_at": "its place in the binary logs",
    "measure.exact_tables": "tables equal to the live server's",
    "measure.exact_rows": "rows equal to the live server's",
    "measure.exact_left_out": "tables not compared",
    "measure.accounts_left_out": "statements about accounts left out",
}
