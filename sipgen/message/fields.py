"""The header fields of a message, as they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

__all__ = ["HeaderField", "Headers", "with_name"]


class HeaderField(NamedTuple):
    """A header field of a message."""

    raw_name: str
    """The name as it came: ``f``."""
    name: str
    """The canonical name: ``From``."""
    value: str
    """The value, each fold as one space, without white space around it."""


class Headers(Sequence[HeaderField]):
    """The header fields of a message, in order; a view, made when looked at."""

    __slots__ = ("_fields",)

    def __init__(self, names: Sequence[str], values: list[str], lines: list[str]) -> None:
        # A line that is no header field has no name; it is no field here either.
        self._fields = [
            HeaderField(line.partition(":")[0].rstrip(" \t\r\n"), name, value)
            for name, value, line in zip(names, values, lines, strict=True)
            if name
        ]

    @overload
    def __getitem__(self, index: int) -> HeaderField: ...
    @overload
    def __getitem__(self, index: slice) -> list[HeaderField]: ...
    def __getitem__(self, index: int | slice) -> HeaderField | list[HeaderField]:
        return self._fields[index]

    def __iter__(self) -> Iterator[HeaderField]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self._fields})"


def with_name(line: str, name: str) -> str:
    """A header line with another name, all that follows the name as it is."""
    _, colon, rest = line.partition(":")
    return f"{name}{colon}{rest}"
