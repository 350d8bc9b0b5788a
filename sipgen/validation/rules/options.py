"""Rules about option tags and lists (RFC 3261 sections 8.2.2.3 and 19.2, RFC 3262)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.generated.options import OptionTag
from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import Part

__all__ = ["tags"]

_TAGS = frozenset(map(str, OptionTag))
_TAG_HEADERS = ("Proxy-Require", "Require", "Supported", "Unsupported")
_LISTS = ("Allow", "Allow-Events", *_TAG_HEADERS)


def tags(context: Context, *headers: str) -> list[Part]:
    """The option tags that header fields hold."""
    return [value for header in headers for value in context.values(header) if value.text]


def _has(context: Context, tag: str, *headers: str) -> bool:
    return any(value.text.lower() == tag for value in tags(context, *headers))


@rule("require-cancel", "Require", "Proxy-Require")
def _require_cancel(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method == "CANCEL":
        for header in ("Require", "Proxy-Require"):
            for name in context.names_of(header):
                yield Fault.at(name, f"A CANCEL has {header}.", header)


@rule("option-tag-unknown", "Proxy-Require", "Require", "Supported")
def _option_tag_unknown(context: Context) -> Iterator[Fault]:
    # Unsupported names what is not known.
    for header in ("Proxy-Require", "Require", "Supported"):
        for value in tags(context, header):
            if value.text.lower() not in _TAGS:
                message = f"{value.text[:40]} is no registered option tag."
                yield Fault.at(value, message, header)


@rule("require-100rel", "Require")
def _require_100rel(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method != "INVITE":
        for value in tags(context, "Require"):
            if value.text.lower() == "100rel":
                message = "100rel is required of what is no INVITE."
                yield Fault.at(value, message, "Require")


@rule("reliable-100", "RSeq")
def _reliable_100(context: Context) -> Iterator[Fault]:
    if context.status == 100:
        for name in context.names_of("RSeq"):
            yield Fault.at(name, "A 100 response is never sent reliably.", "RSeq")


@rule("reliable-rseq", "Require")
def _reliable_rseq(context: Context) -> Iterator[Fault]:
    if 100 < context.status < 200 and "RSeq" not in context.names:
        for value in tags(context, "Require"):
            if value.text.lower() == "100rel":
                yield Fault.at(value, "A reliable response has no RSeq.", "Require", ("RSeq",))


@rule("reliable-require", "RSeq")
def _reliable_require(context: Context) -> Iterator[Fault]:
    if 100 < context.status < 200 and not _has(context, "100rel", "Require"):
        for name in context.names_of("RSeq"):
            message = "The response has RSeq, and does not require 100rel."
            yield Fault.at(name, message, "RSeq", ("Require: 100rel",))


@rule("list-repeated", *_LISTS)
def _list_repeated(context: Context) -> Iterator[Fault]:
    for header in _LISTS:
        seen = set()
        for value in context.values(header):
            # Methods are case-sensitive, option tags and event packages are not.
            key = value.text if header == "Allow" else value.text.lower()
            if key in seen and key:
                yield Fault.at(value, f"{header} names {value.text[:40]} again.", header)
            seen.add(key)


@rule("security-client-require", "Security-Client")
def _security_client_require(context: Context) -> Iterator[Fault]:
    if context.is_request:
        for header in ("Require", "Proxy-Require"):
            if not _has(context, "sec-agree", header):
                name = context.names_of("Security-Client")[0]
                message = f"Security-Client stands without {header}: sec-agree."
                yield Fault.at(name, message, "Security-Client", (f"{header}: sec-agree",))


@rule("timer-supported", "Session-Expires")
def _timer_supported(context: Context) -> Iterator[Fault]:
    if context.is_request and not _has(context, "timer", "Supported", "Require"):
        name = context.names_of("Session-Expires")[0]
        message = "The request has Session-Expires, and does not say Supported: timer."
        yield Fault.at(name, message, "Session-Expires", ("Supported: timer",))


@rule("target-dialog-supported", "Target-Dialog")
def _target_dialog_supported(context: Context) -> Iterator[Fault]:
    if not _has(context, "tdialog", "Supported", "Require"):
        name = context.names_of("Target-Dialog")[0]
        message = "The request has Target-Dialog, and does not say Supported: tdialog."
        yield Fault.at(name, message, "Target-Dialog", ("Supported: tdialog",))
