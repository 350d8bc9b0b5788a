"""A user's rules: what is compiled, and that what is wrong is refused by name, in time."""

from __future__ import annotations

import time

import pytest

import sipgen
from sipgen.codegen import extension
from sipgen.codegen.extension import compiled_extension
from sipgen.codegen.grammar import Grammar
from sipgen.errors import GrammarError

HEADER = 'X-A = "X-A" HCOLON a\n'
SECONDS = 10.0


def chain(length: int) -> str:
    rules = "".join(f'a{number or ""} = "x" [a{number + 1}]\n' for number in range(length))
    return f'{HEADER}{rules}a{length} = "x"\n'


def doubling(depth: int) -> str:
    rules = "".join(f"a{n or ''} = a{n + 1} a{n + 1}\n" for n in range(depth))
    return f'{HEADER}{rules}a{depth} = "x" / "y"\n'


def same_choice(depth: int) -> str:
    """Two to the power of ``depth`` ways to one sentence."""
    rules = "a = a1 / b1\n" + "".join(
        f"{letter}{n} = a{n + 1} / b{n + 1}\n" for n in range(1, depth) for letter in "ab"
    )
    last = f'a{depth} = "x"\nb{depth} = "x"\n'
    return f'X-A = "X-A" HCOLON token *(SEMI (a / generic-param))\n{rules}{last}'


