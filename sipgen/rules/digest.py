"""Rules about challenges and credentials (RFC 3261 section 22, RFC 7616, RFC 8760)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.rules.declaring import Fault, element_rule, field_rule
from sipgen.values.authentication import Challenge, Credentials
from sipgen.values.locate import END, parameter, parameter_name

__all__: list[str] = []

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


def _missing(
    value: Challenge | Credentials, header: str, names: tuple[str, ...]
) -> Iterator[Fault]:
    for name in names if value.is_digest else ():
        if name not in value.params:
            yield Fault(f"{header} has no {name}.", END, (name,))


@element_rule("digest-parameter-repeated", *_CREDENTIALS, *_CHALLENGES)
def _digest_parameter_repeated(value: Challenge | Credentials) -> Iterator[Fault]:
    if len(value.params.pairs) == len(value.params):
        return
    seen = set()
    for number, (name, _) in enumerate(value.params.pairs):
        key = name.lower()
        if key in seen:
            message = f"The parameter {key[:40]} is given again."
            yield Fault(message, parameter_name(number))
        seen.add(key)


@element_rule("digest-credentials", *_CREDENTIALS)
def _digest_credentials(value: Credentials, header: str) -> Iterator[Fault]:
    return _missing(value, header, ("username", "realm", "nonce", "uri", "response"))


@element_rule("digest-challenge", *_CHALLENGES)
def _digest_challenge(value: Challenge, header: str) -> Iterator[Fault]:
    return _missing(value, header, ("realm", "nonce"))


@element_rule("digest-challenge-qop", *_CHALLENGES)
def _digest_challenge_qop(value: Challenge, header: str) -> Iterator[Fault]:
    return _missing(value, header, ("qop",))


@element_rule("digest-qop-counts", *_CREDENTIALS, needs=["qop"])
def _digest_qop_counts(value: Credentials, header: str) -> Iterator[Fault]:
    return _missing(value, header, ("cnonce", "nc"))


@element_rule("digest-counts-qop", *_CREDENTIALS, needs=["cnonce", "nc"])
def _digest_counts_qop(value: Credentials) -> Iterator[Fault]:
    for name in ("cnonce", "nc") if value.is_digest and "qop" not in value.params else ():
        if name in value.params:
            yield Fault(f"{name} stands without qop.", parameter_name(name), ("qop",))


@element_rule("digest-nc-zero", *_CREDENTIALS, needs=["nc"])
def _digest_nc_zero(value: Credentials) -> Iterator[Fault]:
    if value.is_digest and value.params["nc"] == "00000000":
        message = "The first use of a nonce counts as 1."
        yield Fault(message, parameter("nc"), ("00000001",))


@element_rule("digest-response-length", *_CREDENTIALS, needs=["response"])
def _digest_response_length(value: Credentials) -> Iterator[Fault]:
    response = value.response if value.is_digest else None
    wanted = _DIGITS.get((value.algorithm or "").lower() or "md5")
    # Empty as long as there was no challenge (RFC 8760 section 2.7).
    if response and wanted and len(response) != wanted:
        message = f"The response has {len(response)} digits; the algorithm gives {wanted}."
        yield Fault(message, parameter("response"), (f"{wanted} LHEX",))


@field_rule("credentials-repeated", *_CREDENTIALS)
def _credentials_repeated(values: tuple[Credentials, ...]) -> Iterator[Fault]:
    return _repeated(values, "", "Here are further credentials for the same realm.")


@field_rule("challenge-repeated", *_CHALLENGES)
def _challenge_repeated(values: tuple[Challenge, ...]) -> Iterator[Fault]:
    message = "Here is a further challenge of the same realm and algorithm."
    return _repeated(values, "md5", message)


def _repeated(
    values: tuple[Challenge | Credentials, ...], default: str, message: str
) -> Iterator[Fault]:
    seen = set()
    for number, value in enumerate(values):
        if value.is_digest:
            key = value.realm or "", (value.algorithm or "").lower() or default
            if "realm" in value.params and key in seen:
                yield Fault(message, element=number)
            seen.add(key)
