"""What ``make bench`` asks of other Python SIP libraries: the same as of sipgen.

Each library is driven as its documentation says, from octets to a message and on. One that
is not installed is left out; one that cannot read a message or has no such operation has no
figure for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["PEERS", "Peer", "installed"]


class Peer(NamedTuple):
    """How a library does what is measured; ``None`` for what it cannot do."""

    parse: Callable[[bytes], Any]
    fields: Callable[[Any], object] | None
    """Reads the seven fields of a message."""
    headers: Callable[[Any], object] | None
    """Reads all structured header fields that the library knows."""
    serialise: Callable[[Any], bytes]


def _sipmessage() -> Peer:
    module: Any = importlib.import_module("sipmessage")

    def fields(message: Any) -> object:
        cseq = message.cseq
        return (
            message.from_address.parameters.get("tag"),
            message.to_address.parameters.get("tag"),
            message.call_id,
            cseq.sequence,
            cseq.method,
            message.via[0].parameters.get("branch"),
            message.contact[0].uri.host,
        )

    names = [
        name
        for name, value in vars(module.Message).items()
        if isinstance(value, property) and name != "headers"
    ]

    def headers(message: Any) -> object:
        return [getattr(message, name) for name in names]

    return Peer(module.Message.parse, fields, headers, bytes)


def _opensip() -> Peer:
    message_module: Any = importlib.import_module("opensip.message")
    headers_module: Any = importlib.import_module("opensip.headers")
    name_addr, via = headers_module.NameAddr, headers_module.Via
    addresses, vias = headers_module.parse_address_list, headers_module.parse_via_list

    def fields(message: Any) -> object:
        get = message.headers.get
        number, method = message.cseq
        return (
            name_addr.parse(get("From")).params.get("tag"),
            name_addr.parse(get("To")).params.get("tag"),
            message.call_id,
            number,
            method,
            via.parse(get("Via")).params.get("branch"),
            name_addr.parse(get("Contact")).uri.host,
        )

    def headers(message: Any) -> object:
        get_all = message.headers.get_all
        found = [addresses(value) for name in _ADDRESSES for value in get_all(name)]
        return found, [vias(value) for value in get_all("Via")], message.cseq, message.call_id

    return Peer(message_module.parse_message, fields, headers, lambda message: message.encode())


_ADDRESSES = ("From", "To", "Contact", "Record-Route")


def _aiovoip() -> Peer:
    message_module: Any = importlib.import_module("aiovoip.message")
    via: Any = importlib.import_module("aiovoip.via")

    def parse(data: bytes) -> Any:
        # As its DatagramProtocol does.
        head, body = data.split(b"\r\n\r\n", 1)
        message = message_module.Message.from_raw_headers(head)
        message._raw_payload = body  # noqa: SLF001 - as the library does
        return message

    def fields(message: Any) -> object:
        top = message.headers["Via"]
        top = top[0] if isinstance(top, list) else top
        return (
            message.from_details["params"].get("tag"),
            message.to_details["params"].get("tag"),
            message.headers["Call-ID"],
            message.cseq,
            message.method,
            via.Via.from_header(top)["params"].get("branch"),
            message.contact_details["uri"]["host"],
        )

    return Peer(parse, fields, None, lambda message: message.encode())


def _aiosipua() -> Peer:
    module: Any = importlib.import_module("aiosipua.message")

    def fields(message: Any) -> object:
        cseq = message.cseq
        return (
            message.from_addr.tag,
            message.to_addr.tag,
            message.call_id,
            cseq.seq,
            cseq.method,
            message.via[0].branch,
            message.contact[0].uri.host,
        )

    def headers(message: Any) -> object:
        return (
            message.via,
            message.from_addr,
            message.to_addr,
            message.cseq,
            message.call_id,
            message.contact,
            message.content_type,
            message.content_length,
        )

    return Peer(module.SipMessage.parse, fields, headers, bytes)


def _sippy() -> Peer:
    requests: Any = importlib.import_module("sippy.SipRequest")
    responses: Any = importlib.import_module("sippy.SipResponse")

    def parse(data: bytes) -> Any:
        text = data.decode()
        kind = responses.SipResponse if text.startswith("SIP/") else requests.SipRequest
        message = kind(text)
        message.init_body()
        return message

    def fields(message: Any) -> object:
        cseq = message.getHFBody("cseq")
        return (
            message.getHFBody("from").getTag(),
            message.getHFBody("to").getTag(),
            str(message.getHFBody("call-id")),
            cseq.getCSeqNum(),
            cseq.getCSeqMethod(),
            message.getHFBody("via").getBranch(),
            message.getHFBody("contact").getUri().url.getHost(),
        )

    def headers(message: Any) -> object:
        return [header.getBody() for header in message.headers]

    return Peer(parse, fields, headers, lambda message: str(message).encode())


def _twisted() -> Peer:
    sip: Any = importlib.import_module("twisted.protocols.sip")

    def parse(data: bytes) -> Any:
        found: list[Any] = []
        parser = sip.MessagesParser(found.append)
        parser.dataReceived(data)
        parser.dataDone()
        return found[0]

    def fields(message: Any) -> object:
        headers = message.headers
        number, method = headers["cseq"][0].split()
        return (
            sip.parseAddress(headers["from"][0])[2].get("tag"),
            sip.parseAddress(headers["to"][0])[2].get("tag"),
            headers["call-id"][0],
            int(number),
            method,
            sip.parseViaHeader(headers["via"][0]).branch,
            sip.parseAddress(headers["contact"][0])[1].host,
        )

    return Peer(parse, fields, None, lambda message: str(message.toString()).encode())


PEERS: dict[str, Callable[[], Peer]] = {
    "sipmessage": _sipmessage,
    "opensip": _opensip,
    "aiovoip": _aiovoip,
    "aiosipua": _aiosipua,
    "sippy": _sippy,
    "twisted": _twisted,
}
"""The libraries by their name on PyPI."""


def installed() -> dict[str, Peer]:
    """The libraries that can be imported here."""
    found = {}
    for name, make in PEERS.items():
        try:
            found[name] = make()
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return found