@pytest.mark.timing
@pytest.mark.parametrize(
    ("abnf", "message"),
    [
        # No ABNF, or not complete.
        (HEADER + 'a = "b" / / "c"\n', r"my\.abnf:2:11: .* expected"),
        (HEADER + "a = b\n", r'my\.abnf:2:5: "a" uses "b", which is undefined'),
        (HEADER + 'a = "x"\nb = "y"\n', r'my\.abnf:3:1: rule "b" is used by nothing'),
        (HEADER + "a = <words>\n", 'rule "a" holds prose'),
        (HEADER + 'a = "x"\nA = "y"\n', r'my\.abnf:3:1: rule "A" is defined already'),
        ("", "there are no rules in it"),
        ("; words\n", "there are no rules in it"),
        ('X-A = "X-\u00c4" HCOLON token\n', r"my\.abnf:1:10: ABNF is written in ASCII"),
        (HEADER + "a = " + "9" * 5000 + '"x"\n', "at most 9 digits"),
        (HEADER + "a = *" + "9" * 10 + '"x"\n', r"my\.abnf:2:5: repeat .* at most 9 digits"),
        (HEADER + "a = %d" + "9" * 5000 + "\n", "more than an octet"),
        ("DIGIT = %x30-39\n", "nothing in it is new"),
        ('a =/ "x"\n', 'rule "a" is extended .* but not defined'),
        ('a = "x"\n', r'my\.abnf:1:1: rule "a" is used by nothing, and is no header field'),
        ('X-A = "X-A" ":" token\n', 'rule "X-A" is used by nothing.*"Name" HCOLON value'),
        ('X-A = "X-A" HCOLON token / "b"\n', 'rule "X-A" is used by nothing'),
        # Recursion.
        (HEADER + 'a = [b] a "x"\nb = "y"\n', r'my\.abnf:2:1: rule "a" is left-recursive'),
        (
            HEADER + 'a = b\nb = c "x"\nc = a / "y"\n',
            'my.*2:1: rule "a" and rule "b" and rule "c" are left',
        ),
        (HEADER + 'a = "(" [a] ")"\n', r'rule "a" is recursive: .* write out as many levels'),
        ('contact-params =/ acme\nacme = contact-params "x"\n', r"my\.abnf:1:1: .*left-recursive"),
        # Taken or ambiguous names.
        ('X = "Request-Line" HCOLON token\n', "the name of a rule that sipgen starts at"),
        ('X = "extension-header" HCOLON token\n', "the name of a rule that sipgen starts at"),
        ('X = "sip-uri" HCOLON token\n', "the name of a rule that sipgen starts at"),
        ('SIP-URI =/ "x"\n', 'rule "SIP-URI" is a URI of RFC 3261'),
        *(
            (f"contact-params =/ {added}\n", r"1:1: what is added .* is ambiguous: .*q")
            for added in (
                '("q" EQUAL) 1*DIGIT',
                '1("q") EQUAL 1*DIGIT',
                '1"Q" EQUAL 1*DIGIT',
                "%x71 EQUAL 1*DIGIT",
                '"q=" 1*DIGIT',
                '["p"] "q" EQUAL 1*DIGIT',
                '*"p" "q" EQUAL 1*DIGIT',
            )
        ),
        ("contact-params =/ token EQUAL DIGIT\n", "Begin it with a name in quotes"),
        ('My = "Via" HCOLON token\n', r'"My" is ambiguous: "Via" is the name of .* \(RFC 3261\)'),
        ('My = ("X-A" / "V") HCOLON token\n', 'rule "My" is ambiguous: "V" is the name of'),
        ('A = "X-A" HCOLON token\nB = "x-a" HCOLON token\n', 'rule "B" is ambiguous: "x-a"'),
        ('contact-params =/ a\na = "Q" EQUAL token\n', 'to "contact-params" is ambiguous: "q"'),
        ('se-params =/ "b" EQUAL token\nse-params =/ "B"\n', r'2:1: what is added .*: "b" has'),
        (
            'se-params =/ "refresher" EQUAL token\n',
            'ambiguous: "refresher" has a rule there already',
        ),
        (HEADER + 'a = token\ntoken = "x"\n', 'rule "token" is defined already, in RFC 3261'),
        # Header rules of another form.
        ('Via =/ "X"\n', 'rule "Via" is a header field of RFC 3261'),
        ('X-A = "X-A" HCOLON token CRLF\n', 'rule "X-A" ends in CRLF'),
        ("X-A = token HCOLON token\n", 'header rule "X-A" does not begin with a name in quotes'),
        ('X-A = "X A" HCOLON token\n', 'header field name "X A" is no token'),
        ("message-header =/ token\n", '"message-header" is extended by "token"'),
        # Too much.
        (HEADER + 'a = *("x" / "y") "x" 20("x" / "y")\n', r'"a" needs more than 10000 states'),
        (HEADER + 'a = *("x" / "y") "x" 5000("x" / "y")\n', '"a" needs more than 10000 states'),
        (HEADER + 'a = 1000(1000(1000"x"))\n', '"a" needs more than 10000 states'),
        (HEADER + 'a = 999999999""\n', '"a" needs more than 10000 states'),
        (
            HEADER + "a = *( " + " / ".join(f'"{n:x}g"' for n in range(9_000)) + " )\n",
            r'"a" needs more than \d+ steps',
        ),
        (
            HEADER + 'a = token\ntoken =/ "@" 2000ALPHA\n',
            r'my\.abnf:3:1: with rule "token", .* needs more than \d+ st',
        ),
        (doubling(60), r'rule "a\d+" needs more than 10000 states'),
        (chain(900), r'rule "a\d+" leads through more than 100 rules'),
        (HEADER + "a = " + "(" * 20_000 + '"x"' + ")" * 20_000 + "\n", "nested too deeply"),
        (HEADER + "a = " + " / ".join(f'"{n}"' for n in range(20_000)) + "\n", "limit is 100000"),
        ("".join(f'a{n} = "x"\n' for n in range(1_001)), "1001 rules; the limit is 1000"),
        (
            "".join(
                f'X-{n} = "X-{n}" HCOLON a{n}\na{n} = *("x" / "y") "x" 12("x" / "y") "{n}"\n'
                for n in range(300)
            ),
            r'rule "a\d+" needs more than \d+ steps',
        ),
    ],
)
def test_refused_by_name_in_time(abnf: str, message: str, grammar: Grammar) -> None:
    begin = time.process_time()
    with pytest.raises(GrammarError, match=message):
        compiled_extension(grammar, {"my.abnf": abnf})
    assert time.process_time() - begin < SECONDS


