"""Findings as text: place and sentence, the offending line, a caret under the fault.

What came from the network is shown with everything escaped that a terminal could act on.
"""

from __future__ import annotations

from typing import NamedTuple

from sipgen.errors import Finding

__all__ = ["Style", "render", "shown_lines"]

_WIDTH = 100
"""Columns of the message shown; a longer line is cut around the fault."""
_BEFORE = 40
"""Columns kept before the fault in a line that is cut."""
_EXPECTATIONS = 6


class Style(NamedTuple):
    """How a finding is shown."""

    colour: bool

    def paint(self, text: str, code: str) -> str:
        """``text`` in a terminal's colour ``code``."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def render(path: str, data: bytes, finding: Finding, style: Style) -> str:
    """A finding in a compiler's manner, over several lines.

    :param path: name of the file.
    :param data: the message that the finding is about.
    """
    place = f"{_escaped(path)}:{finding.line}:{finding.column}"
    colour = "1;31" if finding.severity == "error" else "1;33"
    lines = [
        (
            f"{style.paint(place, '1')}: {style.paint(finding.severity, colour)}: "
            f"{_escaped(finding.message)} [{finding.rule}{finding.source}]"
        ),
        *_excerpt(data, finding, style),
    ]
    if finding.expected:
        shown = ", ".join(finding.expected[:_EXPECTATIONS])
        more = len(finding.expected) - _EXPECTATIONS
        lines.append(f"  expected: {shown}" + (f" and {more} more" if more > 0 else ""))
    if finding.hint:
        lines.append(f"  hint: {finding.hint}")
    return "\n".join(lines)


def shown_lines(data: bytes) -> list[str]:
    """A message line by line, indented; a line end that is not CRLF is written out."""
    lines = data.split(b"\r\n")
    return [f"    {_shown(line)}".rstrip() for line in lines]


def _excerpt(data: bytes, finding: Finding, style: Style) -> list[str]:
    start = data.rfind(b"\n", 0, finding.start) + 1
    end = data.find(b"\n", finding.start)
    line = data[start : end if end >= 0 else len(data)].removesuffix(b"\r")
    at = finding.start - start
    length = max(1, min(finding.end, start + len(line)) - finding.start)
    before = _shown(line[:at])
    fault = _shown(line[at : at + length]) or " "
    after = _shown(line[at + length :])
    if len(before) + len(fault) + len(after) > _WIDTH:
        if len(before) > _BEFORE:
            before = "..." + before[-_BEFORE:]
        fault = fault[:_WIDTH]
        room = max(0, _WIDTH - len(before) - len(fault))
        after = after if len(after) <= room else after[:room] + "..."
    caret = " " * len(before) + style.paint("^" + "~" * (len(fault) - 1), "1;32")
    return [f"  {before}{fault}{after}".rstrip(), f"  {caret}"]


def _shown(octets: bytes) -> str:
    """Octets as they can be shown, a column a character: UTF-8 text, the rest escaped."""
    return _escaped(octets.decode("utf-8", "backslashreplace"))


def _escaped(text: str) -> str:
    return "".join(
        character
        if character.isprintable() and character not in _TURNING
        else " "
        if character == "\t"
        else f"\\x{ord(character):02x}"
        for character in text
    )


# Marks that change the direction of writing are "printable" to some Unicode versions.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
