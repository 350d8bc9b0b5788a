"""The one way of remembering: bounded in entries and in characters, evicting, safe in threads.

What recurs in traffic (addresses, lists of methods, whole header lines) is worked out once
and looked up afterwards. Whoever sends invented texts must neither fill memory nor stop
anything else from being remembered. So entries are kept in two generations: a new one goes
into the recent generation, and once that is full the older one is forgotten and the recent
one takes its place. What is used again moves up, so what recurs stays, whatever is sent in
between. Unlike ``functools.lru_cache`` a memory counts characters and can decline a value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from sipgen.limits import MAX_REMEMBERED_CHARACTERS, MAX_REMEMBERED_TEXT, MAX_REMEMBERED_VALUES

__all__ = ["Memory", "memories"]

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")

_every: WeakSet[Memory[Any, Any]] = WeakSet()


class Memory(Generic[_Key, _Value]):
    """Values by key; a value is never ``None``.

    ``get`` looks in the recent generation and is as quick as a dict; after a miss
    :meth:`find` looks in the older one, and :meth:`keep` remembers what was worked out.
    """

    __slots__ = (
        "__weakref__",
        "_characters",
        "_entries",
        "_lock",
        "_longest",
        "_older",
        "_recent",
        "_room",
        "get",
        "name",
    )

    def __init__(
        self,
        name: str,
        *,
        entries: int = MAX_REMEMBERED_VALUES,
        characters: int = MAX_REMEMBERED_CHARACTERS,
        longest: int = MAX_REMEMBERED_TEXT,
    ) -> None:
        """Make an empty memory.

        :param name: what is remembered, for people who look at :func:`memories`.
        :param entries: entries in a generation.
        :param characters: characters in the keys of a generation.
        :param longest: characters in a key that is remembered.
        """
        self.name = name
        self._entries = entries
        self._characters = characters
        self._longest = longest
        self._lock = Lock()
        self._recent: dict[_Key, _Value] = {}
        self._older: dict[_Key, _Value] = {}
        self._room = characters
        self.get: Callable[[_Key], _Value | None] = self._recent.get
        """Return the value of a key if it is in the recent generation, else ``None``."""
        _every.add(self)

    def find(self, key: _Key, weight: int | None = None) -> _Value | None:
        """Return the value of a key that :meth:`get` does not know, if it is an older one.

        :param weight: see :meth:`keep`.
        """
        found = self._older.get(key)
        return None if found is None else self.keep(key, found, weight)

    def keep(self, key: _Key, value: _Value, weight: int | None = None) -> _Value:
        """Remember ``value``, unless there is too much of it, and return it.

        :param weight: the characters that key and value are made of; without it ``len(key)``.
        """
        size = len(key) if weight is None else weight  # type: ignore[arg-type]
        if size <= self._longest:
            recent = self._recent
            if len(recent) >= self._entries or size > self._room:
                self._begin()
            recent[key] = value
            # Two threads at once may count one entry less; the next generation counts anew.
            self._room -= size
        return value

    def _begin(self) -> None:
        """Begin a new generation."""
        with self._lock:
            self._older = self._recent.copy()
            # The dict stays the same one, and so does ``get``.
            self._recent.clear()
            self._room = self._characters

    def learn(self, key: _Key, make: Callable[[_Key], _Value]) -> _Value:
        """Return the value of a key that :meth:`get` does not know: an older one, or a new one."""
        found = self._older.get(key)
        return self.keep(key, make(key) if found is None else found)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._recent.clear()
            self._older = {}
            self._room = self._characters

    def __len__(self) -> int:
        """Return the number of entries in both generations."""
        return len(self._recent.keys() | self._older.keys())


def memories() -> list[Memory[Any, Any]]:
    """Return every memory that is alive in this process."""
    return list(_every)
