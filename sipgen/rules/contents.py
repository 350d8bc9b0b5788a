"""Rules about bodies (RFC 3261 sections 7.4 and 20, RFC 2046 section 5.1, RFC 5621)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sipgen.limits import MAX_MULTIPART_NESTING
from sipgen.message import Message
from sipgen.message.bodies import PartLine, part_lines
from sipgen.rules.declaring import Fault, element_rule, message_rule
from sipgen.rules.facts import Element, Facts, Place
from sipgen.values.families import elements_of
from sipgen.values.items import Disposition
from sipgen.values.locate import Part, WrittenValue, parameter
from sipgen.values.media import MediaType
from sipgen.wire.multipart import PartSpan, spans

__all__: list[str] = []

_LONGEST_BOUNDARY = 70
_TYPE = "Content-Type"
_BODY = "body"
_DISPOSITION = "Content-Disposition"


class _Multipart(NamedTuple):
    """A multipart body, or one within it."""

    media_type: MediaType
    element: Element | None
    """The Content-Type of the message, or"""
    line: PartLine | None
    """the header line of the part that says that it is multipart."""
    begin: int
    """Offset in the body of the message of its first octet, and of the one behind its last."""
    end: int
    parts: tuple[PartSpan, ...]
    closed: bool
    depth: int

    def fault(self, message: str, part: Part, expected: tuple[str, ...] = ()) -> Place:
        """What is wrong with a part of its Content-Type."""
        if self.element is not None:
            return self.element.fault(message, _TYPE, part, expected)
        assert self.line is not None  # noqa: S101 - one of the two
        return _in_line(self.line, message, _TYPE, part, expected)


def _in_line(
    line: PartLine, message: str, header: str, part: Part, expected: tuple[str, ...] = ()
) -> Place:
    begin, end = WrittenValue(header, line.written).locate(0, part)
    return Facts.in_body(line.value_start + begin, line.value_start + end, message, header,
                         expected)  # fmt: skip


def _bodies(facts: Facts) -> Iterator[_Multipart]:
    """All multipart bodies of a message, outer ones first."""
    found = facts.elements(_TYPE)[:1] if facts.framed else []
    pending: list[_Multipart] = []
    if found and found[0].value.is_multipart:
        span = 0, len(facts.body)
        pending.append(_multipart(facts, found[0].value, found[0], None, span, 1))
    for body in pending:
        yield body
        for part in body.parts if body.depth < MAX_MULTIPART_NESTING else ():
            inner = _part_line(facts, part, _TYPE)
            if inner is None or part.body_start is None:
                continue
            media_type = _media_type(inner)
            if media_type is not None and media_type.is_multipart:
                span = part.body_start, part.end
                pending.append(_multipart(facts, media_type, None, inner, span, body.depth + 1))


def _multipart(
    facts: Facts, media_type: MediaType, element: Element | None, line: PartLine | None,
    span: tuple[int, int], depth: int,
) -> _Multipart:  # fmt: skip
    begin, end = span
    boundary = (media_type.boundary or "").encode("utf-8", "surrogateescape")
    found = spans(facts.body[begin:end], boundary) if boundary else None
    parts = tuple([_moved(part, begin) for part in found.parts]) if found else ()
    closed = found.closed if found else False
    return _Multipart(media_type, element, line, begin, end, parts, closed, depth)


def _moved(part: PartSpan, by: int) -> PartSpan:
    body_start = None if part.body_start is None else part.body_start + by
    return PartSpan(part.start + by, part.head_end + by, body_start, part.end + by)


def _lines(facts: Facts, part: PartSpan) -> list[PartLine]:
    return part_lines(facts.body[part.start : part.head_end], part.start)


def _part_line(facts: Facts, part: PartSpan, name: str) -> PartLine | None:
    return next((line for line in _lines(facts, part) if line.name == name), None)


def _media_type(line: PartLine) -> MediaType | None:
    found = elements_of(_TYPE, line.value)
    return found[0] if found else None


def _no_body(_noted: object, _kind: object, message: Message) -> bool:
    return not message.body


@message_rule("content-type-missing", without=_TYPE, reads=[_BODY], unless=_no_body)
def _content_type_missing(facts: Facts) -> Iterable[Place]:
    # Line ends alone are more likely left over than meant.
    if not facts.body or not facts.framed or not facts.body.strip(b"\r\n"):
        return ()
    return (facts.missing("The message has a body, and no Content-Type says what it is.", _TYPE),)


@message_rule("content-encoding-body", "Content-Encoding", reads=[_BODY])
def _content_encoding_body(facts: Facts) -> Iterator[Place]:
    if not facts.body and facts.framed:
        message = "There is no body that could be encoded."
        yield next(facts.names("Content-Encoding", message))


@element_rule("mime-version-number", "MIME-Version")
def _mime_version_number(version: str) -> Iterator[Fault]:
    if version != "1.0":
        yield Fault(f"The MIME version is {version[:20]}.", expected=("1.0",))


@message_rule("multipart-boundary", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_boundary(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        if not (body.media_type.boundary or "").strip('"'):
            yield body.fault("A multipart body has no boundary.", Part("whole"), ("boundary",))


@message_rule("multipart-boundary-length", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_boundary_length(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        if len((body.media_type.boundary or "").strip('"')) > _LONGEST_BOUNDARY:
            message = f"The boundary has more than {_LONGEST_BOUNDARY} characters."
            yield body.fault(message, parameter("boundary"))


@message_rule("multipart-delimiter", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_delimiter(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        if (body.media_type.boundary or "").strip('"') and not (body.parts or body.closed):
            message = "The body holds no part: its boundary does not stand in it."
            yield facts.in_body(body.begin, body.end, message, _TYPE)


@message_rule("multipart-close", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_close(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        if body.parts and not body.closed:
            message = "No closing delimiter ends the body."
            yield facts.in_body(body.end, body.end, message, _TYPE, ("--boundary--",))


@message_rule("multipart-part", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_part(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        for part in body.parts:
            if part.body_start is None:
                message = "A part has no empty line between its header fields and its body."
                yield facts.in_body(part.start, part.head_end, message, _TYPE)


@message_rule("multipart-part-header", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_part_header(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        for part in body.parts:
            for line in _lines(facts, part) if part.body_start is not None else ():
                if not line.raw_name and not line.has_colon:
                    message = "A header line of a part has no colon."
                    yield facts.in_body(line.start, line.end, message, _TYPE)


@message_rule("multipart-nesting", _TYPE, unusual=[_TYPE], reads=[_BODY])
def _multipart_nesting(facts: Facts) -> Iterator[Place]:
    for body in _bodies(facts):
        for part in body.parts if body.depth == MAX_MULTIPART_NESTING else ():
            inner = _part_line(facts, part, _TYPE)
            media_type = _media_type(inner) if inner and part.body_start is not None else None
            if inner is not None and media_type is not None and media_type.is_multipart:
                message = (
                    f"More than {MAX_MULTIPART_NESTING} multipart bodies stand within one another."
                )
                yield _in_line(inner, message, _TYPE, Part("whole"))


@message_rule("part-handling", _DISPOSITION, _TYPE, unusual=[_DISPOSITION, _TYPE], reads=[_BODY])
def _part_handling(facts: Facts) -> Iterator[Place]:
    for element in facts.elements(_DISPOSITION):
        for number, message in _wrong_handling(element.value):
            yield element.fault(message, _DISPOSITION, parameter(number), _HANDLING)
    for body in _bodies(facts):
        for part in body.parts:
            line = _part_line(facts, part, _DISPOSITION)
            for value in elements_of(_DISPOSITION, line.value) if line else ():
                for number, message in _wrong_handling(value):
                    assert line is not None  # noqa: S101 - it has a value
                    yield _in_line(line, message, _DISPOSITION, parameter(number), _HANDLING)


_HANDLING = ("optional", "required")


def _wrong_handling(value: Disposition) -> Iterator[tuple[int, str]]:
    for number, (name, given) in enumerate(value.params.pairs):
        text = (given or "").strip('"')
        if name.lower() == "handling" and text.lower() not in _HANDLING:
            yield number, f"handling is {text[:20]}."


@message_rule("geolocation-cid", "Geolocation", reads=["Geolocation", "Content-ID", _TYPE, _BODY])
def _geolocation_cid(facts: Facts) -> Iterator[Place]:
    if not facts.framed:
        return
    known = {element.value.strip("<>") for element in facts.elements("Content-ID")}
    for body in _bodies(facts):
        for part in body.parts:
            line = _part_line(facts, part, "Content-ID")
            if line is not None:
                known.add(line.value.strip("<>"))
    for location in facts.addresses("Geolocation"):
        scheme, _, identifier = str(location.value.uri).partition(":")
        if scheme == "cid" and identifier not in known:
            message = "No part of the body has this Content-ID."
            yield location.fault(message, "Geolocation", Part("uri"))


@message_rule("cancel-body", methods=["CANCEL"], where="request", reads=[_BODY], unless=_no_body)
def _cancel_body(facts: Facts) -> Iterator[Place]:
    if facts.is_request and facts.body:
        yield facts.in_body(0, len(facts.body), "A CANCEL has a body.")


@message_rule("message-2xx-body", methods=["MESSAGE"], where="2xx", reads=[_BODY], unless=_no_body)
def _message_2xx_body(facts: Facts) -> Iterator[Place]:
    if facts.body:
        yield facts.in_body(0, len(facts.body), "A 2xx response to MESSAGE has a body.")


@message_rule(
    "publish-body",
    methods=["PUBLISH"],
    where="request",
    without="SIP-If-Match",
    reads=[_BODY],
    unless=lambda _noted, _kind, message: message.body,
)
def _publish_body(facts: Facts) -> Iterator[Place]:
    if facts.is_request and facts.framed and not facts.body:
        message = "A PUBLISH without SIP-If-Match publishes its body, and has none."
        yield facts.missing(message, "Content-Length")
