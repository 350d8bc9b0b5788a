"""Where responses go: pure functions of messages and addresses.

RFC 3261 section 18.2.1 has a server note in the top Via where a request came from, RFC 3581
the port too if it is asked for; section 18.2.2 says where a response goes by that Via.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from sipgen.errors import ParseError
from sipgen.limits import MAX_REMEMBERED_TEXT, MAX_REMEMBERED_VALUES
from sipgen.message import Message, Request
from sipgen.values.via import Via

__all__ = ["Destination", "arrive", "response_destination", "stamp_received"]

DEFAULT_PORT = 5060
DEFAULT_TLS_PORT = 5061
MULTICAST_TTL = 1
"""Time to live of a response to a multicast group (RFC 3261 section 18.2.2)."""


class Destination(NamedTuple):
    """Where a response is to be sent."""

    host: str
    """IP address or host name; an IPv6 address without brackets."""
    port: int
    ttl: int | None
    """Time to live, if ``host`` is the multicast group of an ``maddr`` parameter."""


def stamp_received(request: Request, host: str, port: int) -> bool:
    """Note in the request's top Via where it came from.

    ``received`` is added if the sent-by host is not the source address (RFC 3261 section
    18.2.1) or if ``rport`` asks for the port, which is then given its value (RFC 3581
    section 4). What a client put there itself is replaced: only the server knows.

    :param host: the source's IP address as the socket gives it.
    :param port: the source port.
    :return: whether the Via was changed; not where it is missing or cannot be read.
    """
    try:
        via = request.top_via
    except ParseError:
        return False
    if via is None:
        return False
    source = source_address(host)
    params = via.params
    asked = "rport" in params
    same = via.host == source or _same_address(via.host, source)
    if same and not asked and "received" not in params:
        return False
    # As text: nothing in it is new but the numbers of an address.
    pairs = [(name, value) for name, value in params.pairs if name.lower() != "received"]
    written = "".join(
        [
            f";rport={port}"
            if name.lower() == "rport"
            else (f";{name}" if value is None else f";{name}={value}")
            for name, value in pairs
        ]
    )
    received = f";received={source}" if asked or not same else ""
    request.rewrite_top_via(f"{via.protocol}/{via.transport} {via.sent_by}{written}{received}")
    return True


def source_address(host: str) -> str:
    """A source address of the socket as a Via has it: without a scope, IPv4 as IPv4."""
    if ":" not in host:
        return host
    host = host.partition("%")[0]
    # An IPv4 client of a dual-stack socket.
    return host[7:] if host[:7] == "::ffff:" and "." in host else host


def arrive(request: Request, host: str, port: int) -> Destination | None:
    """:func:`stamp_received`, and where the response to ``request`` goes.

    What most clients send is stamped as text, in a third of the time.
    """
    names = request._names  # noqa: SLF001 - one package
    if _VIA not in names:
        return None
    at = names.index(_VIA)
    line = request._lines[at]  # noqa: SLF001
    sent, _, branch = line.partition(";branch=")
    if branch and ";" not in branch and "," not in branch and len(sent) <= MAX_REMEMBERED_TEXT:
        target = _sent_from(sent, host)
        if target is not None:
            return target
    host = source_address(host)
    match = _USUAL(line)
    if match is None:
        stamp_received(request, host, port)
        return response_destination(request)
    sent, sent_port, before, asked, after = match.groups()
    if asked is None and sent == host:
        return _destination(host, int(sent_port or DEFAULT_PORT))
    written = sent if sent_port is None else f"{sent}:{sent_port}"
    if asked is not None:
        stamp = f"{before or ''};rport={port}{after or ''};received={host}"
        request.rewrite_top_via(f"SIP/2.0/UDP {written}{stamp}")
        return _destination(host, port)
    branches = f"{before or ''}{after or ''}"
    request.rewrite_top_via(f"SIP/2.0/UDP {written}{branches};received={host}")
    return _destination(host, int(sent_port or DEFAULT_PORT))


def _destination(host: str, port: int) -> Destination:
    # In half the time that the class takes.
    made: Destination = _new_tuple(Destination, (host, port, None))
    return made


_VIA = "Via"
_new_tuple = tuple.__new__
_BRANCH = r";branch=[A-Za-z0-9\-.!%*_+`'~]++"
_SENT = r"(?:Via|v):[ \t]*+SIP/2\.0/UDP ([0-9A-Za-z.\-]++)(?::([1-9][0-9]{0,4}+))?+"
_USUAL = re.compile(rf"{_SENT}({_BRANCH})?+(;rport)?+({_BRANCH})?+").fullmatch
_SENT_BY = re.compile(_SENT).fullmatch


@lru_cache(MAX_REMEMBERED_VALUES)
def _sent_from(line: str, host: str) -> Destination | None:
    """Where the response goes, if ``line``, a Via up to its branch, names ``host`` itself."""
    match = _SENT_BY(line)
    if match is None or match[1] != host:
        return None
    return _destination(host, int(match[2] or DEFAULT_PORT))


def _same_address(sent_by: str, source: str) -> bool:
    if sent_by[:1] == "[":
        sent_by = sent_by[1:-1]
    elif ":" not in source:
        # Two IPv4 addresses are the same only if they are written alike.
        return False
    try:
        return ip_address(sent_by) == ip_address(source)
    except ValueError:
        return False


def response_destination(
    response: Message | Via, defaults: Mapping[str, int] | None = None
) -> Destination | None:
    """Where a response goes over an unreliable transport (RFC 3261 section 18.2.2).

    To ``maddr`` if the top Via has it, else to ``received``, else to the sent-by host; at
    ``rport`` if it has a value (RFC 3581 section 4), else at the port of sent-by, else at the
    transport's default port.

    :param response: the response, or its top Via.
    :param defaults: default ports by transport in capitals; without it 5061 for TLS and WSS,
        5060 for any other.
    :return: the destination, ``None`` if there is no Via that can be read.
    """
    try:
        via = response if isinstance(response, Via) else response.top_via
    except ParseError:
        return None
    if via is None:
        return None
    transport = via.transport.upper()
    usual = DEFAULT_TLS_PORT if transport in {"TLS", "WSS"} else DEFAULT_PORT
    port = via.port or (defaults or {}).get(transport, usual)
    if via.maddr:
        host = via.maddr[1:-1] if via.maddr[0] == "[" else via.maddr
        return Destination(host, port, _ttl(via) if _is_multicast(host) else None)
    if via.received:
        rport = via.rport
        return Destination(via.received, rport if type(rport) is int else port, None)
    host = via.host[1:-1] if via.host[0] == "[" else via.host
    return Destination(host, port, None)


def _is_multicast(host: str) -> bool:
    try:
        return ip_address(host).is_multicast
    except ValueError:
        return False


def _ttl(via: Via) -> int:
    value = via.params.plain("ttl")
    usable = value is not None and value.isascii() and value.isdigit() and len(value) <= 3
    return min(int(value), 255) if usable and value else MULTICAST_TTL
