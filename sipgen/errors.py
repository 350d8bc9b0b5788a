"""What can go wrong, and how it is told.

One exception hierarchy, rooted in :class:`SipError`. Whatever the fault is, it is
described by a :class:`Finding`: which rule, of which RFC, broken where in the bytes
that came in, what was expected there, and what to do. An exception carries the
finding that made it; a report carries all of them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = [
    "BuildError",
    "EndpointError",
    "Finding",
    "GrammarError",
    "LimitError",
    "ParseError",
    "Severity",
    "SipError",
]

Severity = Literal["error", "warning"]


class Finding(NamedTuple):
    """One departure from a rule, with its place in the bytes that were read."""

    rule: str
    """Name of the broken rule: an ABNF rule name (``from-spec``) or a rule id."""
    severity: Severity
    """``error`` for a broken requirement, ``warning`` for what is merely odd."""
    message: str
    """One sentence for a person. Bytes from the input are escaped in it."""
    rfc: int | None
    """Number of the RFC that holds the rule."""
    section: str | None
    """Section of that RFC, as ``25.1``."""
    header: str | None
    """Canonical header field name, ``None`` for the start line and the body."""
    start: int
    """Offset in octets of the first octet at fault."""
    end: int
    """Offset in octets just past the fault; equal to ``start`` if something is missing."""
    line: int
    """Line number, from 1."""
    column: int
    """Column in octets, from 1."""
    expected: tuple[str, ...] = ()
    """What the rule allows at ``start``."""
    hint: str = ""
    """What to do about it."""

    def to_dict(self) -> dict[str, object]:
        """The finding as a JSON-ready dict, one key a field, in field order."""
        return {**self._asdict(), "expected": list(self.expected)}

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column} (octet {self.start})"
        return f"{where}: {self.message} [{self.rule}{self.source}]"

    @property
    def source(self) -> str:
        """Where the rule stands, as ``, RFC 3261 section 25.1``; empty if unknown."""
        if self.rfc is None:
            return ""
        return f", RFC {self.rfc}" + (f" section {self.section}" if self.section else "")


class SipError(Exception):
    """Root of everything that sipgen raises on its own account."""


class ParseError(SipError, ValueError):
    """The input cannot be read, or, in strict mode, breaks a rule."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding
        """The :class:`Finding` that made reading impossible."""

    def __str__(self) -> str:
        return str(self.finding)


class LimitError(ParseError):
    """The input exceeds a limit of :mod:`sipgen.limits`."""


class BuildError(SipError, ValueError):
    """An argument cannot stand in a SIP message."""


class EndpointError(SipError, OSError):
    """A socket cannot be opened, read or written."""


class GrammarError(SipError, ValueError):
    """A grammar input (``.abnf``, manifest, registry table) is wrong.

    ``path``, ``line`` and ``column`` (both from 1) say where, ``expected`` what could
    have stood there; the message holds all of it.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        expected: tuple[str, ...] = (),
    ) -> None:
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        text = f"{place}: {message}" if place else message
        if expected:
            text += "; expected " + " or ".join(expected)
        super().__init__(text)
        self.path = path
        self.line = line
        self.column = column
        self.expected = expected
