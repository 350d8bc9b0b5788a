"""A message as the conformance rules see it: parts with places, taken apart once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from sipgen.generated.headers import HEADER_FIELDS
from sipgen.validation.parts import URI, Address, Part, address, split, uri_parts
from sipgen.wire.reference import Examination
from sipgen.wire.start_line import RequestLine, StatusLine

__all__ = ["ADDRESS_HEADERS", "Context", "Fault"]

ADDRESS_HEADERS = frozenset(
    {
        "Contact", "Diversion", "From", "Geolocation", "History-Info", "P-Asserted-Identity",
        "P-Associated-URI", "P-Called-Party-ID", "P-Preferred-Identity", "P-Profile-Key",
        "P-Served-User", "P-User-Database", "Path", "Permission-Missing", "Policy-Contact",
        "Record-Route", "Refer-To", "Referred-By", "Remote-Party-ID", "Reply-To", "Route",
        "Service-Route", "To", "Trigger-Consent",
    }
)  # fmt: skip
"""Header fields whose values are a ``name-addr`` or ``addr-spec`` and parameters."""


_Made = TypeVar("_Made")


class Fault(NamedTuple):
    """What a rule found: the octets at fault, and a sentence for a person."""

    start: int
    end: int
    """Equal to ``start`` where something is missing."""
    message: str
    header: str | None = None
    expected: tuple[str, ...] = ()

    @classmethod
    def at(
        cls,
        part: Part,
        message: str,
        header: str | None = None,
        expected: tuple[str, ...] = (),
    ) -> Fault:
        """A fault of all that ``part`` holds."""
        return cls(part.start, part.end, message, header, expected)


class Context:
    """One message; what is asked for is taken apart when it is first asked for."""

    def __init__(self, data: bytes, examined: Examination, refused: Iterable[int] = ()) -> None:
        """Look at what the complete reader found.

        :param data: the octets that were read.
        :param examined: what :func:`sipgen.wire.reference.examine` made of them.
        :param refused: offsets of the lines that the grammar refuses: the names of header
            fields count, their values are not looked at.
        """
        self.data = data
        self.text = data.decode("latin-1")
        """The octets, one character each."""
        self.examined = examined
        start_line = examined.start_line
        self.is_request = isinstance(start_line, RequestLine)
        """Whether the start line was read as a Request-Line."""
        self.is_response = isinstance(start_line, StatusLine)
        self.status = start_line.status_code if isinstance(start_line, StatusLine) else 0
        """Status code; 0 without one."""
        self.names: set[str] = set()
        """Canonical names of all header fields there are."""
        self._fields: dict[str, list[Part]] = {}
        self._every: dict[str, list[Part]] = {}
        bad = set(refused)
        self._start_refused = examined.head.start_line.start in bad
        lines = examined.head.header_lines
        for line, field in zip(lines, examined.head.fields, strict=True):
            if field.name:
                part = Part(self.text[field.value_start : field.value_end], field.value_start)
                self.names.add(field.name)
                name = Part(self.text[field.name_start : field.name_end], field.name_start)
                self._every.setdefault(field.name, []).append(name)
                if line.start not in bad:
                    self._fields.setdefault(field.name, []).append(part)
        self._values: dict[str, list[Part]] = {}
        self._addresses: dict[str, list[Address]] = {}
        self._uris: dict[Part, URI] = {}
        self._made: dict[object, Any] = {}
        self.method = self._method(start_line)
        """Of a request its method, of a response the one that CSeq names; empty if unknown."""
        self.body = Part(self.text[examined.head.body_start : examined.body_end],
                         examined.head.body_start)  # fmt: skip
        """The body as Content-Length bounds it."""
        self.head_end = examined.head.body_start
        """Offset of the body: where a header field that is missing could have stood."""

    def _method(self, start_line: RequestLine | StatusLine | None) -> str:
        if isinstance(start_line, RequestLine):
            return start_line.method
        for part in self.fields("CSeq"):
            return part.text.split()[-1]
        return ""

    def names_of(self, name: str) -> list[Part]:
        """The names of the header fields called ``name``, as they stand, refused or not."""
        return self._every.get(name, [])

    def fields(self, name: str) -> list[Part]:
        """The values of the header fields called ``name`` that the grammar accepts."""
        return self._fields.get(name, [])

    def values(self, name: str) -> list[Part]:
        """The same one by one, where a field holds a list with commas."""
        found = self._values.get(name)
        if found is None:
            found = self.fields(name)
            if found and HEADER_FIELDS[name].is_list:
                found = [value for field in found for value in split(field, ",")]
            self._values[name] = found
        return found

    def addresses(self, name: str) -> list[Address]:
        """The values of a header field of :data:`ADDRESS_HEADERS`; ``*`` is none."""
        found = self._addresses.get(name)
        if found is None:
            found = [address(part) for part in self.values(name) if part.text not in {"*", ""}]
            self._addresses[name] = found
        return found

    def uri(self, part: Part) -> URI:
        """The components of a URI."""
        found = self._uris.get(part)
        if found is None:
            found = self._uris[part] = uri_parts(part)
        return found

    def once(self, make: Callable[[Context], _Made]) -> _Made:
        """What ``make`` makes of this message, made when first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        made: _Made = self._made[make]
        return made

    @property
    def start_line(self) -> Part:
        """The start line as it stands."""
        start, end = self.examined.head.start_line
        return Part(self.text[start:end], start)

    @property
    def request_uri(self) -> Part | None:
        """The Request-URI, ``None`` in a response or where the grammar refuses the start line."""
        if not self.is_request or self._start_refused:
            return None
        line = self.start_line
        parts = line.text.split(" ")
        if len(parts) != 3:
            return None
        return Part(parts[1], line.start + len(parts[0]) + 1)

    @property
    def missing(self) -> Part:
        """Where what is missing from the header section could have stood: at its end."""
        end = self.examined.head.body_start
        if self.examined.head.terminated and self.data[:end].endswith(b"\r\n\r\n"):
            end -= 2
        return Part("", end)
