"""Every limit, named, with its reason.

A limit bounds what one message from the network can cost. Beyond it the input is
refused with a :class:`~sipgen.errors.LimitError` or a finding, never cut in silence.
"""

from __future__ import annotations

__all__ = [
    "MAX_EXPLAINED_VALUE",
    "MAX_HEADER_LINE",
    "MAX_HEADER_LINES",
    "MAX_KNOWN_NAMES",
    "MAX_MESSAGE",
    "MAX_START_LINE",
]

MAX_MESSAGE = 65_535
"""Octets in a message read from a datagram: the largest UDP length (RFC 768)."""

MAX_START_LINE = 8_192
"""Octets in a start line: the longest Request-URI in use is well under 2 kB."""

MAX_HEADER_LINE = 65_535
"""Octets in one header field with its folds: no tighter than a datagram itself."""

MAX_HEADER_LINES = 1_024
"""Header fields in a message; RFC 4475's longest has 40, a loop of 70 hops adds 70 Via."""

MAX_KNOWN_NAMES = 1_024
"""Spellings of header names remembered; beyond it names are canonicalised each time."""

MAX_EXPLAINED_VALUE = 1_024
"""Octets in a value that Lark is asked to parse: an Earley parse is not linear."""
