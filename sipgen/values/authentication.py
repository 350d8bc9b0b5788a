"""Challenges, credentials and Authentication-Info (RFC 3261 sections 20.6, 20.7, 20.44)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

from sipgen.values.building import Built, reads_back
from sipgen.values.pairs import Pair, Pairs
from sipgen.values.text import (
    QUOTED_STRING,
    TOKEN,
    WHITE_SPACE,
    Text,
    fault,
    quote,
    unfolded,
    unquote,
)
from sipgen.wire.names import is_token

__all__ = [
    "AuthenticationInfo",
    "AuthenticationParameters",
    "Challenge",
    "ChallengeParameters",
    "Credentials",
]

_VALUE = rf"{QUOTED_STRING}|[^\x00-\x20\x7f\";,<>]++"
_PARAMETER = re.compile(
    rf"{WHITE_SPACE}({TOKEN}){WHITE_SPACE}={WHITE_SPACE}({_VALUE}){WHITE_SPACE}(?:,|\Z)"
).match
_SCHEME = re.compile(rf"({TOKEN})[ \t]++(?=[^ \t])").match
_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]++=*+").fullmatch
_SECRET = {"response", "cnonce", "auts", "rspauth"}
_new_tuple = tuple.__new__


class AuthenticationParameters(Pairs):
    """``auth-param`` between commas: a read-only mapping, values without quotation marks."""

    __slots__ = ()

    # RFC 3261 section 25.1 and RFC 7616 section 3.5 say which are written how.
    _quoted: ClassVar[frozenset[str]] = frozenset(
        (
            *("realm", "nonce", "opaque", "domain", "username", "uri", "response", "cnonce"),
            *("auts", "nextnonce", "rspauth", "scope", "authz_server", "error"),
        )
    )

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read ``realm="a", nonce="b"``; :class:`ParseError` for anything else."""
        return cls._of(_pairs(unfolded(text), 0))

    @classmethod
    def read(cls, text: str, start: int = 0) -> Self:
        """The parameters that stand in ``text``, unfolded, from ``start`` on."""
        return cls._of(_pairs(text, start))

    @classmethod
    def _write(cls, name: str, value: str) -> str:
        return quote(value) if name.lower() in cls._quoted or not is_token(value) else value

    @classmethod
    def _read(cls, value: str) -> str:
        return unquote(value)

    def __str__(self) -> str:
        return ", ".join([f"{name}={value}" for name, value in self.pairs])

    def __repr__(self) -> str:
        # Digests end up in logs by way of repr().
        shown = {name: "..." if name in _SECRET else value for name, value in self.items()}
        return f"{type(self).__name__}({shown})"


class ChallengeParameters(AuthenticationParameters):
    """Parameters of a challenge: the ``qop`` of one is quoted, as it is a list."""

    __slots__ = ()

    _quoted = AuthenticationParameters._quoted | {"qop"}  # noqa: SLF001 - its own family


def _pairs(text: str, start: int) -> tuple[Pair, ...]:
    pairs: list[Pair] = []
    position = start
    while position < len(text):
        match = _PARAMETER(text, position)
        if match is None:
            fault("auth-param", "a parameter, 'name=value', is malformed", text, position)
        pairs.append((match[1], match[2]))
        position = match.end()
    if text[-1:] == "," or not pairs:
        fault("auth-param", "a parameter, 'name=value', is missing", text, len(text))
    return tuple(pairs)


class _Scheme(NamedTuple):
    scheme: str
    params: AuthenticationParameters
    token68: str | None


