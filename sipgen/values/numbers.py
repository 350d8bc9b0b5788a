"""Values that begin with a number: intervals, Retry-After, Warning, Timestamp."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple, Self

from sipgen.errors import BuildError
from sipgen.limits import MAX_DIGITS
from sipgen.values.building import Built, parameters_of, reads_back
from sipgen.values.parameters import NONE, Parameters, read_parameters
from sipgen.values.text import (
    QUOTED_STRING,
    Text,
    fault,
    number,
    number_of,
    quoted_string,
    unfolded,
    unquote,
)

__all__ = ["NumberWithParameters", "RetryAfter", "SessionExpires", "Timestamp", "Warning"]

_new_tuple = tuple.__new__
_NUMBER = re.compile(r"([0-9]++)[ \t]*+(?=;|\Z)").match
_RETRY_AFTER = re.compile(r"([0-9]++)[ \t]*+").match
_WARNING = re.compile(rf"([0-9]{{3}}) ([^\x00-\x20\x7f\"]++)[ \t]++({QUOTED_STRING})").fullmatch
_DIGITS = f"[0-9]{{0,{MAX_DIGITS}}}+"
_TIMESTAMP = re.compile(
    rf"(?=[0-9])({_DIGITS}(?:\.{_DIGITS})?+)(?:[ \t]++({_DIGITS}(?:\.{_DIGITS})?+))?+"
).fullmatch


class _NumberWithParameters(NamedTuple):
    number: int
    params: Parameters


class NumberWithParameters(Built, _NumberWithParameters):  # type: ignore[misc]
    """A number with parameters: a Min-SE, or the code of an error."""

    __slots__ = ()

    def __new__(cls, number: int, params: Mapping[str, str | None] = NONE) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        return reads_back(super().__new__(cls, number, parameters_of(params)), cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read a number and parameters; :class:`ParseError` if ``text`` is none."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _NUMBER(text)
        if match is None:
            fault("1*DIGIT", "a number is expected, then parameters", text)
        params = read_parameters("1*DIGIT", text, match.end())
        made: Self = _new_tuple(cls, (number("1*DIGIT", match[1], text), params))
        return made

    def __str__(self) -> str:
        return f"{self.number}{self.params}"


class SessionExpires(NumberWithParameters):
    """``Session-Expires`` (RFC 4028 section 4): ``number`` is in seconds."""

    __slots__ = ()

    @property
    def refresher(self) -> str | None:
        """Who refreshes the session: ``uac`` or ``uas``."""
        value = self.params.plain("refresher")
        return value.lower() if value else None


class _RetryAfter(NamedTuple):
    seconds: int
    comment: str | None
    params: Parameters


class RetryAfter(Built, _RetryAfter):  # type: ignore[misc]
    """``Retry-After`` (RFC 3261 section 20.33); ``comment`` without its parentheses."""

    __slots__ = ()

    def __new__(
        cls,
        seconds: int,
        comment: str | None = None,
        params: Mapping[str, str | None] = NONE,
    ) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        return reads_back(super().__new__(cls, seconds, comment, parameters_of(params)), cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read ``120 (in a meeting);duration=3600``; :class:`ParseError` for anything else."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _RETRY_AFTER(text)
        if match is None:
            fault("delta-seconds", "a number of seconds is expected", text)
        end = match.end()
        comment = None
        if text[end : end + 1] == "(":
            closing = comment_end(text, end)
            comment = text[end + 1 : closing - 1]
            end = closing
        params = read_parameters("retry-param", text, end)
        seconds = number("delta-seconds", match[1], text)
        made: Self = _new_tuple(cls, (seconds, comment, params))
        return made

    @property
    def duration(self) -> int | None:
        """Seconds that the callee will be reachable."""
        return number_of(self.params.plain("duration"))

    def __str__(self) -> str:
        comment = "" if self.comment is None else f" ({self.comment})"
        return f"{self.seconds}{comment}{self.params}"


def comment_end(text: str, start: int) -> int:
    """Just past the comment that begins at ``start``; :class:`ParseError` if it never ends."""
    depth = 0
    end = None
    for match in _COMMENT_PIECE.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            end = match.end()
            break
    if end is None:
        fault("comment", "a comment is not closed", text, start)
    return end


_COMMENT_PIECE = re.compile(r"\\.|[()]|[^()\\]++|\\", re.DOTALL)


class _Warning(NamedTuple):
    code: int
    agent: str
    text: str


class Warning(Built, _Warning):  # type: ignore[misc] # noqa: A001 - the header field's name
    """``Warning`` (RFC 3261 section 20.43): code, who says it, and what it says."""

    __slots__ = ()

    def __new__(cls, code: int, agent: str, text: str) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        return reads_back(super().__new__(cls, code, agent, text), cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read ``307 isi.edu "..."``; :class:`ParseError` for anything else."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _WARNING(text)
        if match is None:
            fault("warning-value", "three digits, an agent and a quoted string are expected", text)
        made: Self = _new_tuple(cls, (int(match[1]), match[2], unquote(match[3])))
        return made

    def __str__(self) -> str:
        return f"{self.code:03} {self.agent} {quoted_string(self.text)}"


class _Timestamp(NamedTuple):
    timestamp: Decimal
    delay: Decimal | None


class Timestamp(Built, _Timestamp):  # type: ignore[misc]
    """``Timestamp`` (RFC 3261 section 20.38): both in seconds, exactly as given."""

    __slots__ = ()

    def __new__(cls, timestamp: Decimal | int, delay: Decimal | int | None = None) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for a number out of bounds."""
        new = super().__new__(cls, Decimal(timestamp), delay if delay is None else Decimal(delay))
        if not (new.timestamp.is_finite() and (new.delay is None or new.delay.is_finite())):
            raise BuildError("a timestamp is a finite number")
        return reads_back(new, cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read ``54.21 0.5``; :class:`ParseError` for anything else."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _TIMESTAMP(text)
        if match is None:
            fault("Timestamp", "one or two numbers are expected", text)
        delay = match[2]
        made: Self = _new_tuple(
            cls,
            # The ABNF lets a delay have no digits: "." is no time at all.
            (Decimal(match[1]), Decimal(f"0{delay}") if delay else None),
        )
        return made

    def __str__(self) -> str:
        return f"{self.timestamp:f}" + ("" if self.delay is None else f" {self.delay:f}")
