"""The one rule for Content-Length (RFC 3261 sections 7.3.1, 18.3 and 20.14).

Everything that asks where a body ends asks here, so that no two readers of the same octets
disagree. A length that is not certain is no length: the message cannot be framed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sipgen.errors import Finding
from sipgen.wire.digits import MOST_DIGITS, leading_number
from sipgen.wire.locator import Locator, counted, quoted

__all__ = ["Framing", "content_length", "trailing_octets"]

_HEADER = "Content-Length"


class Framing(NamedTuple):
    """Length of the body, if the message says it, and what is wrong with what it says."""

    length: int | None
    """Octets; ``None`` if there is no Content-Length or none that can be used."""
    findings: tuple[Finding, ...]
    failure: Finding | None
    """The finding that leaves the message without a usable length."""


def content_length(
    fields: Sequence[tuple[str, int, int]], available: int | None, locator: Locator
) -> Framing:
    """Judge the Content-Length fields of a message.

    ``fields`` holds value, start and end of each, in order; ``available`` the octets there
    are after the header section, ``None`` if that is not known yet, as on a stream.
    """
    findings: list[Finding] = []
    failure: Finding | None = None
    length: int | None = None
    for value, start, end in fields:
        if not (value.isascii() and value.isdigit()):
            finding = _not_a_number(locator, value, start, end)
        else:
            number = leading_number(value)
            if length is None:
                length = number
                if available is None or number <= available:
                    continue
                finding = _too_large(locator, value, start, end, available)
            elif number == length:
                findings.append(_repeated(locator, start, end))
                continue
            else:
                finding = _conflict(locator, start, end)
        findings.append(finding)
        failure = failure or finding
    return Framing(None if failure else length, tuple(findings), failure)


def trailing_octets(locator: Locator, start: int) -> Finding:
    """The finding about octets from ``start`` on, beyond the body as Content-Length has it."""
    end = len(locator.data)
    return locator.finding(
        "trailing-octets",
        f"{counted(end - start)} after the end of the body; not part of the message.",
        start,
        end,
        header=_HEADER,
    )


def _not_a_number(locator: Locator, value: str, start: int, end: int) -> Finding:
    shown = quoted(locator.data[start:end])
    negative = value[:1] == "-" and value[1:].isascii() and value[1:].isdigit()
    if negative:
        rule, message = "content-length-negative", f"Content-Length is negative: {shown}."
    elif value:
        rule, message = "content-length-number", f"Content-Length is not a number: {shown}."
    else:
        rule, message = "content-length-number", "Content-Length is empty."
    return locator.finding(
        rule,
        message,
        start,
        end,
        header=_HEADER,
        expected=("1*DIGIT",),
    )


def _too_large(locator: Locator, value: str, start: int, end: int, available: int) -> Finding:
    announced = value if len(value) <= MOST_DIGITS else f"a number of {len(value)} digits"
    return locator.finding(
        "content-length-too-large",
        f"Content-Length says {announced}, but the body ends after {counted(available)}.",
        start,
        end,
        header=_HEADER,
        expected=(f"at most {available}",),
    )


def _repeated(locator: Locator, start: int, end: int) -> Finding:
    return locator.finding(
        "content-length-repeated",
        "Content-Length is given again, with the same number.",
        start,
        end,
        header=_HEADER,
    )


def _conflict(locator: Locator, start: int, end: int) -> Finding:
    return locator.finding(
        "content-length-conflict",
        "Content-Length is given again, with another number.",
        start,
        end,
        header=_HEADER,
    )
