"""Proof of the copies of one location: without their bytes where that is enough, else by a read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.budget import Budget
from nexoaudit.auditor.originals import Originals
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.trees import is_tree
from nexoaudit.auditor.trees_elsewhere import TreeProver
from nexoaudit.auditor.turns import is_known, turn_ms
from nexoaudit.errors import LocationError
from nexoaudit.evidence.copies import same_bytes
from nexoaudit.evidence.newest import Newest
from nexoaudit.evidence.references import Reference, References, of_content
from nexoaudit.formats.names import SEALED
from nexoaudit.formats.openpgp import HEAD, framing_problems, read_framing, sealed_text
from nexoaudit.ledger import Draft, Entry
from nexoaudit.locations.transport import Transport
from nexoaudit.model.copy import Assurance
from nexoaudit.model.location import Location
from nexoaudit.model.sighting import Sighting
from nexoaudit.model.stored import Stored
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About
from nexoaudit.verification.ladder import prove
from nexoaudit.verification.plain import verify_plain
from nexoaudit.verification.sealed import verify_sealed

_AGAIN = frozenset({"copy.refused"})
"""Problems that may be gone at the next look."""
_OF_ONE = frozenset({"location.archived", "location.forbidden", "location.unreadable"})
"""Reasons that may be about one file only: what keeps us from all of them ends the listing."""
_DIFFERENT = {"mismatch": "copy.differs", "size": "copy.unproven"}
"""What it means when the checksums do not say that the bytes are the same."""


class Prover:
    """Looks at the copies of one location; what it finds is ready to be recorded."""

    def __init__(
        self, session: Session, location: Location, transport: Transport, newest: Newest
    ) -> None:
        self._session = session
        self._location = location
        self._transport = transport
        self._reads = newest.reads
        self._seen = {subject: seen.entry for subject, seen in newest.seen.items()}
        self._references = References(newest, session.policy)
        self._originals = Originals(session)
        self._budget = Budget(session, location)
        self.turn_ms = turn_ms(session)
        """What was looked at before this moment is to be looked at again."""
        self._trees = TreeProver(session, location, transport, newest)

    def is_new(self, sighting: Sighting) -> bool:
        """Return whether nothing is known yet of these bytes, or more can be found out now."""
        if is_tree(sighting):
            return self._trees.is_new(sighting)
        read = self._read_of(sighting)
        if read is None or not same_bytes(sighting, read.facts) or self._changed(sighting, read):
            return True
        found = set(read.facts["problems"])
        if "copy.unproven" in found and self._can_be_proven(sighting, read):
            return True
        if "sealed.no_key" in found and self._location.passphrase_file:
            return True
        return bool(_AGAIN & found)

    def proven_ms(self, sighting: Sighting) -> int:
        """Return when a copy was last looked at; 0: never."""
        read = self._read_of(sighting)
        return 0 if read is None else read.ts

    def prove(self, waiting: Sequence[Sighting]) -> Iterator[tuple[Sighting, list[Draft]]]:
        """Yield each copy with what is to be recorded of it, which is nothing when it is no news.

        Raise LocationError when the location is lost on the way.
        """
        files = {sighting.path: sighting for sighting in waiting if not is_tree(sighting)}
        for stored in self._transport.stored(files) if files else ():
            sighting = files[stored.path]
            if stored.outcome != "gone":  # the next listing knows
                yield sighting, self._drafts(sighting, self._look(sighting, stored))
        yield from self._trees.prove([sighting for sighting in waiting if is_tree(sighting)])

    def _look(self, sighting: Sighting, stored: Stored) -> Verification:
        reference = self._references.of(sighting)
        if stored.outcome != "told":
            found = _unproven(sighting, stored, "copy.refused", stored.detail)
        else:
            found = self._asked(sighting, stored, reference)
        reference = reference or self._references.holding(sighting, found.sha256)
        other = reference is not None and not sighting.path.startswith(reference.path)
        return found._replace(
            mtime_ms=sighting.mtime_ms,
            token=sighting.token,
            of=reference.path if reference is not None and other else "",
            access="" if stored.access == "instant" else stored.access,
            readable_until_ms=stored.readable_until_ms,
            lock=stored.lock,
            locked_until_ms=stored.locked_until_ms,
        )

    def _asked(
        self, sighting: Sighting, stored: Stored, reference: Reference | None
    ) -> Verification:
        """Return what can be found out of a copy; one that may not be read stops no other."""
        look = self._sealed if sighting.path.endswith(SEALED) else self._plain
        try:
            return look(sighting, stored, reference)
        except LocationError as error:
            if error.reason not in _OF_ONE:
                raise
            return _unproven(sighting, stored, "copy.refused", str(error))

    def _plain(
        self, sighting: Sighting, stored: Stored, reference: Reference | None
    ) -> Verification:
        if reference is None:
            return self._fetched(sighting, stored, "", sealed=False)
        proven = self._by_checksums(stored, reference.sha256, reference)
        if proven.problems == ("copy.unproven",):
            return self._fetched(sighting, stored, reference.sha256, sealed=False)
        return proven if proven.problems else proven._replace(problems=reference.problems)

    def _sealed(
        self, sighting: Sighting, stored: Stored, reference: Reference | None
    ) -> Verification:
        """Prove an encrypted copy: by the checksums of what was decrypted once, else by opening it.

        Encryption is random: what was uploaded anew has to be opened anew.
        """
        before = self._opened(sighting)
        if before is not None:
            facts = before.facts
            again = self._by_checksums(stored, facts["sealed_sha256"], None)
            if not again.problems:
                return again._replace(
                    sha256=facts["sha256"],
                    sealed=facts["sealed"],
                    sealed_sha256=facts["sealed_sha256"],
                    problems=of_content(facts),
                )
        if stored.access in {"archived", "restoring"}:
            return _unproven(sighting, stored, "copy.unproven", "it is archived")
        with self._transport.read(sighting.path, 0, HEAD) as file:
            framing = read_framing(file.read(HEAD), stored.size)
        said = framing_problems(framing)
        if not said and not self._location.passphrase_file:
            said = ("sealed.no_key",)
        if said:
            problem, *more = said
            unopened = _unproven(sighting, stored, problem, "", *more)
            return unopened._replace(sealed=sealed_text(framing))
        expected = "" if reference is None else reference.sha256
        found = self._fetched(sighting, stored, expected, sealed=True)
        return found if found.sealed else found._replace(sealed=sealed_text(framing))

    def _by_checksums(
        self, stored: Stored, sha256: str, reference: Reference | None
    ) -> Verification:
        """Return what the location's checksums say of bytes that we have read before."""
        prints = self._originals.prints(sha256, reference)
        if prints is None:
            return _unproven(None, stored, "copy.unproven", "no checksums of it were recorded")
        proof = prove(stored, prints, self._originals.rereader(reference))
        if code := _DIFFERENT.get(proof.grade):
            other_size = code == "copy.differs" and stored.size != prints.size
            return _unproven(
                None, stored, "copy.other_size" if other_size else code, proof.how
            )._replace(proof="size" if proof.grade == "size" else "")
        return Verification(
            sha256=sha256,
            size=stored.size,
            mtime_ms=0,
            recorded="copy",
            assurance=Assurance.INTACT,
            problems=(),
            detail=proof.how,
            proof="host" if self._location.kind == "ssh" else proof.grade,
        )

    def _fetched(
        self, sighting: Sighting, stored: Stored, expected: str, *, sealed: bool
    ) -> Verification:
        """Return what a complete read of a copy finds, as far as the day's budget allows one."""
        if stored.access in {"archived", "restoring"}:
            return _unproven(sighting, stored, "copy.unproven", "it is archived")
        if not self._budget.allows(stored.size):
            said = f"{max(0, self._budget.left)} bytes may still be fetched today"
            return _unproven(sighting, stored, "copy.unproven", said)._replace(proof="size")
        self._budget.spend(stored.size)
        self._session.beat()
        about, size = self._about(sighting), stored.size
        with self._transport.read(sighting.path) as file:
            if not sealed:
                return verify_plain(file, about, size=size, expected_sha256=expected)
            secret = self._location.passphrase_file
            key = Path(secret) if secret else None
            return verify_sealed(
                file, about, size=size, expected_sha256=expected, passphrase_file=key
            )

    def _about(self, sighting: Sighting) -> About:
        policy = self._session.policy
        component = policy.component(sighting.component)
        return About(
            component.kind,
            sighting.time_ms,
            sighting.time_source,
            ZoneInfo(policy.site.timezone),
            self._session.clock(),
            component.expect,
        )

    def _drafts(self, sighting: Sighting, found: Verification) -> list[Draft]:
        """Return what is to be recorded: nothing when the same was recorded since the last turn."""
        drafts = self._originals.taken()
        if found.prints is not None:
            drafts.append(evidence.prints_draft(found.prints))
        draft = evidence.verified_draft(sighting, found)
        last = self._read_of(sighting)
        if last is None or self._changed(sighting, last):
            return [*drafts, draft]
        return drafts if is_known(draft, last, self.turn_ms) else [*drafts, draft]

    def _changed(self, sighting: Sighting, read: Entry) -> bool:
        """Return whether it was seen otherwise since that read: whoever sets a time back is found.

        A host tells when an inode changed last, and that can be set by nobody.
        """
        seen = self._seen.get(evidence.subject_of(sighting.location, sighting.path))
        return seen is None or seen.idx > read.idx or seen.facts != sighting._asdict()

    def _read_of(self, sighting: Sighting) -> Entry | None:
        return self._reads.get(evidence.subject_of(sighting.location, sighting.path))

    def _opened(self, sighting: Sighting) -> Entry | None:
        """Return the record of a read that opened this encrypted copy, whatever is there now."""
        read = self._read_of(sighting)
        if read is None or not (read.facts.get("sealed_sha256") and read.facts["sha256"]):
            return None
        return read

    def _can_be_proven(self, sighting: Sighting, read: Entry) -> bool:
        if sighting.path.endswith(SEALED):
            return self._budget.allows(sighting.size)
        return self._budget.allows(sighting.size) and read.facts["detail"] != "it is archived"


def _unproven(
    sighting: Sighting | None, stored: Stored, problem: str, detail: str = "", *more: str
) -> Verification:
    """Return that the bytes are there and that nothing more is known of them."""
    return Verification(
        sha256="",
        size=stored.size if stored.outcome == "told" or sighting is None else sighting.size,
        mtime_ms=0,
        recorded="",
        assurance=Assurance.PRESENT,
        problems=(problem, *more),
        detail=detail,
        proof="",
    )
