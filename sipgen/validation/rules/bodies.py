"""Rules about bodies (RFC 3261 sections 7.4 and 20, RFC 2046 section 5.1, RFC 5621)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sipgen.limits import MAX_MULTIPART_NESTING
from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import Part, parameters, split
from sipgen.wire.multipart import PartSpan, spans

__all__ = ["Body", "bodies"]

_LONGEST_BOUNDARY = 70


class Body(NamedTuple):
    """A multipart body, or one within it, by its delimiter lines."""

    content_type: Part
    """What says that it is multipart: a value of Content-Type."""
    boundary: Part | None
    """The parameter's value; ``None`` if it is missing."""
    body: Part
    parts: tuple[tuple[Part, Part | None], ...]
    """Header section and body of each part; no body without an empty line before it.
    The last one of a body that is not closed goes to its end."""
    closed: bool
    """Whether a closing delimiter ends it."""
    depth: int


def bodies(context: Context) -> list[Body]:
    """All multipart bodies of a message, outer ones first."""
    return context.once(_bodies)


def _bodies(context: Context) -> list[Body]:
    if context.examined.failure is not None:
        return []
    pending = [(part, context.body, 1) for part in context.fields("Content-Type")[:1]]
    found = []
    for content_type, body, depth in pending:
        if not content_type.text.lower().startswith("multipart/"):
            continue
        multipart = _multipart(content_type, body, depth)
        found.append(multipart)
        if depth < MAX_MULTIPART_NESTING:
            for head, content in multipart.parts:
                inner = _field(head, "content-type")
                if inner and content:
                    pending.append((inner, content, depth + 1))
    return found


def _multipart(content_type: Part, body: Part, depth: int) -> Body:
    given = {item.key: item for item in parameters(split(content_type, ";")[1:])}
    boundary = given.get("boundary")
    if boundary is None or not boundary.text:
        where = boundary.part if boundary else None
        return Body(content_type, where, body, (), closed=False, depth=depth)
    found = spans(body.text.encode("latin-1"), boundary.text.encode("latin-1"))
    parts = tuple([_parts(body, span) for span in found.parts])
    return Body(content_type, boundary.part, body, parts, found.closed, depth)


def _parts(body: Part, span: PartSpan) -> tuple[Part, Part | None]:
    """Header section and body of a part; no body without an empty line before it."""
    head = Part(body.text[span.start : span.head_end], body.start + span.start)
    if span.body_start is None:
        return head, None
    return head, Part(body.text[span.body_start : span.end], body.start + span.body_start)


def _lines(head: Part) -> Iterator[Part]:
    """The header lines of a part, folds joined to the line before."""
    at = 0
    for line in head.text.split("\r\n"):
        if line and line[0] not in " \t":
            yield Part(line, head.start + at)
        at += len(line) + 2


def _field(head: Part, name: str) -> Part | None:
    """The value of a part's header field; ``None`` without it."""
    for line in _lines(head):
        raw, colon, value = line.text.partition(":")
        if colon and raw.strip().lower() == name:
            bare = value.strip()
            return Part(bare, line.start + len(raw) + 1 + value.find(bare))
    return None


@rule("content-type-missing")
def _content_type_missing(context: Context) -> Iterator[Fault]:
    known = "Content-Type" in context.names or context.examined.failure is not None
    # Line ends alone are more likely left over than meant.
    if context.body.text.strip("\r\n") and not known:
        message = "The message has a body, and no Content-Type says what it is."
        yield Fault.at(context.missing, message, "Content-Type")


@rule("content-encoding-body", "Content-Encoding")
def _content_encoding_body(context: Context) -> Iterator[Fault]:
    if not context.body.text and context.examined.failure is None:
        for name in context.names_of("Content-Encoding")[:1]:
            yield Fault.at(name, "There is no body that could be encoded.", "Content-Encoding")


@rule("mime-version-number", "MIME-Version")
def _mime_version_number(context: Context) -> Iterator[Fault]:
    for part in context.fields("MIME-Version"):
        if part.text != "1.0":
            yield Fault.at(part, f"The MIME version is {part.text[:20]}.", "MIME-Version", ("1.0",))


