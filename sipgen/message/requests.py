"""Requests (RFC 3261 section 7.1), and the responses to them (section 8.2.6)."""
# ruff: noqa: SLF001 - responses are made here, slot by slot

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sipgen.errors import BuildError
from sipgen.limits import MAX_REMEMBERED_TEXT
from sipgen.memory import Memory
from sipgen.message.base import HeaderItems, Message, body_octets
from sipgen.message.checks import check_start_line
from sipgen.message.responses import Response, status_line
from sipgen.wire.names import canonical
from sipgen.wire.serialiser import check_name, check_tag, check_text, copied_line
from sipgen.wire.shapes import WHITE_SPACE
from sipgen.wire.start_line import SIP_VERSION, RequestLine, StatusLine

if TYPE_CHECKING:
    from sipgen.values.uri import URI

__all__ = ["Request"]

_URI = "Request-URI"

_COPIED = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
"""What a response copies from its request (RFC 3261 section 8.2.6.2)."""

_COPIED_BY_100 = _COPIED | {"Timestamp"}
"""A 100 (Trying) takes the Timestamp along too (section 8.2.6.1)."""

_WITH_ACK = ("Route", "Authorization", "Proxy-Authorization")
"""What an ACK copies beside that (RFC 3261 sections 17.1.1.3 and 22.1)."""


_new = object.__new__


class _Plan(NamedTuple):
    """How a response copies header fields of certain names."""

    start_line: StatusLine
    start_text: str
    names: tuple[str, ...]
    """Names of the response, Content-Length behind what is copied."""
    take: Callable[[list[str]], Sequence[str]]
    """Picks what is copied out of a list that is parallel to the request's names."""
    to: int | None
    """Where To is in the response."""


_plans: Memory[tuple[tuple[str, ...], int, str | None], _Plan] = Memory(
    "how requests are answered", longest=4 * MAX_REMEMBERED_TEXT
)


def _plan(names: tuple[str, ...], status: int, reason: str | None) -> _Plan:
    """The plan for a request with header fields of these names."""
    key = names, status, reason
    found = _plans.get(key)
    if found is None:
        # Names and reasons may come from anybody, and be of any length.
        size = sum(map(len, names)) + len(reason or "")
        found = _plans.find(key, size) or _plans.keep(key, _made_plan(*key), size)
    return found


def _made_plan(names: tuple[str, ...], status: int, reason: str | None) -> _Plan:
    start_line, start_text = status_line(status, reason)
    copied = _COPIED_BY_100 if start_line.status_code == 100 else _COPIED
    at = [index for index, name in enumerate(names) if name in copied]
    chosen = (*(names[index] for index in at), "Content-Length")
    take = itemgetter(*at) if len(at) > 1 else lambda values: [values[index] for index in at]
    return _Plan(
        start_line, start_text, chosen, take, chosen.index("To") if "To" in chosen else None
    )


