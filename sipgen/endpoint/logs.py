"""Messages for logs: credentials redacted, and nothing in them that a terminal obeys."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from sipgen.endpoint.config import Address
from sipgen.endpoint.events import Event, EventType
from sipgen.errors import ParseError

__all__ = ["EventLogger", "JSONFormatter", "event_facts", "printable", "redacted"]

_LONGEST = 4_096
"""Octets of a message that are logged."""
_LONGEST_FACT = 512
"""Characters of a Call-ID, a method or an error that are logged."""

# All repetition is possessive: linear in time, whatever is sent.
#
# A name is looked for anywhere, not only where a field can begin: what follows it may be a
# secret too where framing has gone wrong (empty lines before the start line, a message in the
# body, bare CR, no colon). To show too little costs less than to show a password. Proxy- and
# X- forms are found by their ends.
_FIELD = re.compile(
    rb"(?i)((?:authorization|authentication-info)"
    rb"(?:[\x00-\x20]*+:|[\x00-\x20]++(?=(?:digest|basic|bearer)\b)))"
    rb"((?:[^\n]++|\n(?=[ \t]))*+)"
)
# Digests that lost even the name of their field. A challenge's nonce is no secret.
_DIGEST = re.compile(
    rb"(?i)\b(response|rspauth|cnonce|nextnonce|auts)[\x00-\x20]*+=[\x00-\x20]*+"
    rb'(?:"(?:[^"\\\r\n]|\\.)*+"?|[^\s,;"<>]++)'
)
# Only names of schemes that exist: of "Authorization: 1f2e3d" all is secret.
_SCHEME = re.compile(
    rb"(?i)\s*+(digest|basic|bearer|negotiate|ntlm|kerberos|hoba|mutual|vapid|dpop|gnap"
    rb"|scram-sha-1|scram-sha-256)(?![^\s,])"
)
_PARAMETER = re.compile(
    rb'[\s,]*+([a-z0-9_*-]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^\s,"]++)(?=\s*+(?:,|$))',
    re.IGNORECASE | re.DOTALL,
)
_KEPT = frozenset({b"username", b"username*", b"realm", b"algorithm"})

_LEVELS = {
    EventType.PARSE_ERROR: logging.WARNING,
    EventType.SEND_ERROR: logging.WARNING,
    EventType.REQUEST_REFUSED: logging.WARNING,
    EventType.TRUNCATED: logging.WARNING,
    EventType.OVERSIZE: logging.WARNING,
    EventType.PEER_UNREACHABLE: logging.WARNING,
    EventType.HANDLER_ERROR: logging.ERROR,
}


def printable(text: str, *, lines: bool = False) -> str:
    """``text`` with every character that is not printable escaped: ESC, CR, bidi controls.

    :param lines: keep line feeds, for a message that is shown over several lines.
    """
    if text.isprintable():
        return text
    if lines:
        return "\n".join([printable(line) for line in text.replace("\r\n", "\n").split("\n")])
    return "".join(
        [
            c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
            for c in text
        ]
    )


def redacted(data: bytes, *, lines: bool = True) -> str:
    """A message as text that may be logged or shown.

    Of credentials only scheme, username, realm and algorithm are left, wherever they stand,
    in the body and in what is no message too; all else is shown as it is, escaped where it is
    not printable. Linear in time; cut after 4,096 octets.

    :param data: octets of a message, or of what should have been one.
    :param lines: one line a line; otherwise everything on one.
    """
    text = _without_secrets(data[:_LONGEST]).decode("utf-8", "surrogateescape")
    cut = f"... ({len(data)} octets)" if len(data) > _LONGEST else ""
    return printable(text, lines=lines) + cut


def _without_secrets(data: bytes) -> bytes:
    return _DIGEST.sub(rb"\1=...", _FIELD.sub(_shown_field, data))


def _shown_field(match: re.Match[bytes]) -> bytes:
    name, value = match.groups()
    kept: list[bytes] = []
    scheme = _SCHEME.match(value)
    if scheme is not None and scheme[1].lower() == b"digest":
        # One after the other from the first: inside a quoted string nothing is a parameter,
        # and after what is none nothing can be told.
        parameter = _PARAMETER.match(value, scheme.end())
        while parameter is not None:
            if parameter[1].lower() in _KEPT:
                kept.append(parameter[1] + b"=" + parameter[2])
            parameter = _PARAMETER.match(value, parameter.end())
    shown = b", ".join([*kept, b"..."])
    word = b" " + scheme[1] if scheme is not None else b""
    return name.rstrip() + word + b" " + shown + (b"\r" if value.endswith(b"\r") else b"")


class EventLogger:
    """An ``on_event`` hook that logs: a sentence, and the facts as ``record.sip``.

    Traffic is INFO, what goes wrong with a message WARNING, what a handler raises ERROR. It
    never raises; events that could not be logged are counted in ``lost``.
    """

    def __init__(self, logger: logging.Logger | None = None, *, messages: bool = False) -> None:
        """Log to ``logger``, by default ``sipgen.traffic``; with whole messages if wanted."""
        self._logger = logger or logging.getLogger("sipgen.traffic")
        self._messages = messages
        self.lost = 0
        """Events that could not be logged: a filter or a handler of ``logging`` raised."""

    def __call__(self, event: Event) -> None:
        """Log one event."""
        try:
            self._log(event)
        except Exception:  # noqa: BLE001 - a log that fails must not become an event to log
            self.lost += 1

    def _log(self, event: Event) -> None:
        level = _LEVELS.get(event.type, logging.INFO)
        if not self._logger.isEnabledFor(level):
            return
        facts = event_facts(event, messages=self._messages)
        what = " to ".join(str(facts[name]) for name in ("status", "method") if name in facts)
        where = f"by its Via to {_peer(facts['destination'])}" if "destination" in facts else ""
        parts = (_peer(facts["peer"]), facts["type"], what, where, facts.get("error", ""))
        self._logger.log(level, "%s", " ".join(filter(None, parts)), extra={"sip": facts})


def _peer(peer: list[object]) -> str:
    """A socket address in a sentence, as a URI would have it."""
    hosts = [f"[{part}]" if ":" in str(part) else str(part) for part in peer[:1]]
    return ":".join([*hosts, *map(str, peer[1:])])


def _address_facts(addr: Address) -> list[object]:
    return [part if type(part) is int else _fact(str(part)) for part in addr[:2]]


def _fact(text: str) -> str:
    """``text`` as a fact: nobody fills a log with one Call-ID of 60,000 characters."""
    cut = "..." if len(text) > _LONGEST_FACT else ""
    return printable(text[:_LONGEST_FACT]) + cut


def _error_fact(error: BaseException, raw: bytes) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a handler may raise what it likes
        return type(error).__name__
    if isinstance(error, ParseError):
        finding = error.finding
        end = max(finding.end, finding.start + 1)
        # A finding quotes what it is about.
        if any(m.start() < end and finding.start < m.end() for m in _FIELD.finditer(raw)):
            return f"octet {finding.start}: not shown, it is about credentials [{finding.rule}]"
    octets = text[: 2 * _LONGEST_FACT].encode("utf-8", "surrogatepass")
    return _fact(_without_secrets(octets).decode("utf-8", "surrogatepass"))


def event_facts(event: Event, *, messages: bool = False) -> dict[str, Any]:
    """An event as a JSON-ready dict in which everything from the network is escaped.

    ``type`` and ``peer`` (host and port) are always there; ``destination`` if a response did
    not go to the peer; ``method``, ``status``, ``call_id``, ``cseq``, ``error`` and
    ``octets`` if the event has them.

    :param messages: with ``message``, what :func:`redacted` gives.
    """
    peer = _address_facts(event.addr)
    facts: dict[str, Any] = {"type": str(event.type), "peer": peer}
    if event.destination is not None and _address_facts(event.destination) != peer:
        facts["destination"] = _address_facts(event.destination)
    if event.request is not None:
        facts["method"] = _fact(event.request.method)
    if event.response is not None:
        facts["status"] = event.response.status_code
    message = event.response or event.request
    data = event.raw
    if message is not None:
        for name in ("Call-ID", "CSeq"):
            value = message.get(name)
            if value is not None:
                facts[name.lower().replace("-", "_")] = _fact(value)
        data = data or message.to_bytes()
    if event.error is not None:
        facts["error"] = _error_fact(event.error, event.raw)
    if data:
        facts["octets"] = len(data)
        if messages:
            facts["message"] = redacted(data)
    return facts


class JSONFormatter(logging.Formatter):
    """One line of JSON a record: time, level, logger, message, and ``sip`` if it has it.

    The time is UTC as ISO 8601 has it, unless the formatter is given a ``datefmt``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of JSON; what JSON has no word for is written as text."""
        moment = datetime.fromtimestamp(record.created, UTC)
        facts: dict[str, Any] = {
            "time": self.formatTime(record, self.datefmt)
            if self.datefmt
            else moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        sip = getattr(record, "sip", None)
        if sip is not None:
            facts["sip"] = sip
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            facts["stack"] = self.formatStack(record.stack_info)
        # In ASCII: no U+2028 that a reader takes for the end of the line, no lone surrogate.
        return json.dumps(facts, default=str)