@rule("multipart-boundary", "Content-Type")
def _multipart_boundary(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        if body.boundary is None or not body.boundary.text.strip('"'):
            message = "A multipart body has no boundary."
            yield Fault.at(body.content_type, message, "Content-Type", ("boundary",))


@rule("multipart-boundary-length", "Content-Type")
def _multipart_boundary_length(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        if body.boundary and len(body.boundary.text.strip('"')) > _LONGEST_BOUNDARY:
            message = f"The boundary has more than {_LONGEST_BOUNDARY} characters."
            yield Fault.at(body.boundary, message, "Content-Type")


@rule("multipart-delimiter", "Content-Type")
def _multipart_delimiter(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        if body.boundary and body.boundary.text.strip('"') and not (body.parts or body.closed):
            message = "The body holds no part: its boundary does not stand in it."
            yield Fault.at(body.body, message, "Content-Type")


@rule("multipart-close", "Content-Type")
def _multipart_close(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        if body.parts and not body.closed:
            end = body.body.end
            message = "No closing delimiter ends the body."
            yield Fault(end, end, message, "Content-Type", ("--boundary--",))


@rule("multipart-part", "Content-Type")
def _multipart_part(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        for head, content in body.parts:
            if content is None:
                message = "A part has no empty line between its header fields and its body."
                yield Fault.at(head, message, "Content-Type")


@rule("multipart-part-header", "Content-Type")
def _multipart_part_header(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        for head, content in body.parts:
            for line in _lines(head) if content else ():
                if ":" not in line.text:
                    yield Fault.at(line, "A header line of a part has no colon.", "Content-Type")


@rule("multipart-nesting", "Content-Type")
def _multipart_nesting(context: Context) -> Iterator[Fault]:
    for body in bodies(context):
        for head, content in body.parts if body.depth == MAX_MULTIPART_NESTING else ():
            inner = _field(head, "content-type")
            if content and inner and inner.text.lower().startswith("multipart/"):
                message = (
                    f"More than {MAX_MULTIPART_NESTING} multipart bodies stand within one another."
                )
                yield Fault.at(inner, message, "Content-Type")


@rule("part-handling", "Content-Disposition", "Content-Type")
def _part_handling(context: Context) -> Iterator[Fault]:
    given = list(context.fields("Content-Disposition"))
    for body in bodies(context):
        fields = (_field(head, "content-disposition") for head, _ in body.parts)
        given += [field for field in fields if field]
    for part in given:
        for parameter in parameters(split(part, ";")[1:]):
            known = parameter.text.lower() in {"optional", "required"}
            if parameter.key == "handling" and not known:
                message = f"handling is {parameter.text[:20]}."
                expected = ("optional", "required")
                yield Fault.at(parameter.part, message, "Content-Disposition", expected)


@rule("geolocation-cid", "Geolocation")
def _geolocation_cid(context: Context) -> Iterator[Fault]:
    known = {"".join(field.text.strip("<>")) for field in context.fields("Content-ID")}
    for body in bodies(context):
        for head, _ in body.parts:
            field = _field(head, "content-id")
            if field:
                known.add(field.text.strip("<>"))
    for address in context.addresses("Geolocation") if context.examined.failure is None else ():
        scheme, _, identifier = address.uri.text.partition(":")
        if scheme.lower() == "cid" and identifier not in known:
            message = "No part of the body has this Content-ID."
            yield Fault.at(address.uri, message, "Geolocation")


@rule("cancel-body")
def _cancel_body(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method == "CANCEL" and context.body.text:
        yield Fault.at(context.body, "A CANCEL has a body.")


@rule("message-2xx-body")
def _message_2xx_body(context: Context) -> Iterator[Fault]:
    if context.method == "MESSAGE" and 200 <= context.status < 300 and context.body.text:
        yield Fault.at(context.body, "A 2xx response to MESSAGE has a body.")


@rule("publish-body")
def _publish_body(context: Context) -> Iterator[Fault]:
    first = "SIP-If-Match" not in context.names and context.examined.failure is None
    if context.is_request and context.method == "PUBLISH" and first and not context.body.text:
        message = "A PUBLISH without SIP-If-Match publishes its body, and has none."
        yield Fault.at(context.missing, message, "Content-Length")
