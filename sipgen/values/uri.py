"""URIs: SIP and SIPS, tel, and any other scheme.

Components stand as they were written, escapes and all, so that ``str()`` gives back what
was read; :func:`~sipgen.values.escaping.unescape` says what they mean. Reading is lenient
in the characters of a component (a ``#`` in the user part, a ``_`` in a host) where its
end is certain: whether the URI is correct is for validation to say. Constructing is not:
what the grammar forbids raises :class:`~sipgen.errors.BuildError`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import NamedTuple, Self, TypeVar

from sipgen.errors import BuildError
from sipgen.language.automata import automata
from sipgen.memory import Memory
from sipgen.values import comparison
from sipgen.values.building import Built
from sipgen.values.escaping import escape, unescape
from sipgen.values.pairs import Pair, Pairs
from sipgen.values.text import Text, fault, number, unfolded

__all__ = ["URI", "AbsoluteURI", "SipURI", "TelURI", "URIHeaders", "URIParameters", "parse_uri"]

_COMPONENT = r"[^\x00-\x20\x7f\"<>@:]"
_PARAMETER_TEXT = r"[^\x00-\x20\x7f\"<>@;?]"
_SIP_URI = re.compile(
    rf"(?P<scheme>sips?):(?:(?P<user>{_COMPONENT}++)(?::(?P<password>{_COMPONENT}*+))?+@)?+"
    r"(?P<host>\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9\-._~]++)(?::(?P<port>[0-9]++))?+"
    rf"(?P<params>(?:;{_PARAMETER_TEXT}++)*+)(?:\?(?P<headers>[^\x00-\x20\x7f\"<>@]++))?+",
    re.IGNORECASE,
).fullmatch
_TEL_URI = re.compile(
    r"(?P<scheme>tel):(?P<number>\+?+[0-9A-Fa-f*#\-.()]++)"
    r"(?P<params>(?:;[^\x00-\x20\x7f\"<>;]++)*+)",
    re.IGNORECASE,
).fullmatch
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+\-.]*+):").match
_OPAQUE = re.compile(r"[^\x00-\x20\x7f\"<>]++").fullmatch
_new_tuple = tuple.__new__


class URIParameters(Pairs):
    """``uri-parameters``: a read-only mapping; values as they are written, escaped."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read parameters with their semicolons: ``;transport=tcp;lr``."""
        read = unfolded(text)
        parts = read.split(";")
        if parts.pop(0) or not all(parts):
            fault("uri-parameters", "parameters stand each after a semicolon", read)
        pairs = [part.partition("=") for part in parts]
        if not all(name for name, _, _ in pairs):
            fault("uri-parameters", "a parameter has no name", read)
        return cls._of(tuple([(name, value if equal else None) for name, equal, value in pairs]))

    def __str__(self) -> str:
        return "".join(
            [f";{name}" if value is None else f";{name}={value}" for name, value in self.pairs]
        )


class URIHeaders(Pairs):
    """``headers``, what follows ``?``: a read-only mapping; values as written, escaped."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read header components, without the question mark: ``subject=x&to=sip:a%40b``."""
        read = unfolded(text)
        pairs: list[Pair] = []
        for part in read.split("&") if read else ():
            name, equal, value = part.partition("=")
            if not name or not equal:
                fault("headers", "a header component is not 'hname=hvalue'", read)
            pairs.append((name, value))
        return cls._of(tuple(pairs))

    @classmethod
    def _write(cls, name: str, value: str) -> str:
        del name
        return value

    def __str__(self) -> str:
        return "&".join([f"{name}={value or ''}" for name, value in self.pairs])


_NO_PARAMETERS = URIParameters.parse("")
_NO_HEADERS = URIHeaders.parse("")


class _SipURI(NamedTuple):
    scheme: str
    user: str | None
    password: str | None
    host: str
    port: int | None
    params: URIParameters
    headers: URIHeaders


