"""Header field names: spelling in, canonical name out (RFC 3261 sections 7.3.1 and 7.3.3).

A plain dict of the usual spellings of registered names answers nearly every question in
one lookup; it never changes. Other spellings and names are remembered within bounds. Only
tokens are: a name with a stray octet must never pass for the name without it.
"""

from __future__ import annotations

from sipgen.generated.headers import CANONICAL_NAMES
from sipgen.memory import Memory

__all__ = ["CANONICAL", "TOKEN_CHARACTERS", "canonical", "canonical_token", "is_token"]

TOKEN_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"  # noqa: S105
"""Characters of a ``token``, RFC 3261 section 25.1."""


def is_token(text: str) -> bool:
    """Whether ``text`` is a ``token`` (RFC 3261 section 25.1)."""
    # strip() takes characters of the set off both ends: nothing is left of a token only.
    return bool(text) and not text.strip(TOKEN_CHARACTERS)


def _folded(raw: str) -> str:
    folded = raw.lower()
    known = CANONICAL_NAMES.get(folded)
    if known is not None:
        return known
    return "-".join([word.capitalize() for word in folded.split("-")])


CANONICAL: dict[str, str] = dict(CANONICAL_NAMES)
"""Raw header name -> canonical name, for the usual spellings of registered names."""

CANONICAL.update((name, name) for name in CANONICAL_NAMES.values())
CANONICAL.update((raw.upper(), name) for raw, name in CANONICAL_NAMES.items() if len(raw) == 1)


def canonical(raw: str) -> str:
    """Canonical form of the header field name ``raw``; never raises.

    Registered names, long or compact and in any case, give the name as registered
    (``v`` -> ``Via``). Other tokens get a capital after each hyphen. SP and HTAB after the
    name are not part of it. What is no token is no name: it is kept as it is, the case of
    ASCII letters apart, so that it never equals a real one.
    """
    known = CANONICAL.get(raw)
    if known is not None:
        return known
    name = raw.rstrip(" \t")
    known = canonical_token(name)
    if known is not None:
        return known
    # Case mapping of other letters can end in ASCII (U+212A KELVIN SIGN -> "k").
    return _folded(name) if name.isascii() else name


_others: Memory[str, str] = Memory("other spellings of header names", longest=64)


def canonical_token(raw: str) -> str | None:
    """Canonical form of a name that :data:`CANONICAL` does not hold; ``None`` for no token."""
    known = _others.get(raw)
    if known is None and is_token(raw):
        known = _others.learn(raw, _folded)
    return known
