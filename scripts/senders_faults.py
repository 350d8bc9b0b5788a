"""Mistakes of the made-up senders: what phones and servers get wrong.

A fault of :data:`FAULTS` changes a draft and returns True, or returns False where the
message has nothing that it could spoil. Some faults change the bytes of the whole message
instead: :data:`BYTE_FAULTS` has those.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from scripts.senders_values import date

__all__ = ["BYTE_FAULTS", "FAULTS", "Draft"]


class Draft:
    """A message before it is written out."""

    def __init__(self, method: str, code: int) -> None:
        """Begin a request, or with a ``code`` a response to one."""
        self.method, self.code = method, code
        self.start_line = ""
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def change(self, name: str, old: str, new: str) -> bool:
        """Replace ``old`` in the first header field of that name."""
        for place, (own, value) in enumerate(self.headers):
            if own == name and old in value:
                self.headers[place] = (own, value.replace(old, new, 1))
                return True
        return False

    def set(self, name: str, value: str) -> bool:
        """Give a header field another value, or add it."""
        for place, (own, _) in enumerate(self.headers):
            if own == name:
                self.headers[place] = (name, value)
                return True
        self.headers.append((name, value))
        return True

    def drop(self, name: str) -> bool:
        """Leave out all header fields of that name."""
        before = len(self.headers)
        self.headers = [header for header in self.headers if header[0] != name]
        return len(self.headers) < before

    def value(self, name: str) -> str:
        """Return the first value of a header field, or nothing."""
        return next((value for own, value in self.headers if own == name), "")


Fault = Callable[[Draft, Random], bool]


def _without_tag(draft: Draft, _: Random) -> bool:
    value = draft.value("From")
    return draft.set("From", value.partition(";tag=")[0])


def _port_zero(draft: Draft, chance: Random) -> bool:
    if not draft.value("Contact"):
        return False
    return draft.set("Contact", f"<sip:192.0.2.{chance.randrange(1, 255)}:0>")


def _repeated(draft: Draft, chance: Random) -> bool:
    name = chance.choice(("Call-ID", "CSeq", "From", "To"))
    draft.headers.append((name, draft.value(name)))
    return True


def _invite(draft: Draft) -> bool:
    return draft.method == "INVITE" and draft.code in {0, 180}


def _tag(draft: Draft) -> str:
    _, tag, value = draft.value("To").partition(";tag=")
    return tag + value


FAULTS: dict[str, Fault] = {
    "an unknown option tag": lambda d, c: (
        d.method not in {"ACK", "CANCEL"}
        and d.code in {0, 200}
        and d.set("Supported", f"replaces, x-keepalive-{c.randrange(9)}")
    ),
    "an unknown required extension": lambda d, _: (
        d.method not in {"ACK", "CANCEL"} and not d.code and d.set("Require", "com.example.nat")
    ),
    "no Max-Forwards": lambda d, _: d.drop("Max-Forwards"),
    "no tag in From": _without_tag,
    "port 0": _port_zero,
    "a header field twice": _repeated,
    "a wrong weekday": lambda d, c: d.set("Date", date(c, wrong=True)),
    "a date in local time": lambda d, _: d.set("Date", "Mon, 23 Nov 2026 13:02:11 CET"),
    "Alert-Info without brackets": lambda d, c: (
        _invite(d) and d.set("Alert-Info", f"ring{c.randrange(9)}")
    ),
    "a branch without the cookie": lambda d, _: d.change("Via", "branch=z9hG4bK", "branch="),
    "a port in From": lambda d, _: (
        "sip:" in d.value("From")
        and "user=" not in d.value("From")
        and d.change("From", ">;", ":5060>;")
    ),
    "a transport in From": lambda d, _: (
        "sip:" in d.value("From") and d.change("From", ">;", ";transport=udp>;")
    ),
    "lr in To": lambda d, _: "sip:" in d.value("To") and d.change("To", ">", ";lr>"),
    "lr with a value": lambda d, _: (
        d.change("Record-Route", ";lr>", ";lr=on>") or d.change("Route", ";lr>", ";lr=on>")
    ),
    "a challenge without qop": lambda d, _: (
        d.change("WWW-Authenticate", ', qop="auth"', "")
        or d.change("Proxy-Authenticate", ', qop="auth"', "")
    ),
    "user=phone without a telephone number": lambda d, _: (
        "sip:" in d.value("To") and d.set("To", f"<sip:bob@example.com;user=phone>{_tag(d)}")
    ),
    "a name with a comma and no quotes": lambda d, _: d.set(
        "From", "Smith, Alice <" + d.value("From").rpartition("<")[2]
    ),
    "another method in CSeq": lambda d, _: (
        not d.code and d.method != "NOTIFY" and d.change("CSeq", d.method, "NOTIFY")
    ),
    "no Contact": lambda d, _: d.method == "INVITE" and d.code in {0, 200} and d.drop("Contact"),
    "no Subscription-State": lambda d, _: d.drop("Subscription-State"),
    "Warning without an agent": lambda d, _: d.code >= 400 and d.set("Warning", "no route"),
    "Expires without a number": lambda d, _: (
        d.method in {"REGISTER", "SUBSCRIBE"} and not d.code and d.set("Expires", "1h")
    ),
    "a name in Latin-1": lambda d, _: d.set(
        "From", '"J\udcfcrgen" <' + d.value("From").rpartition("<")[2]
    ),
    "quotes about a token": lambda d, _: d.change(
        "Authorization", "algorithm=MD5", 'algorithm="MD5"'
    ),
    "a space in the method list": lambda d, _: d.change("Allow", "INVITE,", "INVITE ACK,"),
    "a folded line": lambda _, __: True,
    "bytes behind the body": lambda _, __: True,
    "LF at all lines": lambda _, __: True,
    "LF at one line": lambda _, __: True,
    "white space before the colon": lambda _, __: True,
    "a line without a colon": lambda _, __: True,
}
"""What a sender may get wrong, by name."""


def _folded(data: bytes, _: Random) -> bytes:
    head, end, body = data.partition(b"\r\n\r\n")
    return head.replace(b";tag=", b"\r\n ;tag=", 1) + end + body


def _one_lf(data: bytes, chance: Random) -> bytes:
    lines = data.split(b"\r\n")
    place = chance.randrange(1, lines.index(b"") - 1)
    lines[place : place + 2] = [lines[place] + b"\n" + lines[place + 1]]
    return b"\r\n".join(lines)


def _all_lf(data: bytes, _: Random) -> bytes:
    head, _end, body = data.partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + body


def _spaced(data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    lines[1:5] = [line.replace(b":", b" :", 1) for line in lines[1:5]]
    return b"\r\n".join(lines)


BYTE_FAULTS: dict[str, Callable[[bytes, Random], bytes]] = {
    "a folded line": _folded,
    "bytes behind the body": lambda data, chance: data + chance.choice((b"\r\n", b"\0" * 4, b"x")),
    "LF at all lines": _all_lf,
    "LF at one line": _one_lf,
    "white space before the colon": lambda data, _: _spaced(data),
    "a line without a colon": lambda data, _: data.replace(b"\r\n", b"\r\nX-Debug\r\n", 1),
}
"""How the bytes of a message are spoilt, by name of the fault."""
