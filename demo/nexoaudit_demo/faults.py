"""Faults to plant in a finished site, so that they look as if the jobs, or time, had made them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from nexoaudit.errors import DemoError
from nexoaudit_demo import (
    cloudfaults,
    dumpfaults,
    jobfaults,
    logfaults,
    packfaults,
    retentionfaults,
    sitefaults,
    sqlfaults,
    storagefaults,
    treefaults,
)
from nexoaudit_demo.carrying import carrying
from nexoaudit_demo.held import Held
from nexoaudit_demo.places import Places

Planter = Callable[[Held], str]
"""Breaks a site, given its dumps, and returns a sentence that says what was done."""


def _in(directory: str, planter: Planter) -> Planter:
    """Return a planter that breaks what lies in another directory than that of the dumps."""
    return lambda dumps: planter(dumps.of(directory))


def _of(change: Callable[[Places], str]) -> Planter:
    """Return a planter that breaks something else than copies."""
    return lambda dumps: change(dumps.places)


_PLANTERS: Mapping[str, tuple[str, Planter]] = {
    "D1": ("the dump failed at once: a .gz of nothing", dumpfaults.empty),
    "D2": ("the dump died half-way, gzip closed cleanly", dumpfaults.half),
    "D2a": ("the dump died between two tables, gzip closed cleanly", dumpfaults.half_at_statement),
    "D3": ("the archive was cut short", dumpfaults.cut),
    "D3a": ("the archive was cut at the boundary of two gzip members", dumpfaults.cut_at_member),
    "D3b": ("garbage after the end of the archive", dumpfaults.garbage),
    "D3c": ("an older archive lost its last three bytes", dumpfaults.cut_older),
    "D4": ("two gzip members, a table lost between them", sqlfaults.broken_member),
    "D4a": ("two dumps appended, the first cut at a statement", sqlfaults.broken_first),
    "D5": ("one bit flipped in the archive", dumpfaults.flip_archive),
    "D5a": ("one bit flipped in the sidecar", dumpfaults.flip_digest),
    "D6": (
        "the sidecar names an intact original elsewhere, the copy is damaged",
        dumpfaults.elsewhere,
    ),
    "D6a": ("the sidecar is missing", dumpfaults.no_digest),
    "D6b": ("the sidecar belongs to another file", dumpfaults.wrong_digest),
    "D7": ("a dump of another database", sqlfaults.other_database),
    "D7a": ("a dump of an empty database", sqlfaults.empty_database),
    "D7b": ("a dump of a test database", sqlfaults.test_database),
    "D8": ("a table is gone since the last dump", sqlfaults.table_gone),
    "D8a": ("a table is there, but empty", sqlfaults.table_empty),
    "D8b": ("the rows of a table collapsed", sqlfaults.rows_collapsed),
    "D8c": ("nine users of ten are gone", sqlfaults.users_collapsed),
    "D8d": ("a view is gone", sqlfaults.view_gone),
    "D9": ("routines and events are missing", sqlfaults.no_programs),
    "D9a": ("triggers are missing", sqlfaults.no_triggers),
    "D10": ("views and triggers of an account that exists nowhere", sqlfaults.strange_definer),
    "D10a": ("a dump of MySQL, whose collation MariaDB does not know", sqlfaults.strange_collation),
    "D10b": ("a dump of MySQL that sets GTID_PURGED", sqlfaults.gtid_purged),
    "D11": ("text in the wrong character set", sqlfaults.mojibake),
    "D12": ("the same bytes every day", dumpfaults.same_bytes),
    "D13": ("fresh date, old contents", dumpfaults.old_bytes),
    "D13a": ("the job stopped; the last dump was touched since", dumpfaults.touched),
    "D13b": ("a dump of the future", dumpfaults.of_the_future),
    "D14": ("a dump that drops and uses production", sqlfaults.drops_production),
    "D14a": ("a dump with a shell command for the client", sqlfaults.shell_escape),
    "D14b": ("a dump that writes a file", sqlfaults.into_outfile),
    "D14c": ("a dump that reads a file", sqlfaults.load_data),
    "D15": ("a table in an engine without transactions", sqlfaults.unprotected_engine),
    "D17": (
        "accounts and the settings of the server are in no backup",
        _in("config", packfaults.without("etc/mysql", "etc/nexosupport/accounts.sql")),
    ),
    "D18": ("each dump a little smaller than the one before", sqlfaults.decline),
    "B1": (
        "a binary log in the middle was never copied",
        _of(logfaults.remove),
    ),
    "B2": (
        "a binary log copied short, cut inside an event",
        _of(logfaults.cut_short),
    ),
    "B2a": (
        "a binary log copied short, cut between two events",
        _of(logfaults.cut_between),
    ),
    "B3": (
        "one bit flipped inside an event of a binary log",
        _of(logfaults.flip),
    ),
    "B4": ("a binary log of another server, under the same name", _of(logfaults.foreign)),
    "B4a": ("a binary log of before RESET MASTER", _of(logfaults.before_reset)),
    "B5": ("the binary logs begin after the newest dump", _of(logfaults.start_late)),
    "B5a": ("the hourly job of the binary logs stopped", _of(logfaults.stop)),
    "B5b": ("binary logs kept for two days only", _of(logfaults.keep_short)),
    "B6": ("a dump that does not say its place in the binary logs", dumpfaults.no_position),
    "B8": (
        "an hourly `cp` renews every time; one log is now another server's",
        _of(logfaults.foreign_among_renewed),
    ),
    "F1": ("a file archive cut short", _in("files", packfaults.cut)),
    "F1a": ("one bit flipped in a file archive", _in("files", packfaults.damaged)),
    "F1b": ("tar died, gzip closed cleanly", _in("files", packfaults.cut_before_packing)),
    "F1c": (
        "an upload rotted before it was packed, size and time the same",
        _in("files", packfaults.changed_member),
    ),
    "F2": ("the uploads are not in the archive", _in("files", packfaults.without("uploads"))),
    "F2a": ("lib/config.php is not in it", _in("files", packfaults.without("lib/config.php"))),
    "F2b": (
        "certificates and keys are not in the configuration",
        _in("config", packfaults.without("etc/ssl")),
    ),
    "F3": ("sessions are in the archive", _in("files", packfaults.sessions)),
    "F3a": ("temporary files are in the archive", _in("files", packfaults.temporary)),
    "F4": ("nine uploads of ten are not in the archive", _in("files", packfaults.collapsed)),
    "F4a": ("an empty tree was archived", _in("files", packfaults.unmounted)),
    "F4b": ("all uploads are there, with nothing in them", _in("files", packfaults.hollow)),
    "F5": ("a member that climbs out with `..`", _in("files", packfaults.climbing)),
    "F5a": ("a member with an absolute name", _in("files", packfaults.absolute)),
    "F5b": ("a link that leads out, a member behind it", _in("files", packfaults.through_a_link)),
    "F5c": ("a device among the files", _in("files", packfaults.device)),
    "F6": ("the rotation of the trees fails: one lies in the other", _of(treefaults.nest)),
    "F7": ("one bit flipped in a file that generations share", _of(treefaults.rot)),
    "F9": ("a dump that everybody can read", packfaults.open_to_all),
    "F9a": (
        "an archive of the configuration that everybody can read",
        _in("config", packfaults.open_to_all),
    ),
    "F10": ("excludes that match anywhere", _in("files", packfaults.unanchored)),
    "F11": (
        "paths of the configuration job that do not exist",
        _in("config", packfaults.without("etc/php", "var/www/nexosupport/admin")),
    ),
    "F12": ("an archive that lost its top directory", _in("files", packfaults.without_top)),
    "F13": (
        "the working tree of a job that died was left behind",
        _in("files", storagefaults.staging_tree),
    ),
    "F14a": ("a dump and a tree of restores were left in /tmp", storagefaults.residues),
    "O1": ("the newest dumps never went off-site", sitefaults.not_offsite),
    "O2": ("an off-site copy of another size", sitefaults.short_offsite),
    "O2a": ("an off-site copy of the same size with other bytes", sitefaults.other_offsite),
    "R1": ("a day without a dump, at any location", sitefaults.gap),
    "R1a": ("the dumps stopped three days ago", sitefaults.stopped),
    "R1b": ("a day without a file archive", _in("files", sitefaults.gap)),
    "R1c": ("the disk of the backups is not mounted", sitefaults.unmounted),
    "R2": ("dumps deleted too early", retentionfaults.too_early),
    "R2a": ("dumps kept too long", retentionfaults.too_long),
    "R2b": ("checksum files kept when their dumps were pruned", retentionfaults.orphans),
    "R3": ("an empty file among the retained dumps", sitefaults.nothing),
    "R3a": ("a damaged file among the retained dumps, everywhere", sitefaults.rotten),
    "R3b": ("an empty file among the retained archives", _in("files", sitefaults.nothing)),
    "R4": ("the newest dump was late", retentionfaults.late),
    "R4a": ("two dumps in one night", retentionfaults.twice),
    "R5": ("pruning goes on while new dumps hold nothing", retentionfaults.failing),
    **cloudfaults.PLANTERS,
    **{key: (text, _of(change)) for key, (text, change) in jobfaults.PLANTERS.items()},
    "A2": ("a binary log that lacks a transaction, and hides it", _of(logfaults.lose_transaction)),
    "A7": ("rows name uploads that the archive does not hold", _in("files", packfaults.overtaken)),
    "A3": ("the auditor is dead", sitefaults.dead_auditor),
}

FAULTS: Mapping[str, str] = MappingProxyType({key: text for key, (text, _) in _PLANTERS.items()})
"""What can be planted: the id of the fault, and what it is in a few words."""


def plant(root: Path, fault: str, *, now: datetime) -> str:
    """Plant `fault` in the site below `root`, whose last moment is `now` (aware).

    A fault of the jobs shows off-site too, as the transfers would have carried it there; damage by
    time does not. Return a sentence that says what was done. Raise DemoError for an id that is not
    in FAULTS, and for a site that is not there or too small.
    """
    if fault not in _PLANTERS:
        raise DemoError(f"there is no fault {fault!r}: choose one of {', '.join(_PLANTERS)}")
    places = Places(root.absolute())
    with carrying(places):
        return _PLANTERS[fault][1](Held(places, int(now.timestamp()))) + "."
