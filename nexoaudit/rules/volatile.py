"""Tables that say by their names that their rows come and go: sessions, caches, tokens."""

import re
from collections import Counter
from collections.abc import Collection, Mapping

_WORDS = re.compile(
    r"(?:php)?(?:session|cache|token|nonce|captcha|throttle|lock|queue|transient)e?s?|temp|tmp"
)
_BESIDE = frozenset({
    "access", "active", "admin", "api", "auth", "ci", "csrf", "data", "db", "email", "http",
    "item", "items", "login", "mail", "oauth", "oauth2", "page", "password", "php", "refresh",
    "remember", "reset", "store", "user", "users", "web",
})  # fmt: skip
"""Words beside them that leave their sense as it is."""
_PREFIXED = 3
"""Tables that have to begin with one word before it is a prefix and none of their names."""


def named(names: Collection[str]) -> Mapping[str, bool]:
    """Return the tables among `names` whose rows come and go by their nature.

    The value is True where the name says nothing else (`sessions`, `user_tokens`, `mdl_cache`
    where most tables begin with `mdl_`), and False where another word may change its sense: the
    rows of `exam_sessions` are there to stay.
    """
    words = {name: _split(name) for name in names}
    prefix = _prefix([parts for parts in words.values() if len(parts) > 1], len(words))
    found: dict[str, bool] = {}
    for name, parts in words.items():
        own = parts[1:] if len(parts) > 1 and parts[0] == prefix else parts
        telling = [part for part in (own[0], own[-1]) if _WORDS.fullmatch(part)]
        if telling:
            found[name] = all(part in _BESIDE or _WORDS.fullmatch(part) for part in own)
    return found


def _split(name: str) -> list[str]:
    table = name.rpartition(".")[2].strip("_").lower()
    return re.split(r"_+", table)


def _prefix(words: list[list[str]], tables: int) -> str:
    """Return the word that more than half of the tables begin with; empty: there is none."""
    ((word, count),) = Counter(parts[0] for parts in words).most_common(1) or [("", 0)]
    return word if count >= _PREFIXED and 2 * count > tables else ""
