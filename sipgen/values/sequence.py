"""CSeq and RAck: which request, and which provisional response."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from sipgen.errors import BuildError
from sipgen.generated.methods import Method
from sipgen.values.building import Built
from sipgen.values.text import TOKEN, Text, fault, number, unfolded
from sipgen.wire.names import is_token

__all__ = ["CSeq", "RAck", "read_cseq", "read_rack"]

_RACK = re.compile(rf"([0-9]++)[ \t]++([0-9]++)[ \t]++({TOKEN})").fullmatch
_METHODS = frozenset(map(str, Method))
_new_tuple = tuple.__new__


class _CSeq(NamedTuple):
    number: int
    method: str


class CSeq(Built, _CSeq):  # type: ignore[misc]
    """``CSeq`` (RFC 3261 section 20.16): sequence number and method."""

    __slots__ = ()

    def __new__(cls, number: int, method: str) -> Self:
        """Make a CSeq; :class:`BuildError` for a negative number or a method that is no token."""
        _check(number, method)
        return super().__new__(cls, number, method)

    @classmethod
    def parse(cls, text: Text) -> CSeq:
        """Read ``4711 INVITE``; :class:`ParseError` for anything else."""
        return read_cseq(unfolded(text))

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


class _RAck(NamedTuple):
    response_num: int
    cseq_num: int
    method: str


class RAck(Built, _RAck):  # type: ignore[misc]
    """``RAck`` (RFC 3262 section 7.2): RSeq and CSeq of the response, and its method."""

    __slots__ = ()

    def __new__(cls, response_num: int, cseq_num: int, method: str) -> Self:
        """Make a RAck; :class:`BuildError` for a negative number or a method that is no token."""
        _check(response_num, method)
        _check(cseq_num, method)
        return super().__new__(cls, response_num, cseq_num, method)

    @classmethod
    def parse(cls, text: Text) -> RAck:
        """Read ``776656 1 INVITE``; :class:`ParseError` for anything else."""
        return read_rack(unfolded(text))

    def __str__(self) -> str:
        return f"{self.response_num} {self.cseq_num} {self.method}"


def _check(value: int, method: str) -> None:
    if value < 0 or value >= 10**18:
        raise BuildError(f"{value} is no number that a header field can hold")
    if not is_token(method):
        raise BuildError(f"{method!r} is no method: a token is expected")


def read_cseq(text: str) -> CSeq:
    """The CSeq that ``text``, unfolded and stripped, is."""
    digits, _, method = text.partition(" ")
    if method in _METHODS and len(digits) < 10 and digits.isdigit() and digits.isascii():
        value = int(digits)
    else:
        method = _method(text)
        value = number("CSeq", text.replace("\t", " ").partition(" ")[0], text)
    found: CSeq = _new_tuple(CSeq, (value, method))
    return found


def _method(text: str) -> str:
    rest = text.replace("\t", " ").partition(" ")[2]
    method = rest.strip(" ")
    if not is_token(method):
        fault("CSeq", "a number, a space and a method are expected", text)
    return method


def read_rack(text: str) -> RAck:
    """The RAck that ``text``, unfolded and stripped, is."""
    match = _RACK(text)
    if match is None:
        fault("RAck", "two numbers and a method are expected, with spaces between", text)
    response_num, cseq_num, method = match.groups()
    found: RAck = _new_tuple(
        RAck, (number("RAck", response_num, text), number("RAck", cseq_num, text), method)
    )
    return found