class SipURI(Built, _SipURI):  # type: ignore[misc]
    """A SIP or SIPS URI (RFC 3261 section 19.1).

    ``scheme`` is in lower case; ``user``, ``password`` and ``host`` stand as written, an IPv6
    host in its brackets; ``port`` is a number, ``None`` without one.
    """

    __slots__ = ()

    def __new__(
        cls,
        scheme: str = "sip",
        user: str | None = None,
        password: str | None = None,
        host: str = "",
        port: int | None = None,
        params: Mapping[str, str | None] = _NO_PARAMETERS,
        headers: Mapping[str, str | None] = _NO_HEADERS,
    ) -> Self:
        """Make a URI of components as they are written, escapes and all.

        :raises BuildError: for what the grammar forbids; see :meth:`of` for any text.
        """
        params = params if isinstance(params, URIParameters) else URIParameters(params)
        headers = headers if isinstance(headers, URIHeaders) else URIHeaders(headers)
        made = super().__new__(cls, scheme, user, password, host, port, params, headers)
        rule = {"sip": "SIP-URI", "sips": "SIPS-URI"}.get(scheme)
        if rule is None:
            raise BuildError(f"the scheme is {scheme!r}, neither 'sip' nor 'sips'")
        return _built(made, rule)

    @classmethod
    def of(
        cls,
        user: str | None,
        host: str,
        port: int | None = None,
        *,
        scheme: str = "sip",
        password: str | None = None,
        params: Mapping[str, str | None] = _NO_PARAMETERS,
        headers: Mapping[str, str | None] = _NO_HEADERS,
    ) -> Self:
        """Make a URI of components as they are meant: each is escaped as it needs.

        ``SipURI.of("bob@home", "example.com")`` is ``sip:bob%40home@example.com``.

        :raises BuildError: for a host, port or scheme that cannot be.
        """
        return cls(
            scheme,
            user if user is None else escape(user, "user"),
            password if password is None else escape(password, "password"),
            host,
            port,
            {
                escape(name, "parameter"): value if value is None else escape(value, "parameter")
                for name, value in params.items()
            },
            {
                escape(name, "header"): escape(value or "", "header")
                for name, value in headers.items()
            },
        )

    @classmethod
    def parse(cls, text: Text) -> SipURI:
        """Read a SIP or SIPS URI; :class:`ParseError` if ``text`` is none."""
        read = unfolded(text)
        uri = parse_uri(read)
        if not isinstance(uri, SipURI):
            fault("SIP-URI", f"the scheme is {uri.scheme!r}", read)
        return uri

    @property
    def unescaped_user(self) -> str | None:
        """The user part without escapes."""
        return None if self.user is None else unescape(self.user)

    @property
    def hostport(self) -> str:
        """Host and port as they are written (RFC 3261 section 25.1)."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def transport(self) -> str | None:
        """The ``transport`` parameter in lower case, ``None`` without one."""
        value = self.params.get("transport")
        return value.lower() if value else None

    def equivalent(self, other: URI) -> bool:
        """Whether both URIs are equivalent (RFC 3261 section 19.1.4).

        Not transitive: a parameter that only one of them has is ignored for most names.
        """
        return isinstance(other, SipURI) and comparison.sip_equivalent(self, other)

    @property
    def comparison_key(self) -> Hashable:
        """The same for all URIs that are equivalent to this one.

        To group URIs, or find candidates in a dict; of two with one key only
        :meth:`equivalent` says whether their other parameters agree.
        """
        return comparison.sip_key(self)

    def __str__(self) -> str:
        userinfo = "" if self.user is None else f"{self.user}@"
        if self.password is not None:
            userinfo = f"{self.user}:{self.password}@"
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{userinfo}{self.hostport}{self.params}{headers}"


class _TelURI(NamedTuple):
    number: str
    params: URIParameters


class TelURI(Built, _TelURI):  # type: ignore[misc]
    """A ``tel`` URI (RFC 3966): ``number`` as written, with its visual separators."""

    __slots__ = ()

    scheme = "tel"

    def __new__(cls, number: str, params: Mapping[str, str | None] = _NO_PARAMETERS) -> Self:
        """Make a URI; :class:`BuildError` for what the grammar forbids."""
        params = params if isinstance(params, URIParameters) else URIParameters(params)
        return _built(super().__new__(cls, number, params), "telephone-uri")

    @classmethod
    def parse(cls, text: Text) -> TelURI:
        """Read a tel URI; :class:`ParseError` if ``text`` is none."""
        read = unfolded(text)
        uri = parse_uri(read)
        if not isinstance(uri, TelURI):
            fault("telephone-uri", f"the scheme is {uri.scheme!r}", read)
        return uri

    @property
    def is_global(self) -> bool:
        """Whether the number is global, with ``+`` (RFC 3966 section 5.1.4)."""
        return self.number[:1] == "+"

    @property
    def digits(self) -> str:
        """The number without visual separators."""
        return comparison.digits(self.number)

    @property
    def phone_context(self) -> str | None:
        """Where a local number is valid (RFC 3966 section 5.1.5)."""
        value: str | None = self.params.get("phone-context")
        return value

    def equivalent(self, other: URI) -> bool:
        """Whether both URIs are equivalent (RFC 3966 section 4)."""
        return isinstance(other, TelURI) and self.comparison_key == other.comparison_key

    @property
    def comparison_key(self) -> Hashable:
        """The same for all URIs that are equivalent to this one, and for no other."""
        return comparison.tel_key(self)

    def __str__(self) -> str:
        return f"tel:{self.number}{self.params}"


class _AbsoluteURI(NamedTuple):
    scheme: str
    rest: str


class AbsoluteURI(Built, _AbsoluteURI):  # type: ignore[misc]
    """A URI of any other scheme: ``scheme`` in lower case, ``rest`` what follows its colon."""

    __slots__ = ()

    def __new__(cls, scheme: str, rest: str) -> Self:
        """Make a URI; :class:`BuildError` for what the grammar forbids."""
        return _built(super().__new__(cls, scheme, rest), "absoluteURI")

    @classmethod
    def parse(cls, text: Text) -> AbsoluteURI:
        """Read a URI that is neither SIP, SIPS nor tel; :class:`ParseError` otherwise."""
        read = unfolded(text)
        uri = parse_uri(read)
        if not isinstance(uri, AbsoluteURI):
            fault("absoluteURI", f"the scheme {uri.scheme!r} has a syntax of its own", read)
        return uri

    def equivalent(self, other: URI) -> bool:
        """Whether both are the same but for needless escapes and the scheme's case."""
        return isinstance(other, AbsoluteURI) and self.comparison_key == other.comparison_key

    @property
    def comparison_key(self) -> Hashable:
        """The same for all URIs that are equivalent to this one, and for no other."""
        return comparison.absolute_key(self)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


