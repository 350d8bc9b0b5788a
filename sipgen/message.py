"""Messages: what was read, or is to be sent.

The header is kept as parallel lists, canonical names beside values beside the lines as they
came, which takes a third of the time of an object a field. A message that nobody changed is
written out as the octets that came in; a changed one writes the lines that were not touched
as they came, folds, case, compact names and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sipgen.errors import BuildError, Finding, ParseError
from sipgen.generated.headers import Header
from sipgen.generated.statuses import Status
from sipgen.wire.names import canonical
from sipgen.wire.serialiser import (
    check_name,
    check_tag,
    check_text,
    copied_line,
    has_tag,
    message_octets,
)
from sipgen.wire.start_line import SIP_VERSION, RequestLine
from sipgen.wire.tokenizer import Tokens, tokenize

__all__ = ["Data", "HeaderField", "Headers", "Message", "Request", "Response", "octets_of", "read"]

Data = bytes | bytearray | memoryview | str
"""What can be read: octets, or a str that is encoded in UTF-8."""

_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
"""What a response copies from its request (RFC 3261 section 8.2.6.2)."""


class HeaderField(NamedTuple):
    """A header field of a message."""

    raw_name: str
    """The name as it came: ``f``."""
    name: str
    """The canonical name: ``From``."""
    value: str
    """The value, each fold as one space, without white space around it."""


class Message:
    """What requests and responses have in common."""

    __slots__ = (
        "_body",
        "_lines",
        "_names",
        "_raw",
        "_start_text",
        "_values",
        "defects",
        "leading",
        "start",
        "trailing",
        "version",
    )

    is_request: bool

    def __init__(self, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> None:
        self.version: str = SIP_VERSION
        """Protocol version, ``SIP/2.0``."""
        self.defects: tuple[Finding, ...] = ()
        """What is odd about the octets that were read; empty for a message that was built."""
        self.leading: bytes = b""
        """Line ends before the start line, which RFC 3261 section 7.5 has us ignore."""
        self.trailing: bytes = b""
        """Octets after the body, which section 18.3 has us discard. Together,
        ``leading + bytes(message) + trailing`` is what was read."""
        self.start: int = 0
        """Offset of the start line in what was read."""
        self._raw: bytes | None = None
        self._start_text = ""
        self._names: list[str] = []
        self._values: list[str] = []
        self._lines: list[str] = []
        self._body = bytes(memoryview(body))
        for name, value in headers:
            self.add(name, value)

    # -- reading ---------------------------------------------------------------------

    @property
    def headers(self) -> Headers:
        """The header fields, in order."""
        return Headers(self._names, self._values, self._lines)

    def get(self, name: str) -> str | None:
        """Value of the first header field of that name, ``None`` without one.

        Names are case-insensitive, and a compact form is the same name.
        """
        name = canonical(name)
        return self._values[self._names.index(name)] if name in self._names else None

    def get_all(self, name: str) -> list[str]:
        """Values of all header fields of that name, one a field, in order."""
        name = canonical(name)
        return [
            value for here, value in zip(self._names, self._values, strict=True) if here == name
        ]

    @property
    def body(self) -> bytes:
        """The body, as it came or was given."""
        return self._body

    @body.setter
    def body(self, body: bytes) -> None:
        self._body = bytes(memoryview(body))
        self._raw = None

    # -- changing --------------------------------------------------------------------

    def set(self, name: str, value: str) -> None:
        """Give the header field ``name`` one value.

        It stands where the first field of that name stood, or at the end; others of that
        name go. :class:`BuildError` for a name or value that cannot stand in a message.
        """
        line = _line(name, value)
        wanted = canonical(name)
        places = [i for i, here in enumerate(self._names) if here == wanted]
        if not places:
            self.add(name, value)
            return
        self._raw = None
        first, *others = places
        self._values[first], self._lines[first] = _stripped(value), line
        for place in reversed(others):
            del self._names[place], self._values[place], self._lines[place]

    def add(self, name: str, value: str) -> None:
        """Add a header field at the end; :class:`BuildError` as for :meth:`set`."""
        line = _line(name, value)
        self._raw = None
        self._names.append(canonical(name))
        self._values.append(_stripped(value))
        self._lines.append(line)

    def remove(self, name: str) -> int:
        """Remove all header fields of that name; how many there were."""
        wanted = canonical(name)
        places = [i for i, here in enumerate(self._names) if here == wanted]
        for place in reversed(places):
            del self._names[place], self._values[place], self._lines[place]
        if places:
            self._raw = None
        return len(places)

    def prepare_for_send(self) -> None:
        """Set Content-Length to the octets of the body (RFC 3261 section 20.14)."""
        length = str(len(self._body))
        if self.get_all(Header.CONTENT_LENGTH) != [length]:
            self.set(Header.CONTENT_LENGTH, length)

    # -- writing ---------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The message as octets: untouched as it came, changed with its changes."""
        raw = self._raw
        if raw is not None:
            return raw
        return message_octets(self._start_line(), self._lines, self._body)

    def __bytes__(self) -> bytes:
        return self.to_bytes()

    def __str__(self) -> str:
        """The message as text; octets that are not UTF-8 are shown escaped."""
        return self.to_bytes().decode("utf-8", "backslashreplace")

    def _start_line(self) -> str:
        return self._start_text

    def _fill(self, data: bytes, tokens: Tokens) -> None:
        """Make this the message that ``tokens`` were read from ``data``."""
        _, self._start_text, self._names, self._values, self._lines, self._body = tokens[:6]
        self.version = tokens.start_line.version
        self.start, end, self.defects = tokens[6:]
        if self.start or end != len(data):
            self.leading, self.trailing = data[: self.start], data[end:]
            data = data[self.start : end]
        else:
            self.leading = self.trailing = b""
        self._raw = data