class _Authentication(Built, _Scheme):  # type: ignore[misc]
    __slots__ = ()

    _rule: ClassVar[str]
    _kind: ClassVar[type[AuthenticationParameters]]

    def __new__(
        cls,
        scheme: str,
        params: Mapping[str, str | None] | None = None,
        token68: str | None = None,
    ) -> Self:
        """Make a value of a scheme and its parameters, or its token in base64.

        :raises BuildError: for what cannot be written.
        """
        known = params if isinstance(params, cls._kind) else cls._kind(params or {})
        return reads_back(super().__new__(cls, scheme, known, token68), cls.read)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read the value of one header field; :class:`ParseError` if ``text`` is none."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> Self:
        """:meth:`parse` for text without folds and white space around it."""
        match = _SCHEME(text)
        if match is None:
            fault(cls._rule, "an authentication scheme and parameters are expected", text)
        rest = text[match.end() :]
        if _TOKEN68(rest):
            made: Self = _new_tuple(cls, (match[1], cls._kind._of(()), rest))  # noqa: SLF001
        else:
            made = _new_tuple(cls, (match[1], cls._kind.read(text, match.end()), None))
        return made

    def _get(self, name: str) -> str | None:
        value: str | None = self.params.get(name)
        return value

    @property
    def is_digest(self) -> bool:
        """Whether the scheme is Digest."""
        return self.scheme.lower() == "digest"

    @property
    def realm(self) -> str | None:
        """The protection domain."""
        return self._get("realm")

    @property
    def nonce(self) -> str | None:
        """The server's nonce."""
        return self._get("nonce")

    @property
    def opaque(self) -> str | None:
        """What the client gives back as it came."""
        return self._get("opaque")

    @property
    def algorithm(self) -> str | None:
        """The hash algorithm; MD5 is meant without one."""
        return self._get("algorithm")

    def __str__(self) -> str:
        return f"{self.scheme} {self.params if self.token68 is None else self.token68}"


class Challenge(_Authentication):
    """``WWW-Authenticate`` or ``Proxy-Authenticate``: one challenge, never split at commas."""

    __slots__ = ()

    _rule = "challenge"
    _kind = ChallengeParameters

    @property
    def qop(self) -> tuple[str, ...]:
        """The qualities of protection on offer, in lower case."""
        value = self._get("qop")
        return tuple([one.strip(" \t").lower() for one in value.split(",")]) if value else ()

    @property
    def stale(self) -> bool:
        """Whether only the nonce was too old."""
        return (self._get("stale") or "").lower() == "true"

    @property
    def domain(self) -> tuple[str, ...]:
        """URIs that the challenge is for."""
        return tuple((self._get("domain") or "").split())


class Credentials(_Authentication):
    """``Authorization`` or ``Proxy-Authorization``: one set of credentials."""

    __slots__ = ()

    _rule = "credentials"
    _kind = AuthenticationParameters

    @property
    def username(self) -> str | None:
        """The user's name in the realm."""
        return self._get("username")

    @property
    def uri(self) -> str | None:
        """The Request-URI that the digest was made of."""
        return self._get("uri")

    @property
    def response(self) -> str | None:
        """The digest."""
        return self._get("response")

    @property
    def cnonce(self) -> str | None:
        """The client's nonce."""
        return self._get("cnonce")

    @property
    def qop(self) -> str | None:
        """The quality of protection that was chosen."""
        return self._get("qop")

    @property
    def nonce_count(self) -> int | None:
        """How often the nonce was used, from the hexadecimal ``nc``."""
        value = self._get("nc")
        if not value or not re.fullmatch("[0-9A-Fa-f]{1,8}", value):
            return None
        return int(value, 16)

    def __repr__(self) -> str:
        # Digests and tokens end up in logs by way of repr().
        return f"Credentials({self.scheme!r}, realm={self.realm!r}, username={self.username!r})"


class AuthenticationInfo(AuthenticationParameters):
    """``Authentication-Info`` (RFC 3261 section 20.6): a read-only mapping."""

    __slots__ = ()

    @property
    def nextnonce(self) -> str | None:
        """The nonce to use next."""
        value: Any = self.get("nextnonce")
        return value if value is None else str(value)

    @property
    def rspauth(self) -> str | None:
        """The server's digest."""
        value: Any = self.get("rspauth")
        return value if value is None else str(value)