def entries(abnf: str, grammar: Grammar) -> dict[str, list[str]]:
    tables = compiled_extension(grammar, {"my.abnf": abnf})
    return {name: facts["names"] for name, facts in tables["entries"].items()}


@pytest.mark.parametrize(
    ("abnf", "expected"),
    [
        (HEADER + "a = token\n", {"X-A": ["X-A"]}),
        (HEADER + "a = token\nDIGIT = %x30-39\n", {"X-A": ["X-A"]}),
        ("message-header =/ X-A\n" + HEADER + "a = token\n", {"X-A": ["X-A"]}),
        ('My = ("X-A" / "x-b") HCOLON [token]\n', {"X-A": ["X-A", "x-b"]}),
        ('N = "Cellular-Network-Info" HCOLON token\n', {"Cellular-Network-Info": None}),
        ('se-params =/ a\na = "acme" EQUAL token\n', {"Session-Expires": ["Session-Expires", "x"]}),
        (same_choice(60), {"X-A": ["X-A"]}),
        ('X-A = "X-A" hcolon token\n', {"X-A": ["X-A"]}),
        (HEADER + 'a = *( 5000"a" 40000[""] )\n', {"X-A": ["X-A"]}),
        (HEADER + 'a = "' + "a" * 9_000 + '"\n', {"X-A": ["X-A"]}),
    ],
)
def test_only_what_the_rules_reach_is_compiled(
    abnf: str, expected: dict[str, list[str] | None], grammar: Grammar
) -> None:
    found = entries(abnf, grammar)
    assert list(found) == list(expected)
    for name, names in expected.items():
        assert found[name] == (names or [name])


def test_rules_in_several_files_are_one_grammar(grammar: Grammar) -> None:
    texts = {"a.abnf": HEADER, "b.abnf": "a = token\n"}
    lines: list[str] = []
    assert list(compiled_extension(grammar, texts, lines.append)["entries"]) == ["X-A"]
    assert lines == ["1 entry points to compile: X-A", "1/1 X-A"]
    with pytest.raises(GrammarError, match=r"b\.abnf:1:5: "):
        compiled_extension(grammar, texts | {"b.abnf": "a = nothing\n"})


def test_what_adds_to_a_recursive_rule_may_stay_in_its_depth(grammar: Grammar) -> None:
    assert "User-Agent" in entries('comment =/ "[" *ctext "]"\n', grammar)


def test_an_error_holds_its_place(grammar: Grammar) -> None:
    with pytest.raises(GrammarError) as caught:
        compiled_extension(grammar, {"my.abnf": HEADER + "a = b\n"})
    error = caught.value
    assert (error.path, error.line, error.column) == ("my.abnf", 2, 5)


@pytest.mark.parametrize(
    "name",
    ['("acme")', '1"acme"', "%x61.63.6D.65", "acme-name", '"ac" "me"', '["x-"] "acme"'],
)
def test_a_name_in_any_form_is_kept_from_the_catch_all(name: str) -> None:
    own = sipgen.Grammar.extended(
        f'X-A = "X-A" HCOLON token *( SEMI a )\na = {name} EQUAL 1*DIGIT / generic-param [LWS]\n'
        + ('acme-name = "acme"\n' if name == "acme-name" else "")
    )
    for value, expected in ((b"a;acme=1", True), (b"a;b=c", True), (b"a;acme=x", False)):
        assert own.matches("X-A", b" " + value) is expected


def test_an_expansion_that_explodes_is_refused(
    grammar: Grammar, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Few states, many ways to them: the automaton is small, the hints would not be.
    monkeypatch.setattr(extension, "MAX_STATES", 150)
    rules = "".join(
        f"a{n or ''} = a{n + 1} / b{n + 1}\nb{n} = a{n + 1} / b{n + 1}\n" for n in range(14)
    )
    abnf = HEADER + rules.replace("b0 = a1 / b1\n", "") + 'a14 = "xy"\nb14 = "xy"\n'
    with pytest.raises(GrammarError, match='"X-A" needs more than 150 states'):
        compiled_extension(grammar, {"my.abnf": abnf})