class Request(Message):
    """A request: method, Request-URI, header, body."""

    __slots__ = ("_method", "_request_uri")

    is_request = True

    def __init__(
        self, method: str, uri: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> None:
        """Build a request.

        :param method: a token such as ``INVITE``; case matters (RFC 3261 section 7.1).
        :param uri: the Request-URI.
        :param headers: names and values, in order.
        :param body: octets; :meth:`prepare_for_send` sets Content-Length from them.
        :raises BuildError: for what cannot stand in a message.
        """
        super().__init__(headers, body)
        if check_name(method):
            self._method = str(method)
        if not uri or not {" ", "\t"}.isdisjoint(check_text(uri, "the Request-URI")):
            raise BuildError(f"the Request-URI {uri!r} is empty or holds white space")
        self._request_uri = uri
        self._start_text = f"{self._method} {uri} {SIP_VERSION}"

    @property
    def method(self) -> str:
        """The method, as it came."""
        return self._method

    @property
    def request_uri(self) -> str:
        """The Request-URI, as it came."""
        return self._request_uri

    def reply(
        self,
        status: int,
        reason: str | None = None,
        *,
        to_tag: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Response:
        """A response to this request (RFC 3261 section 8.2.6).

        Via, From, To, Call-ID and CSeq are copied as they came, in their order.

        :param status: status code, 100 to 699.
        :param reason: reason phrase; the registered one without it.
        :param to_tag: tag for To, if the request's To has none.
        :param headers: further header fields, after the copied ones.
        :param body: octets; Content-Length is set from them.
        :raises BuildError: for what cannot stand in a message.
        """
        if to_tag is not None:
            check_tag(to_tag)
        response = Response(status, reason, (), body)
        for name, value, line in zip(self._names, self._values, self._lines, strict=True):
            # A 100 (Trying) takes the Timestamp along too (section 8.2.6.1).
            if name not in _COPIED and not (name == "Timestamp" and response.status_code == 100):
                continue
            if name == "To" and to_tag is not None and not has_tag(value):
                # Not add(): a To that was read may hold quoted pairs that it refuses.
                value += f";tag={to_tag}"  # noqa: PLW2901
                line = f"To: {value}"  # noqa: PLW2901
            response._names.append(name)  # noqa: SLF001 - one family
            response._values.append(value)  # noqa: SLF001
            response._lines.append(copied_line(name, value, line))  # noqa: SLF001
        for name, value in headers:
            response.add(name, value)
        response.prepare_for_send()
        return response

    def __repr__(self) -> str:
        return f"<Request {self._method!r} {self._request_uri!r}>"


class Response(Message):
    """A response: status code, reason phrase, header, body."""

    __slots__ = ("_reason_phrase", "_status_code")

    is_request = False

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        """Build a response.

        :param status: status code, 100 to 699.
        :param reason: reason phrase; without it the registered one, for an unknown code
            that of its class (RFC 3261 section 8.1.3.2).
        :param headers: names and values, in order.
        :param body: octets; :meth:`prepare_for_send` sets Content-Length from them.
        :raises BuildError: for what cannot stand in a message.
        """
        super().__init__(headers, body)
        code = int(status)
        if not 100 <= code <= 699:
            raise BuildError(f"status code {code} is not from 100 to 699")
        self._status_code = code
        phrase = _phrase(code) if reason is None else reason
        self._reason_phrase = check_text(phrase, "the reason phrase")
        self._start_text = f"{SIP_VERSION} {code} {phrase}"

    @property
    def status_code(self) -> int:
        """The status code."""
        return self._status_code

    @property
    def reason_phrase(self) -> str:
        """The reason phrase, as it came; may be empty."""
        return self._reason_phrase

    def __repr__(self) -> str:
        return f"<Response {self._status_code} {self._reason_phrase!r}>"


class Headers(Sequence[HeaderField]):
    """The header fields of a message, in order; a view, made when looked at."""

    def __init__(self, names: list[str], values: list[str], lines: list[str]) -> None:
        # A line that is no header field has no name; it is no field here either.
        self._fields = [
            HeaderField(line.partition(":")[0].rstrip(" \t\r\n"), name, value)
            for name, value, line in zip(names, values, lines, strict=True)
            if name
        ]

    def __getitem__(self, index: int) -> HeaderField:  # type: ignore[override]
        return self._fields[index]

    def __iter__(self) -> Iterator[HeaderField]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self._fields})"