class Request(Message):
    """A request: method, Request-URI, header, body."""

    __slots__ = ()

    _start_line: RequestLine

    is_request = True

    def __init__(
        self, method: str, uri: str | URI, headers: HeaderItems = (), body: bytes = b""
    ) -> None:
        """Build a request.

        :param method: a token such as ``INVITE``; case matters (RFC 3261 section 7.1).
        :param uri: the Request-URI, as text or typed.
        :param headers: names and values; the message orders them as ``HEADER_ORDER`` does.
        :param body: octets; :meth:`prepare_for_send` sets Content-Length from them.
        :raises BuildError: for what the grammar forbids.
        """
        super().__init__(headers, body)
        self._set_start_line(str(check_name(method, "a method")), uri)

    def _set_start_line(self, method: str, uri: str | URI) -> None:
        text = check_text(str(uri), "the Request-URI")
        if not text or not {" ", "\t"}.isdisjoint(text):
            raise BuildError(f"the Request-URI {text!r} is empty or holds white space")
        start_text = f"{method} {text} {SIP_VERSION}"
        check_start_line("Request-Line", start_text)
        self._start_line = RequestLine(method, text, SIP_VERSION)
        self._start_text = start_text
        self._raw = self._typed = None

    @property
    def method(self) -> str:
        """The method, as it came; what is assigned must be a token, else BuildError."""
        return self._start_line.method

    @method.setter
    def method(self, method: str) -> None:
        self._set_start_line(str(check_name(method, "a method")), self.request_uri)

    @property
    def request_uri(self) -> str:
        """The Request-URI, as it came; what is assigned must be a URI, else BuildError."""
        return self._start_line.request_uri

    @request_uri.setter
    def request_uri(self, uri: str | URI) -> None:
        self._set_start_line(self.method, uri)

    @property
    def uri(self) -> URI:
        """The Request-URI as a typed value; ParseError if it is malformed."""
        known = self._typed
        if known is None:
            known = self._typed = {}
        elif _URI in known:
            value: URI = known[_URI]
            return value
        from sipgen.values.uri import parse_uri  # noqa: PLC0415 - milliseconds, if at all

        value = known[_URI] = parse_uri(self.request_uri)
        return value

    def reply(
        self,
        status: int,
        reason: str | None = None,
        *,
        to_tag: str | None = None,
        headers: HeaderItems = (),
        body: bytes = b"",
    ) -> Response:
        """A response to this request (RFC 3261 section 8.2.6).

        Via, From, To, Call-ID and CSeq are copied as they came, in their order.

        :param status: status code, 100 to 699.
        :param reason: reason phrase; the registered one without it.
        :param to_tag: tag for To, if the request's To has none.
        :param headers: further header fields, after the copied ones.
        :param body: octets; Content-Length is set from them.
        :raises BuildError: for what the grammar forbids.
        """
        if to_tag is not None and not (to_tag.isalnum() and to_tag.isascii()):
            check_tag(to_tag)
        if type(body) is not bytes:
            body = body_octets(body)
        names = self._names
        start_line, start_text, chosen, take, to = _plan(names, status, reason)
        # What is copied, and Content-Length, which stands behind it.
        lines = [*take(self._lines), f"Content-Length: {len(body)}"]
        values = self._cut_values
        if values is None and self._origin is not None and self._origin.head is not None:
            # Lines may be folded: their values have to be looked at.
            values = self._values
        if values is not None:
            values = [*take(values), str(len(body))]
        if to_tag is not None and to is not None:
            # Not add(): a To that was read may hold quoted pairs that it refuses.
            line = lines[to]
            if values is None:
                if ";" not in line or not _has_tag(line.partition(":")[2].strip(WHITE_SPACE)):
                    lines[to] = f"{line.rstrip(WHITE_SPACE)};tag={to_tag}"
            elif not _has_tag(values[to]):
                values[to] = f"{values[to]};tag={to_tag}"
                lines[to] = f"To: {values[to]}"
        if values is not None and self.defects:
            # A line end within a line is one of them.
            lines[:] = map(copied_line, chosen, values, lines)
        # Slot by slot, in half the time of the constructor.
        response = _new(Response)
        response._start_line = start_line
        response._start_text = start_text
        response._names = chosen
        response._cut_values = values
        response._lines = lines
        response._body = body
        response._typed = response._origin = None
        response._raw = b""
        for name, given in headers:
            if canonical(name) == "Content-Length":
                response.set(name, given)
            else:
                response.add(name, given)
        return response

    def rewrite_top_via(self, via: str) -> None:
        """Put ``via``, which is not checked, in the place of the topmost Via.

        For servers, which note there where a request came from (RFC 3261 section 18.2.1);
        :meth:`replace_first` checks.
        """
        at = self._index("Via")
        self._rewrite(at, ", ".join([via, *self._elements(at)[1:]]))

    def ack(self, response: Response) -> Request:
        """The ACK for a final response other than 2xx to this INVITE (section 17.1.1.3).

        It belongs to the INVITE's transaction: Request-URI, top Via, From, Call-ID, the
        number of CSeq and Route are the INVITE's, To is the response's. The ACK to a 2xx is
        a request of its own, with a new branch, sent where Contact says (13.2.2.4).

        :raises BuildError: if this is no INVITE, or the response none from 300 to 699, or a
            header field that is copied is missing.
        """
        if self.method != "INVITE":
            raise BuildError(f"an ACK acknowledges responses to INVITE, not to {self.method}")
        if not 300 <= response.status_code <= 699:
            raise BuildError(
                f"an ACK of this transaction answers 300 to 699, not {response.status_code}; "
                "that of a 2xx is a request of its own"
            )
        return self._following("ACK", response)

    def cancel(self) -> Request:
        """The CANCEL for this request (RFC 3261 section 9.1).

        Request-URI, top Via, From, To, Call-ID, the number of CSeq and Route are copied.

        :raises BuildError: if this is an ACK or a CANCEL, or a header field that is copied is
            missing.
        """
        if self.method in {"ACK", "CANCEL"}:
            raise BuildError(f"no CANCEL cancels a request with method {self.method}")
        return self._following("CANCEL", self)

    def _following(self, method: str, to_of: Message) -> Request:
        """A request of this one's transaction, or beside it."""
        made = Request(method, self.request_uri)
        top_via = self._elements(self._index("Via"))[0]
        made.add("Via", top_via)
        made.add("Max-Forwards", "70")
        for name in ("From", "Call-ID"):
            made.add(name, self._text(self._index(name)))
        made.add("To", to_of._text(to_of._index("To")))
        number = self._text(self._index("CSeq")).replace("\t", " ").partition(" ")[0]
        made.add("CSeq", f"{number} {method}")
        copied = ("Route",) if method == "CANCEL" else _WITH_ACK
        for name, value in zip(self._names, self._values, strict=True):
            if name in copied:
                made.add(name, value)
        made.prepare_for_send()
        return made

    def __repr__(self) -> str:
        return f"<Request {self.method!r} {self.request_uri!r}>"


def _has_tag(to: str) -> bool:
    # Most requests that get a tag have none: 1 µs instead of 3 for a reply.
    if "tag" not in to.lower():
        return False
    from sipgen.values.address import has_tag  # noqa: PLC0415 - milliseconds, if at all

    return has_tag(to)
