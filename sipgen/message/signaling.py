"""Small questions that every SIP service asks, and the constants that go with them."""

from __future__ import annotations

from sipgen.generated.headers import Header
from sipgen.limits import MAX_DIGITS
from sipgen.values.sequence import RAck
from sipgen.wire.digits import number_of

__all__ = [
    "CAPABILITY_HEADERS",
    "CORRELATION_HEADERS",
    "DEFAULT_MAX_FORWARDS",
    "MAX_NOISE",
    "body_bytes_len",
    "is_signaling_noise_datagram",
    "parse_cseq_num",
    "parse_rack",
    "with_cseq_ack",
]

DEFAULT_MAX_FORWARDS = 70
"""Max-Forwards of a new request (RFC 3261 section 8.1.1.6)."""

CAPABILITY_HEADERS = (Header.REQUIRE, Header.SUPPORTED)
"""Header fields that ask for extensions of SIP, or offer them."""

CORRELATION_HEADERS = (Header.VIA, Header.FROM, Header.TO, Header.CALL_ID, Header.CSEQ)
"""Header fields that a response copies from its request (RFC 3261 section 8.2.6.2)."""

MAX_NOISE = 64
"""Octets in the longest datagram that is taken for noise."""


def is_signaling_noise_datagram(data: bytes) -> bool:
    """Whether a datagram is a keep-alive or a ping, and no message.

    :param data: the datagram.
    :return: true for 1 to 64 octets that are all CR, LF, SP or HTAB (RFC 5626 section 3.5.1
        and what NAT bindings are refreshed with).
    """
    return 0 < len(data) <= MAX_NOISE and not data.strip(b"\r\n \t")


def body_bytes_len(body: bytes | str) -> int:
    """Octets in ``body``, of a str in UTF-8: what Content-Length has to say.

    Line ends count as they are, since that is how they are sent.
    """
    return len(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)


def parse_cseq_num(text: str) -> int | None:
    """The number that a CSeq value begins with: 314159 for ``314159 INVITE``.

    :return: the number, ``None`` if the value does not begin with one; nothing is raised.
    """
    digits = text.split(None, 1)[0] if text.strip() else ""
    return number_of(digits, MAX_DIGITS)


def parse_rack(text: str) -> RAck:
    """The RAck value ``776656 1 INVITE`` (RFC 3262 section 7.2).

    :raises ParseError: if it is malformed.
    """
    return RAck.parse(text)


def with_cseq_ack(invite_cseq: int) -> str:
    """The CSeq value of the ACK to a 2xx response (RFC 3261 section 13.2.2.4).

    :param invite_cseq: sequence number of the INVITE.
    :return: ``314159 ACK``; for 0 or less, which no INVITE has, ``1 ACK``.
    """
    return f"{max(invite_cseq, 0) or 1} ACK"
