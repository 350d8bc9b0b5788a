"""Rules about sequence numbers, counts, seconds and dates (RFC 3261 section 20, RFC 3262)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import Part

__all__ = ["number"]

_MOST_DIGITS = 18
_SEQUENCE = 2**31
_SECONDS = 2**32
_SECONDS_HEADERS = ("Expires", "Min-Expires", "Session-Expires", "Min-SE", "Retry-After")


def number(part: Part) -> int:
    """The number that ``part`` begins with; more than any limit if it is that long."""
    digits = part.text[: len(part.text) - len(part.text.lstrip("0123456789"))].lstrip("0")
    return int(digits[: _MOST_DIGITS + 1] or "0")


def _digits(part: Part) -> Part:
    """The digits that ``part`` begins with."""
    return Part(part.text[: len(part.text) - len(part.text.lstrip("0123456789"))], part.start)


@rule("cseq-number", "CSeq")
def _cseq_number(context: Context) -> Iterator[Fault]:
    for part in context.fields("CSeq"):
        if number(part) >= _SEQUENCE:
            message = "The sequence number is 2**31 or more."
            yield Fault.at(_digits(part), message, "CSeq", ("less than 2147483648",))


@rule("cseq-method", "CSeq")
def _cseq_method(context: Context) -> Iterator[Fault]:
    if not context.is_request:
        return
    for part in context.fields("CSeq"):
        method = part.text.split()[-1]
        if method != context.method:
            start = part.end - len(method)
            message = f"CSeq says {method[:40]}, the Request-Line {context.method[:40]}."
            yield Fault(start, part.end, message, "CSeq", (context.method,))


@rule("max-forwards-range", "Max-Forwards")
def _max_forwards_range(context: Context) -> Iterator[Fault]:
    for part in context.fields("Max-Forwards"):
        if number(part) > 255:
            yield Fault.at(part, "Max-Forwards is more than 255.", "Max-Forwards", ("0 to 255",))


@rule("expires-range", *_SECONDS_HEADERS)
def _expires_range(context: Context) -> Iterator[Fault]:
    for name in _SECONDS_HEADERS:
        for part in context.fields(name):
            if number(part) >= _SECONDS:
                message = f"{name} is 2**32 seconds or more."
                yield Fault.at(_digits(part), message, name, ("0 to 4294967295",))


@rule("contact-expires-range", "Contact")
def _contact_expires_range(context: Context) -> Iterator[Fault]:
    for address in context.addresses("Contact"):
        for parameter in address.parameters:
            if parameter.key == "expires" and number(parameter.part) >= _SECONDS:
                message = "expires is 2**32 seconds or more."
                yield Fault.at(parameter.part, message, "Contact", ("0 to 4294967295",))


@rule("rseq-range", "RSeq")
def _rseq_range(context: Context) -> Iterator[Fault]:
    for part in context.fields("RSeq"):
        if not 0 < number(part) < _SECONDS:
            message = "RSeq is not from 1 to 2**32 - 1."
            yield Fault.at(part, message, "RSeq", ("1 to 4294967295",))


@rule("rack-range", "RAck")
def _rack_range(context: Context) -> Iterator[Fault]:
    for part in context.fields("RAck"):
        first, second, *_ = part.text.split()
        if not 0 < number(part) < _SECONDS:
            message = "The response number of RAck is not from 1 to 2**32 - 1."
            yield Fault.at(Part(first, part.start), message, "RAck", ("1 to 4294967295",))
        cseq = Part(second, part.start + part.text.index(second, len(first)))
        if number(cseq) >= _SEQUENCE:
            message = "The CSeq number of RAck is 2**31 or more."
            yield Fault.at(cseq, message, "RAck", ("less than 2147483648",))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _dates(context: Context) -> Iterator[tuple[Part, str, dt.datetime | None]]:
    """Each Date, its day of the week, and the time, ``None`` if there is no such time."""
    for part in context.fields("Date"):
        weekday, day, month, year, time, _zone = part.text.replace(",", " ").split()
        try:
            hour, minute, second = map(int, time.split(":"))
            # A leap second is a second too.
            when = dt.datetime(
                int(year),
                _MONTHS.index(month.capitalize()) + 1,
                int(day),
                hour,
                minute,
                min(second, 59) if second == 60 else second,
                tzinfo=dt.UTC,
            )
        except ValueError:
            yield part, weekday, None
        else:
            yield part, weekday, when


@rule("date-day", "Date")
def _date_day(context: Context) -> Iterator[Fault]:
    for part, _, when in _dates(context):
        if when is None:
            yield Fault.at(part, "There is no such day or time.", "Date")


@rule("date-weekday", "Date")
def _date_weekday(context: Context) -> Iterator[Fault]:
    for part, weekday, when in _dates(context):
        if when is not None and _WEEKDAYS[when.weekday()] != weekday.capitalize():
            right = _WEEKDAYS[when.weekday()]
            message = f"That day was a {right}."
            yield Fault(part.start, part.start + len(weekday), message, "Date", (right,))
