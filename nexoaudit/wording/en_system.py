"""What test restores of files and of whole systems say, in English."""

PROBLEMS = {
    "drill.in_motion": "the backup changed while it was read: drill again when its job is done",
    "drill.sparse": "files with holes are read, but not restored by this drill",
    "drill.not_restored": "files that were read from the backup are not on disk after the restore",
    "drill.open_secret": "restored as the backup has them, everybody could read these secrets",
    "drill.web_unreadable": (
        "restored as the backup has them, the web server's user could not read these files"
    ),
    "drill.live_missing": "live files older than the backup are not in it",
    "drill.live_differs": "live files older than the backup are otherwise in it",
    "drill.not_compared": "the live files could not be compared with the backup",
    "drill.no_memory": "too little memory is free for a test restore: drill at a quieter time",
    "drill.part_missing": "parts of the system are in no backup that could be restored",
    "drill.part_left_out": "more components than were restored together",
    "drill.unsaved": "a system needs what is in none of its backups",
    "drill.no_reconcile": "whether the files that the database names came back was not asked",
    "drill.not_asked": "the question for files that the database names cannot be asked: correct it",
    "drill.file_missing": "rows of the database name files that did not come back",
    "drill.file_since": (
        "files that rows name only since the newest archive of files: they are lost with that time"
    ),
    "drill.not_planted": "nothing could be planted in the restored database: correct the statement",
    "drill.no_health": "whether the restored system serves was not asked",
    "drill.no_isolation": (
        "the health command cannot be shut in here, so it was not run: drill as root, or outside of"
        " a container"
    ),
    "drill.health_hangs": (
        "the health command did not end in time: see what it waits for, or raise its deadline"
    ),
    "drill.health_failed": "the health command failed on the restored system",
    "drill.not_served": "the health command did not show what was planted in the database",
}
_OF_PARTS = {"fetch": "fetch", "read": "read", "restore": "restore", "check": "check"}
_PARTS = {"config": "configuration", "files": "files"}
STEPS = {
    "live": "compare with the live files",
    "sandbox.files": "make room for files",
    "unsaved": "look for what is in no backup",
    "reconcile": "look up files that rows name",
    "plant": "plant a nonce",
    "serve": "ask the application",
} | {
    f"{step}.{part}": f"{said} the {named}"
    for step, said in _OF_PARTS.items()
    for part, named in _PARTS.items()
}
_MEASURES = {
    "files": "files",
    "bytes": "bytes",
    "restored_files": "files restored",
    "restored_bytes": "bytes restored",
    "fetched_bytes": "fetched",
    "fetch_ms": "time to fetch",
}
LABELS = {
    f"measure.{part}.{measure}": f"{named}: {said}"
    for part, named in _PARTS.items()
    for measure, said in _MEASURES.items()
} | {
    "measure.restored_files": "files restored",
    "measure.restored_bytes": "bytes restored",
    "measure.open_secrets": "secrets open to everybody",
    "measure.web_unreadable": "files closed to the web server",
    "measure.live_compared": "live files compared",
    "measure.live_newer": "live files newer than the backup",
    "measure.reconciled": "files that rows name",
    "measure.files_since": "files named since the newest archive",
    "measure.health_ms": "answer of the application",
    "measure.serving": "serving",
    "drill.config": "configuration",
    "drill.system": "system",
}
"""For the report and the command line."""
