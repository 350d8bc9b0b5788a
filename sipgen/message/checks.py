"""What may be written into a message: names, values and start lines by the strict grammar."""

from __future__ import annotations

from typing import NoReturn

from sipgen.errors import BuildError
from sipgen.language.automata import automata
from sipgen.memory import Memory
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
    key = name, value
    found = _known(key)
    if found is None:
        size = len(name) + len(value)
        found = _checked_lines.find(key, size) or _checked_lines.keep(
            key, _checked(name, value), size
        )
    return found


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


_checked_lines: Memory[tuple[str, str], tuple[str, str]] = Memory("values that were written")
_known = _checked_lines.get


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
