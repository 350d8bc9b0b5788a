"""Typed values of a message's header fields, made when they are first read."""

# A message's own room: what it holds is taken without a property in between.
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sipgen.errors import ParseError, SipError
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.values.families import READINGS, VALUES, elements_of, reading_of
from sipgen.values.splitting import split_list
from sipgen.wire.fields import unfolded_value
from sipgen.wire.lines import value_span
from sipgen.wire.locator import Locator
from sipgen.wire.names import canonical
from sipgen.wire.reference import examine
from sipgen.wire.shapes import WHITE_SPACE, values_of

# Each kind of value costs milliseconds to import, so it is when one is first read.
if TYPE_CHECKING:
    from sipgen.values.address import NameAddr
    from sipgen.values.media import MediaType
    from sipgen.values.sequence import CSeq
    from sipgen.values.via import Via

__all__ = ["TypedReading", "elements_at"]

_TOP_VIA = "top Via"
_known = VALUES.get


class TypedReading:
    """What :class:`~sipgen.Message` can tell of its header fields as typed values.

    Each attribute raises :class:`~sipgen.ParseError`, with the place in the message, if the
    value is malformed; the rest of the message can be read all the same. That a value can
    be read is no proof that it is correct: :func:`sipgen.validate` gives that.
    """

    __slots__ = ("_cut_values", "_lines", "_names", "_typed")

    _names: tuple[str, ...]
    """Canonical names, beside the lines; messages of one shape share it."""
    _lines: list[str]
    _cut_values: list[str] | None
    """Values, beside the lines; ``None`` until more than one at a time is wanted."""
    _typed: dict[str, Any] | None

    def _read_from(self) -> bytes:
        """The octets that places in the message count in."""
        raise NotImplementedError

    @property
    def _values(self) -> list[str]:
        """The values of all header lines, parallel to names and lines."""
        values = self._cut_values
        if values is None:
            values = self._cut_values = values_of(self._lines)
        return values

    def _text(self, at: int) -> str:
        """The value of header line ``at``."""
        values = self._cut_values
        if values is not None:
            return values[at]
        text = self._lines[at].partition(":")[2]
        return unfolded_value(self._lines[at]) if "\n" in text else text.strip(WHITE_SPACE)

    def typed(self, name: str) -> Any:
        """The value of a header field as a typed value.

        :param name: name of the header field, case-insensitive, long or compact.
        :return: for a header field that may hold a list or be repeated, a tuple of values,
            empty without the field; for any other, the value, ``None`` without the field.
            ``HEADER_FIELDS[name].family`` says which type; a header field that is not
            registered is text.
        :raises ParseError: if the value is malformed.
        """
        return self._value(canonical(name))

    def _value(self, name: str) -> Any:
        """:meth:`typed` of a canonical name."""
        known = self._typed
        if known is None:
            known = self._typed = {}
        elif name in known:
            return known[name]
        read, is_list, _, recurs = READINGS.get(name) or reading_of(name)
        try:
            at = self._names.index(name)
        except ValueError:
            known[name] = nothing = () if is_list else None
            return nothing
        try:
            value = self._read_line(at, read) if recurs else read(self._text(at))
            if is_list:
                for _ in range(self._names.count(name) - 1):
                    at = self._names.index(name, at + 1)
                    value += self._read_line(at, read) if recurs else read(self._text(at))
        except ParseError as error:
            raise self._placed(name, at, error) from None
        known[name] = value
        return value

    def only(self, name: str) -> Any:
        """:meth:`typed` of a canonical name that has one line, ``None`` for any other.

        :raises ParseError: if the value is malformed; without a place in the message.
        """
        names = self._names
        if names.count(name) != 1:
            return None
        known = self._typed
        if known is None:
            known = self._typed = {}
        elif name in known:
            return known[name]
        line = self._lines[names.index(name)]
        found = _known(line)
        if found is None:
            read, _, _, recurs = READINGS.get(name) or reading_of(name)
            found = read(self._text(names.index(name)))
            if recurs:
                VALUES.keep(line, found)
        known[name] = found
        return found

    def _read_line(self, at: int, read: Callable[[str], Any]) -> Any:
        """What header line ``at`` says, remembered by the whole line."""
        line = self._lines[at]
        value = _known(line)
        if value is None and (value := VALUES.find(line)) is None:
            value = VALUES.keep(line, read(self._text(at)))
        return value

    def _placed(self, name: str, index: int, error: ParseError) -> ParseError:
        """``error`` about field ``index``, told by its place in the message."""
        data = self._read_from()
        try:
            start, end = value_span(data, examine(data).head.spans[index])
        except (SipError, IndexError):
            # A message that was built may exceed what one that is read can be.
            return error
        from sipgen.language.judging import where_refused  # noqa: PLC0415 - for faults only

        refused = where_refused(name, data[start:end], "abnf")
        if refused is not None:
            start += refused[0]
            end = min(start + 1, end)
        line, column = Locator(data).position(start)
        finding = error.finding
        definition = HEADER_FIELDS.get(name)
        return ParseError(
            finding._replace(
                message=f"{name}: {finding.message}",
                rfc=definition.rfc if definition else None,
                section=definition.section if definition else None,
                header=name,
                start=start,
                end=end,
                line=line,
                column=column,
                hint="The rest of the message can be read; validate() says what is expected.",
            )
        )

    @property
    def via(self) -> tuple[Via, ...]:
        """All Via, the topmost first (RFC 3261 section 20.42)."""
        value: tuple[Via, ...] = self._value("Via")
        return value

    @property
    def top_via(self) -> Via | None:
        """The topmost Via, ``None`` without one; the others are not read."""
        known = self._typed
        if known is None:
            known = self._typed = {}
        elif _TOP_VIA in known:
            found: Via | None = known[_TOP_VIA]
            return found
        value = None
        if "Via" in self._names:
            at = self._names.index("Via")
            text = self._text(at)
            try:
                value = reading_of("Via").element(split_list(text)[0] if "," in text else text)
            except ParseError as error:
                raise self._placed("Via", at, error) from None
        known[_TOP_VIA] = value
        return value

    @property
    def from_(self) -> NameAddr | None:
        """From: who sends the request (RFC 3261 section 20.20)."""
        value: NameAddr | None = self._value("From")
        return value

    @property
    def to(self) -> NameAddr | None:
        """To: whom the request is for (RFC 3261 section 20.39)."""
        value: NameAddr | None = self._value("To")
        return value

    @property
    def call_id(self) -> str | None:
        """Call-ID (RFC 3261 section 20.8)."""
        value: str | None = self._value("Call-ID")
        return value

    @property
    def cseq(self) -> CSeq | None:
        """CSeq: sequence number and method (RFC 3261 section 20.16)."""
        value: CSeq | None = self._value("CSeq")
        return value

    @property
    def contact(self) -> tuple[NameAddr, ...]:
        """All Contact addresses (RFC 3261 section 20.10); that of ``*`` says ``is_star``."""
        value: tuple[NameAddr, ...] = self._value("Contact")
        return value

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards: hops that are left (RFC 3261 section 20.22)."""
        value: int | None = self._value("Max-Forwards")
        return value

    @property
    def route(self) -> tuple[NameAddr, ...]:
        """All Route addresses, the next hop first (RFC 3261 section 20.34)."""
        value: tuple[NameAddr, ...] = self._value("Route")
        return value

    @property
    def record_route(self) -> tuple[NameAddr, ...]:
        """All Record-Route addresses, in order (RFC 3261 section 20.30)."""
        value: tuple[NameAddr, ...] = self._value("Record-Route")
        return value

    @property
    def content_type(self) -> MediaType | None:
        """Content-Type: what the body is (RFC 3261 section 20.15)."""
        value: MediaType | None = self._value("Content-Type")
        return value

    @property
    def content_length(self) -> int | None:
        """Content-Length as the header field says it, in octets (RFC 3261 section 20.14)."""
        value: int | None = self._value("Content-Length")
        return value


def elements_at(message: TypedReading, at: int) -> tuple[Any, ...]:
    """The elements of header line ``at`` as typed values; none if it cannot be read."""
    name = message._names[at]
    if message._names.count(name) == 1:
        try:
            value = message._value(name)
        except ParseError:
            return elements_of(name, message._text(at))
        return value if type(value) is tuple else (value,)
    return elements_of(name, message._text(at))
