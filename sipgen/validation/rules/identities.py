"""Rules about who calls, why and by which way (RFC 3323, 3325, 3326, 7044, 7433, 7989)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import Part, parameters, split
from sipgen.validation.rules.numbers import number

__all__: list[str] = []

_IDENTITIES = ("P-Asserted-Identity", "P-Preferred-Identity")
_SEVERAL_REASONS = frozenset({"preemption"})
_MOST_IDENTITIES = 2


def _privacy(context: Context) -> list[Part]:
    return [value for part in context.fields("Privacy") for value in split(part, ";")]


@rule("privacy-none", "Privacy")
def _privacy_none(context: Context) -> Iterator[Fault]:
    values = _privacy(context)
    for value in values if len(values) > 1 else ():
        if value.text.lower() == "none":
            message = "none asks for no privacy, and stands beside what asks for some."
            yield Fault.at(value, message, "Privacy")


@rule("privacy-repeated", "Privacy")
def _privacy_repeated(context: Context) -> Iterator[Fault]:
    seen = set()
    for value in _privacy(context):
        key = value.text.lower()
        if key in seen:
            yield Fault.at(value, f"Privacy names {key[:40]} again.", "Privacy")
        seen.add(key)


@rule("privacy-critical", "Privacy")
def _privacy_critical(context: Context) -> Iterator[Fault]:
    values = _privacy(context)
    if len(values) == 1 and values[0].text.lower() == "critical":
        message = "critical says how much the other values matter, and there is none."
        yield Fault.at(values[0], message, "Privacy")


@rule("asserted-identities", *_IDENTITIES)
def _asserted_identities(context: Context) -> Iterator[Fault]:
    for header in _IDENTITIES:
        addresses = context.addresses(header)
        for address in addresses[_MOST_IDENTITIES:]:
            yield Fault.at(address.whole, f"{header} has more than two values.", header)
        kinds = set()
        for address in addresses[:_MOST_IDENTITIES]:
            kind = "sip" if context.uri(address.uri).is_sip else context.uri(address.uri).scheme
            if kind in kinds:
                message = f"{header} has two {kind} values: one may be SIP or SIPS, one tel."
                yield Fault.at(address.whole, message, header)
            kinds.add(kind)


@rule("reason-protocol-repeated", "Reason")
def _reason_protocol_repeated(context: Context) -> Iterator[Fault]:
    seen = set()
    for value in context.values("Reason"):
        protocol = value.text.partition(";")[0].strip().lower()
        if protocol in seen and protocol not in _SEVERAL_REASONS:
            yield Fault.at(value, f"Here is a further reason by {protocol[:40]}.", "Reason")
        seen.add(protocol)


def _indices(context: Context) -> list[tuple[Part, list[int]]]:
    """Each index of History-Info, and its numbers."""
    found = []
    for address in context.addresses("History-Info"):
        for parameter in address.parameters:
            if parameter.key == "index" and parameter.value:
                parts = parameter.value.text.split(".")
                numbers = [number(Part(part, 0)) for part in parts]
                found.append((parameter.value, numbers))
    return found


@rule("history-info-order", "History-Info")
def _history_info_order(context: Context) -> Iterator[Fault]:
    last: list[int] = []
    for part, numbers in _indices(context):
        if numbers <= last:
            message = "The index is not greater than the one before."
            yield Fault.at(part, message, "History-Info")
        last = numbers


@rule("history-info-target", "History-Info")
def _history_info_target(context: Context) -> Iterator[Fault]:
    for address in context.addresses("History-Info"):
        given = [item for item in address.parameters if item.key in {"rc", "mp", "np"}]
        for parameter in given[1:]:
            message = "A target has one of rc, mp and np."
            yield Fault.at(parameter.name, message, "History-Info")


@rule("user-to-user-hex", "User-to-User")
def _user_to_user_hex(context: Context) -> Iterator[Fault]:
    for value in context.values("User-to-User"):
        first, *rest = split(value, ";")
        given = {item.key: item.text.lower() for item in parameters(rest)}
        if given.get("encoding", "hex") == "hex" and len(first.text) % 2 and first.text.isalnum():
            message = "An octet has two hexadecimal digits, and here is an odd number."
            yield Fault.at(first, message, "User-to-User")


@rule("warning-code", "Warning")
def _warning_code(context: Context) -> Iterator[Fault]:
    for value in context.values("Warning"):
        code = Part(value.text[:3], value.start)
        if not 300 <= number(code) <= 399:
            yield Fault.at(code, "A warn-code is from 300 to 399.", "Warning", ("300 to 399",))


@rule("resource-priority-repeated", "Resource-Priority")
def _resource_priority_repeated(context: Context) -> Iterator[Fault]:
    seen = set()
    for value in context.values("Resource-Priority"):
        namespace = value.text.partition(".")[0].lower()
        if namespace in seen:
            message = f"The namespace {namespace[:40]} is given again."
            yield Fault.at(value, message, "Resource-Priority")
        seen.add(namespace)


@rule("max-breadth-zero", "Max-Breadth")
def _max_breadth_zero(context: Context) -> Iterator[Fault]:
    for part in context.fields("Max-Breadth"):
        if number(part) == 0:
            message = "Max-Breadth is 0: the request may go nowhere."
            yield Fault.at(part, message, "Max-Breadth", ("1 or more",))


@rule("session-id-remote", "Session-ID")
def _session_id_remote(context: Context) -> Iterator[Fault]:
    for part in context.fields("Session-ID"):
        if all(item.key != "remote" for item in parameters(split(part, ";")[1:])):
            message = "Session-ID has no remote."
            yield Fault(part.end, part.end, message, "Session-ID", ("remote",))
