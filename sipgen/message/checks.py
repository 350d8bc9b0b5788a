"""What may be written into a message: names, values and start lines by the strict grammar."""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

from sipgen.automata import automata
from sipgen.errors import BuildError
from sipgen.limits import MAX_REMEMBERED_TEXT, MAX_REMEMBERED_VALUES
from sipgen.wire.names import canonical
from sipgen.wire.serialiser import check_name, check_text

__all__ = ["check_start_line", "header_line", "value_text"]

_OTHERS = "extension-header"


def value_text(value: object) -> str:
    """``value`` as the text of a header field: a str, a number, a typed value, or several.

    :raises BuildError: for octets and for ``None``, whose text nobody means.
    """
    if isinstance(value, str):
        return value
    if type(value) in {tuple, list}:
        return ", ".join([value_text(one) for one in value])  # type: ignore[attr-defined]
    if value is None or isinstance(value, bytes | bytearray | memoryview | bool):
        raise BuildError(f"{value!r} is no value of a header field; give a str or a typed value")
    return str(value)


def header_line(name: str, value: str) -> tuple[str, str]:
    """The value without white space around it, and the line, of a field to be written.

    :raises BuildError: if ``name`` is no token, or ``value`` no sentence of the rule that
        the header field has.
    """
    if len(value) <= MAX_REMEMBERED_TEXT:
        return _remembered(name, value)
    return _checked(name, value)


def _checked(name: str, value: str) -> tuple[str, str]:
    check_name(name)
    text = check_text(value, f"the value of {name}").strip(" \t")
    machine = automata("strict")
    entry = canonical(name)
    if entry not in machine.starts:
        entry = _OTHERS
    octets = _octets(text)
    if not machine.matches(entry, octets):
        at, _ = machine.failure(entry, octets)
        _refuse(f"{value!r} is no value of {canonical(name)}", octets, at)
    return text, f"{name}: {text}"


_remembered = lru_cache(MAX_REMEMBERED_VALUES)(_checked)


def check_start_line(entry: str, line: str) -> None:
    """:class:`BuildError` if ``line`` is no ``entry``: ``Request-Line`` or ``Status-Line``."""
    octets = _octets(line)
    machine = automata("strict")
    if not machine.matches(entry, octets):
        at, _ = machine.failure(entry, octets)
        _refuse(f"{line!r} is no {entry}", octets, at)


def _octets(text: str) -> bytes:
    """``text`` in UTF-8; what was read and is none must not be written anew."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BuildError(f"{text!r} cannot be encoded in UTF-8: {error.reason}") from None


def _refuse(what: str, octets: bytes, at: int) -> NoReturn:
    if at >= len(octets):
        raise BuildError(f"{what}: it ends too early")
    shown = octets[at : at + 1]
    octet = repr(shown.decode()) if shown.isascii() else f"octet 0x{shown.hex().upper()}"
    raise BuildError(f"{what}: {octet} cannot stand at octet {at}")
