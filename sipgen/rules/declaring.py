"""How a rule is declared: by its id, with what it reads.

``grammar/conformance.toml`` says what each rule requires, where, and how severe a breach is;
a function here finds what breaks it. The two meet by the rule's id. There are two kinds:

- a *value rule* is a function of one typed value, and of nothing else: of an element
  (:func:`element_rule`), of the URI of an address (:func:`uri_rule`), or of all elements that a
  header field has in a message (:func:`field_rule`). What it finds depends on the text of
  the value alone, so it is worked out once for each text. No value rule may object to a
  value that the language ``ordinary`` accepts: such values are not even read.
- a *message rule* (:func:`message_rule`) is a function of the facts of a message: method or
  status, names of header fields, and the values that it declares to read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sipgen.values.locate import REQUEST_LINE, WHOLE, Part

if TYPE_CHECKING:
    from sipgen.message import Message
    from sipgen.rules.facts import Facts, Place

__all__ = [
    "ADDRESSES",
    "Fault",
    "Kind",
    "MessageRule",
    "Unless",
    "ValueRule",
    "element_rule",
    "field_rule",
    "message_rule",
    "rule_ids",
    "rules",
    "status_in",
    "uri_rule",
]

ADDRESSES = (
    "Contact", "Diversion", "From", "Geolocation", "History-Info", "P-Asserted-Identity",
    "P-Associated-URI", "P-Called-Party-ID", "P-Preferred-Identity", "P-Profile-Key",
    "P-Served-User", "P-User-Database", "Path", "Permission-Missing", "Policy-Contact",
    "Record-Route", "Refer-To", "Referred-By", "Remote-Party-ID", "Reply-To", "Route",
    "Service-Route", "To", "Trigger-Consent",
)  # fmt: skip
"""Header fields whose values are a ``name-addr`` or ``addr-spec`` and parameters."""


class Fault(NamedTuple):
    """What a value rule found: a sentence, and the part of the value that is at fault."""

    message: str
    part: Part = WHOLE
    expected: tuple[str, ...] = ()
    element: int = 0
    """Number of the element, where a rule was asked about all of them."""


class ValueRule(NamedTuple):
    """A rule of one typed value."""

    id: str
    find: Callable[..., Iterable[Fault]]
    headers: tuple[str, ...]
    """Canonical names; :data:`REQUEST_LINE` for the start line of a request."""
    reads: str
    """``element``, ``written`` (the element's text), ``uri`` or ``field``."""
    needs: frozenset[str]
    """It is asked only where one of these parameters is present; empty: always."""
    with_header: bool
    """Whether the function is given the name of the header field too."""


class Kind(NamedTuple):
    """What decides which message rules are asked about a message."""

    names: tuple[str, ...]
    """Canonical names of its header lines, in order."""
    is_request: bool
    is_response: bool
    """Neither is true of a message whose start line cannot be read."""
    method: str
    """Of a request its method, of a response the one that CSeq names; empty if unknown."""
    status: int
    """Status code, 0 without one."""


Unless = Callable[[Mapping[str, str], Kind, "Message"], object]
"""A quick look at what is noted of From, To and CSeq (see :class:`.Facts`), at the kind of a
message and at the message: true where a rule has nothing to say for certain."""


class MessageRule(NamedTuple):
    """A rule of a message's facts."""

    id: str
    find: Callable[[Facts], Iterable[Place]]
    headers: frozenset[str]
    """It is asked only where one of these header fields is present; empty: always."""
    methods: frozenset[str]
    """It is asked only about these methods; empty: about all."""
    where: str
    """It is asked only about these messages, see :func:`status_in`."""
    without: str
    """It is asked only where this header field is not present; empty: always."""
    by_kind: bool
    """It reads nothing but the :class:`Kind`: it is asked once for each."""
    unusual: frozenset[str]
    """It can object only where a value of one of these is not one that ``ordinary`` accepts;
    empty: to any message."""
    counts: frozenset[str]
    """It can object where one of these header fields has several lines, too."""
    reads: frozenset[str]
    """Its inputs besides the :class:`Kind`, which every rule may read: header fields whose
    values it reads, :data:`REQUEST_LINE` for the Request-URI, and ``body`` for the body and
    whether its length is known."""
    unless: Unless | None
    """It has nothing to say where this is true; ``None``: it is asked in any case."""

    def concerns(self, kind: Kind) -> bool:
        """Return True if the rule applies to messages of this kind."""
        return (
            not (self.headers and self.headers.isdisjoint(kind.names))
            and not (self.methods and kind.method not in self.methods)
            and not (self.without and self.without in kind.names)
            and status_in(self.where, kind.status)
        )


_VALUE_RULES: list[ValueRule] = []
_MESSAGE_RULES: list[MessageRule] = []


def rules() -> tuple[list[ValueRule], list[MessageRule]]:
    """Return all value rules and all message rules."""
    import sipgen.rules.themes  # noqa: F401, PLC0415 - they declare themselves

    return _VALUE_RULES, _MESSAGE_RULES


def rule_ids() -> list[str]:
    """Return the id of each rule that has a function."""
    values, messages = rules()
    return [rule.id for rule in values] + [rule.id for rule in messages]


def status_in(where: str, status: int) -> bool:
    """Return True if ``where`` includes messages of this status.

    :param where: ``any``, ``request``, ``response``, or response codes: ``2xx 401 300-699``.
    :param status: the status code of a response, 0 for a request.
    """
    if where in {"any", "request", "response"}:
        return where == "any" or (where == "request") == (status == 0)
    return any(_has_code(part, status) for part in where.split())


def _has_code(part: str, status: int) -> bool:
    low, _, high = part.partition("-")
    if high:
        return int(low) <= status <= int(high)
    return all(digit in {"x", own} for digit, own in zip(part, f"{status:03}", strict=True))


_Finder = Callable[..., Iterable[Fault]]


def element_rule(
    identifier: str, *headers: str, needs: Iterable[str] = (), written: bool = False
) -> Callable[[_Finder], _Finder]:
    """Declare a rule of one element of each of these header fields.

    :param needs: names of parameters in lower case: the rule is asked only where one of
        them is present.
    :param written: the function is given the value, ``None`` if it cannot be read, and the
        element's text, for what a value forgets.
    """
    return _value_rule(identifier, headers, "written" if written else "element", needs)


def uri_rule(identifier: str, *needs: str) -> Callable[[_Finder], _Finder]:
    """Declare a rule of a URI: the Request-URI, or that of an address.

    :param needs: names of URI parameters: the rule is asked only where one is present.
    """
    return _value_rule(identifier, (REQUEST_LINE, *ADDRESSES), "uri", needs)


def field_rule(identifier: str, *headers: str) -> Callable[[_Finder], _Finder]:
    """Declare a rule of all elements that a header field has in a message, as a tuple."""
    return _value_rule(identifier, headers, "field", ())


def _value_rule(
    identifier: str, headers: tuple[str, ...], reads: str, needs: Iterable[str]
) -> Callable[[_Finder], _Finder]:
    def register(function: _Finder) -> _Finder:
        _refuse_second(identifier)
        with_header = function.__code__.co_argcount > 1
        _VALUE_RULES.append(
            ValueRule(identifier, function, headers, reads, frozenset(needs), with_header)
        )
        return function

    return register


def message_rule(
    identifier: str,
    *headers: str,
    methods: Iterable[str] = (),
    where: str = "any",
    without: str = "",
    by_kind: bool = False,
    unusual: Collection[str] = (),
    counts: Iterable[str] = (),
    reads: Collection[str] | None = None,
    unless: Unless | None = None,
) -> Callable[[Callable[[Any], Iterable[Place]]], Callable[[Any], Iterable[Place]]]:
    """Declare a rule of a message; the arguments are those of :class:`MessageRule`.

    :param reads: what the rule reads besides ``unusual``, which it always reads. Without both,
        it reads ``headers``.
    :raises ValueError: if a rule ``by_kind`` declares other inputs, or the id is taken.
    """
    inputs = _inputs(headers, unusual, reads)
    if by_kind and (unusual or reads):
        raise ValueError(f"rule {identifier} reads more than the kind: {', '.join(sorted(inputs))}")

    def register(function: Callable[[Any], Iterable[Place]]) -> Callable[[Any], Iterable[Place]]:
        _refuse_second(identifier)
        _MESSAGE_RULES.append(
            MessageRule(
                identifier, function, frozenset(headers), frozenset(methods), where, without,
                by_kind, frozenset(unusual), frozenset(counts),
                frozenset() if by_kind else inputs, unless,
            )
        )  # fmt: skip
        return function

    return register


def _inputs(
    headers: tuple[str, ...], unusual: Collection[str], reads: Collection[str] | None
) -> frozenset[str]:
    if reads is None:
        return frozenset(unusual or headers)
    return frozenset((*unusual, *reads))


def _refuse_second(identifier: str) -> None:
    known = {rule.id for rule in _VALUE_RULES} | {rule.id for rule in _MESSAGE_RULES}
    if identifier in known:
        raise ValueError(f"two functions for rule {identifier}")
