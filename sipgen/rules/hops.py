"""Rules about Via (RFC 3261 sections 8.1.1.7 and 20.42, RFC 3581, RFC 6223)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.rules.declaring import Fault, element_rule, message_rule
from sipgen.rules.facts import Facts, Place
from sipgen.values.locate import END, Part, parameter, parameter_name
from sipgen.values.text import leading_number
from sipgen.values.via import Via

__all__ = ["is_rfc2543"]

_VIA = "Via"
_COOKIE = "z9hG4bK"
_PORTS = 65_535


def is_rfc2543(facts: Facts) -> bool:
    """Return True if the topmost Via has no branch of RFC 3261: the sender may not know it."""
    if facts.is_usual(_VIA):
        return False
    top = facts.first(_VIA)
    return top is not None and not (top.params.get("branch") or "").startswith(_COOKIE)


@element_rule("via-branch-missing", _VIA)
def _via_branch_missing(via: Via) -> Iterator[Fault]:
    if "branch" not in via.params:
        yield Fault("The Via has no branch.", END, ("branch",))


@element_rule("via-branch-cookie", _VIA, needs=["branch"])
def _via_branch_cookie(via: Via) -> Iterator[Fault]:
    if not (via.params["branch"] or "").startswith(_COOKIE):
        message = f"The branch does not begin with {_COOKIE}."
        yield Fault(message, parameter("branch"), (f'"{_COOKIE}"',))


@element_rule("via-branch-empty", _VIA, needs=["branch"])
def _via_branch_empty(via: Via) -> Iterator[Fault]:
    if via.params["branch"] == _COOKIE:
        message = f"Nothing follows {_COOKIE} in the branch: it identifies no transaction."
        yield Fault(message, parameter("branch"))


@element_rule("via-protocol", _VIA)
def _via_protocol(via: Via) -> Iterator[Fault]:
    if via.protocol.upper() != "SIP/2.0":
        yield Fault(f"The sent-protocol is {via.protocol}.", Part("protocol"), ("SIP/2.0",))


@element_rule("via-ttl-maddr", _VIA, needs=["ttl"])
def _via_ttl_maddr(via: Via) -> Iterator[Fault]:
    if "maddr" not in via.params:
        yield Fault("The Via has a ttl, and no maddr to send it to.", parameter_name("ttl"))


@element_rule("via-ttl-range", _VIA, needs=["ttl"])
def _via_ttl_range(via: Via) -> Iterator[Fault]:
    if leading_number(via.params["ttl"] or "") > 255:
        yield Fault("ttl is more than 255.", parameter("ttl"), ("0 to 255",))


@element_rule("via-port", _VIA)
def _via_port(via: Via) -> Iterator[Fault]:
    if via.port is not None and not 0 < via.port <= _PORTS:
        yield Fault(f"{str(via.port)[:20]} is no port.", Part("port"), ("1 to 65535",))


@element_rule("via-rport-received", _VIA, needs=["rport"])
def _via_rport_received(via: Via) -> Iterator[Fault]:
    if via.params["rport"] is not None and "received" not in via.params:
        yield Fault("rport has a value, and there is no received.", parameter("rport"))


@message_rule("via-keep", _VIA, where="request", unusual=[_VIA])
def _via_keep(facts: Facts) -> Iterator[Place]:
    for via in facts.elements(_VIA) if facts.is_request else ():
        params = via.value.params
        if params.get("keep") is not None and "received" not in params:
            yield via.fault("keep has a value in a request.", _VIA, parameter("keep"))


@message_rule("cancel-single-via", _VIA, methods=["CANCEL"], where="request")
def _cancel_single_via(facts: Facts) -> Iterator[Place]:
    for via in facts.elements(_VIA)[1:]:
        yield via.fault("A CANCEL goes one hop, and here is another Via.", _VIA)
