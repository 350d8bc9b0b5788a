"""Six typical messages for ``make bench``, and how no two of a kind are alike.

They are what phones, servers and registrars send: 12 to 16 header fields, 0.6 to
1.2 kB. Each variant has its own branches, tags, Call-ID, CSeq number, nonces, digest and
time, as in traffic; what recurs there, users, hosts and capabilities, recurs here.
"""

from __future__ import annotations

import random

__all__ = ["MESSAGES", "VARIANTS", "shuffled", "variants"]

VARIANTS = 3_000
"""Messages of each kind."""


def _message(start_line: str, *lines: str, body: bytes = b"") -> bytes:
    head = "\r\n".join([start_line, *lines, f"Content-Length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body


_SDP = (
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 pc33.atlanta.example.com\r\ns=-\r\n"
    b"c=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8 101\r\n"
    b"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=fmtp:101 0-15\r\na=sendrecv\r\n"
)
_DIALOG_INFO = (
    b'<?xml version="1.0"?>\r\n'
    b'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="17" state="full"\r\n'
    b'             entity="sip:bob@biloxi.example.com">\r\n'
    b'  <dialog id="as7d900as8" call-id="a84b4c76e66710" local-tag="314159"\r\n'
    b'          remote-tag="1928301774" direction="recipient">\r\n'
    b"    <state>confirmed</state>\r\n    <duration>274</duration>\r\n"
    b"    <local><identity display='Bob'>sip:bob@biloxi.example.com</identity></local>\r\n"
    b"    <remote><identity display='Alice'>sip:alice@atlanta.example.com</identity></remote>\r\n"
    b"  </dialog>\r\n</dialog-info>\r\n"
)

MESSAGES: dict[str, bytes] = {
    "OPTIONS": _message(
        "OPTIONS sip:carol@chicago.example.com SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.17:5060;branch=z9hG4bKhjhs8ass877;rport",
        "Max-Forwards: 70",
        'From: "Exchange" <sip:exchange@atlanta.example.com>;tag=1928301774',
        "To: <sip:carol@chicago.example.com>",
        "Contact: <sip:exchange@192.0.2.17:5060>",
        "Call-ID: a84b4c76e66710@192.0.2.17",
        "CSeq: 102 OPTIONS",
        "User-Agent: Example-Exchange/18.9",
        "Date: Mon, 23 Nov 2026 13:02:11 GMT",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, MESSAGE",
        "Supported: replaces, timer",
        "Accept: application/sdp",
    ),
    "INVITE": _message(
        "INVITE sip:bob@biloxi.example.com SIP/2.0",
        "Via: SIP/2.0/UDP bigbox3.site3.atlanta.example.com:5060;branch=z9hG4bK77ef4c2312983.1",
        "Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds;rport",
        "Max-Forwards: 69",
        'From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774',
        "To: Bob <sip:bob@biloxi.example.com>",
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        "CSeq: 314159 INVITE",
        "Contact: <sip:alice@pc33.atlanta.example.com;transport=udp>",
        "Record-Route: <sip:bigbox3.site3.atlanta.example.com;lr>",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, UPDATE",
        "Supported: replaces, timer, 100rel",
        "Session-Expires: 1800;refresher=uac",
        "User-Agent: Example-Phone/4.2 (build 1731)",
        "Content-Type: application/sdp",
        body=_SDP,
    ),
    "200": _message(
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP bigbox3.site3.atlanta.example.com:5060;branch=z9hG4bK77ef4c2312983.1"
        ";received=192.0.2.2",
        "Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds"
        ";received=192.0.2.1;rport=5060",
        "Record-Route: <sip:server10.biloxi.example.com;lr>",
        "Record-Route: <sip:bigbox3.site3.atlanta.example.com;lr>",
        'From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774',
        "To: Bob <sip:bob@biloxi.example.com>;tag=a6c85cf",
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        "CSeq: 314159 INVITE",
        "Contact: <sip:bob@192.0.2.4:5060;transport=udp>",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, UPDATE",
        "Supported: replaces, timer",
        "Require: timer",
        "Session-Expires: 1800;refresher=uac",
        "Server: Example-Desk/7.1",
        "Content-Type: application/sdp",
        body=_SDP,
    ),
    "REGISTER": _message(
        "REGISTER sip:registrar.biloxi.example.com SIP/2.0",
        "Via: SIP/2.0/UDP bobspc.biloxi.example.com:5060;branch=z9hG4bKnashds7;rport",
        "Max-Forwards: 70",
        "From: Bob <sip:bob@biloxi.example.com>;tag=456248",
        "To: Bob <sip:bob@biloxi.example.com>",
        "Call-ID: 843817637684230@998sdasdh09",
        "CSeq: 1826 REGISTER",
        "Contact: <sip:bob@192.0.2.4:5060;transport=udp>;expires=3600"
        ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"',
        'Authorization: Digest username="bob", realm="biloxi.example.com"'
        ', nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:registrar.biloxi.example.com"'
        ', response="6629fae49393a05397450978507c4ef1", algorithm=MD5, cnonce="0a4f113b"'
        ", qop=auth, nc=00000001",
        "Expires: 3600",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE",
        "Supported: path, outbound, gruu",
        "User-Agent: Example-Phone/4.2",
    ),
    "180": _message(
        "SIP/2.0 180 Ringing",
        "Via: SIP/2.0/UDP bigbox3.site3.atlanta.example.com:5060;branch=z9hG4bK77ef4c2312983.1"
        ";received=192.0.2.2",
        "Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds"
        ";received=192.0.2.1;rport=5060",
        "Record-Route: <sip:server10.biloxi.example.com;lr>",
        "Record-Route: <sip:bigbox3.site3.atlanta.example.com;lr>",
        'From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774',
        "To: Bob <sip:bob@biloxi.example.com>;tag=a6c85cf",
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        "CSeq: 314159 INVITE",
        "Contact: <sip:bob@192.0.2.4:5060;transport=udp>",
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, UPDATE",
        "Server: Example-Desk/7.1",
    ),
    "NOTIFY": _message(
        "NOTIFY sip:alice@pc33.atlanta.example.com SIP/2.0",
        "Via: SIP/2.0/UDP server10.biloxi.example.com:5060;branch=z9hG4bK4cd42a2e",
        "Max-Forwards: 70",
        "Record-Route: <sip:server10.biloxi.example.com;lr>",
        "From: <sip:bob@biloxi.example.com>;tag=ffd2d451",
        'To: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774',
        "Call-ID: 3248543@pc33.atlanta.example.com",
        "CSeq: 2234 NOTIFY",
        "Contact: <sip:server10.biloxi.example.com;transport=udp>",
        "Event: dialog",
        "Subscription-State: active;expires=3241",
        "Allow-Events: dialog, presence, message-summary",
        "User-Agent: Example-Presence/3.0",
        "Content-Type: application/dialog-info+xml",
        body=_DIALOG_INFO,
    ),
}
"""The messages, by kind."""


def variants(data: bytes) -> list[bytes]:
    """Messages like ``data`` with other branches, tags, Call-IDs, numbers, nonces and times."""
    return [
        data.replace(b"branch=z9hG4bK", b"branch=z9hG4bK%04x" % number)
        .replace(b";tag=", b";tag=%04x" % number)
        .replace(b"Call-ID: ", b"Call-ID: %04x" % number)
        .replace(b"CSeq: ", b"CSeq: %d" % (100 + number))
        .replace(b'nonce="', b'nonce="%04x' % number)
        .replace(b'response="6629', b'response="%04x' % number)
        .replace(b"13:02:11", b"13:%02d:%02d" % divmod(number, 60))
        for number in range(VARIANTS)
    ]


def shuffled(data: bytes) -> list[bytes]:
    """:func:`variants` with their header lines in an order that hardly ever comes again."""
    chance = random.Random(len(data))  # noqa: S311 - reproducible, not secret
    found = []
    for variant in variants(data):
        head, _, body = variant.partition(b"\r\n\r\n")
        start_line, *lines = head.split(b"\r\n")
        chance.shuffle(lines)
        found.append(b"\r\n".join([start_line, *lines]) + b"\r\n\r\n" + body)
    return found
