"""Bodies: as text, and in parts (RFC 3261 section 7.4, RFC 5621)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sipgen.errors import Finding, LimitError, ParseError
from sipgen.limits import MAX_MULTIPART_NESTING
from sipgen.message.fields import HeaderField
from sipgen.wire.fields import decoded, unfold
from sipgen.wire.locator import finding_of
from sipgen.wire.multipart import spans
from sipgen.wire.names import canonical

if TYPE_CHECKING:
    from sipgen.values.media import MediaType

__all__ = ["BodyPart", "PartLine", "body_text", "part_lines", "parts_of"]


class BodyPart(NamedTuple):
    """A part of a multipart body."""

    headers: tuple[HeaderField, ...]
    """Its header fields, in order; a line that is none has an empty name."""
    body: bytes
    """Its body, octet for octet."""
    start: int
    """Offset in the message's body of the part's first octet."""
    end: int
    """Offset in the message's body just past the part's last octet."""
    depth: int
    """How many multipart bodies it stands in: 1 for a part of the message's body."""

    def get(self, name: str) -> str | None:
        """Value of the first header field of that name, ``None`` without one."""
        wanted = canonical(name)
        return next((field.value for field in self.headers if field.name == wanted), None)

    @property
    def content_type(self) -> MediaType | None:
        """The part's Content-Type, ``None`` without one; ParseError if it is malformed."""
        from sipgen.values.media import MediaType  # noqa: PLC0415 - for those who look

        value = self.get("Content-Type")
        return None if value is None else MediaType.parse(value)

    def text(self, encoding: str | None = None) -> str:
        """The part's body as text, see :meth:`Message.text`."""
        return body_text(self.body, self.content_type, encoding)

    @property
    def parts(self) -> tuple[BodyPart, ...]:
        """The parts of a part that is multipart itself; none of one that is not.

        :raises LimitError: beyond ``limits.MAX_MULTIPART_NESTING``.
        :raises ParseError: if it has no boundary.
        """
        return parts_of(self.body, self.content_type, self.depth, self.end - len(self.body))


class PartLine(NamedTuple):
    """A header line of a part, and where it is in the body of the message."""

    raw_name: str
    """The name as it came; empty if the line is no header field."""
    name: str
    """The canonical name."""
    value: str
    """The value, each fold as one space, without white space around it."""
    has_colon: bool
    written: bytes
    """The octets behind the colon, folds included."""
    value_start: int
    """Offset of the first octet behind the colon."""
    start: int
    """Offset of the first octet of the line."""
    end: int
    """Offset of the octet behind its last one, folds included."""


def part_lines(head: bytes, offset: int) -> list[PartLine]:
    """The header lines of a part's header section, which begins at ``offset`` in the body."""
    found = []
    # A line that begins with white space continues the one before.
    folded = head.replace(b"\r\n ", b"\0\0 ").replace(b"\r\n\t", b"\0\0\t")
    at = 0
    for line in folded.split(b"\r\n") if head else ():
        written = head[at : at + len(line)]
        name, colon, value = written.partition(b":")
        raw_name = decoded(name).rstrip(" \t") if colon else ""
        text = decoded(unfold(value if colon else written)).strip(" \t\r\n")
        found.append(
            PartLine(
                raw_name,
                canonical(raw_name) if raw_name else "",
                text,
                bool(colon),
                value,
                offset + at + len(name) + len(colon),
                offset + at,
                offset + at + len(line),
            )
        )
        at += len(line) + 2
    return found


def parts_of(
    body: bytes, content_type: MediaType | None, depth: int, offset: int
) -> tuple[BodyPart, ...]:
    """The parts of ``body``, which stands at ``offset`` in the body of the message."""
    if content_type is None or content_type.type.lower() != "multipart":
        return ()
    if depth >= MAX_MULTIPART_NESTING:
        message = f"More than {MAX_MULTIPART_NESTING} multipart bodies are within one another."
        raise LimitError(_finding("multipart-nesting", message, offset, len(body)))
    if not content_type.boundary:
        message = "A multipart body has no boundary."
        raise ParseError(_finding("multipart-boundary", message, offset, len(body)))
    boundary = content_type.boundary.encode("utf-8", "surrogateescape")
    found = []
    for span in spans(body, boundary).parts:
        begin = span.end if span.body_start is None else span.body_start
        found.append(
            BodyPart(
                _fields(body[span.start : span.head_end]),
                body[begin : span.end],
                offset + span.start,
                offset + span.end,
                depth + 1,
            )
        )
    return tuple(found)


def body_text(body: bytes, content_type: MediaType | None, encoding: str | None) -> str:
    """``body`` decoded: as ``encoding``, else as the media type says, else as UTF-8.

    :raises ParseError: if it cannot be decoded.
    """
    name = encoding or (content_type.charset if content_type else None) or "utf-8"
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        message = f"The body is not {name}: {error.reason}."
        size = error.end - error.start
        finding = _finding("character-encoding", message, error.start, size, _NAME_CHARSET)
        raise ParseError(finding) from None
    except (LookupError, ValueError):
        message = f"{name!r} is not a known character encoding."
        finding = _finding("character-encoding", message, 0, len(body), _NAME_CHARSET)
        raise ParseError(finding) from None


_NAME_CHARSET = "Name the encoding of the body in the charset parameter of Content-Type."


def _fields(head: bytes) -> tuple[HeaderField, ...]:
    return tuple([HeaderField(*line[:3]) for line in part_lines(head, 0)])


def _finding(rule: str, message: str, start: int, size: int, hint: str | None = None) -> Finding:
    """Return a finding about the body; its offsets count from where the body begins."""
    return finding_of(rule, message, start, start + size, (1, start + 1), hint=hint)
