"""The order of header fields in a message that is built from scratch.

RFC 3261 section 7.3.1 recommends that what proxies need stands first. Fields that are not
named here follow the named ones, in the order in which they were added.
"""

from __future__ import annotations

from collections.abc import Sequence

from sipgen.generated.headers import Header

__all__ = ["HEADER_ORDER", "place"]

HEADER_ORDER: tuple[Header, ...] = (
    Header.VIA,
    Header.MAX_FORWARDS,
    Header.ROUTE,
    Header.RECORD_ROUTE,
    Header.PROXY_REQUIRE,
    Header.PROXY_AUTHORIZATION,
    Header.FROM,
    Header.TO,
    Header.CALL_ID,
    Header.CSEQ,
    Header.CONTACT,
    Header.ALLOW,
    Header.SUPPORTED,
    Header.USER_AGENT,
    Header.SERVER,
    Header.REQUIRE,
    Header.UNSUPPORTED,
    Header.RACK,
    Header.RSEQ,
    Header.SESSION_EXPIRES,
    Header.MIN_SE,
    Header.REFER_TO,
    Header.REFERRED_BY,
    Header.REPLACES,
    Header.PRIVACY,
    Header.P_ASSERTED_IDENTITY,
    Header.HISTORY_INFO,
    Header.DIVERSION,
    Header.EXPIRES,
    Header.SUBSCRIPTION_STATE,
    Header.EVENT,
    Header.REASON,
    Header.AUTHORIZATION,
    Header.WWW_AUTHENTICATE,
    Header.PROXY_AUTHENTICATE,
    Header.SUBJECT,
    Header.DATE,
    Header.IDENTITY,
    Header.ACCEPT,
    Header.CONTENT_DISPOSITION,
    Header.CONTENT_TYPE,
    Header.CONTENT_LENGTH,
)
"""Header fields in the order in which a message built from scratch has them."""

_RANKS = {str(name): rank for rank, name in enumerate(HEADER_ORDER)}
_LAST = len(HEADER_ORDER)


def place(names: Sequence[str], name: str) -> int:
    """Where the field ``name`` goes among fields that are in order: behind its equals."""
    rank = _RANKS.get(name, _LAST)
    at = len(names)
    while at and _RANKS.get(names[at - 1], _LAST) > rank:
        at -= 1
    return at
