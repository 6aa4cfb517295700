"""What test restores of files and of whole systems say, in English."""

PROBLEMS = {
    "drill.in_motion": "the backup changed while it was read",
    "drill.sparse": "files with holes are read, but not restored by this drill",
    "drill.not_restored": "files that were read from the backup are not on disk after the restore",
    "drill.open_secret": "restored as the backup has them, everybody could read these secrets",
    "drill.web_unreadable": (
        "restored as the backup has them, the web server's user could not read these files"
    ),
    "drill.live_missing": "live files older than the backup are not in it",
    "drill.live_differs": "live files older than the backup are otherwise in it",
    "drill.not_compared": "the live files could not be compared with the backup",
}
STEPS = {
    "live": "compare with the live files",
}
LABELS = {
    "measure.restored_files": "files restored",
    "measure.restored_bytes": "bytes restored",
    "measure.open_secrets": "secrets open to everybody",
    "measure.web_unreadable": "files closed to the web server",
    "measure.live_compared": "live files compared",
    "measure.live_newer": "live files newer than the backup",
}
"""For the report and the command line."""