_SomeURI = TypeVar("_SomeURI", bound=SipURI | TelURI | AbsoluteURI)

URI = SipURI | TelURI | AbsoluteURI


def _built(uri: _SomeURI, rule: str) -> _SomeURI:
    """``uri`` if it is a sentence of ``rule`` and reads as what it was made of."""
    text = str(uri)
    try:
        octets = text.encode("ascii")
    except UnicodeEncodeError:
        raise BuildError(f"{text!r} contains a character that is not ASCII; escape it") from None
    if not automata("strict").matches(rule, octets):
        from sipgen.language.judging import where_refused  # noqa: PLC0415 - for mistakes only

        refused = where_refused(rule, octets)
        what = f": {refused[1]}" if refused else ""
        raise BuildError(f"{text!r} is not a valid {rule}{what}; escape what is not allowed")
    again = parse_uri(text)
    if tuple(again) != tuple(uri) or str(again) != text:
        raise BuildError(f"{text!r} would be read as {again!r}")
    return uri


def parse_uri(text: Text) -> URI:
    """Read a URI of any scheme.

    :return: :class:`SipURI` for ``sip`` and ``sips``, :class:`TelURI` for ``tel``, else
        :class:`AbsoluteURI`.
    :raises ParseError: if ``text`` is no URI.
    """
    if not isinstance(text, str) or "\n" in text:
        text = unfolded(text)
    return _known(text) or _uris.learn(text, _read)


def _read(text: str) -> URI:
    match = _SIP_URI(text)
    if match is not None:
        scheme, user, password, host, port, params, headers = match.groups()
        uri: URI = _new_tuple(
            SipURI,
            (
                scheme.lower(),
                user,
                password,
                host,
                port if port is None else number("port", port, text),
                URIParameters.parse(params) if params else _NO_PARAMETERS,
                URIHeaders.parse(headers) if headers else _NO_HEADERS,
            ),
        )
        return uri
    match = _SCHEME(text)
    if match is None:
        fault("URI", "a URI begins with a scheme and a colon", text)
    scheme = match[1].lower()
    if scheme in {"sip", "sips"}:
        fault("SIP-URI", "user part, host, port, parameters or headers are malformed", text)
    if scheme == "tel":
        match = _TEL_URI(text)
        if match is None:
            fault("telephone-uri", "the number or a parameter is malformed", text)
        params = match["params"]
        tel: URI = _new_tuple(
            TelURI, (match["number"], URIParameters.parse(params) if params else _NO_PARAMETERS)
        )
        return tel
    rest = text[match.end() :]
    if not _OPAQUE(rest):
        fault("absoluteURI", "white space, a quotation mark or nothing stands in it", text)
    other: URI = _new_tuple(AbsoluteURI, (scheme, rest))
    return other


_uris: Memory[str, URI] = Memory("URIs")
_known = _uris.get
