"""One header field: where name and value stand in a logical line, and what is odd there.

A logical line is a header line with its folds. The value of a field is its text with each
fold as one SP and without white space around it. A line that cannot be taken apart
(no colon, nothing before the colon, white space in front) gets the empty name: it is kept,
so that the message can be written out as it came, but it is no header field.
"""

from __future__ import annotations

from typing import NamedTuple

from sipgen.errors import Finding
from sipgen.wire.locator import Locator, quoted
from sipgen.wire.names import canonical, is_token

__all__ = [
    "Field",
    "LogicalLine",
    "check_text",
    "decoded",
    "read_field",
    "unfold",
    "unfolded_value",
]

_CONTROLS = bytes([*range(9), *range(10, 32), 127])
"""Control characters but for HTAB: CR and LF are among them."""
PRINTABLE = bytes(octet for octet in range(256) if octet not in _CONTROLS)
"""All other octets."""
_MARK_CONTROLS = bytes(octet in _CONTROLS and octet not in b"\r\n" for octet in range(256))
"""Translation to 1 for a control character that never stands in a line, else 0."""
_BACKSLASH = 0x5C


class LogicalLine(NamedTuple):
    """Span of a line in the octets read: folds included, the final line end excluded."""

    start: int
    end: int


class Field(NamedTuple):
    """A header field, or what stands in its place; offsets are into the octets read."""

    name: str
    """Canonical name; empty if the line is no header field."""
    raw_name: str
    """Name as it came."""
    value: str
    """Value, unfolded, without white space around it."""
    name_start: int
    name_end: int
    value_start: int
    value_end: int


def decoded(octets: bytes) -> str:
    """Text of ``octets``: UTF-8, and what is not UTF-8 as lone surrogates, losslessly."""
    return octets.decode("utf-8", "surrogateescape")


def unfold(octets: bytes) -> bytes:
    """``octets`` with each fold (line end and the white space around it) as one SP."""
    if b"\n" not in octets:
        return octets
    physical = octets.split(b"\n")
    parts = [line[:-1] if line[-1:] == b"\r" else line for line in physical[:-1]]
    parts.append(physical[-1])
    # Folds in a row leave empty parts; together they are still one white space.
    first, last = parts[0].rstrip(b" \t"), parts[-1].lstrip(b" \t")
    inner = [part.strip(b" \t") for part in parts[1:-1]]
    return b" ".join([first, *filter(None, inner), last])


def unfolded_value(line: str) -> str:
    """What follows the colon of a header line, folds as one SP, without white space around it."""
    value = line.partition(":")[2]
    if "\n" in value:
        return decoded(unfold(value.encode("utf-8", "surrogateescape"))).strip(" \t\r\n")
    return value.strip(" \t")


def check_text(
    locator: Locator,
    start: int,
    end: int,
    header: str | None,
    findings: list[Finding],
    *,
    in_start_line: bool = False,
) -> None:
    """Look for lone CR, control characters and octets that are not UTF-8.

    At most one finding of each kind is added, about the first. In a header field a control
    character after a backslash is a ``quoted-pair``: whether one may stand there is for
    the grammar of the value to say.
    """
    text = locator.data[start:end]
    if text.translate(None, PRINTABLE):
        carriage_return = _lone_carriage_return(text)
        if carriage_return >= 0:
            at = start + carriage_return
            findings.append(
                locator.finding(
                    "line-end",
                    "A carriage return is alone, without a line feed after it.",
                    at,
                    at + 1,
                    header=header,
                    expected=("LF",),
                    hint="End lines with CRLF and write no carriage return inside a line.",
                )
            )
        control = _control_character(text, in_start_line=in_start_line)
        if control >= 0:
            at = start + control
            findings.append(
                locator.finding(
                    "control-character",
                    f"The text contains the control character 0x{text[control]:02X}.",
                    at,
                    at + 1,
                    header=header,
                )
            )
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            findings.append(
                locator.finding(
                    "character-encoding",
                    f"{quoted(text[error.start : error.end])} is not UTF-8.",
                    start + error.start,
                    start + error.end,
                    header=header,
                    expected=("UTF-8",),
                )
            )


def _lone_carriage_return(text: bytes) -> int:
    found = text.find(b"\r")
    while found >= 0 and text[found + 1 : found + 2] == b"\n":
        found = text.find(b"\r", found + 2)
    return found


def _control_character(text: bytes, *, in_start_line: bool) -> int:
    marks = text.translate(_MARK_CONTROLS)
    found = marks.find(1)
    while found >= 0:
        before = found
        while before and not in_start_line and text[before - 1] == _BACKSLASH:
            before -= 1
        if (found - before) % 2 == 0:
            return found
        found = marks.find(1, found + 1)
    return -1


def read_field(locator: Locator, line: LogicalLine, findings: list[Finding]) -> Field:
    """Take the logical ``line`` apart; what is odd about it goes to ``findings``."""
    data = locator.data
    start, end = line
    colon = data.find(b":", start, end)
    if colon < 0 or data[start] in b" \t":
        return _read_stray_line(locator, line, findings)
    raw_name, name = _read_name(locator, start, colon, findings)
    check_text(locator, colon + 1, end, name or None, findings)
    content = data[colon + 1 : end]
    value_start = colon + 1 + len(content) - len(content.lstrip(b" \t\r\n"))
    octets = content.strip(b" \t\r\n")
    value_end = value_start + len(octets)
    value = decoded(unfold(octets))
    name_end = start + len(data[start:colon].rstrip(b" \t\r\n"))
    return Field(name, raw_name, value, start, name_end, value_start, value_end)


def _read_stray_line(locator: Locator, line: LogicalLine, findings: list[Finding]) -> Field:
    start, end = line
    text = locator.data[start:end]
    if text[0] in b" \t":
        finding = locator.finding(
            "header-fold",
            "The first line after the start line begins with white space, as if it continued "
            "a header field; there is none yet.",
            start,
            end,
            expected=("header-name",),
        )
    else:
        finding = locator.finding(
            "header-colon",
            f"The line {quoted(text)} has no colon, so it is not a header field.",
            start,
            end,
            expected=('":"',),
        )
    findings.append(finding)
    check_text(locator, start, end, None, findings)
    value = decoded(unfold(text).strip(b" \t"))
    return Field("", "", value, start, start, start, end)


def _read_name(
    locator: Locator, start: int, colon: int, findings: list[Finding]
) -> tuple[str, str]:
    """Raw and canonical name; ``To<0x01>`` or ``To<fold>x`` never reads as ``To``."""
    before = locator.data[start:colon]
    octets = unfold(before).rstrip(b" \t")
    raw_name = decoded(octets)
    name = canonical(raw_name)
    if not is_token(raw_name):
        findings.append(
            locator.finding(
                "header-name",
                f"{quoted(before)} is not a header field name."
                if octets
                else "The header field has no name.",
                start,
                colon,
                header=name or None,
                expected=("token",),
            )
        )
    elif len(octets) < len(before):
        folded = b"\n" in before
        findings.append(
            locator.finding(
                "header-colon" if folded else "header-colon-space",
                f"There is {'a line end' if folded else 'white space'} between the name "
                f"{raw_name} and its colon.",
                start + len(octets),
                colon,
                header=name,
                expected=('":"',),
                # Of both rules: that of header-colon is about a line without a colon.
                hint="Write the colon directly after the name.",
            )
        )
    return raw_name, name
