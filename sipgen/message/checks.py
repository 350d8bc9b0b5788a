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
    """Return ``value`` as the text of a header field: a str, a number, typed values.

    :raises BuildError: for bytes and for ``None``, whose text nobody means.
    """
    if isinstance(value, str):
        return value
    if type(value) in {tuple, list}:
        return ", ".join([value_text(one) for one in value])  # type: ignore[attr-defined]
    if value is None or isinstance(value, bytes | bytearray | memoryview | bool):
        raise BuildError(f"{value!r} is not a header field value; give a str or a typed value")
    return str(value)


def header_line(name: str, value: str) -> tuple[str, str]:
    """Return value, without white space around it, and line of a field to be written.

    :raises BuildError: if ``name`` is not a token, or ``value`` does not match the rule of
        the header field.
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
        _refuse(f"{value!r} is not a valid {canonical(name)} value", entry, octets)
    return text, f"{name}: {text}"


_checked_lines: Memory[tuple[str, str], tuple[str, str]] = Memory("values that were written")
_known = _checked_lines.get


def check_start_line(entry: str, line: str) -> None:
    """Raise BuildError if ``line`` does not match ``Request-Line`` or ``Status-Line``."""
    octets = _octets(line)
    if not automata("strict").matches(entry, octets):
        _refuse(f"{line!r} is not a valid {entry}", entry, octets)


def _octets(text: str) -> bytes:
    """``text`` in UTF-8; what was read and is none must not be written anew."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BuildError(f"{text!r} cannot be encoded in UTF-8: {error.reason}") from None


def _refuse(what: str, entry: str, octets: bytes) -> NoReturn:
    from sipgen.language.judging import where_refused  # noqa: PLC0415 - for mistakes only

    refused = where_refused(entry, octets)
    raise BuildError(f"{what}: {refused[1]}" if refused else what)