def read(data: Data) -> Request | Response:
    """Read one message leniently, as from a datagram.

    :param data: octets, or a str that is encoded in UTF-8.
    :raises ParseError: if start line or framing cannot be read, :class:`LimitError` beyond
        a limit.
    """
    octets = data if type(data) is bytes else octets_of(data)
    tokens = tokenize(octets)
    start_line = tokens.start_line
    message: Request | Response
    if isinstance(start_line, RequestLine):
        message = Request.__new__(Request)
        message._method, message._request_uri, _ = start_line  # noqa: SLF001 - being made here
    else:
        message = Response.__new__(Response)
        message._status_code = start_line.status_code  # noqa: SLF001
        message._reason_phrase = start_line.reason_phrase  # noqa: SLF001
    message._fill(octets, tokens)  # noqa: SLF001
    return message


def octets_of(data: Data) -> bytes:
    """``data`` as octets; :class:`ParseError` for a str that UTF-8 cannot express."""
    if not isinstance(data, str):
        return bytes(data)
    try:
        return data.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        before = data[: error.start].encode("utf-8", "replace")
        raise ParseError(
            Finding(
                "character-encoding",
                "error",
                f"Character {error.start} of the str cannot be encoded in UTF-8.",
                3261,
                "7",
                None,
                len(before),
                len(before) + 1,
                before.count(b"\n") + 1,
                len(before) - before.rfind(b"\n"),
            )
        ) from None


def _line(name: str, value: str) -> str:
    return f"{check_name(name)}: {_stripped(check_text(value, f'the value of {name}'))}"


def _stripped(value: str) -> str:
    return value.strip(" \t")


def _phrase(code: int) -> str:
    known = Status._value2member_map_
    status = known.get(code) or known.get(code // 100 * 100)
    return status.phrase if isinstance(status, Status) else ""
