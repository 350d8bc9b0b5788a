"""Responses (RFC 3261 section 7.2)."""

from __future__ import annotations

from sipgen.errors import BuildError
from sipgen.generated.statuses import Status
from sipgen.memory import Memory
from sipgen.message.base import HeaderItems, Message
from sipgen.message.checks import check_start_line
from sipgen.wire.serialiser import check_text
from sipgen.wire.start_line import SIP_VERSION, StatusLine

__all__ = ["Response", "status_line"]


class Response(Message):
    """A response: status code, reason phrase, header, body."""

    __slots__ = ()

    _start_line: StatusLine

    is_request = False

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        headers: HeaderItems = (),
        body: bytes = b"",
    ) -> None:
        """Build a response.

        :param status: status code, 100 to 699.
        :param reason: reason phrase; without it the registered one, for an unknown code
            that of its class (RFC 3261 section 8.1.3.2).
        :param headers: names and values; the message orders them as ``HEADER_ORDER`` does.
        :param body: octets; :meth:`prepare_for_send` sets Content-Length from them.
        :raises BuildError: for what the grammar forbids.
        """
        super().__init__(headers, body)
        self._start_line, self._start_text = status_line(status, reason)

    @property
    def status_code(self) -> int:
        """The status code."""
        return self._start_line.status_code

    @property
    def reason_phrase(self) -> str:
        """The reason phrase, as it came; may be empty."""
        return self._start_line.reason_phrase

    def __repr__(self) -> str:
        return f"<Response {self.status_code} {self.reason_phrase!r}>"


_lines: Memory[tuple[int, str | None], tuple[StatusLine, str]] = Memory("Status-Lines")


def status_line(status: int, reason: str | None) -> tuple[StatusLine, str]:
    """The Status-Line, in parts and as text; arguments and errors are those of Response."""
    key = status, reason
    found = _lines.get(key)
    if found is None:
        size = len(reason or "")
        found = _lines.find(key, size) or _lines.keep(key, _status_line(status, reason), size)
    return found


def _status_line(status: int, reason: str | None) -> tuple[StatusLine, str]:
    try:
        code = int(status)
    except (TypeError, ValueError):
        raise BuildError(f"status code {status!r} is not a number") from None
    if not 100 <= code <= 699:
        raise BuildError(f"status code {code} is not from 100 to 699")
    phrase = _phrase(code) if reason is None else check_text(reason, "the reason phrase")
    text = f"{SIP_VERSION} {code} {phrase}"
    if reason is not None:
        check_start_line("Status-Line", text)
    return StatusLine(SIP_VERSION, code, phrase), text


def _phrase(code: int) -> str:
    known = Status._value2member_map_
    status = known.get(code) or known.get(code // 100 * 100)
    return status.phrase if isinstance(status, Status) else ""
