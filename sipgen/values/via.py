"""Via: where a request has been, and where its response goes (RFC 3261 section 20.42)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from sipgen.memory import Memory
from sipgen.values.building import Built, parameters_of, reads_back
from sipgen.values.parameters import NONE, Parameters, read_parameters
from sipgen.values.text import TOKEN, WHITE_SPACE, Text, fault, number, number_of, unfolded
from sipgen.wire.start_line import SIP_VERSION

__all__ = ["Via", "read_via"]

_RULE = "via-parm"
_SENT = re.compile(
    rf"({TOKEN}){WHITE_SPACE}/{WHITE_SPACE}({TOKEN}){WHITE_SPACE}/{WHITE_SPACE}({TOKEN})[ \t]++"
    rf"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9\-._]++){WHITE_SPACE}(?::{WHITE_SPACE}([0-9]++){WHITE_SPACE})?+"
).fullmatch
_PORT_DIGITS = 5
_new_tuple = tuple.__new__


class _Via(NamedTuple):
    transport: str
    host: str
    port: int | None
    params: Parameters
    protocol: str


class Via(Built, _Via):  # type: ignore[misc]
    """One Via: the transport, where responses go (``sent-by``), and parameters.

    ``protocol`` is the name and version of the protocol, ``SIP/2.0``.
    """

    __slots__ = ()

    def __new__(
        cls,
        transport: str,
        host: str,
        port: int | None = None,
        params: Mapping[str, str | None] = NONE,
        protocol: str = SIP_VERSION,
    ) -> Self:
        """Make a Via; :class:`BuildError` for what cannot stand in one."""
        made = super().__new__(cls, transport, host, port, parameters_of(params), protocol)
        return reads_back(made, cls.parse)

    @classmethod
    def parse(cls, text: Text) -> Via:
        """Read one Via; :class:`ParseError` if ``text`` is none."""
        return read_via(unfolded(text))

    @property
    def branch(self) -> str | None:
        """The ``branch`` parameter, which names the transaction (section 8.1.1.7)."""
        return self.params.plain("branch")

    @property
    def received(self) -> str | None:
        """Where the request came from (section 18.2.1), an IPv6 address without brackets.

        RFC 5118 section 4.5 has us take both forms.
        """
        value = self.params.plain("received")
        return value[1:-1] if value and value[0] == "[" and value[-1] == "]" else value

    @property
    def rport(self) -> int | bool | None:
        """The port that the request came from (RFC 3581); ``True`` if it is asked for.

        ``None`` without the parameter, or where its value is no port.
        """
        if "rport" not in self.params:
            return None
        value = self.params["rport"]
        if not value:
            return True
        return number_of(value, _PORT_DIGITS)

    @property
    def maddr(self) -> str | None:
        """The ``maddr`` parameter: a multicast group to answer to."""
        return self.params.plain("maddr")

    @property
    def sent_by(self) -> str:
        """Host and port as written."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.protocol}/{self.transport} {self.sent_by}{self.params}"


def read_via(text: str) -> Via:
    """The Via that ``text``, unfolded and stripped, is."""
    sent = text.partition(";")[0]
    transport, host, port, protocol = _known(sent) or _sent.learn(sent, _read_sent)
    via: Via = _new_tuple(
        Via, (transport, host, port, read_parameters(_RULE, text, len(sent)), protocol)
    )
    return via


def _read_sent(text: str) -> tuple[str, str, int | None, str]:
    match = _SENT(text)
    if match is None:
        fault(_RULE, "'SIP/2.0/UDP host:port' is expected before the parameters", text)
    name, version, transport, host, port = match.groups()
    protocol = f"{name}/{version}"
    return transport, host, None if port is None else number("port", port, text), protocol


_sent: Memory[str, tuple[str, str, int | None, str]] = Memory("where Vias were sent by")
_known = _sent.get
