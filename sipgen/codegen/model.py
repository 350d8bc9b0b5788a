"""The rule model: what ABNF says, as data that every later step reads.

A rule's elements are a tree of frozen nodes over octets. A :class:`RuleSet` holds the
rules of a grammar by name (ABNF names are case-insensitive, RFC 5234 section 2.1) and
answers the questions that a generator must ask before it trusts a grammar: what is
undefined, unused, recursive, left-recursive, nullable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sipgen.errors import GrammarError

__all__ = [
    "Alternation",
    "Difference",
    "Literal",
    "Node",
    "OctetClass",
    "Position",
    "Prose",
    "Reference",
    "Repetition",
    "Rule",
    "RuleSet",
    "Sequence",
    "alternation",
    "children",
    "is_nullable",
    "rebuild",
    "references",
    "sequence",
    "written_name",
]


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in a grammar file; line and column count from 1."""

    path: str
    line: int
    column: int

    def error(self, message: str, expected: tuple[str, ...] = ()) -> GrammarError:
        """Return an error that names this place."""
        return GrammarError(
            message, path=self.path, line=self.line, column=self.column, expected=expected
        )


@dataclass(frozen=True, slots=True)
class Literal:
    """A quoted string; case-insensitive unless written ``%s"..."`` (RFC 7405)."""

    text: str
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class OctetClass:
    """One octet out of a set: a numeric value or a range."""

    octets: frozenset[int]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A concatenation; empty it stands for the empty string."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """A choice; empty it stands for the empty language."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """``minimum*maximum item``; ``maximum`` is ``None`` where there is no bound."""

    minimum: int
    maximum: int | None
    item: Node


@dataclass(frozen=True, slots=True)
class Reference:
    """The use of a rule by name."""

    name: str
    position: Position | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Prose:
    """``<prose>``: a rule that its RFC defines in words only."""

    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences of ``left`` that are not sentences of ``right``.

    ABNF has no such operator: the strict language is made with it.
    """

    left: Node
    right: Node


Node = Literal | OctetClass | Sequence | Alternation | Repetition | Reference | Prose | Difference


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule with its source."""

    name: str
    node: Node
    position: Position
    rfc: int | None = None
    section: str | None = None
    incremental: bool = False
    """Written with ``=/``: further alternatives for a rule that stands elsewhere."""
    core: bool = False
    """Of a file that others borrow from: not reported when nothing uses it."""
    extended_by: tuple[tuple[int | None, str | None], ...] = ()
    """RFC and section of each further definition that added alternatives."""


def written_name(name: str) -> str:
    """The rule name as the RFC writes it: unrolled copies lose their level."""
    return name.partition("#")[0]


def sequence(items: Iterable[Node]) -> Node:
    """The concatenation of ``items``, without a wrapper around a single one."""
    parts = tuple(items)
    return parts[0] if len(parts) == 1 else Sequence(parts)


def alternation(items: Iterable[Node]) -> Node:
    """The choice between ``items``, without a wrapper around a single one."""
    parts = tuple(items)
    return parts[0] if len(parts) == 1 else Alternation(parts)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``."""
    match node:
        case Sequence(items) | Alternation(items):
            return items
        case Repetition(item=item):
            return (item,)
        case Difference(left, right):
            return (left, right)
        case _:
            return ()


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """``node`` with ``change`` applied to the nodes directly below it."""
    match node:
        case Sequence(items):
            return Sequence(tuple(change(item) for item in items))
        case Alternation(items):
            return Alternation(tuple(change(item) for item in items))
        case Repetition(item=item):
            return replace(node, item=change(item))
        case Difference(left, right):
            return Difference(change(left), change(right))
        case _:
            return node


def references(node: Node) -> Iterator[Reference]:
    """Every reference in ``node``, in the order of writing."""
    if isinstance(node, Reference):
        yield node
    for child in children(node):
        yield from references(child)


