"""What lies below the locations, to and from JSON."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.disk import Disk, Place, Raid


def decode_disk(data: Mapping[str, Any]) -> Disk:
    """Return the disk of a JSON object of its fields."""
    return Disk(
        **{
            **data,
            "disks": tuple(data["disks"]),
            "raids": tuple(
                Raid(**{**item, "members": tuple(item["members"])}) for item in data["raids"]
            ),
            "data": tuple(
                Place(**{**item, "disks": tuple(item["disks"])}) for item in data["data"]
            ),
            "leftovers": tuple(data["leftovers"]),
        }
    )


def encode_disk(disk: Disk) -> dict[str, Any]:
    """Return a disk as a JSON object of its fields, equal to what JSON gives back of it."""
    return {
        **disk._asdict(),
        "disks": list(disk.disks),
        "raids": [{**raid._asdict(), "members": list(raid.members)} for raid in disk.raids],
        "data": [{**place._asdict(), "disks": list(place.disks)} for place in disk.data],
        "leftovers": list(disk.leftovers),
    }
