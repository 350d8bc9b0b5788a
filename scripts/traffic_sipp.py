"""SIPp scenarios for :mod:`scripts.record_traffic`: what users of SIPp write into theirs.

A scenario is a list of steps: a message to send, or what to wait for.
"""

from __future__ import annotations

__all__ = ["CALLERS", "scenario"]

_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
_NONE = "Content-Length: 0\n\n"


def _request(
    method: str, *lines: str, user: str = "service", number: int = 1, end: str = _NONE
) -> str:
    to = "" if "in-dialog" not in lines else "[peer_tag_param]"
    lines = tuple(line for line in lines if line != "in-dialog")
    head = [
        f"{method} sip:{user}@[remote_ip]:[remote_port] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        "From: sipp <sip:sipp[call_number]@[local_ip]:[local_port]>;tag=[pid]SIPpTag0[call_number]",
        f"To: {user} <sip:{user}@[remote_ip]:[remote_port]>{to}",
        "Call-ID: [call_id]",
        f"CSeq: {number} {method}",
        "Max-Forwards: 70",
        *lines,
    ]
    return "\n".join(head) + "\n" + end


_CONTACT = "Contact: sip:sipp@[local_ip]:[local_port]"
_AUTH = "[authentication username=sipp password=secret]"
_PROVISIONAL = ("?100", "?180")

CALLERS: dict[str, list[str]] = {
    "register with credentials": [
        _request("REGISTER", _CONTACT, "Expires: 3600"),
        "!401",
        _request("REGISTER", _CONTACT, "Expires: 3600", _AUTH, number=2),
        "200",
    ],
    "call and cancel": [
        _request("INVITE", _CONTACT, user="slow", end=_SDP),
        "?100",
        "180",
        _request("CANCEL", user="slow"),
        "200",
        "487",
        _request("ACK", "in-dialog", user="slow"),
    ],
    "re-INVITE": [
        _request("INVITE", _CONTACT, "Subject: Performance Test", end=_SDP),
        *_PROVISIONAL,
        "200",
        _request("ACK", "in-dialog"),
        _request("INVITE", "in-dialog", _CONTACT, number=2, end=_SDP),
        *_PROVISIONAL,
        "200",
        _request("ACK", "in-dialog", number=2),
        _request("INFO", "in-dialog", number=3),
        "200",
        _request("UPDATE", "in-dialog", _CONTACT, number=4),
        "200",
        _request("BYE", "in-dialog", number=5),
        "200",
    ],
    "busy": [
        _request("INVITE", _CONTACT, user="busy", end=_SDP),
        "?100",
        "486",
        _request("ACK", "in-dialog", user="busy"),
    ],
    "proxy credentials": [
        _request("INVITE", _CONTACT, user="paid", end=_SDP),
        "?100",
        "!407",
        _request("ACK", "in-dialog", user="paid"),
        _request("INVITE", _CONTACT, _AUTH, user="paid", number=2, end=_SDP),
        *_PROVISIONAL,
        "200",
        _request("ACK", "in-dialog", user="paid", number=2),
        _request("BYE", "in-dialog", user="paid", number=3),
        "200",
    ],
    "subscribe": [
        _request("SUBSCRIBE", _CONTACT, "Event: presence", "Expires: 600"),
        "200",
        "<NOTIFY",
        "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
        "Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n" + _NONE,
    ],
    "options and message": [
        _request("OPTIONS", _CONTACT, "Accept: application/sdp"),
        "200",
        _request(
            "MESSAGE",
            number=2,
            end="Content-Type: text/plain\nContent-Length: [len]\n\nhello from [call_number]\n",
        ),
        "200",
        _request(
            "PUBLISH",
            "Event: presence",
            "Expires: 600",
            number=3,
            end="Content-Type: text/plain\nContent-Length: [len]\n\nopen\n",
        ),
        "200",
        _request("REFER", _CONTACT, "Refer-To: <sip:bob@example.com>", number=4),
        "200",
    ],
}
"""Steps by name: a text is sent, ``200`` is waited for, ``?100`` may come, ``!401`` is a
challenge, ``<NOTIFY`` a request."""


def scenario(name: str) -> str:
    """Return the XML of a scenario."""
    parts = ['<?xml version="1.0" encoding="ISO-8859-1" ?>', f'<scenario name="{name}">']
    for step in CALLERS[name]:
        if step.startswith("<"):
            parts.append(f'<recv request="{step[1:]}"/>')
        elif step.lstrip("?!").isdigit():
            more = {"?": ' optional="true"', "!": ' auth="true"'}.get(step[0], "")
            parts.append(f'<recv response="{step.lstrip("?!")}"{more}/>')
        else:
            parts.append(f"<send><![CDATA[\n{step}]]></send>")
    return "\n".join([*parts, "</scenario>"])
