"""A message as message rules see it: its kind, and the typed values that can be relied on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from sipgen.errors import ParseError
from sipgen.message import Message, Request, elements_at
from sipgen.rules.declaring import Kind
from sipgen.values.locate import WHOLE, Part

__all__ = ["BODY", "HEAD_END", "NAME", "START_LINE", "Element", "Facts", "Place"]

START_LINE = -1
HEAD_END = -2
"""Where what is missing from the header section could be."""
BODY = -3

NAME = Part("name")
"""The name of a header line."""


class Place(NamedTuple):
    """What a message rule found: a sentence, and where in the message it applies."""

    message: str
    line: int
    """Number of the header line, or :data:`START_LINE`, :data:`HEAD_END`, :data:`BODY`."""
    header: str | None = None
    part: Part = WHOLE
    expected: tuple[str, ...] = ()
    element: int = 0
    """Number of the element in its line; of a range of the body its first octet, while the
    ``key`` of its part is the one behind its last."""


class Element(NamedTuple):
    """One element of a header field, and where it is."""

    value: Any
    line: int
    number: int

    def fault(
        self, message: str, header: str, part: Part = WHOLE, expected: tuple[str, ...] = ()
    ) -> Place:
        """What is wrong with a part of it."""
        return Place(message, self.line, header, part, expected, self.number)


class Facts:
    """One message, read once.

    Values of lines that the grammar refuses are left out: nothing certain can be said of
    them. That a header field is present counts all the same.
    """

    __slots__ = (
        "_elements", "_noted", "_refused", "_unusual", "framed", "kind", "message",
    )  # fmt: skip

    def __init__(
        self,
        message: Message,
        kind: Kind,
        refused: Collection[int] = (),
        *,
        framed: bool = True,
        noted: Mapping[str, str] = MappingProxyType({}),
        unusual: Collection[str] = (),
    ) -> None:
        """Look at a message.

        :param message: what was read.
        :param refused: numbers of the header lines that the grammar refuses, and
            :data:`START_LINE` if it refuses that.
        :param framed: whether the length of the body is known.
        :param noted: what is known of From, To and CSeq without reading them: see :meth:`tag`
            and :meth:`cseq_method`.
        :param unusual: header fields with a value that ``ordinary`` does not accept.
        """
        self.message = message
        self.kind = kind
        self.framed = framed
        self._refused = refused
        self._noted = noted
        self._unusual = unusual
        self._elements: dict[str, list[Element]] = {}

    def __contains__(self, name: str) -> bool:
        """Return True if the message has a header field of this name."""
        return name in self.kind.names

    @property
    def is_request(self) -> bool:
        """Whether the start line is a Request-Line."""
        return self.kind.is_request

    @property
    def method(self) -> str:
        """See :attr:`Kind.method`."""
        return self.kind.method

    @property
    def status(self) -> int:
        """See :attr:`Kind.status`."""
        return self.kind.status

    @property
    def body(self) -> bytes:
        """The body, as far as its length is known."""
        return self.message.body

    @property
    def uri(self) -> Any:
        """The typed Request-URI; ``None`` in a response, or where the grammar refuses it."""
        if START_LINE in self._refused or not isinstance(self.message, Request):
            return None
        try:
            return self.message.uri
        except ParseError:
            return None

    def lines(self, name: str) -> list[int]:
        """Return the numbers of the header lines of this name, refused or not."""
        return [at for at, here in enumerate(self.kind.names) if here == name]

    def names(self, name: str, message: str, expected: tuple[str, ...] = ()) -> Iterator[Place]:
        """Return a fault for each header line of this name, about the name."""
        return (Place(message, at, name, NAME, expected) for at in self.lines(name))

    @staticmethod
    def missing(message: str, header: str, expected: tuple[str, ...] = ()) -> Place:
        """Return the fault that a header field is missing."""
        return Place(message, HEAD_END, header, expected=expected)

    @staticmethod
    def in_body(
        begin: int, end: int, message: str, header: str | None = None,
        expected: tuple[str, ...] = (),
    ) -> Place:  # fmt: skip
        """Return a fault about octets of the body."""
        return Place(message, BODY, header, Part("whole", end), expected, begin)

    def elements(self, name: str) -> list[Element]:
        """Return the elements of a header field, from all its lines."""
        found = self._elements.get(name)
        if found is None and name not in self.kind.names:
            return []
        if found is None:
            found = self._elements[name] = [
                Element(value, at, number)
                for at in self.lines(name)
                if at not in self._refused
                for number, value in enumerate(elements_at(self.message, at))
            ]
        return found

    def first(self, name: str) -> Any:
        """Return the first element of a header field; ``None`` without one."""
        found = self.elements(name)
        return found[0].value if found else None

    def is_usual(self, name: str) -> bool:
        """Return True if ``ordinary`` accepts every value of a header field, if it is there."""
        return name not in self._unusual

    def tag(self, name: str) -> str | None:
        """Return the tag of From or To if the message has one such line, ``""`` without a tag.

        ``None`` if that cannot be told: where there are several lines, or none that is
        accepted. In an accepted line that ends in ``;tag=`` and a token, that is the tag.
        """
        found = self._noted.get(name)
        if found is None:
            address = self.only(name)
            found = None if address is None else address.tag or ""
        return found

    def cseq_method(self) -> str | None:
        """Return the method of CSeq; ``None`` where :meth:`tag` would give ``None``."""
        found = self._noted.get("CSeq")
        if found is None:
            cseq = self.only("CSeq")
            found = None if cseq is None else cseq.method
        return found

    def only(self, name: str) -> Any:
        """Return what a header field says that has one line; ``None`` for any other.

        That is a value, or the tuple of a list. It takes a third of the time of
        :meth:`elements`: for rules that nearly always have nothing to say.
        """
        if self._refused:
            return None
        try:
            return self.message.only(name)
        except ParseError:
            return None

    def addresses(self, name: str) -> list[Element]:
        """Return :meth:`elements` without the ``*`` of a Contact."""
        return [element for element in self.elements(name) if not element.value.is_star]

    def tokens(self, *names: str) -> set[str]:
        """Return the elements of lists of tokens, in lower case."""
        return {element.value.lower() for name in names for element in self.elements(name)}

    def all_usable(self, name: str) -> bool:
        """Return True if the grammar accepts every header field of this name."""
        return not any(at in self._refused for at in self.lines(name))
