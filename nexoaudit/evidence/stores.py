"""What locations present themselves as, to and from the ledger."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Entry
from nexoaudit.model.store import Store
from nexoaudit.state.stores import decode_store, encode_store

_SUBJECT = "store:"


def store_draft(store: Store) -> Draft:
    """Return the record of one look at a location; of the site itself, its id is empty."""
    facts = {key: value for key, value in encode_store(store).items() if key != "observed_ms"}
    return Draft("live", f"{_SUBJECT}{store.location}", facts)


def recall_stores(live: Mapping[str, Entry]) -> dict[str, Store]:
    """Return by location what it presented itself as, from the newest live facts by subject."""
    return {
        entry.facts["location"]: decode_store({**entry.facts, "observed_ms": entry.ts})
        for subject, entry in live.items()
        if subject.startswith(_SUBJECT)
    }
