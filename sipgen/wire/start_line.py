"""The start line, read leniently (RFC 3261 sections 7.1 and 7.2).

A line that begins with ``SIP/`` is a Status-Line (no method holds a slash), any other a
Request-Line: method up to the first white space, version after the last, and what lies
between is the Request-URI, white space and all. What cannot be told apart raises.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from sipgen.errors import Finding, ParseError
from sipgen.generated.methods import Method
from sipgen.limits import MAX_START_LINE
from sipgen.wire.fields import LogicalLine, decoded
from sipgen.wire.locator import Locator, quoted
from sipgen.wire.names import is_token

__all__ = ["SIP_VERSION", "RequestLine", "StatusLine", "plain_start_line", "read_start_line"]

SIP_VERSION = "SIP/2.0"
"""The one version there is, as it must be sent (RFC 3261 section 7.1)."""

_WHITE_SPACE = b" \t"
_METHODS = frozenset(map(str, Method))
_STATUS_CODES = {str(code): code for code in range(100, 700)}
_ORDINARY_START_LINE = MAX_START_LINE // 4
"""Characters that are within the limit on octets, whatever they are."""
_new_tuple = tuple.__new__
"""Makes a named tuple in half the time that calling its class takes."""


class RequestLine(NamedTuple):
    """The parts of a Request-Line."""

    method: str
    request_uri: str
    version: str


class StatusLine(NamedTuple):
    """The parts of a Status-Line."""

    version: str
    status_code: int
    reason_phrase: str


def plain_start_line(text: str) -> RequestLine | StatusLine | None:
    """The start line that ``text`` is, if nothing is odd about it; ``None`` if something may be.

    :param text: the line, without control characters but HTAB.
    """
    if len(text) > _ORDINARY_START_LINE or "\t" in text:
        return None
    first, _, rest = text.partition(" ")
    if first in _METHODS or (first != SIP_VERSION and is_token(first)):
        request_uri, _, version = rest.partition(" ")
        if version == SIP_VERSION and request_uri:
            return _new_tuple(RequestLine, (first, request_uri, version))
    elif first == SIP_VERSION:
        code, space, reason_phrase = rest.partition(" ")
        status_code = _STATUS_CODES.get(code)
        if status_code is not None and space:
            return _new_tuple(StatusLine, (first, status_code, reason_phrase))
    return None


def read_start_line(
    locator: Locator, line: LogicalLine, findings: list[Finding]
) -> RequestLine | StatusLine:
    """Take the start line apart; what is odd about it goes to ``findings``.

    Raises :class:`ParseError` if it is neither a request's nor a response's.
    """
    text = locator.data[line.start : line.end]
    body = text.strip(_WHITE_SPACE)
    start = line.start + len(text) - len(text.lstrip(_WHITE_SPACE))
    if start > line.start:
        findings.append(_white_space(locator, line.start, start, "before the start line"))
    if body[:4].upper() == b"SIP/":
        # White space at the end belongs to the reason phrase.
        return _read_status_line(locator, LogicalLine(start, line.end), findings)
    if start + len(body) < line.end:
        place = "at the end of the start line"
        findings.append(_white_space(locator, start + len(body), line.end, place))
    return _read_request_line(locator, LogicalLine(start, start + len(body)), findings)


def _read_request_line(locator: Locator, line: LogicalLine, findings: list[Finding]) -> RequestLine:
    start, end = line
    text = locator.data[start:end]
    # Tabs separate as well as spaces do; translating keeps the offsets.
    spaced = text.replace(b"\t", b" ")
    method_end = spaced.find(b" ")
    version_start = spaced.rfind(b" ") + 1
    version = text[version_start:]
    if not _is_version(version):
        place = start + version_start
        _fail(
            locator,
            place,
            end,
            f"The start line ends in {quoted(version)} where a SIP version belongs.",
            (SIP_VERSION,),
            "A request begins with 'METHOD Request-URI SIP/2.0'.",
        )
    middle = text[max(method_end, 0) : version_start]
    uri = middle.strip(_WHITE_SPACE)
    if method_end < 0 or not uri:
        _fail(
            locator,
            start,
            end,
            "The start line lacks a method or a Request-URI.",
            ("Method", "Request-URI"),
            "A request begins with 'METHOD Request-URI SIP/2.0'.",
        )
    method = decoded(text[:method_end])
    if not is_token(method):
        findings.append(
            locator.finding(
                "start-line",
                f"The method {quoted(text[:method_end])} is not a token.",
                start,
                start + method_end,
                expected=("token",),
                hint="Methods consist of letters, digits and - . ! % * _ + ` ' ~",
            )
        )
    uri_start = start + method_end + len(middle) - len(middle.lstrip(_WHITE_SPACE))
    uri_end = uri_start + len(uri)
    _check_separator(locator, start + method_end, uri_start, findings)
    inside = uri.replace(b"\t", b" ").find(b" ")
    if inside >= 0:
        at = uri_start + inside
        findings.append(_white_space(locator, at, at + 1, "inside the Request-URI"))
    _check_separator(locator, uri_end, start + version_start, findings)
    _check_version(locator, version, start + version_start, findings)
    return RequestLine(method, decoded(uri), decoded(version))


def _read_status_line(locator: Locator, line: LogicalLine, findings: list[Finding]) -> StatusLine:
    start, end = line
    text = locator.data[start:end]
    spaced = text.replace(b"\t", b" ")
    version_end = spaced.find(b" ")
    if version_end < 0:
        version_end = len(text)
    version = text[:version_end]
    if not _is_version(version):
        _fail(
            locator,
            start,
            start + version_end,
            f"The start line begins with {quoted(version)} where a SIP version belongs.",
            (SIP_VERSION,),
            "A response begins with 'SIP/2.0 200 OK'.",
        )
    code_start = len(text) - len(text[version_end:].lstrip(_WHITE_SPACE))
    code_end = spaced.find(b" ", code_start)
    if code_end < 0:
        code_end = len(text)
    code = text[code_start:code_end]
    if len(code) != 3 or not code.isdigit():
        shown = f"{quoted(code)} is not a status code" if code else "The status code is missing"
        _fail(
            locator,
            start + code_start,
            start + code_end,
            f"{shown}: it has three digits.",
            ("3DIGIT",),
            "A response begins with 'SIP/2.0 200 OK'.",
        )
    _check_version(locator, version, start, findings)
    _check_separator(locator, start + version_end, start + code_start, findings)
    status_code = int(code)
    if not 100 <= status_code <= 699:
        findings.append(
            locator.finding(
                "start-line",
                f"The status code {status_code:03} is in none of the six classes.",
                start + code_start,
                start + code_end,
                expected=("100 to 699",),
            )
        )
    if code_end == len(text):
        findings.append(
            locator.finding(
                "start-line",
                "No space follows the status code.",
                end,
                end,
                expected=("SP",),
                hint="Write the space even if the reason phrase is empty.",
            )
        )
    else:
        _check_separator(locator, start + code_end, start + code_end + 1, findings)
    return StatusLine(decoded(version), status_code, decoded(text[code_end + 1 :]))


def _is_version(text: bytes) -> bool:
    """Whether ``text`` looks like a SIP-Version, in any case and of any number."""
    major, point, minor = text[4:].partition(b".")
    return text[:4].upper() == b"SIP/" and major.isdigit() and minor.isdigit() and bool(point)


def _check_version(locator: Locator, version: bytes, start: int, findings: list[Finding]) -> None:
    if version != b"SIP/2.0":
        findings.append(
            locator.finding(
                "sip-version-case" if version.upper() == b"SIP/2.0" else "sip-version",
                f"The version is {quoted(version)}.",
                start,
                start + len(version),
                expected=(SIP_VERSION,),
            )
        )


def _check_separator(locator: Locator, start: int, end: int, findings: list[Finding]) -> None:
    separator = locator.data[start:end]
    if separator != b" ":
        findings.append(_white_space(locator, start, end, "where a single space belongs"))


def _white_space(locator: Locator, start: int, end: int, place: str) -> Finding:
    return locator.finding(
        "start-line",
        f"There is white space {place}.",
        start,
        end,
        hint="Separate the parts of the start line with one space each.",
    )


def _fail(
    locator: Locator,
    start: int,
    end: int,
    message: str,
    expected: tuple[str, ...],
    hint: str,
) -> NoReturn:
    raise ParseError(
        locator.finding("start-line", message, start, end, expected=expected, hint=hint)
    )
