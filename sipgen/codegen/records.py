"""Reads tables of TOML or JSON into dataclasses.

Every key and type is checked, so that a misspelt key is an error with the nearest right
name rather than a decision that silently does not hold. A field of a dataclass is an int, a
str, a bool, another dataclass, or a tuple of any one of these; one with a default may be
left out.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sipgen.errors import GrammarError

__all__ = ["one_of", "read_record", "record"]

_Record = TypeVar("_Record")


def read_record(kind: type[_Record], path: Path, what: str) -> _Record:
    """Read a TOML file.

    :param kind: the dataclass of the whole file.
    :param what: the words for the whole file in a mistake.
    :raises GrammarError: for what is no TOML, and as :func:`record`.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GrammarError(str(error), path=str(path)) from error
    return record(kind, data, what, path)


def record(kind: type[_Record], data: object, what: str, path: Path | str) -> _Record:
    """Return ``data`` as a dataclass.

    :param kind: the dataclass; metadata ``key`` is a key that is no Python name.
    :param data: a table as TOML or JSON gives it.
    :param what: the words for it in a mistake.
    :param path: the file that a mistake is reported in.
    :raises GrammarError: for a key that is missing, unknown (with the nearest right one) or
        of another type.
    """
    if not isinstance(data, dict):
        raise GrammarError(f"{what} is not a table", path=str(path))
    name = data.get("id") or data.get("header")
    what = f'{what} ("{name}")' if isinstance(name, str) else what
    types = get_type_hints(kind)
    known = {item.metadata.get("key", item.name): item for item in fields(kind)}  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            message = f'{what} has an unknown key "{key}"'
            raise GrammarError(message, path=str(path), expected=_near(key, sorted(known)))
    values: dict[str, Any] = {}
    for key, item in known.items():
        if key in data:
            values[item.name] = _value(data[key], types[item.name], f"{what}, {key}", path)
        elif item.default is MISSING:
            raise GrammarError(f'{what} lacks "{key}"', path=str(path))
    return kind(**values)


def one_of(found: str, known: Collection[str], what: str, path: Path | str) -> None:
    """Refuse a text that is none of ``known``."""
    if found not in known:
        raise GrammarError(f'{what} is "{found}"', path=str(path), expected=_near(found, known))


def _near(found: str, known: Collection[str]) -> tuple[str, ...]:
    """The nearest of ``known``, in quotes; all of them if none is near."""
    near = difflib.get_close_matches(found, known, n=1)
    return tuple(f'"{name}"' for name in near or known)


def _value(value: object, kind: Any, what: str, path: Path | str) -> object:
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise GrammarError(f"{what} is not a list", path=str(path))
        inner = get_args(kind)[0]
        return tuple(
            _value(item, inner, f"{what} {number}", path)
            for number, item in enumerate(value, start=1)
        )
    if is_dataclass(kind):
        return record(kind, value, what, path)  # type: ignore[arg-type]
    # Of "str | None" the str: there is no None in TOML.
    wanted = next((one for one in get_args(kind) if one is not NoneType), kind)
    if type(value) is not wanted:
        raise GrammarError(f"{what} is not of type {wanted.__name__}", path=str(path))
    return value
