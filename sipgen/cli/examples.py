"""Whole messages from the few lines by which a rule's example differs from the usual.

``conformance.toml`` names what an example is made of (``INVITE``, ``200 INVITE``) and what
is other in it: ``Name: value`` takes the place of all header fields of that name,
``-Name`` takes them away, a start line that of the start line, and what follows an empty
line that of the body. An example made of nothing is written out whole. A line end that is
not CRLF is written as its symbol, U+240A for LF and U+240D for CR, and an octet that is
not UTF-8 as U+FFFD.
"""

from __future__ import annotations

from sipgen.generated.statuses import Status
from sipgen.wire.names import canonical

__all__ = ["example"]

_IN_DIALOG = frozenset({"ACK", "BYE", "INFO", "NOTIFY", "PRACK", "UPDATE"})
_WITH_CONTACT = frozenset({"INVITE", "NOTIFY", "REFER", "SUBSCRIBE", "UPDATE"})
_URI = "sip:bob@biloxi.example.com"
_OF_METHOD: dict[str, list[tuple[str, str]]] = {
    "INVITE": [("Allow", "INVITE, ACK, CANCEL, OPTIONS, BYE"), ("Supported", "100rel, timer")],
    "MESSAGE": [("Content-Type", "text/plain")],
    "NOTIFY": [("Event", "presence"), ("Subscription-State", "active;expires=3600")],
    "PRACK": [("RAck", "776656 1 INVITE")],
    "PUBLISH": [
        ("Event", "presence"),
        ("Expires", "3600"),
        ("Content-Type", "application/pidf+xml"),
    ],
    "REFER": [("Refer-To", "<sip:carol@chicago.example.com>")],
    "SUBSCRIBE": [("Event", "presence"), ("Expires", "3600")],
}
_BODIES = {"MESSAGE": "Watson, come here.", "PUBLISH": "<presence/>"}
_CHALLENGE = 'Digest realm="example.com", nonce="84a4cc6f", algorithm=SHA-256, qop="auth"'
_OF_STATUS: dict[int, list[tuple[str, str]]] = {
    401: [("WWW-Authenticate", _CHALLENGE)],
    405: [("Allow", "INVITE, ACK, CANCEL, OPTIONS, BYE")],
    407: [("Proxy-Authenticate", _CHALLENGE)],
    415: [("Accept", "application/sdp")],
    420: [("Unsupported", "foo")],
    421: [("Require", "100rel")],
    422: [("Min-SE", "90")],
    423: [("Min-Expires", "60")],
    424: [("Geolocation-Error", '100;code="Cannot Process Location"')],
    425: [("AlertMsg-Error", '100;message="Cannot process the alert payload"')],
    469: [("Recv-Info", "foo")],
    470: [("Permission-Missing", "<sip:carol@chicago.example.com>")],
    489: [("Allow-Events", "presence")],
    494: [("Security-Server", "tls;q=0.2")],
}
_OF_SUCCESS: dict[str, list[tuple[str, str]]] = {
    "INVITE": [
        ("Contact", "<sip:bob@192.0.2.4>"),
        ("Allow", "INVITE, ACK, CANCEL, OPTIONS, BYE"),
        ("Supported", "100rel, timer"),
    ],
    "PUBLISH": [("SIP-ETag", "dx200xyz"), ("Expires", "1800")],
    "REFER": [("Contact", "<sip:bob@192.0.2.4>")],
    "SUBSCRIBE": [("Contact", "<sip:bob@192.0.2.4>"), ("Expires", "3600")],
    "UPDATE": [("Contact", "<sip:bob@192.0.2.4>")],
}

_Headers = list[tuple[str, str]]


def example(on: str, changes: str = "") -> bytes:
    """The message that an example stands for.

    :param on: a method, or a status code and the method of its request.
        Empty, the changes are all there is.
    :param changes: the lines that are other, see the top of this module.
    :return: the octets of a message; without changes, one that keeps every rule.
    """
    if not on:
        return _octets(changes)
    code, _, method = on.rpartition(" ")
    start_line, headers, body = _response(int(code), method) if code else _request(method)
    head, separator, given = changes.partition("\n\n")
    body = given if separator else body
    replaced: set[str] = set()
    for line in filter(None, head.split("\n")):
        if line.startswith("-"):
            headers = [item for item in headers if item[0] != line[1:]]
            replaced.add(line[1:])
        elif line.startswith("SIP/") or line.endswith((" SIP/2.0", " sip/2.0", " SIP/3.0")):
            start_line = line
        else:
            headers = _with_line(headers, line, replaced)
    if "Content-Length" not in replaced:
        headers.append(("Content-Length", f" {len(_octets(body))}"))
    lines = [start_line, *(f"{name}:{value}" if name else value for name, value in headers)]
    return _octets("\n".join([*lines, "", body]))


def _with_line(headers: _Headers, line: str, replaced: set[str]) -> _Headers:
    """``headers`` with a line of the changes: the first of a name replaces the others."""
    raw, colon, value = line.partition(":")
    if not colon or raw[:1] in {" ", "\t"}:
        return [*headers, ("", line)]
    name = canonical(raw)
    places = [i for i, item in enumerate(headers) if canonical(item[0]) == name]
    if name in replaced or not places:
        replaced.add(name)
        at = places[-1] + 1 if places else len(headers)
        return [*headers[:at], (raw, value), *headers[at:]]
    replaced.add(name)
    kept = [item for i, item in enumerate(headers) if i == places[0] or i not in places]
    kept[places[0]] = (raw, value)
    return kept


def _octets(text: str) -> bytes:
    lines = text.replace("\n", "\r\n").replace("\u240a", "\n").replace("\u240d", "\r")
    return lines.encode().replace("\ufffd".encode(), b"\xff")


def _request(method: str) -> tuple[str, _Headers, str]:
    uri = "sip:registrar.biloxi.example.com" if method == "REGISTER" else _URI
    headers = [
        *_first("SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds"),
        ("Max-Forwards", " 70"),
        *_middle(method, tagged=method in _IN_DIALOG),
    ]
    if method in _WITH_CONTACT:
        headers.append(("Contact", " <sip:alice@pc33.atlanta.example.com>"))
    headers += _spaced(_OF_METHOD.get(method, []))
    return f"{method} {uri} SIP/2.0", headers, _BODIES.get(method, "")


def _response(code: int, method: str) -> tuple[str, _Headers, str]:
    headers = [
        *_first("SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds;received=192.0.2.1"),
        *_middle(method, tagged=code != 100),
        *_spaced(_OF_STATUS.get(code, [])),
    ]
    if 200 <= code < 300:
        headers += _spaced(_OF_SUCCESS.get(method, []))
    known = Status._value2member_map_.get(code)
    phrase = known.phrase if isinstance(known, Status) else "Unknown"
    return f"SIP/2.0 {code} {phrase}", headers, ""


def _first(via: str) -> _Headers:
    return _spaced([("Via", via)])


def _middle(method: str, *, tagged: bool) -> _Headers:
    register = method == "REGISTER"
    to = f"Bob <{_URI}>" + (";tag=a6c85cf" if tagged else "")
    sender = f"Bob <{_URI}>" if register else "Alice <sip:alice@atlanta.example.com>"
    return _spaced(
        [
            ("From", f"{sender};tag=1928301774"),
            ("To", to),
            ("Call-ID", "a84b4c76e66710@pc33.atlanta.example.com"),
            ("CSeq", f"1 {method}"),
        ]
    )


def _spaced(headers: _Headers) -> _Headers:
    return [(name, f" {value}") for name, value in headers]
