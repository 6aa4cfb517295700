"""The same site with its off-site copies on a second host and, encrypted, in a bucket."""

import hashlib
from datetime import timedelta

from guide_site import at, guide_policy
from story import Story

from nexoaudit import evidence
from nexoaudit.model.copy import Assurance
from nexoaudit.model.location import Bucket, Host, Location
from nexoaudit.model.policy import Copies, Policy
from nexoaudit.model.store import Expiry, Store

BUCKET = Bucket("nexosupport-backups", "site/", region="eu-central-1")
CLOUD = Location(
    "cloud", "", "object", "eu-central-1", True, "0 5 * * *", 7200, kind="s3", bucket=BUCKET
)
TAPE = Location("tape", "", "tape", "bank", True, kind="attested")
DAYS = 31
"""Of November, and the last of October."""


def policy_elsewhere() -> Policy:
    """Return the guide's policy; `vault` is a host, and `cloud` holds the database encrypted."""
    policy = guide_policy()
    local, vault = policy.locations
    vault = vault._replace(kind="ssh", host=Host("vault"), path="/srv/nexosupport")
    database, *others = (item for item in policy.components if item.id in {"database", "uploads"})
    full = database.series[0]._replace(locations=("local", "vault", "cloud"))
    database = database._replace(series=(full,), copies=Copies(4, 3, 2))
    return policy._replace(
        locations=(local, vault, CLOUD), components=(database, *others), scenarios=()
    )


def with_tape(policy: Policy) -> Policy:
    """Return the policy with a tape that holds some points of the database."""
    database, *others = policy.components
    full = database.series[0]._replace(attested=("tape",))
    components = (database._replace(series=(full,)), *others)
    return policy._replace(locations=(*policy.locations, TAPE), components=components)


def tell_tape(story: Story, *, read: bool) -> None:
    """Let a person say that the newest dump lies on a tape, and perhaps that it was read back."""
    moment = at(2026, 11, 30, 2)
    path = "database/db_20261130_020000.sql.gz"
    digest = hashlib.sha256(path.encode()).hexdigest()
    moment_ms = evidence.millis(moment)
    row = ["database", "full", path, moment_ms, "name", moment_ms, 5_000_000, digest, digest]
    said = at(2026, 11, 30, 12)
    test = {"at_ms": evidence.millis(said), "outcome": "ok", "digests": [digest]} if read else {}
    story.say(
        said,
        about="medium",
        location="tape",
        medium={
            "barcode": "NX0042L8", "event": "written", "place": "bank", "written_ms": moment_ms,
        },
        holds=[row],
        unknown=0,
        first_unknown="",
        read_test=test,
    )  # fmt: skip


def bucket(**changes: object) -> Store:
    """Return how a well-kept bucket presents itself."""
    store = Store(
        "cloud", 0, identity=("bucket:https://s3.eu-central-1.amazonaws.com/nexosupport-backups",),
        versioning="enabled", lock="COMPLIANCE", lock_s=30 * 86400, public="no",
        encryption="AES256", region="eu-central-1", expiry="known",
        expiries=(Expiry("", 90 * 86400, noncurrent=True),),
    )  # fmt: skip
    return store._replace(**changes)


def host(**changes: object) -> Store:
    """Return how a second host presents itself."""
    return Store("vault", 0, identity=("hostkey:SHA256:Zm9vYmFyYmF6",))._replace(**changes)


def tell_elsewhere(
    story: Story, *, store: Store | None = None, last: dict[str, dict[str, object]] | None = None
) -> None:
    """Tell November; `last` is what the newest copy at a location was found to be."""
    story.begin(at(2026, 10, 31, 1))
    story.look(host(), at(2026, 10, 31, 1))
    story.look(store or bucket(), at(2026, 10, 31, 1))
    for n in range(DAYS):
        day = at(2026, 10, 31) + timedelta(days=n, hours=1)
        stamp = f"{day:%Y%m%d}"
        moment = day.replace(hour=1)
        found = (last or {}) if n == DAYS - 1 else {}
        name = f"database/db_{stamp}_020000.sql.gz"
        by_host = {"proof": "host", "recorded": "copy", "assurance": int(Assurance.INTACT)}
        opened = {
            "proof": "decrypted", "recorded": "copy", "sealed": "AES256 MDC",
            "sealed_sha256": "5e" * 32, "lock": "COMPLIANCE",
            "locked_until_ms": evidence.millis(moment + timedelta(days=30)), "original": name,
        }  # fmt: skip
        story.add("database", name, moment)
        story.add("database", name, moment, location="vault", **by_host | found.get("vault", {}))
        cloud = found.get("cloud", {})
        if cloud.get("assurance") != -1:
            story.add("database", f"{name}.gpg", moment, location="cloud", **opened | cloud)
        for place, more in (("local", {}), ("vault", by_host)):
            path = f"files/files_{stamp}.tar.gz"
            story.add("uploads", path, moment + timedelta(minutes=30), location=place, **more)
        story.audit(day.replace(hour=8))
    story.say(at(2026, 11, 25, 9), about="escrow", location="cloud")
    story.audit(at(2026, 11, 30, 23, 50))
