"""The one splitter for lists (RFC 3261 section 7.3.1).

A comma separates where it stands outside quoted strings, angle brackets and comments. Each
character is looked at once.
"""

from __future__ import annotations

import re

__all__ = ["split_list"]

_PIECE = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|<[^>]*+>?+|[^",<(]++|[,(]', re.DOTALL)


def split_list(text: str) -> list[str]:
    """The elements of ``text``, an unfolded value, without white space around them.

    A parenthesis opens a comment where it stands at the beginning of an element or after
    white space; elsewhere it is a character of a URI or a token. An element may be empty.
    """
    if "," not in text:
        return [text.strip(" \t")]
    if '"' not in text and "<" not in text and "(" not in text:
        return [element.strip(" \t") for element in text.split(",")]
    elements = []
    begin = position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        # Every character begins a piece: only a last backslash in quotes ends one early.
        end = match.end() if match else len(text)
        piece = text[position]
        if piece == ",":
            elements.append(text[begin:position].strip(" \t"))
            begin = end
        elif piece == "(" and (position == begin or text[position - 1] in " \t"):
            end = _comment_end(text, end)
        position = end
    elements.append(text[begin:].strip(" \t"))
    return elements


def _comment_end(text: str, position: int) -> int:
    """Just past the comment whose parenthesis stands before ``position``.

    One that is never closed takes the rest, so that no character is looked at again.
    """
    depth = 1
    for match in re.finditer(r"\\.|[()]", text[position:], re.DOTALL):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        if not depth:
            return position + match.end()
    return len(text)
