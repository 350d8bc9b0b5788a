"""Rules about option tags and lists (RFC 3261 sections 8.2.2.3 and 19.2, RFC 3262)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.generated.options import OptionTag
from sipgen.rules.declaring import Fault, element_rule, field_rule, message_rule
from sipgen.rules.facts import Facts, Place

__all__: list[str] = []

_TAGS = frozenset(map(str, OptionTag))
_REQUIRE = ("Require", "Proxy-Require")


@message_rule("require-cancel", *_REQUIRE, methods=["CANCEL"], where="request", by_kind=True)
def _require_cancel(facts: Facts) -> Iterator[Place]:
    for header in _REQUIRE if facts.is_request else ():
        yield from facts.names(header, f"A CANCEL has {header}.")


# Unsupported names what is not known.
@element_rule("option-tag-unknown", "Proxy-Require", "Require", "Supported")
def _option_tag_unknown(tag: str) -> Iterator[Fault]:
    if tag.lower() not in _TAGS:
        yield Fault(f"{tag[:40]} is no registered option tag.")


@message_rule("require-100rel", "Require", where="request")
def _require_100rel(facts: Facts) -> Iterator[Place]:
    if facts.is_request and facts.method != "INVITE":
        for tag in facts.elements("Require"):
            if tag.value.lower() == "100rel":
                yield tag.fault("100rel is required of what is no INVITE.", "Require")


@message_rule("reliable-100", "RSeq", where="100", by_kind=True)
def _reliable_100(facts: Facts) -> Iterator[Place]:
    yield from facts.names("RSeq", "A 100 response is never sent reliably.")


@message_rule("reliable-rseq", "Require", where="101-199", without="RSeq")
def _reliable_rseq(facts: Facts) -> Iterator[Place]:
    for tag in facts.elements("Require"):
        if tag.value.lower() == "100rel":
            yield tag.fault("A reliable response has no RSeq.", "Require", expected=("RSeq",))


@message_rule("reliable-require", "RSeq", where="101-199", reads=["Require"])
def _reliable_require(facts: Facts) -> Iterator[Place]:
    if "100rel" not in facts.tokens("Require"):
        message = "The response has RSeq, and does not require 100rel."
        yield from facts.names("RSeq", message, ("Require: 100rel",))


@field_rule(
    "list-repeated", "Allow", "Allow-Events", "Proxy-Require", "Require", "Supported", "Unsupported"
)
def _list_repeated(tokens: tuple[str, ...], header: str) -> Iterator[Fault]:
    seen = set()
    for number, token in enumerate(tokens):
        # Methods are case-sensitive, option tags and event packages are not.
        key = token if header == "Allow" else token.lower()
        if key in seen and key:
            yield Fault(f"{header} names {token[:40]} again.", element=number)
        seen.add(key)


@message_rule("security-client-require", "Security-Client", where="request", reads=_REQUIRE)
def _security_client_require(facts: Facts) -> Iterator[Place]:
    for header in _REQUIRE if facts.is_request else ():
        if "sec-agree" not in facts.tokens(header):
            message = f"Security-Client stands without {header}: sec-agree."
            yield next(facts.names("Security-Client", message, (f"{header}: sec-agree",)))


@message_rule("timer-supported", "Session-Expires", where="request", reads=["Supported", "Require"])
def _timer_supported(facts: Facts) -> Iterable[Place]:
    if "timer" in (facts.only("Supported") or ()):
        return ()
    return _timer_not_supported(facts)


def _timer_not_supported(facts: Facts) -> Iterator[Place]:
    if facts.is_request and "timer" not in facts.tokens("Supported", "Require"):
        message = "The request has Session-Expires, and does not say Supported: timer."
        yield next(facts.names("Session-Expires", message, ("Supported: timer",)))


@message_rule("target-dialog-supported", "Target-Dialog", reads=["Supported", "Require"])
def _target_dialog_supported(facts: Facts) -> Iterator[Place]:
    if "tdialog" not in facts.tokens("Supported", "Require"):
        message = "The request has Target-Dialog, and does not say Supported: tdialog."
        yield next(facts.names("Target-Dialog", message, ("Supported: tdialog",)))
