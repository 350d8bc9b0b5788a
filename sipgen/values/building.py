"""Checked construction: what a value would write must read as the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sipgen.errors import BuildError, ParseError
from sipgen.values.parameters import Parameters

__all__ = ["Built", "parameters_of", "reads_back"]

_Value = TypeVar("_Value")


def reads_back(value: _Value, read: Callable[[str], Any]) -> _Value:
    """``value``, if ``read`` makes an equal one of what ``str(value)`` writes.

    :raises BuildError: if it does not, so that no part can pass for another.
    """
    text = str(value)
    try:
        again = read(text)
    except ParseError as error:
        raise BuildError(f"{text!r} cannot be read: {error.finding.message}") from None
    if again != value:
        raise BuildError(f"{text!r} would be read as {again!r}")
    return value


def parameters_of(params: Mapping[str, str | None]) -> Parameters:
    """``params`` as :class:`Parameters`; :class:`BuildError` if they cannot be written."""
    return params if isinstance(params, Parameters) else Parameters(params)


class Built:
    """For named tuples whose constructor checks: ``_replace()`` goes through it too."""

    __slots__ = ()

    @classmethod
    def _make(cls, iterable: Any) -> Any:
        return cls(*iterable)
