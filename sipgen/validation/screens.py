"""Spares ordinary messages the conformance rules, without a rule being missed.

Traffic repeats itself: from one peer come the same header fields in the same order, with
the same Allow, Supported and User-Agent; what differs from message to message are Via, tags,
Call-ID, CSeq, addresses. So a message that all rules have found clean is remembered by
everything that it holds but those values, and these are matched with patterns so narrow
that whatever they let through, no rule can find anything in it that it did not find
before. A message of which both holds need not be gone through again. Tests hold the rules
against the patterns with whatever the patterns let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sipgen.errors import ParseError
from sipgen.message import Message, Request

__all__ = ["MAX_REMEMBERED", "PATTERNS", "shape_of"]

MAX_REMEMBERED = 1_024
"""Shapes remembered for each profile; at the next one all are forgotten."""

_LONGEST = 2_048
"""Characters of the values that a shape may hold."""

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HOST = rf"(?:{_IPV4}|(?:{_LABEL}\.){{1,8}}[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?)"
_PORT = r"(?::[1-9][0-9]{0,3}|:[1-5][0-9]{4})?"
_USER = r"[a-zA-Z0-9._+-]{1,64}"
_NAME = r'(?:"[a-zA-Z0-9 .,_()+-]{0,64}" ?|[a-zA-Z0-9 .-]{0,64})'
_TAG = r"[a-zA-Z0-9._-]{1,128}"
_TRANSPORT = r"(?:;transport=(?:udp|tcp|UDP|TCP))?"
_BRANCH = r";branch=z9hG4bK[a-zA-Z0-9._*~-]{1,128}"
_RECEIVED = rf"(?:;rport|;received={_IPV4}|;received={_IPV4};rport=[1-9][0-9]{{0,4}})?"
_BINDING = (
    r"(?:;expires=[0-9]{1,9}|;q=0\.[0-9]{1,3}|;q=1|;reg-id=[1-9][0-9]{0,3}"
    r'|;\+sip\.instance="<urn:uuid:[0-9A-Fa-f-]{36}>")*'
)

PATTERNS: dict[str, str] = {
    "Call-ID": r"[^\r\n]+",
    "Contact": rf"{_NAME}<sip:(?:{_USER}@)?{_HOST}{_PORT}{_TRANSPORT}>({_BINDING})",
    "Content-Length": r"[0-9]+",
    "CSeq": r"(?:[0-9]{1,9}|1[0-9]{9}) ([a-zA-Z0-9]+)",
    "From": rf"{_NAME}<sip:(?:{_USER}@)?{_HOST}>;tag=({_TAG})",
    "Max-Forwards": r"[1-9]?[0-9]",
    "Record-Route": rf"<sip:{_HOST}{_PORT}{_TRANSPORT};lr>",
    "Request-URI": rf"sip:({_USER}@)?{_HOST}{_PORT}{_TRANSPORT}",
    "Route": rf"<sip:{_HOST}{_PORT}{_TRANSPORT};lr>",
    "Subject": r"[a-zA-Z0-9 ,.!?-]*",
    "To": rf"{_NAME}<sip:(?:{_USER}@)?{_HOST}>(?:;tag=({_TAG}))?",
    "Via": rf"SIP/2\.0/(?:UDP|TCP|TLS) {_HOST}{_PORT}(?:{_BRANCH}{_RECEIVED}|;rport{_BRANCH})",
}
"""What values that differ from message to message may be, by header field."""

_SCREENS: dict[str, Callable[[str], re.Match[str] | None]] = {
    name: re.compile(pattern).fullmatch for name, pattern in PATTERNS.items()
}
_REQUEST_URI = _SCREENS.pop("Request-URI")

Shape = tuple[Any, ...]

_FRESH = re.compile(
    r'(?<=[ ,])(?:(nonce|cnonce|opaque)="[A-Za-z0-9+/=._:-]{1,256}"'
    r'|response="([0-9a-f]{32}|[0-9a-f]{64})"|nc=(?!0{8})[0-9a-f]{8}(?=,|\Z))'
)


_PLAIN = re.compile(r'Digest (?:[a-z]+=(?:"[^"\\=]*"|[^",= ]+)(?:, ?|\Z))*').fullmatch


def _lasting(credentials: str) -> str:
    """Credentials or a challenge without what is new in each: nonces, counts and digests.

    The rules ask whether these are there, how long a digest is and whether a count is 0.
    """
    if credentials[:7] != "Digest " or not _PLAIN(credentials):
        return credentials
    return _FRESH.sub(_mask, credentials)


def _mask(match: re.Match[str]) -> str:
    # A mark that no credentials can hold.
    return f"\0{match[1] or 'nc'}={len(match[2] or '')}"


def _moment(date: str) -> str:
    """Nothing for a date with the right day of the week, else the date."""
    return "" if _is_right(date) else date


@lru_cache(64)
def _is_right(date: str) -> bool:
    from sipgen.values.dates import Date  # noqa: PLC0415 - milliseconds, for few messages

    try:
        return str(Date.read(date)) == date
    except ParseError:
        return False


_OTHERS: dict[str, Callable[[str], str]] = {
    "Authorization": _lasting,
    "Date": _moment,
    "Proxy-Authenticate": _lasting,
    "Proxy-Authorization": _lasting,
    "WWW-Authenticate": _lasting,
}
"""What is kept of values that differ in part only."""


def shape_of(message: Message) -> Shape | None:
    """All of a message that rules may depend on; ``None`` if it has to be gone through.

    :param message: one whose values the grammar accepts and whose reading found nothing.
    """
    kept: list[object] = []
    sender = receiver = ""
    screens = _SCREENS
    for name, value in zip(message._names, message._values, strict=True):  # noqa: SLF001
        screen = screens.get(name)
        if screen is None:
            other = _OTHERS.get(name)
            kept.append(value if other is None else other(value))
            continue
        match = screen(value)
        if match is None:
            return None
        if name == "From":
            sender = match[1]
        elif name == "To":
            receiver = match[1] or ""
        elif name in {"CSeq", "Contact"}:
            kept.append(match[1])
    start: object
    if isinstance(message, Request):
        match = _REQUEST_URI(message.request_uri)
        if match is None:
            return None
        start = (message.method, match[1] is None)
    else:
        start = message.status_code  # type: ignore[attr-defined]
    kept += [start, bool(receiver), sender == receiver, not message.body.strip(b"\r\n")]
    names = message._names  # noqa: SLF001
    if any(names.count(name) > 1 for name in ("From", "To", "CSeq", *_OTHERS)):
        return None
    shape = (*message._names, *kept)  # noqa: SLF001
    if "multipart" in str(kept).lower() or sum(map(len, map(str, kept))) > _LONGEST:
        return None
    return shape
