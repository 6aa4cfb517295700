"""English: sentences about what the locations lie on."""

REASONS = {
    "storage.never_seen": "{location}: what it lies on has not been looked at yet",
    "storage.not_seen": "{location}: what it lies on could not be looked at ({detail})",
    # room
    "storage.room": "{location}: {free} of {size} free ({percent} %)",
    "storage.low": "{location}: only {free} of {size} free ({percent} %)",
    "storage.inodes": "{location}: only {inodes} % of the inodes free, for all the room of {free}",
    "storage.filling": "{location}: full in {days} days as it fills now, {free} of {size} free",
    "storage.next_too_big": (
        "{location}: one more point of each series needs {needed}, only {free} are free"
    ),
    "storage.small": "{location}: the file system has {size}, less than the {want} asked for",
    "storage.read_only": "{location}: the file system on {mount} has become read-only",
    # disks
    "storage.other_disk": "{location}: on {disks}, the data on {others}",
    "storage.same_disk": "{location}: on the same disk ({disks}) as the data in {paths}",
    "storage.one_disk": "{location}: on the same disk ({disks}) as {other}: one failure takes both",
    "storage.in_memory": "{location}: {mount} lies in memory, nothing of it survives a restart",
    "storage.disks_unknown": "{location}: its disks cannot be told ({detail})",
    "storage.data_unknown": (
        "{location}: whether {path} of {component} is on other disks cannot be told ({detail})"
    ),
    # software RAID
    "storage.raid_whole": "{location}: {raid} ({level} of {members}) is whole",
    "storage.raid_rebuilding": "{location}: {raid} ({level} of {members}) is being rebuilt",
    "storage.raid_degraded": (
        "{location}: {raid} ({level}) has lost members: {degraded}; what is left: {members}"
    ),
    # jobs and restores
    "storage.residue": "left behind by restores: {first} (all of them: {count})",
    "storage.leftover": (
        "{location}: left behind by jobs, unfinished: {first} (all of them: {count})"
    ),
}
