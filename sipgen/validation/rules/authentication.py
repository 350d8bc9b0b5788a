"""Rules about challenges and credentials (RFC 3261 section 22, RFC 7616, RFC 8760)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import WHITE_SPACE, Parameter, Part, cut, parameters, split

__all__ = ["Scheme", "schemes"]

_CREDENTIALS = ("Authorization", "Proxy-Authorization")
_CHALLENGES = ("Proxy-Authenticate", "WWW-Authenticate")
_DIGITS = {
    "md5": 32,
    "md5-sess": 32,
    "akav1-md5": 32,
    "akav2-md5": 32,
    "sha-256": 64,
    "sha-256-sess": 64,
    "sha-512-256": 64,
    "sha-512-256-sess": 64,
}
"""Hexadecimal digits of a response, by algorithm (RFC 7616 section 3.4.1, RFC 8760)."""


class Scheme(NamedTuple):
    """A challenge or credentials: an authentication scheme and its parameters."""

    header: str
    name: Part
    whole: Part
    parameters: tuple[Parameter, ...]

    @property
    def is_digest(self) -> bool:
        """Whether the scheme is Digest."""
        return self.name.text.lower() == "digest"

    def parameter(self, name: str) -> Parameter | None:
        """The first parameter of that name, in lower case."""
        return next((item for item in self.parameters if item.key == name), None)

    def text(self, name: str) -> str:
        """The text of a parameter, empty if there is none."""
        found = self.parameter(name)
        return found.text if found else ""


def schemes(context: Context) -> list[Scheme]:
    """All challenges and credentials of a message."""
    return context.once(_schemes)


def _schemes(context: Context) -> list[Scheme]:
    found = []
    for header in (*_CREDENTIALS, *_CHALLENGES):
        for part in context.fields(header):
            text = part.text
            end = next((at for at, c in enumerate(text) if c in WHITE_SPACE), len(text))
            rest = cut(part, end, len(text))
            found.append(Scheme(header, cut(part, 0, end), part, parameters(split(rest, ","))))
    return found


def _digests(context: Context, headers: tuple[str, ...]) -> Iterator[Scheme]:
    return (item for item in schemes(context) if item.is_digest and item.header in headers)


def _missing(scheme: Scheme, names: tuple[str, ...]) -> Iterator[Fault]:
    for name in names:
        if scheme.parameter(name) is None:
            end = scheme.whole.end
            yield Fault(end, end, f"{scheme.header} has no {name}.", scheme.header, (name,))


@rule("digest-parameter-repeated", *_CREDENTIALS, *_CHALLENGES)
def _digest_parameter_repeated(context: Context) -> Iterator[Fault]:
    for scheme in schemes(context):
        seen = set()
        for parameter in scheme.parameters:
            if parameter.key in seen:
                message = f"The parameter {parameter.key[:40]} is given again."
                yield Fault.at(parameter.name, message, scheme.header)
            seen.add(parameter.key)


@rule("digest-credentials", *_CREDENTIALS)
def _digest_credentials(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CREDENTIALS):
        yield from _missing(scheme, ("username", "realm", "nonce", "uri", "response"))


@rule("digest-challenge", *_CHALLENGES)
def _digest_challenge(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CHALLENGES):
        yield from _missing(scheme, ("realm", "nonce"))


@rule("digest-challenge-qop", *_CHALLENGES)
def _digest_challenge_qop(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CHALLENGES):
        yield from _missing(scheme, ("qop",))


@rule("digest-qop-counts", *_CREDENTIALS)
def _digest_qop_counts(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CREDENTIALS):
        if scheme.parameter("qop"):
            yield from _missing(scheme, ("cnonce", "nc"))


@rule("digest-counts-qop", *_CREDENTIALS)
def _digest_counts_qop(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CREDENTIALS):
        for name in ("cnonce", "nc") if scheme.parameter("qop") is None else ():
            parameter = scheme.parameter(name)
            if parameter:
                message = f"{name} stands without qop."
                yield Fault.at(parameter.name, message, scheme.header, ("qop",))


@rule("digest-nc-zero", *_CREDENTIALS)
def _digest_nc_zero(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CREDENTIALS):
        parameter = scheme.parameter("nc")
        if parameter and parameter.text == "00000000":
            message = "The first use of a nonce counts as 1."
            yield Fault.at(parameter.part, message, scheme.header, ("00000001",))


@rule("digest-response-length", *_CREDENTIALS)
def _digest_response_length(context: Context) -> Iterator[Fault]:
    for scheme in _digests(context, _CREDENTIALS):
        response = scheme.parameter("response")
        wanted = _DIGITS.get(scheme.text("algorithm").lower() or "md5")
        # Empty as long as there was no challenge (RFC 8760 section 2.7).
        if response and response.text and wanted and len(response.text) != wanted:
            message = f"The response has {len(response.text)} digits; the algorithm gives {wanted}."
            yield Fault.at(response.part, message, scheme.header, (f"{wanted} LHEX",))


@rule("credentials-repeated", *_CREDENTIALS)
def _credentials_repeated(context: Context) -> Iterator[Fault]:
    seen = set()
    for scheme in _digests(context, _CREDENTIALS):
        key = (scheme.header, scheme.text("realm"), scheme.text("algorithm").lower())
        if scheme.parameter("realm") and key in seen:
            message = "Here are further credentials for the same realm."
            yield Fault.at(scheme.whole, message, scheme.header)
        seen.add(key)


@rule("challenge-repeated", *_CHALLENGES)
def _challenge_repeated(context: Context) -> Iterator[Fault]:
    seen = set()
    for scheme in _digests(context, _CHALLENGES):
        key = (scheme.header, scheme.text("realm"), scheme.text("algorithm").lower() or "md5")
        if scheme.parameter("realm") and key in seen:
            message = "Here is a further challenge of the same realm and algorithm."
            yield Fault.at(scheme.whole, message, scheme.header)
        seen.add(key)
