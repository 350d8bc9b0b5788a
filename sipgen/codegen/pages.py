"""Tables in Markdown, for the pages that are generated with the code."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["names", "rfc", "section"]


def section(
    title: str, what: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> str:
    """A heading, a sentence or two, and a table."""
    lines = [f"## {title}", "", what, "", row(columns), row(["---"] * len(columns))]
    lines += map(row, rows)
    return "\n".join(lines) + "\n"


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(cell: str) -> str:
    """A cell's text with Markdown's own characters taken for what they are."""
    special = "|" if cell.startswith("`") else "|*<"
    return "".join(f"\\{character}" if character in special else character for character in cell)


def rfc(number: int) -> str:
    """An RFC as it is written in a table."""
    return f"RFC {number}"


def names(found: Iterable[str]) -> str:
    """Names of rules, as code."""
    return ", ".join(f"`{name}`" for name in found)
