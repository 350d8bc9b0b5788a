"""Messages: what was read, or is to be sent.

The header is kept as parallel lists, canonical names beside values beside the lines as they
came, which takes a third of the time of an object a field. A message that nobody changed is
written out as the octets that came in; a changed one writes the lines that were not touched
as they came, folds, case, compact names and all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, Self

from sipgen.errors import BuildError, Finding
from sipgen.generated.headers import COMPACT_FORMS, HEADER_FIELDS, Header
from sipgen.message.bodies import BodyPart, body_text, parts_of
from sipgen.message.checks import header_line, value_text
from sipgen.message.fields import Headers, with_name
from sipgen.message.order import place
from sipgen.message.typed import TypedReading
from sipgen.values.splitting import split_list
from sipgen.wire.lines import Head
from sipgen.wire.names import canonical
from sipgen.wire.serialiser import message_octets
from sipgen.wire.start_line import RequestLine, StatusLine

__all__ = ["PLAIN", "HeaderItems", "Message", "NameForm", "Origin", "body_octets"]

NameForm = Literal["received", "long", "compact"]
"""How header names are written: as they came or were given, long, or compact."""

HeaderItems = Iterable[tuple[str, object]]
"""Names and values of header fields, in order; a value is a str or a typed value."""


_CONTENT_LENGTH = str(Header.CONTENT_LENGTH)


class Origin(NamedTuple):
    """What surrounds a message in the octets that it was read from, and what the reader saw."""

    leading: bytes
    trailing: bytes
    defects: tuple[Finding, ...]
    head: Head | None = None
    """What the complete reader knows of the lines; ``None`` for a message read in one pass."""


PLAIN = Origin(b"", b"", ())
"""What surrounds a message that was read in one pass: nothing."""


class Message(TypedReading):
    """What requests and responses have in common."""

    # _raw holds the octets as they came in, nothing (but not None) in a reply that nobody
    # changed, whose Content-Length fits, and None in what was changed or built otherwise.
    __slots__ = ("_body", "_origin", "_raw", "_start_line", "_start_text")

    _start_line: RequestLine | StatusLine

    is_request: bool

    def __init__(self, headers: HeaderItems = (), body: bytes = b"") -> None:
        self._raw: bytes | None = None
        self._origin: Origin | None = None
        self._start_text = ""
        self._names = ()
        self._cut_values = None
        self._lines: list[str] = []
        self._typed: dict[str, Any] | None = None
        self._body = body_octets(body)
        for name, value in headers:
            self.add(name, value)

    # -- reading ---------------------------------------------------------------------

    @property
    def is_plain(self) -> bool:
        """Whether it was read in one pass, without any oddity, and not changed since."""
        return self._origin is PLAIN and self._raw is not None

    @property
    def start_text(self) -> str:
        """The start line as it came, or was built."""
        return self._start_text

    @property
    def version(self) -> str:
        """Protocol version, ``SIP/2.0``."""
        return self._start_line.version

    @property
    def defects(self) -> tuple[Finding, ...]:
        """What is odd about the octets that were read; empty for a message that was built."""
        return self._origin.defects if self._origin else ()

    @property
    def leading(self) -> bytes:
        """Line ends before the start line, which RFC 3261 section 7.5 has us ignore."""
        return self._origin.leading if self._origin else b""

    @property
    def start(self) -> int:
        """Offset of the start line in what was read."""
        return len(self.leading)

    @property
    def trailing(self) -> bytes:
        """Octets after the body, which RFC 3261 section 18.3 has us discard.

        Together, ``leading + bytes(message) + trailing`` is what was read.
        """
        return self._origin.trailing if self._origin else b""

    @property
    def headers(self) -> Headers:
        """The header fields, in order."""
        return Headers(self._names, self._values, self._lines)

    def get(self, name: str) -> str | None:
        """Value of the first header field of that name, ``None`` without one.

        Names are case-insensitive, and a compact form is the same name.
        """
        name = canonical(name)
        return self._text(self._names.index(name)) if name in self._names else None

    def get_all(self, name: str) -> list[str]:
        """Values of all header fields of that name, one a field, in order."""
        name = canonical(name)
        return [self._text(at) for at, here in enumerate(self._names) if here == name]

    @property
    def body(self) -> bytes:
        """The body, as it came or was given; a Content-Length that is there follows it."""
        return self._body

    @body.setter
    def body(self, body: bytes) -> None:
        self._body = body_octets(body)
        self._raw = None
        if _CONTENT_LENGTH in self._names:
            self.prepare_for_send()

    def text(self, encoding: str | None = None) -> str:
        """The body as text.

        :param encoding: the character encoding; without it the ``charset`` of Content-Type,
            else UTF-8.
        :raises ParseError: if the body cannot be decoded, with the place in the body.
        """
        return body_text(self._body, None if encoding else self.content_type, encoding)

    @property
    def parts(self) -> tuple[BodyPart, ...]:
        """The parts of a multipart body, in order (RFC 5621); none of any other body.

        :raises ParseError: if Content-Type is malformed or gives no boundary.
        """
        return parts_of(self._body, self.content_type, 0, 0)

    # -- changing --------------------------------------------------------------------

    def set(self, name: str, value: object) -> None:
        """Give the header field ``name`` one value.

        It stands where the first field of that name stood, else where :meth:`add` puts it;
        others of that name go.

        :param value: a str, a number, a typed value, or a list or tuple of them.
        :raises BuildError: if the name is no token, the value no sentence of the header
            field's grammar, or a Content-Length another than the body has octets.
        """
        text, line = header_line(name, value if type(value) is str else value_text(value))
        wanted = canonical(name)
        names = self._names
        if wanted not in names:
            self._insert(self._place(wanted), wanted, text, line)
            return
        self._check_length(wanted, text)
        self._raw = self._typed = None
        first = names.index(wanted)
        if self._cut_values is not None:
            self._cut_values[first] = text
        self._lines[first] = line
        if wanted in names[first + 1 :]:
            self._keep(lambda at, here: at <= first or here != wanted)

    def add(self, name: str, value: object) -> None:
        """Add a header field.

        To a message that was read, at the end; to one that is built from scratch, in the
        order of ``HEADER_ORDER``. Arguments and errors are those of :meth:`set`.
        """
        text, line = header_line(name, value if type(value) is str else value_text(value))
        wanted = canonical(name)
        self._insert(self._place(wanted), wanted, text, line)

    def insert(self, name: str, value: object) -> None:
        """Add a header field before the first of its name; without one, at the top.

        That is where a Via, Route or Record-Route goes. Arguments and errors are those of
        :meth:`set`.
        """
        text, line = header_line(name, value if type(value) is str else value_text(value))
        wanted = canonical(name)
        names = self._names
        self._insert(names.index(wanted) if wanted in names else 0, wanted, text, line)

    def remove(self, name: str) -> int:
        """Remove all header fields of that name; how many there were."""
        wanted = canonical(name)
        count = self._names.count(wanted)
        if count:
            self._keep(lambda _, here: here != wanted)
        return count

    def remove_first(self, name: str) -> str | None:
        """Remove the first value of that name: of a list its first element, else the field.

        :return: what was removed, ``None`` if there was nothing.
        """
        wanted = canonical(name)
        if wanted not in self._names:
            return None
        at = self._names.index(wanted)
        first, *others = self._elements(at)
        if others:
            self._rewrite(at, ", ".join(others))
        else:
            self._raw = self._typed = None
            if self._cut_values is not None:
                del self._cut_values[at]
            self._names = (*self._names[:at], *self._names[at + 1 :])
            del self._lines[at]
        return first

    def replace_first(self, name: str, value: object) -> None:
        """Replace the first value of that name, of a list its first element; else add it.

        Arguments and errors are those of :meth:`set`.
        """
        text, _ = header_line(name, value_text(value))
        wanted = canonical(name)
        if wanted not in self._names:
            self.add(name, text)
            return
        self._check_length(wanted, text)
        at = self._names.index(wanted)
        others = self._elements(at)[1:]
        if others:
            text = self._before(name, text, ", ".join(others))
        self._rewrite(at, text)

    def prepare_for_send(self) -> None:
        """Set Content-Length to the octets of the body (RFC 3261 section 20.14)."""
        length = str(len(self._body))
        names = self._names
        if names.count(_CONTENT_LENGTH) == 1 and self._text(names.index(_CONTENT_LENGTH)) == length:
            return
        self.set(_CONTENT_LENGTH, length)

    def _place(self, name: str) -> int:
        return place(self._names, name) if self._origin is None else len(self._names)

    def _index(self, name: str) -> int:
        """Where the first field of that name stands; :class:`BuildError` without one."""
        if name not in self._names:
            raise BuildError(f"the message has no {name}, which would have to be copied")
        return self._names.index(name)

    def _check_length(self, name: str, value: str) -> None:
        """:class:`BuildError` for a Content-Length that would frame another message."""
        if name == _CONTENT_LENGTH and (value.lstrip("0") or "0") != str(len(self._body)):
            raise BuildError(
                f"Content-Length {value[:20]} is not the {len(self._body)} octets of the body; "
                "prepare_for_send() sets it"
            )

    def _insert(self, at: int, name: str, value: str, line: str) -> None:
        self._check_length(name, value)
        self._raw = self._typed = None
        self._names = (*self._names[:at], name, *self._names[at:])
        if self._cut_values is not None:
            self._cut_values.insert(at, value)
        self._lines.insert(at, line)

    def _keep(self, wanted: Any) -> None:
        """Keep the fields whose place and name ``wanted`` says yes to."""
        self._raw = self._typed = None
        kept = [at for at, name in enumerate(self._names) if wanted(at, name)]
        self._names = tuple([self._names[at] for at in kept])
        if self._cut_values is not None:
            self._cut_values = [self._cut_values[at] for at in kept]
        self._lines = [self._lines[at] for at in kept]

    def _elements(self, at: int) -> list[str]:
        definition = HEADER_FIELDS.get(self._names[at])
        value = self._text(at)
        return split_list(value) if definition and definition.is_list else [value]

    @staticmethod
    def _before(name: str, text: str, others: str) -> str:
        """``text`` before the other elements of a list; they stay, even if malformed."""
        together = f"{text}, {others}"
        try:
            header_line(name, others)
        except BuildError:
            return together
        # Not all that may be alone may stand in a list: nothing, or the * of a Contact.
        return header_line(name, together)[0]

    def _rewrite(self, at: int, value: str) -> None:
        # Not by way of header_line(): other elements may be what it refuses, as they came.
        self._raw = self._typed = None
        raw_name = self._lines[at].partition(":")[0].rstrip(" \t")
        if self._cut_values is not None:
            self._cut_values[at] = value
        self._lines[at] = f"{raw_name}: {value}"

    # -- writing ---------------------------------------------------------------------

    def to_bytes(self, names: NameForm = "received") -> bytes:
        """The message as octets: untouched as it came, changed with its changes.

        :param names: ``long`` or ``compact`` to write all header names so (RFC 3261 section
            7.3.3); lines are otherwise as they are.
        :raises BuildError: for another ``names``.
        """
        if names == "received":
            return self._raw or message_octets(self._start_text, self._lines, self._body)
        if names not in {"long", "compact"}:
            raise BuildError(f"names is {names!r}, not 'received', 'long' or 'compact'")
        forms = COMPACT_FORMS if names == "compact" else {}
        lines = [
            with_name(line, forms.get(name, name)) if name else line
            for name, line in zip(self._names, self._lines, strict=True)
        ]
        return message_octets(self._start_text, lines, self._body)

    def outgoing(self) -> bytes:
        """:meth:`prepare_for_send`, and the octets, in one call."""
        if self._raw != b"":
            self.prepare_for_send()
            return self.to_bytes()
        text = "\r\n".join([self._start_text, *self._lines, "", ""])
        if text.isascii():
            return text.encode() + self._body if self._body else text.encode()
        return message_octets(self._start_text, self._lines, self._body)

    def _read_from(self) -> bytes:
        return self.leading + self.to_bytes() + self.trailing

    def __bytes__(self) -> bytes:
        return self.to_bytes()

    def __str__(self) -> str:
        """The message as text; octets that are not UTF-8 are shown escaped."""
        return self.to_bytes().decode("utf-8", "backslashreplace")

    def copy(self) -> Self:
        """A copy that can be changed without changing this message."""
        made = type(self).__new__(type(self))
        for kind in type(self).__mro__:
            for slot in getattr(kind, "__slots__", ()):
                setattr(made, slot, None if slot == "_typed" else getattr(self, slot))
        made._lines = [*self._lines]  # noqa: SLF001 - it is one of these
        made._cut_values = None if self._cut_values is None else [*self._cut_values]  # noqa: SLF001
        return made

    __copy__ = copy


def body_octets(body: bytes) -> bytes:
    """``body`` as bytes; :class:`TypeError` for a str, whose encoding is the caller's to say."""
    return body if type(body) is bytes else bytes(memoryview(body))
