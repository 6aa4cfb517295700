"""What test restores say, in English."""

PROBLEMS = {
    "drill.no_copy": "there is no finished copy to restore",
    "drill.unfinished": (
        "every copy was still being written, or too new to tell, when it was last looked at:"
        " run `nexoaudit audit` ten minutes after the job, then drill again"
    ),
    "drill.empty": "the backup holds nothing",
    "drill.unreadable": "the backup cannot be read to its end",
    "drill.trailing_garbage": "bytes follow the end of the archive, which itself is whole",
    "drill.unsupported": "the backup's compression cannot be read here",
    "drill.no_access": "the backup could not be read: see that it is there, and may be read",
    "drill.unreachable": "the backup could not be fetched: see why its location does not answer",
    "drill.archived": "the backup lies in an archive: ask it back there, and drill again",
    "drill.no_key": "nothing here opens the encrypted backup: bring its passphrase_file or key",
    "drill.wrong_key": "the passphrase does not open the encrypted backup",
    "drill.altered": "the encrypted backup is not as it was encrypted",
    "drill.tool_missing": "a program it needs is not installed: install it",
    "drill.sandbox_failed": "the sandbox did not work: mend what it says, and drill again",
    "drill.not_fast": "rows could not be handed over as they are",
    "drill.no_space": "the disk is too full for a test restore: make room",
    "drill.rto_exceeded": "the test restore took longer than the RTO: see which step took the time",
    "drill.differs": "the backup is not what it was when it was verified",
    "drill.changed": "the backup was replaced since it was seen last",
    "drill.charset": "text was lost: the dump's character set cannot hold what the tables have",
    "drill.no_charset": "the dump does not say in which character set its text is",
    "drill.double_encoded": "text looks as if it had been encoded twice",
    "drill.garbled": "text came through a wrong character set: letters are encoded twice",
    "drill.older_content": "the dump is older than the moment in its name: an old one, newly named",
    "drill.definers_new": (
        "views, triggers or routines belong to accounts that the last good restore knew nothing of:"
        " without these they fail on a new server"
    ),
    "drill.objects_gone": "what the last good restore brought back is gone",
    "drill.rows_collapsed": "far fewer rows came back than at the last good restore",
    "drill.schema_changed": "the tables are made in another way than at the last good restore",
    "drill.assert_failed": "what its owner demands of every restore does not hold",
    "drill.assert_refused": "what its owner demands could not be asked: correct the question",
    "drill.no_trailer": "the dump has no end: it was cut off while it was made",
    "drill.load_failed": "the dump does not load",
    "drill.refused": "the dump does something, or takes more, than any restore should",
    "drill.no_rows": "the tables came back, and all of them are empty",
    "drill.no_files": "the archive holds no file, only directories or links",
    "drill.client_command": "it holds a command that the mariadb client would run",
    "drill.engine_mismatch": (
        "the dump comes from another or a newer server than the one here: drill where such a one is"
    ),
    "drill.engine_missing": (
        "the dump asks for a storage engine or plugin that the sandbox lacks: drill where it is"
    ),
    "drill.engine_replaced": "tables came back in another storage engine, as theirs is not here",
    "drill.unnamed_database": "the dump does not name its database: dump with comments",
    "drill.no_tables": "no table came back",
    "drill.tables_missing": "expected tables are missing",
    "drill.rows_below": "fewer rows came back than expected",
    "drill.table_broken": "a restored table cannot be read",
    "drill.view_placeholder": "views came back as empty stand-ins",
    "drill.view_broken": "a restored view cannot be read",
    "drill.orphans": "rows refer to rows that are missing",
    "drill.names_schema": "the dump itself chooses its database, wherever it is restored",
    "drill.version_other": "the deployed code does not fit what came back",
    "drill.version_unread": "whether the deployed code fits what came back is unknown",
    "drill.no_members": "the archive is empty",
    "drill.no_end_marker": "the archive has no end: it was cut between two members",
    "drill.path_missing": "expected paths are missing",
    "drill.files_gone": "directories that the last good restore brought back are gone",
    "drill.files_collapsed": "far less came back than at the last good restore",
    "drill.layout": "paths begin a directory higher or lower than at the last good restore",
    "drill.hostile_member": "the archive holds members that would write elsewhere",
    "drill.sample_differs": "restored files differ from the archive",
    "drill.forbidden_path": "the archive holds what should not be backed up",
    "drill.link_outside": "links lead out of the archive",
    "drill.setuid_member": "files run with their owner's rights",
}
"""What a test restore can find; its `detail` says more."""

STEPS = {
    "fetch": "reach the backup",
    "sandbox": "start the sandbox",
    "read": "read to the end",
    "restore": "restore",
    "count": "count",
    "check": "check",
}
"""The timed parts of a drill."""
