"""What each automaton state expects, in the words of the grammar.

An automaton alone can say which octets are possible; a person wants to know which rule
the value is in and what that rule allows next. So each entry point is expanded, rule by
rule, into a non-deterministic automaton whose arcs remember the path of rules that they
stand in, and the pairs (state of the expansion, state of the minimal automaton) that
some text leads to are walked once. What meets in one state of the minimal automaton is
then put in words: the deepest rule that all paths share, and what each expects below it.

Walking pairs instead of subsets is what makes it fast: the pairs of the largest header
number some ten thousand, its subsets of paths many millions.
"""

from __future__ import annotations

from sipgen.codegen.automata import Compiler
from sipgen.codegen.budget import ExplosionError, OverflowingError
from sipgen.codegen.grammar import Entry
from sipgen.codegen.languages import Language
from sipgen.codegen.minimisation import Joint
from sipgen.codegen.nfa import NFA, Arc
from sipgen.codegen.wording import Hint, Label, Wording

__all__ = ["diagnose"]


class _Walk:
    """The arcs of an expanded entry point, empty transitions followed."""

    def __init__(self, expansion: NFA) -> None:
        self._expansion = expansion
        self._closed: dict[int, list[Arc]] = {}

    def closed_arcs(self, state: int) -> list[Arc]:
        """The arcs that leave ``state`` after any number of empty transitions."""
        found = self._closed.get(state)
        if found is None:
            expansion = self._expansion
            pending = [state]
            seen = {state}
            for here in pending:
                for there in expansion.empty[here]:
                    if there not in seen:
                        seen.add(there)
                        pending.append(there)
            expansion.compiler.allow(0, len(pending))
            found = self._closed[state] = [arc for here in pending for arc in expansion.arcs[here]]
        return found


def diagnose(language: Language, compiler: Compiler, entry: Entry, joint: Joint) -> dict[int, Hint]:
    """The hint of every joint state that ``entry`` leads to.

    :raises GrammarError: if that takes more than the compiler allows.
    """
    wording = Wording(language.rules)
    try:
        labels = _labels(NFA(compiler, wording), entry, joint)
    except OverflowingError as error:
        raise ExplosionError(language.rules[entry.rule], str(error)) from None
    return {
        state: wording.hint(found, entry, ends=state in joint.accepting)
        for state, found in sorted(labels.items())
    }


def _labels(expansion: NFA, entry: Entry, joint: Joint) -> dict[int, set[Label]]:
    """What the paths into each joint state are about to expect."""
    start, end = expansion.state(), expansion.state()
    expansion.add(entry.node, start, end, (entry.rule,))
    walk = _Walk(expansion)
    first = (start, joint.starts[entry.name])
    seen = {first}
    pending = [first]
    labels: dict[int, set[Label]] = {}
    for state, minimal in pending:
        row = joint.rows[minimal]
        here = labels.setdefault(minimal, set())
        arcs = walk.closed_arcs(state)
        expansion.compiler.allow(0, 1 + len(arcs))
        for symbols, target, label in arcs:
            here.add(label)
            for following in {row[symbol] for symbol in symbols if symbol in row}:
                pair = (target, following)
                if pair not in seen:
                    seen.add(pair)
                    pending.append(pair)
    return labels
