"""The one splitter for lists and parameters (RFC 3261 section 7.3.1).

A separator counts where it stands outside quoted strings, angle brackets and comments. Each
character is looked at once.
"""

from __future__ import annotations

import re

__all__ = ["separators", "split_list"]

_QUOTED = r'"(?:[^"\\]++|\\.)*+"?+|<[^>]*+>?+'
_PLAIN = {
    separator: re.compile(rf"{_QUOTED}|{separator}", re.DOTALL).finditer for separator in ",;/"
}
_WITH_COMMENTS = {
    separator: re.compile(rf"{_QUOTED}|[(]|{separator}", re.DOTALL).search for separator in ",;/"
}
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)


def split_list(text: str) -> list[str]:
    """The elements of ``text``, an unfolded value, without white space around them.

    An element may be empty.
    """
    if "," not in text:
        return [text.strip(" \t")]
    if '"' not in text and "<" not in text and "(" not in text:
        return [element.strip(" \t") for element in text.split(",")]
    ends = separators(text, ",")
    begins = [0, *(end + 1 for end in ends)]
    return [
        text[begin:end].strip(" \t") for begin, end in zip(begins, [*ends, len(text)], strict=True)
    ]


def separators(text: str, separator: str) -> list[int]:
    """Where ``separator``, one of ``,`` ``;`` and ``/``, separates.

    A parenthesis opens a comment where it stands at the beginning, after a separator or
    after white space; elsewhere it is a character of a URI or a token. What is never closed
    goes to the end.
    """
    if "(" not in text:
        return [match.start() for match in _PLAIN[separator](text) if match[0] == separator]
    search = _WITH_COMMENTS[separator]
    found = []
    position = 0
    while (match := search(text, position)) is not None:
        at, position = match.span()
        if match[0] == separator:
            found.append(at)
        elif match[0] == "(" and (at == 0 or text[at - 1] in f" \t\r\n{separator}"):
            position = _comment_end(text, position)
    return found


def _comment_end(text: str, position: int) -> int:
    """Just past the comment whose parenthesis stands before ``position``."""
    depth = 1
    for match in _IN_COMMENT.finditer(text, position):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        if not depth:
            return match.end()
    return len(text)
