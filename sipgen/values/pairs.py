"""Names and values in order, as a read-only mapping.

Parameters, URI header components and the parameters of credentials are such pairs. Names
are case-insensitive (RFC 3261 section 7.3.1), the first of two with one name wins, and a
name without a value has the value ``None``. How each was written is remembered.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Self

from sipgen.errors import BuildError, ParseError
from sipgen.values.text import Text

__all__ = ["Pair", "Pairs"]

Pair = tuple[str, str | None]


class Pairs(Mapping[str, str | None]):
    """What parameters and their kin have in common.

    Two are equal if they say the same, whatever the order, the case of names and the
    quotation marks.
    """

    __slots__ = ("_found", "_pairs")

    _found: dict[str, str | None] | None
    _pairs: tuple[Pair, ...]

    def __new__(cls, items: Mapping[str, str | None] | Iterable[Pair] = ()) -> Self:
        """Make pairs of names and what their values say, ``None`` for a name alone.

        :raises BuildError: for a name or value that cannot be written.
        """
        pairs = items.items() if isinstance(items, Mapping) else items
        return cls.written(
            [(name, value if value is None else cls._write(name, value)) for name, value in pairs]
        )

    @classmethod
    def written(cls, pairs: Iterable[Pair]) -> Self:
        """Make pairs of names and values as they are to be written, quoted or not.

        :raises BuildError: if they would not be read as they are given.
        """
        made = cls._of(tuple(pairs))
        text = str(made)
        try:
            again = cls.parse(text)
        except ParseError as error:
            raise BuildError(f"{text!r} cannot be read: {error.finding.message}") from None
        if again.pairs != made.pairs:
            raise BuildError(f"{text!r} would be read as {again.pairs}")
        return made

    @classmethod
    def _of(cls, pairs: tuple[Pair, ...]) -> Self:
        """Pairs that were read."""
        made = object.__new__(cls)
        made._pairs = pairs
        found: dict[str, str | None] = {}
        for name, value in pairs:
            found.setdefault(name.lower(), value if value is None else cls._read(value))
        made._found = found
        return made

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read pairs as they stand in a message; :class:`ParseError` if they are none."""
        raise NotImplementedError

    @classmethod
    def _write(cls, name: str, value: str) -> str:
        """How ``value`` is written after ``name``."""
        del name
        return value

    @classmethod
    def _read(cls, value: str) -> str:
        """What a value as written says."""
        return value

    @property
    def _known(self) -> dict[str, str | None]:
        """What the values say, by name in lower case."""
        # Only a kind that tells its pairs apart later has none yet.
        return self._found or {}

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Names and values as they are written, in order, repeated ones too."""
        return self._pairs

    def with_(self, name: str, value: str | None = None) -> Self:
        """A copy that has ``name``, with ``value``: in its place, or at the end.

        :raises BuildError: for a name or value that cannot be written.
        """
        wanted = name.lower()
        pair = (name, value if value is None else self._write(name, value))
        names = [here.lower() for here, _ in self.pairs]
        place = names.index(wanted) if wanted in names else len(names)
        before = self.pairs[:place]
        after = [other for other in self.pairs[place:] if other[0].lower() != wanted]
        return self.written([*before, pair, *after])

    def without(self, name: str) -> Self:
        """A copy that does not have ``name``."""
        wanted = name.lower()
        return self._of(tuple([pair for pair in self.pairs if pair[0].lower() != wanted]))

    def __getitem__(self, name: str) -> str | None:
        return self._known[name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        """What the value of ``name`` says; ``default`` if it is not there."""
        return self._known.get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def keys(self) -> KeysView[str]:
        """The names, in lower case."""
        return self._known.keys()

    def values(self) -> ValuesView[str | None]:
        """What the values say."""
        return self._known.values()

    def items(self) -> ItemsView[str, str | None]:
        """The names in lower case, and what the values say."""
        return self._known.items()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Pairs):
            return self._known == other._known
        return self._known == other if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._known.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._known})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._of, (self.pairs,)  # noqa: SLF001 - its own
