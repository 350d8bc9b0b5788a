"""What the grammar refuses and careful receivers take.

A relaxation says which octets to read as others. If a value that the grammar refuses is
accepted with them read so, its fault is the relaxation's, and the profile says how severe
that is. The octets that are read instead are as many as those that came, so every place
stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

__all__ = ["RELAXATIONS", "Relaxation", "Relaxed", "relaxed"]


class Relaxation(NamedTuple):
    """One thing that is taken though the grammar refuses it."""

    id: str
    headers: frozenset[str]
    """Canonical header field names, ``Request-Line``, ``Status-Line``; empty: all."""
    pattern: re.Pattern[bytes]
    """What is taken: its group ``at`` is read otherwise, and at fault unless there is a
    group ``fault``."""
    instead: Callable[[bytes], bytes]
    """What is read instead, as many octets."""
    message: str


class Relaxed(NamedTuple):
    """Octets that were taken by a relaxation, as offsets into the value."""

    relaxation: Relaxation
    start: int
    end: int


_FREE_TEXT = frozenset({"Organization", "Server", "Subject", "User-Agent"})
_ONE_ADDRESS = frozenset({"From", "Refer-To", "Referred-By", "Reply-To", "To"})
_CREDENTIALS = frozenset({"Authentication-Info", "Authorization", "Proxy-Authorization"})
_AUTHENTICATION = _CREDENTIALS | frozenset({"Proxy-Authenticate", "WWW-Authenticate"})


def _letters(octets: bytes) -> bytes:
    return b"x" * len(octets)


def _in_quotes(octets: bytes) -> bytes:
    return b'"' + octets[1:-1] + b'"'


def _words(octets: bytes) -> bytes:
    """Each octet that no token holds as a letter, white space as it is."""
    return re.sub(rb"[^A-Za-z0-9.!%*_+`'~ \t\r\n-]", b"x", octets)


RELAXATIONS: tuple[Relaxation, ...] = (
    Relaxation(
        "character-encoding",
        frozenset(),
        re.compile(rb"(?P<at>[\x80-\xff]+)"),
        _letters,
        "The text is not UTF-8.",
    ),
    Relaxation(
        "via-received-brackets",
        frozenset({"Via"}),
        re.compile(rb"(?i);[ \t\r\n]*received[ \t\r\n]*=[ \t\r\n]*(?P<at>\[[0-9a-f:.]+\])"),
        lambda octets: b" " + octets[1:-1] + b" ",
        "The address of received stands in brackets.",
    ),
    Relaxation(
        "host-underscore",
        frozenset(),
        re.compile(rb"(?<![A-Za-z0-9_.-])(?P<at>[A-Za-z0-9.-]*_[A-Za-z0-9_.-]*)(?=[:;>,?\s]|\Z)"),
        lambda octets: octets.replace(b"_", b"x"),
        "A host name holds an underscore.",
    ),
    Relaxation(
        "uri-lr-value",
        frozenset(),
        re.compile(rb"(?i);(?P<at>lr=(?:on|true|yes|1))(?=[;>?\s]|\Z)"),
        _letters,
        "The URI parameter lr has a value.",
    ),
    Relaxation(
        "ipv6-three-colons",
        frozenset(),
        re.compile(rb"(?i)(?<![0-9a-f]{4})(?P<at>:::)(?=[0-9a-f])"),
        lambda _octets: b"0::",
        "Three colons stand in an IPv6 address.",
    ),
    Relaxation(
        "trailing-white-space",
        frozenset(),
        re.compile(rb"(?s)\A(?P<at>.*[^ \t](?P<fault>[ \t]+))\Z"),
        lambda octets: octets[len(octets.rstrip(b" \t")) :] + octets.rstrip(b" \t"),
        "White space stands at the end of the value.",
    ),
    Relaxation(
        "token-in-quotes",
        _AUTHENTICATION,
        re.compile(
            rb'(?i)[\s,](?:algorithm|stale|nc)[ \t]*=[ \t]*(?P<at>"[a-z0-9-]+")(?=[\s,]|\Z)'
        ),
        lambda octets: b"  " + octets[1:-1],
        "A token stands in quotation marks.",
    ),
    Relaxation(
        "token-in-quotes",
        _CREDENTIALS,
        re.compile(rb'(?i)[\s,]qop[ \t]*=[ \t]*(?P<at>"[a-z0-9-]+")(?=[\s,]|\Z)'),
        lambda octets: b"  " + octets[1:-1],
        "A token stands in quotation marks.",
    ),
    Relaxation(
        "quotes-missing",
        _AUTHENTICATION,
        re.compile(
            rb"(?i)[\s,](?:qop|realm|nonce|cnonce|opaque|username|domain)[ \t]*=[ \t]*"
            rb"(?P<at>[a-z0-9_.@/+=-]{2,})(?=[\s,]|\Z)"
        ),
        _in_quotes,
        "A value stands without its quotation marks.",
    ),
    Relaxation(
        "display-name-without-quotes",
        _ONE_ADDRESS,
        re.compile(rb'\A(?P<at>[^"<>]+)(?=<)'),
        _words,
        "The display name needs quotation marks.",
    ),
    Relaxation(
        "product-text",
        _FREE_TEXT,
        re.compile(rb"(?s)\A(?P<at>[^\x00-\x08\x0a-\x1f\x7f]+)\Z"),
        lambda octets: re.sub(rb"[^ \t]", b"x", octets),
        "The text is not made of products and comments.",
    ),
    Relaxation(
        "userinfo-unescaped",
        frozenset(),
        re.compile(rb"(?i)(?:(?<=sip:)|(?<=sips:))(?P<at>[^\s<>@\"]*+)(?=@)"),
        lambda octets: re.sub(rb"[#^`{}|\\\[\]]", b"x", octets),
        "A character of the user part is not escaped.",
    ),
    Relaxation(
        "date-zone",
        frozenset({"Date"}),
        re.compile(rb"(?P<at>UTC)\s*\Z"),
        lambda _octets: b"GMT",
        "The time zone is UTC by its other name.",
    ),
)

_MOST = 64
"""Places of one kind that are taken in a value."""

_LONGEST = 512
"""Octets of a value that is looked at: some patterns look ahead, which is quadratic."""


def relaxed(
    accepts: Callable[[bytes], bool],
    value: bytes,
    header: str,
    allowed: Iterable[Relaxation],
) -> tuple[Relaxed, ...]:
    """What was taken of a value that is accepted so; empty if it still is not.

    :param accepts: whether the grammar accepts a value.
    :param value: a value that it refuses.
    :param header: canonical name, or the start line's entry.
    :param allowed: the relaxations to try, in order.
    """
    taken: list[Relaxed] = []
    if len(value) > _LONGEST:
        return ()
    for relaxation in allowed:
        if relaxation.headers and header not in relaxation.headers:
            continue
        found, read = _read(relaxation, value)
        if not found:
            continue
        if accepts(read):
            return (*taken, *found)
        if relaxation.headers != _FREE_TEXT:
            value = read
            taken += found
    return ()


def _read(relaxation: Relaxation, value: bytes) -> tuple[list[Relaxed], bytes]:
    found: list[Relaxed] = []
    at = 0
    for _ in range(_MOST):
        match = relaxation.pattern.search(value, at)
        if match is None:
            break
        start, end = match.span("at")
        instead = relaxation.instead(value[start:end])
        # What reads the same is no fault.
        if instead != value[start:end]:
            value = value[:start] + instead + value[end:]
            fault = "fault" if "fault" in relaxation.pattern.groupindex else "at"
            found.append(Relaxed(relaxation, *match.span(fault)))
        at = max(end, start + 1)
    return found, value
