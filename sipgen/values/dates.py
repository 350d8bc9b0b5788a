"""Date (RFC 3261 section 20.17): a point in time, always in GMT."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Self

from sipgen.errors import BuildError
from sipgen.values.text import Text, fault, unfolded

__all__ = ["WEEKDAYS", "Date"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_DATE = re.compile(
    rf"(?:{'|'.join(WEEKDAYS)}),[ \t\r\n]+([0-9]{{2}})[ ]({'|'.join(_MONTHS)})[ ]([0-9]{{4}})[ ]"
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})[ ](?:GMT|UTC)",
    re.IGNORECASE,
).fullmatch


class Date(datetime):
    """A :class:`datetime.datetime` in UTC that is written as SIP writes it.

    A leap second is read as the second after it. Whether the day of the week is the right
    one is for validation to say; it is not kept.
    """

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The Date of ``moment``, to the second; :class:`BuildError` if it has no time zone."""
        if moment.tzinfo is None:
            raise BuildError("the moment has no time zone")
        there = moment.astimezone(UTC)
        return cls(
            there.year, there.month, there.day, there.hour, there.minute, there.second, tzinfo=UTC
        )

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read ``Sat, 13 Nov 2010 23:29:00 GMT``; :class:`ParseError` for anything else."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _DATE(text)
        if match is None:
            fault("SIP-date", "'Sat, 13 Nov 2010 23:29:00 GMT' is the form of a date", text)
        try:
            return cls._of_match(match)
        except (ValueError, OverflowError) as error:
            fault("SIP-date", f"there is no such time: {error}", text)

    @classmethod
    def _of_match(cls, match: re.Match[str]) -> Self:
        day, month, year, hour, minute, second = match.groups()
        leap = second == "60"
        found = cls(
            int(year),
            _MONTHS.index(month.capitalize()) + 1,
            int(day),
            int(hour),
            int(minute),
            59 if leap else int(second),
            tzinfo=UTC,
        )
        return found + timedelta(seconds=1) if leap else found

    def __str__(self) -> str:
        there = self.astimezone(UTC)
        return (
            f"{WEEKDAYS[there.weekday()]}, {there.day:02} {_MONTHS[there.month - 1]} "
            f"{there.year:04} {there.hour:02}:{there.minute:02}:{there.second:02} GMT"
        )
