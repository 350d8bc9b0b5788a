"""Numbers of decimal digits, read with a bound: ``int()`` is not linear in the digits."""

from __future__ import annotations

__all__ = ["LARGEST", "MOST_DIGITS", "leading_number", "number_of"]

MOST_DIGITS = 18
"""More than any length, time, port or code needs; fits into 64 bits."""
LARGEST = 10**MOST_DIGITS
"""Stands for any number that is larger: more than any rule of SIP allows."""


def number_of(digits: str | None, most: int = MOST_DIGITS) -> int | None:
    """Return the number that ``digits`` is.

    :param most: how many digits it may have, leading zeros aside.
    :return: ``None`` if it is longer, or anything but ASCII digits.
    """
    if not digits or not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) > most:
        digits = digits.lstrip("0") or "0"
        if len(digits) > most:
            return None
    return int(digits)


def leading_number(text: str) -> int:
    """Return the number that ``text`` begins with, at most :data:`LARGEST`; 0 without one."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    found = number_of(digits or "0")
    return LARGEST if found is None else found