class RuleSet(Mapping[str, Rule]):
    """Rules by name, case-insensitively, in the order in which they were added."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            self.add(rule)

    def add(self, rule: Rule) -> None:
        """Add ``rule``; an incremental one extends the rule of its name.

        Raises :class:`GrammarError` for a second definition, and for ``=/`` without a
        first one.
        """
        known = self._rules.get(rule.name.lower())
        if rule.incremental:
            if known is None:
                raise rule.position.error(f'rule "{rule.name}" is extended (=/) but not defined')
            rule = _extended(known, rule)
        elif known is not None:
            where = f"{known.position.path}:{known.position.line}"
            raise rule.position.error(f'rule "{rule.name}" is defined already, at {where}')
        self._rules[rule.name.lower()] = rule

    def extend(self, rule: Rule) -> None:
        """Add the alternatives of ``rule`` that the rule of its name lacks."""
        self._rules[rule.name.lower()] = _extended(self[rule.name], rule)

    def override(self, rule: Rule) -> None:
        """Put ``rule`` in the place of the rule of its name, keeping the first spelling."""
        known = self._rules.get(rule.name.lower())
        name = known.name if known else rule.name
        self._rules[rule.name.lower()] = replace(rule, name=name, incremental=False)

    def remove(self, name: str) -> None:
        """Take a rule out; :class:`KeyError` if there is none of that name."""
        del self._rules[name.lower()]

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (rule.name for rule in self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)

    def reachable(self, names: Iterable[str]) -> set[str]:
        """Lower-case names of the rules that ``names`` lead to, themselves included."""
        seen: set[str] = set()
        pending = [name.lower() for name in names]
        while pending:
            name = pending.pop()
            if name in seen or name not in self._rules:
                continue
            seen.add(name)
            pending.extend(ref.name.lower() for ref in references(self._rules[name].node))
        return seen

    def undefined(self) -> list[tuple[Rule, Reference]]:
        """References that lead nowhere, each with the rule that it stands in."""
        return [
            (rule, ref)
            for rule in self._rules.values()
            for ref in references(rule.node)
            if ref.name.lower() not in self._rules
        ]

    def prose_only(self) -> list[Rule]:
        """Rules that hold prose, which no automaton can be made of."""
        return [rule for rule in self._rules.values() if _holds_prose(rule.node)]

    def unused(self, starts: Iterable[str]) -> list[Rule]:
        """Rules that none of ``starts`` leads to, those of core files left out."""
        used = self.reachable(starts)
        return [rule for key, rule in self._rules.items() if key not in used and not rule.core]

    def recursive(self) -> list[Rule]:
        """Rules that lead to themselves."""
        return [
            rule
            for key, rule in self._rules.items()
            if key in self.reachable(ref.name for ref in references(rule.node))
        ]

    def nullable(self) -> set[str]:
        """Lower-case names of the rules that derive the empty string."""
        found: set[str] = set()
        while True:
            more = {
                key
                for key, rule in self._rules.items()
                if key not in found and is_nullable(rule.node, found)
            }
            if not more:
                return found
            found |= more

    def left_recursive(self) -> list[Rule]:
        """Rules that can begin with themselves, directly or through others."""
        nullable = self.nullable()
        first = {
            key: {name for name in _leftmost(rule.node, nullable) if name in self._rules}
            for key, rule in self._rules.items()
        }
        found = []
        for key, rule in self._rules.items():
            seen: set[str] = set()
            pending = list(first[key])
            while pending:
                name = pending.pop()
                if name not in seen:
                    seen.add(name)
                    pending.extend(first[name])
            if key in seen:
                found.append(rule)
        return found

    def check(self, starts: Iterable[str]) -> None:
        """Refuse a grammar that cannot be generated from.

        Raises :class:`GrammarError` naming every undefined, prose-only, unused or
        left-recursive rule with its place.
        """
        faults = [
            (ref.position or rule.position, f'"{rule.name}" uses "{ref.name}", which is undefined')
            for rule, ref in self.undefined()
        ]
        faults += [
            (
                rule.position,
                f'rule "{rule.name}" holds prose: write it as ABNF',
            )
            for rule in self.prose_only()
        ]
        faults += [
            (rule.position, f'rule "{rule.name}" is left-recursive')
            for rule in self.left_recursive()
        ]
        faults += [
            (rule.position, f'rule "{rule.name}" is used by nothing')
            for rule in self.unused(starts)
        ]
        if faults:
            first, text = faults[0]
            lines = [f"{at.path}:{at.line}:{at.column}: {text}" for at, text in faults[1:]]
            raise first.error("\n".join([text, *lines]))


def _extended(rule: Rule, more: Rule) -> Rule:
    first = rule.node.items if isinstance(rule.node, Alternation) else (rule.node,)
    second = more.node.items if isinstance(more.node, Alternation) else (more.node,)
    added = tuple(item for item in second if item not in first)
    source = (more.rfc, more.section)
    sources = (
        rule.extended_by if source == (rule.rfc, rule.section) else (*rule.extended_by, source)
    )
    return replace(rule, node=Alternation(first + added), extended_by=sources)


def _holds_prose(node: Node) -> bool:
    return isinstance(node, Prose) or any(_holds_prose(child) for child in children(node))


def is_nullable(node: Node, known: set[str]) -> bool:
    """Whether ``node`` derives the empty string, as the rules ``known`` (lower case) do."""
    match node:
        case Literal(text):
            return not text
        case Sequence(items):
            return all(is_nullable(item, known) for item in items)
        case Alternation(items):
            return any(is_nullable(item, known) for item in items)
        case Repetition(minimum, _, item):
            return minimum == 0 or is_nullable(item, known)
        case Reference(name):
            return name.lower() in known
        case Difference(left, right):
            return is_nullable(left, known) and not is_nullable(right, known)
        case _:
            return False


def _leftmost(node: Node, nullable: set[str]) -> Iterator[str]:
    match node:
        case Reference(name):
            yield name.lower()
        case Sequence(items):
            for item in items:
                yield from _leftmost(item, nullable)
                if not is_nullable(item, nullable):
                    return
        case Alternation(items):
            for item in items:
                yield from _leftmost(item, nullable)
        case Repetition(item=item):
            yield from _leftmost(item, nullable)
        case Difference(left, _):
            yield from _leftmost(left, nullable)
        case _:
            return
