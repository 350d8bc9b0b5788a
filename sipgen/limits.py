"""Every limit, named, with its reason.

A limit bounds what one message from the network can cost. Beyond it the input is
refused with a :class:`~sipgen.errors.LimitError` or a finding, never cut in silence.
"""

from __future__ import annotations

__all__ = [
    "MAX_DIGITS",
    "MAX_EXPLAINED_VALUE",
    "MAX_HEADER_LINE",
    "MAX_HEADER_LINES",
    "MAX_HEADER_SECTION",
    "MAX_MESSAGE",
    "MAX_MULTIPART_NESTING",
    "MAX_REMEMBERED_CHARACTERS",
    "MAX_REMEMBERED_TEXT",
    "MAX_REMEMBERED_VALUES",
    "MAX_START_LINE",
    "MAX_STREAM_BODY",
]

MAX_MESSAGE = 65_535
"""Octets in a message read from a datagram: the largest UDP length (RFC 768)."""

MAX_START_LINE = 8_192
"""Octets in a start line: the longest Request-URI in use is well under 2 kB."""

MAX_HEADER_LINE = 65_535
"""Octets in one header field with its folds: no tighter than a datagram itself."""

MAX_HEADER_LINES = 1_024
"""Header fields in a message; RFC 4475's longest has 40, a loop of 70 hops adds 70 Via."""

MAX_EXPLAINED_VALUE = 1_024
"""Octets in a value that Lark is asked to parse: an Earley parse is not linear."""

MAX_REMEMBERED_VALUES = 1_024
"""Entries in each of the two generations of a :class:`sipgen.memory.Memory`."""

MAX_REMEMBERED_CHARACTERS = 32_768
"""Characters in a generation. A value takes up to 40 bytes for each character of its text
(a parameter of one letter is a tuple and a string), so this is at most 2.6 MB a memory."""

MAX_REMEMBERED_TEXT = 256
"""Characters in one text that is remembered: longer ones hardly ever recur."""

MAX_DIGITS = 1_000
"""Digits in a number that is read as a typed value: ``int()`` is not linear in them."""

MAX_MULTIPART_NESTING = 8
"""Multipart bodies within one another that are looked into; SIP has no use for three."""

MAX_HEADER_SECTION = 65_535
"""Octets in start line and header fields of a message on a stream: those of a datagram."""

MAX_STREAM_BODY = 1_048_576
"""Octets in a body on a stream, unless ``FramerLimits`` says otherwise: 1 MiB."""
