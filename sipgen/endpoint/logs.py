"""Messages for logs: credentials redacted, and nothing in them that a terminal obeys."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from sipgen.endpoint.events import Event, EventType

__all__ = ["EventLogger", "JSONFormatter", "event_facts", "printable", "redacted"]

_LONGEST = 4_096
"""Octets of a message that are logged."""

# The header fields that hold secrets, with white space before the colon or folds after it.
_SECRET = re.compile(
    r"(?im)^((?:proxy-)?authorization|authentication-info)([ \t]*+:)((?:[^\n]*+\n[ \t])*+[^\r\n]*+)"
)
_KEPT = re.compile(r'(?i)\b(username|realm|algorithm|uri)[ \t]*+=[ \t]*+("[^"]*+"|[^",\s]++)')
_SCHEME = re.compile(r"\s*+([A-Za-z][A-Za-z0-9-]*+)")

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

    Of credentials only scheme, username, realm, algorithm and URI are left; a body is shown
    as it is, escaped where it is not printable. Linear in time; cut after 4,096 octets.

    :param data: octets of a message, or of what should have been one.
    :param lines: one line a line; otherwise everything on one.
    """
    text = data[:_LONGEST].decode("utf-8", "surrogateescape")
    head, empty, body = text.partition("\r\n\r\n")
    shown = _SECRET.sub(_without_secrets, head) + empty + body
    cut = f"... ({len(data)} octets)" if len(data) > _LONGEST else ""
    return printable(shown, lines=lines) + cut


def _without_secrets(match: re.Match[str]) -> str:
    value = match[3]
    scheme = _SCHEME.match(value)
    kept = [f"{name}={text}" for name, text in _KEPT.findall(value)]
    shown = ", ".join([*kept, "..."])
    word = f" {scheme[1]}" if scheme and "=" not in value[scheme.end() : scheme.end() + 1] else ""
    return f"{match[1]}{match[2]}{word} {shown}"


class EventLogger:
    """An ``on_event`` hook that logs: a sentence, and the facts as ``record.sip``.

    Traffic is INFO, what goes wrong with a message WARNING, what a handler raises ERROR.
    """

    def __init__(self, logger: logging.Logger | None = None, *, messages: bool = False) -> None:
        """Log to ``logger``, by default ``sipgen.traffic``; with whole messages if wanted."""
        self._logger = logger or logging.getLogger("sipgen.traffic")
        self._messages = messages

    def __call__(self, event: Event) -> None:
        """Log one event."""
        level = _LEVELS.get(event.type, logging.INFO)
        if not self._logger.isEnabledFor(level):
            return
        facts = event_facts(event, messages=self._messages)
        what = facts.get("method") or facts.get("status") or ""
        sentence = " ".join(filter(None, [str(event.type), str(what), str(facts.get("error", ""))]))
        peer = ":".join(map(str, event.addr[:2]))
        self._logger.log(level, "%s %s", peer, sentence, extra={"sip": facts})


def event_facts(event: Event, *, messages: bool = False) -> dict[str, Any]:
    """An event as a JSON-ready dict in which everything from the network is escaped."""
    facts: dict[str, Any] = {"type": str(event.type), "peer": list(event.addr[:2])}
    if event.request is not None:
        facts["method"] = printable(event.request.method)
    if event.response is not None:
        facts["status"] = event.response.status_code
    message = event.response or event.request
    for name in ("Call-ID", "CSeq") if message is not None else ():
        value = message.get(name) if message is not None else None
        if value is not None:
            facts[name.lower().replace("-", "_")] = printable(value)
    if event.error is not None:
        facts["error"] = printable(str(event.error))
    if event.raw:
        facts["octets"] = len(event.raw)
    if messages:
        data = event.raw or (bytes(message) if message is not None else b"")
        if data:
            facts["message"] = redacted(data)
    return facts


class JSONFormatter(logging.Formatter):
    """One line of JSON a record: time, level, logger, message, and ``sip`` if it has it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of JSON."""
        facts: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        sip = getattr(record, "sip", None)
        if sip is not None:
            facts["sip"] = sip
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        return json.dumps(facts)
