"""Rules about Via (RFC 3261 sections 8.1.1.7 and 20.42, RFC 3581, RFC 6223)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import WHITE_SPACE, Parameter, Part, cut, parameters, split
from sipgen.validation.rules.numbers import number

__all__ = ["Via", "is_rfc2543", "vias"]

_VIA = "Via"
_COOKIE = "z9hG4bK"


class Via(NamedTuple):
    """A Via value with the places of its parts."""

    whole: Part
    protocol: str
    """Name and version, without white space: ``SIP/2.0``."""
    transport: Part
    host: Part
    port: Part | None
    parameters: tuple[Parameter, ...]

    def parameter(self, name: str) -> Parameter | None:
        """The first parameter of that name, in lower case."""
        return next((item for item in self.parameters if item.key == name), None)


def vias(context: Context) -> list[Via]:
    """The Via values of a message, topmost first."""
    return context.once(_vias)


def _vias(context: Context) -> list[Via]:
    found = []
    for part in context.values(_VIA):
        first, *rest = split(part, ";")
        name, version, last = split(first, "/")
        gap = next((i for i, c in enumerate(last.text) if c in WHITE_SPACE), len(last.text))
        sent_by = cut(last, gap, len(last.text))
        colon = sent_by.text.find(":", sent_by.text.find("]") + 1)
        host, port = sent_by, None
        if colon >= 0:
            host = cut(sent_by, 0, colon)
            port = cut(sent_by, colon + 1, len(sent_by.text))
        protocol = f"{name.text}/{version.text}"
        found.append(Via(part, protocol, cut(last, 0, gap), host, port, parameters(rest)))
    return found


def is_rfc2543(context: Context) -> bool:
    """Whether the topmost Via has no branch of RFC 3261: who sent it may not know that RFC."""
    top = next(iter(vias(context)), None)
    branch = top.parameter("branch") if top else None
    return top is not None and (branch is None or not branch.text.startswith(_COOKIE))


@rule("via-branch-missing", _VIA)
def _via_branch_missing(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        if via.parameter("branch") is None:
            yield Fault(via.whole.end, via.whole.end, "The Via has no branch.", _VIA, ("branch",))


@rule("via-branch-cookie", _VIA)
def _via_branch_cookie(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        branch = via.parameter("branch")
        if branch and not branch.text.startswith(_COOKIE):
            message = f"The branch does not begin with {_COOKIE}."
            yield Fault.at(branch.part, message, _VIA, (f'"{_COOKIE}"',))


@rule("via-branch-empty", _VIA)
def _via_branch_empty(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        branch = via.parameter("branch")
        if branch and branch.text == _COOKIE:
            message = f"Nothing follows {_COOKIE} in the branch: it identifies no transaction."
            yield Fault.at(branch.part, message, _VIA)


@rule("via-protocol", _VIA)
def _via_protocol(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        if via.protocol.upper() != "SIP/2.0":
            end = via.whole.start + via.whole.text.rfind(
                "/", 0, via.transport.end - via.whole.start
            )
            message = f"The sent-protocol is {via.protocol}."
            yield Fault(via.whole.start, end, message, _VIA, ("SIP/2.0",))


@rule("via-ttl-maddr", _VIA)
def _via_ttl_maddr(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        ttl = via.parameter("ttl")
        if ttl and via.parameter("maddr") is None:
            yield Fault.at(ttl.name, "The Via has a ttl, and no maddr to send it to.", _VIA)


@rule("via-ttl-range", _VIA)
def _via_ttl_range(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        ttl = via.parameter("ttl")
        if ttl and number(ttl.part) > 255:
            yield Fault.at(ttl.part, "ttl is more than 255.", _VIA, ("0 to 255",))


@rule("cancel-single-via", _VIA, methods=["CANCEL"], where="request")
def _cancel_single_via(context: Context) -> Iterator[Fault]:
    for via in vias(context)[1:]:
        yield Fault.at(via.whole, "A CANCEL goes one hop, and here is another Via.", _VIA)


@rule("via-port", _VIA)
def _via_port(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        if via.port and not 0 < int(via.port.text[-9:]) <= 65535:
            message = f"{via.port.text[:20]} is no port."
            yield Fault.at(via.port, message, _VIA, ("1 to 65535",))


@rule("via-rport-received", _VIA)
def _via_rport_received(context: Context) -> Iterator[Fault]:
    for via in vias(context):
        rport = via.parameter("rport")
        if rport and rport.value and via.parameter("received") is None:
            yield Fault.at(rport.part, "rport has a value, and there is no received.", _VIA)


@rule("via-keep", _VIA)
def _via_keep(context: Context) -> Iterator[Fault]:
    if context.is_request:
        for via in vias(context):
            keep = via.parameter("keep")
            if keep and keep.value and via.parameter("received") is None:
                yield Fault.at(keep.part, "keep has a value in a request.", _VIA)
