"""How much may be done before a rule counts as exploding."""

from __future__ import annotations

from math import inf

from sipgen.codegen.model import Rule
from sipgen.errors import GrammarError

__all__ = ["Budget", "ExplosionError", "OverflowingError"]


class Budget:
    """Steps that may be taken, by several compilers together."""

    def __init__(self, steps: float = inf) -> None:
        self.steps = steps
        self._left = steps

    def begin(self) -> None:
        """Count from nought again."""
        self._left = self.steps

    def spend(self, steps: int) -> None:
        """Take ``steps``; :class:`OverflowingError` if so many are not left."""
        self._left -= steps
        if self._left < 0:
            raise OverflowingError(f"{self.steps} steps to make its automaton")


class OverflowingError(Exception):
    """More than a limit allows; the text says how much of what that is."""


class ExplosionError(GrammarError):
    """A rule takes more than a limit allows."""

    def __init__(self, rule: Rule, limit: str) -> None:
        at = rule.position
        message = f'rule "{rule.name}" needs more than {limit}'
        super().__init__(message, path=at.path, line=at.line, column=at.column)
        self.rule = rule
        self.limit = limit
