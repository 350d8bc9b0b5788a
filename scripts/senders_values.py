"""Words, addresses and bodies for :mod:`scripts.senders`.

Each function draws from the random generator that it gets, and from nothing else, so that
the same seed gives the same message.
"""

from __future__ import annotations

import base64
import uuid
from random import Random

__all__ = [
    "BODIES",
    "call_id",
    "challenge",
    "credentials",
    "date",
    "display",
    "host",
    "opaque_word",
    "sdp",
    "user",
]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DOMAINS = (
    "atlanta.example.com",
    "biloxi.example.com",
    "voip.example.net",
    "pbx-1.corp.example.org",
    "ims.mnc001.mcc001.3gppnetwork.org",
    "sip.example.co.uk",
    "edge.lon3.example.net",
)
_USERS = (
    "alice",
    "bob",
    "1001",
    "+493012345678",
    "j.doe",
    "line_4",
    "0123456789",
    "reception-2",
    "anonymous",
    "user%40corp",
    "+1-212-555-0142",
    "*97",
)
_TOKENS = ("Alice", "Front Desk", "1001", "Meeting-Room 4", "Bob", "Sales")
_QUOTED = ('"Alice Smith"', '"Smith, Alice"', '"1001"', '""', '"Bob (mobile)"', '"Support <1st>"')
_ESCAPED = ('"Bob \\"Bobby\\" Jones"', '"C:\\\\desk"', '"\\"VIP\\" caller"')
_UTF8 = ('"Jürgen Groß"', '"Łukasz Żak"', '"山田太郎"', '"Ольга Иванова"')
BODIES = {
    "MESSAGE": ("text/plain", "Message {word}: meet at {number}, please."),
    "INFO": ("application/dtmf-relay", "Signal={digit}\r\nDuration={number}\r\n"),
    "NOTIFY": (
        "application/simple-message-summary",
        (
            "Messages-Waiting: yes\r\nMessage-Account: sip:{word}@example.com\r\n"
            "Voice-Message: {digit}/8 (0/2)\r\n"
        ),
    ),
    "PUBLISH": (
        "application/pidf+xml",
        (
            '<?xml version="1.0" encoding="UTF-8"?>\r\n'
            '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:{word}@example.com">'
            '<tuple id="t{number}"><status><basic>open</basic>'
            "</status></tuple></presence>\r\n"
        ),
    ),
}
"""Media type and body by method."""


def opaque_word(chance: Random, form: str) -> str:
    """Return a tag or the random part of a branch in one of the forms that phones use."""
    if form == "hex":
        return f"{chance.getrandbits(64):016x}"
    if form == "uuid":
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))
    if form == "digits":
        return str(chance.randrange(10**8, 10**10))
    if form == "as":
        return f"as{chance.getrandbits(32):08x}"
    if form == "dotted":
        return f"{chance.getrandbits(24):x}.{chance.getrandbits(40):x}.{chance.randrange(10**6)}"
    # Letters, digits and the token's marks, as base64 with its own alphabet.
    raw = base64.b64encode(chance.randbytes(12), b"-.").decode()
    return f"{raw}{chance.randrange(100)}"


def call_id(chance: Random, form: str, at: str) -> str:
    """Return a Call-ID; ``at`` is the host behind the @, or empty."""
    word = opaque_word(chance, form)
    return f"{word}@{at}" if at else word


def host(chance: Random, style: str) -> str:
    """Return a host: ``ipv4``, ``ipv6`` or ``name``."""
    if style == "ipv4":
        net = chance.choice(("192.0.2", "198.51.100", "203.0.113"))
        return f"{net}.{chance.randrange(1, 255)}"
    if style == "ipv6":
        return f"[2001:db8:{chance.randrange(1, 0xFFFF):x}::{chance.randrange(1, 0xFFFF):x}]"
    return chance.choice(_DOMAINS)


def user(chance: Random) -> str:
    """Return the user part of a URI."""
    return chance.choice(_USERS)


def display(chance: Random, style: str) -> str:
    """Return a display name with the space behind it, or nothing."""
    names = {"token": _TOKENS, "quoted": _QUOTED, "escaped": _ESCAPED, "utf8": _UTF8}
    return f"{chance.choice(names[style])} " if style in names else ""


def date(chance: Random, *, wrong: bool = False) -> str:
    """Return a time of November 2026; with ``wrong`` its weekday is another day's."""
    day = chance.randrange(1, 31)
    # 1 November 2026 is a Sunday.
    weekday = _DAYS[(day + 5 + (3 if wrong else 0)) % 7]
    hour, minute, second = chance.randrange(24), chance.randrange(60), chance.randrange(60)
    return f"{weekday}, {day:02d} Nov 2026 {hour:02d}:{minute:02d}:{second:02d} GMT"


def challenge(chance: Random, form: int, realm: str) -> str:
    """Return a Digest challenge in one of four forms."""
    nonce = f"{chance.getrandbits(128):032x}"
    return (
        f'Digest realm="{realm}", nonce="{nonce}", algorithm=MD5, qop="auth"',
        f'Digest algorithm=MD5, realm="{realm}", nonce="{nonce}", qop="auth"',
        (
            f'Digest realm="{realm}",nonce="{nonce}",opaque="{chance.getrandbits(32):x}",'
            'stale=FALSE,algorithm=MD5,qop="auth,auth-int"'
        ),
        f'Digest nonce="{nonce}", realm="{realm}", algorithm=SHA-256, qop="auth"',
    )[form]


def credentials(chance: Random, form: int, realm: str, uri: str) -> str:
    """Return Digest credentials in one of four forms."""
    nonce, response = f"{chance.getrandbits(128):032x}", f"{chance.getrandbits(128):032x}"
    name = chance.choice(("alice", "1001", "bob"))
    cnonce, count = f"{chance.getrandbits(32):08x}", f"{chance.randrange(1, 400):08x}"
    return (
        (
            f'Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc={count}'
        ),
        (
            f'Digest username="{name}",realm="{realm}",nonce="{nonce}",uri="{uri}",'
            f'response="{response}",algorithm=MD5'
        ),
        (
            f'Digest realm="{realm}", username="{name}", uri="{uri}", nonce="{nonce}", qop=auth, '
            f'nc={count}, cnonce="{cnonce}", response="{response}", '
            f'opaque="{chance.getrandbits(32):x}"'
        ),
        (
            f'Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'algorithm=SHA-256, response="{response}{chance.getrandbits(128):032x}", '
            f'cnonce="{cnonce}", nc={count}, qop=auth'
        ),
    )[form]


def sdp(chance: Random, form: int, address: str) -> bytes:
    """Return a session description in one of four forms."""
    family = "IP6" if address.startswith("[") else "IP4"
    address = address.strip("[]")
    number, port = chance.randrange(10**9), chance.randrange(10_000, 60_000, 2)
    lines = [
        "v=0",
        (
            f"o={('-', 'root', 'MxSIP', 'FreeSWITCH')[form]} {number} {number + form} IN {family} "
            f"{address}"
        ),
        f"s={('-', 'session', 'SIP Call', 'call')[form]}",
        f"c=IN {family} {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {('0', '0 8 101', '9 8 0 18 101', '96 97 101')[form]}",
    ]
    if form:
        lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"]
    if form > 1:
        lines += ["a=ptime:20", chance.choice(("a=sendrecv", "a=sendonly", "a=inactive"))]
    if form == 3:
        lines += [f"m=video {port + 2} RTP/AVP 99", "a=rtpmap:99 H264/90000"]
    return "".join(f"{line}\r\n" for line in lines).encode()
