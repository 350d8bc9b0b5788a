"""Server and User-Agent: products and comments (RFC 3261 sections 20.35 and 20.41)."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from sipgen.values.building import Built, reads_back
from sipgen.values.numbers import comment_end
from sipgen.values.text import TOKEN, WHITE_SPACE, Text, fault, unfolded

__all__ = ["Comment", "Product", "read_products"]

_PRODUCT = re.compile(rf"({TOKEN})(?:{WHITE_SPACE}/{WHITE_SPACE}({TOKEN}))?+(?=[ \t]|\Z|\()").match
_new_tuple = tuple.__new__


class _Product(NamedTuple):
    name: str
    version: str | None


class Product(Built, _Product):  # type: ignore[misc]
    """A product, with its version if it has one."""

    __slots__ = ()

    def __new__(cls, name: str, version: str | None = None) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        return reads_back(super().__new__(cls, name, version), cls.parse)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read ``Softphone/1.5``; :class:`ParseError` for anything else."""
        read = unfolded(text)
        match = _PRODUCT(read)
        if match is None or match.end() != len(read):
            fault("product", "'name' or 'name/version' is expected", read)
        made: Self = _new_tuple(cls, match.groups())
        return made

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}/{self.version}"


class _Comment(NamedTuple):
    text: str


class Comment(Built, _Comment):  # type: ignore[misc]
    """A comment, without its parentheses."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        return reads_back(super().__new__(cls, text), cls.parse)

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read a comment in its parentheses; :class:`ParseError` for anything else."""
        read = unfolded(text)
        if read[:1] != "(" or comment_end(read, 0) != len(read):
            fault("comment", "text in parentheses is expected", read)
        made: Self = _new_tuple(cls, (read[1:-1],))
        return made

    def __str__(self) -> str:
        return f"({self.text})"


def read_products(text: str) -> tuple[Product | Comment, ...]:
    """The products and comments of ``text``, unfolded, in order."""
    found: list[Product | Comment] = []
    position = 0
    while position < len(text):
        if text[position] in " \t":
            position += 1
        elif text[position] == "(":
            end = comment_end(text, position)
            found.append(_new_tuple(Comment, (text[position + 1 : end - 1],)))
            position = end
        else:
            match = _PRODUCT(text, position)
            if match is None:
                fault("product", "a product or a comment is expected", text, position)
            found.append(_new_tuple(Product, match.groups()))
            position = match.end()
    if not found:
        fault("server-val", "a product or a comment is expected", text)
    return tuple(found)
