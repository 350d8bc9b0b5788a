"""Rules about who calls, why and by which way (RFC 3323, 3325, 3326, 7044, 7433, 7989)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.rules.declaring import Fault, element_rule, field_rule
from sipgen.values.address import NameAddr
from sipgen.values.items import Item
from sipgen.values.locate import END, Part, parameter, parameter_name
from sipgen.values.numbers import Warning as WarningValue
from sipgen.values.text import leading_number
from sipgen.values.uri import SipURI

__all__: list[str] = []

_SEVERAL_REASONS = frozenset({"preemption"})
_MOST_IDENTITIES = 2


@field_rule("privacy-none", "Privacy")
def _privacy_none(values: tuple[str, ...]) -> Iterator[Fault]:
    for number, value in enumerate(values if len(values) > 1 else ()):
        if value.lower() == "none":
            message = "none asks for no privacy, and stands beside what asks for some."
            yield Fault(message, element=number)


@field_rule("privacy-repeated", "Privacy")
def _privacy_repeated(values: tuple[str, ...]) -> Iterator[Fault]:
    seen = set()
    for number, value in enumerate(values):
        key = value.lower()
        if key in seen:
            yield Fault(f"Privacy names {key[:40]} again.", element=number)
        seen.add(key)


@field_rule("privacy-critical", "Privacy")
def _privacy_critical(values: tuple[str, ...]) -> Iterator[Fault]:
    if len(values) == 1 and values[0].lower() == "critical":
        yield Fault("critical says how much the other values matter, and there is none.")


@field_rule("asserted-identities", "P-Asserted-Identity", "P-Preferred-Identity")
def _asserted_identities(addresses: tuple[NameAddr, ...], header: str) -> Iterator[Fault]:
    for number, _ in enumerate(addresses[_MOST_IDENTITIES:], start=_MOST_IDENTITIES):
        yield Fault(f"{header} has more than two values.", element=number)
    kinds = set()
    for number, address in enumerate(addresses[:_MOST_IDENTITIES]):
        kind = "sip" if isinstance(address.uri, SipURI) else address.uri.scheme
        if kind in kinds:
            message = f"{header} has two {kind} values: one may be SIP or SIPS, one tel."
            yield Fault(message, element=number)
        kinds.add(kind)


@field_rule("reason-protocol-repeated", "Reason")
def _reason_protocol_repeated(reasons: tuple[Item, ...]) -> Iterator[Fault]:
    seen = set()
    for number, reason in enumerate(reasons):
        protocol = reason.value.lower()
        if protocol in seen and protocol not in _SEVERAL_REASONS:
            yield Fault(f"Here is a further reason by {protocol[:40]}.", element=number)
        seen.add(protocol)


@field_rule("history-info-order", "History-Info")
def _history_info_order(entries: tuple[NameAddr, ...]) -> Iterator[Fault]:
    last: list[int] = []
    for element, entry in enumerate(entries):
        for number, (name, value) in enumerate(entry.params.pairs):
            if name.lower() == "index" and value:
                numbers = [leading_number(part) for part in value.split(".")]
                if numbers <= last:
                    message = "The index is not greater than the one before."
                    yield Fault(message, parameter(number), element=element)
                last = numbers


@element_rule("history-info-target", "History-Info", needs=["rc", "mp", "np"])
def _history_info_target(entry: NameAddr) -> Iterator[Fault]:
    pairs = enumerate(entry.params.pairs)
    for number in [number for number, (name, _) in pairs if name.lower() in {"rc", "mp", "np"}][1:]:
        yield Fault("A target has one of rc, mp and np.", parameter_name(number))


@element_rule("user-to-user-hex", "User-to-User", written=True)
def _user_to_user_hex(_value: Item | None, written: str) -> Iterator[Fault]:
    # The value forgets whether it was in quotation marks.
    data, *rest = [piece.strip(" \t\r\n") for piece in written.split(";")]
    given = {name.strip().lower(): value.strip(' \t\r\n"').lower()
             for name, _, value in (piece.partition("=") for piece in rest)}  # fmt: skip
    if given.get("encoding", "hex") == "hex" and len(data) % 2 and data.isalnum():
        message = "An octet has two hexadecimal digits, and here is an odd number."
        yield Fault(message, Part("head"))


@element_rule("warning-code", "Warning")
def _warning_code(warning: WarningValue) -> Iterator[Fault]:
    if not 300 <= warning.code <= 399:
        yield Fault("A warn-code is from 300 to 399.", Part("first", 3), ("300 to 399",))


@field_rule("resource-priority-repeated", "Resource-Priority")
def _resource_priority_repeated(values: tuple[str, ...]) -> Iterator[Fault]:
    seen = set()
    for number, value in enumerate(values):
        namespace = value.partition(".")[0].lower()
        if namespace in seen:
            yield Fault(f"The namespace {namespace[:40]} is given again.", element=number)
        seen.add(namespace)


@element_rule("max-breadth-zero", "Max-Breadth")
def _max_breadth_zero(breadth: int) -> Iterator[Fault]:
    if breadth == 0:
        message = "Max-Breadth is 0: the request may go nowhere."
        yield Fault(message, expected=("1 or more",))


@element_rule("session-id-remote", "Session-ID")
def _session_id_remote(value: Item) -> Iterator[Fault]:
    if "remote" not in value.params:
        yield Fault("Session-ID has no remote.", END, ("remote",))
