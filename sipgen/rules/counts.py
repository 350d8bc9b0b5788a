"""Rules about sequence numbers, counts, seconds and dates (RFC 3261 section 20, RFC 3262)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sipgen.rules.declaring import Fault, element_rule, message_rule
from sipgen.rules.facts import Facts, Place
from sipgen.values.address import NameAddr
from sipgen.values.dates import WEEKDAYS, Date
from sipgen.values.locate import Part, parameter
from sipgen.values.numbers import NumberWithParameters, RetryAfter
from sipgen.values.sequence import CSeq, RAck
from sipgen.values.text import leading_number

__all__: list[str] = []

_SEQUENCE = 2**31
_SECONDS = 2**32
_DIGITS = Part("digits")


@element_rule("cseq-number", "CSeq")
def _cseq_number(cseq: CSeq) -> Iterator[Fault]:
    if cseq.number >= _SEQUENCE:
        expected = ("less than 2147483648",)
        yield Fault("The sequence number is 2**31 or more.", _DIGITS, expected)


@message_rule(
    "cseq-method",
    "CSeq",
    where="request",
    unless=lambda noted, kind, _: noted.get("CSeq") == kind.method,
)
def _cseq_method(facts: Facts) -> Iterator[Place]:
    method = facts.method
    for cseq in facts.elements("CSeq") if facts.is_request else ():
        given = cseq.value.method
        if given != method:
            message = f"CSeq says {given[:40]}, the Request-Line {method[:40]}."
            yield cseq.fault(message, "CSeq", Part("word", 1), (method,))


@element_rule("max-forwards-range", "Max-Forwards")
def _max_forwards_range(hops: int) -> Iterator[Fault]:
    if hops > 255:
        yield Fault("Max-Forwards is more than 255.", expected=("0 to 255",))


def _expires(header: str, seconds: int) -> Iterator[Fault]:
    if seconds >= _SECONDS:
        yield Fault(f"{header} is 2**32 seconds or more.", _DIGITS, ("0 to 4294967295",))


@element_rule("expires-range", "Expires", "Min-Expires", "Session-Expires", "Min-SE", "Retry-After")
def _expires_range(value: int | NumberWithParameters | RetryAfter, header: str) -> Iterator[Fault]:
    if isinstance(value, NumberWithParameters):
        return _expires(header, value.number)
    return _expires(header, value.seconds if isinstance(value, RetryAfter) else value)


@element_rule("contact-expires-range", "Contact", needs=["expires"])
def _contact_expires_range(contact: NameAddr) -> Iterator[Fault]:
    for number, (name, value) in enumerate(contact.params.pairs):
        if name.lower() == "expires" and leading_number(value or "") >= _SECONDS:
            message = "expires is 2**32 seconds or more."
            yield Fault(message, parameter(number), ("0 to 4294967295",))


@element_rule("rseq-range", "RSeq")
def _rseq_range(number: int) -> Iterator[Fault]:
    if not 0 < number < _SECONDS:
        yield Fault("RSeq is not from 1 to 2**32 - 1.", expected=("1 to 4294967295",))


@element_rule("rack-range", "RAck")
def _rack_range(rack: RAck) -> Iterator[Fault]:
    if not 0 < rack.response_num < _SECONDS:
        message = "The response number of RAck is not from 1 to 2**32 - 1."
        yield Fault(message, Part("word", 0), ("1 to 4294967295",))
    if rack.cseq_num >= _SEQUENCE:
        message = "The CSeq number of RAck is 2**31 or more."
        yield Fault(message, Part("word", 1), ("less than 2147483648",))


@element_rule("date-day", "Date", written=True)
def _date_day(date: Date | None, _written: str) -> Iterable[Fault]:
    return (Fault("There is no such day or time."),) if date is None else ()


@element_rule("date-weekday", "Date", written=True)
def _date_weekday(date: Date | None, written: str) -> Iterable[Fault]:
    if date is None:
        return ()
    # A leap second is read as the second after it, which may be on the next day.
    when = date - timedelta(seconds=1) if ":60 " in written else date
    right = WEEKDAYS[when.weekday()]
    if right == written[:3].capitalize():
        return ()
    return (Fault(f"That day was a {right}.", Part("first", 3), (right,)),)
