"""What is remembered: bounded whatever is sent, and of use whatever was sent before."""

from __future__ import annotations

import ast
import contextlib
import random
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from sipgen.generated.headers import HEADER_FIELDS

import sipgen
from scripts.bench_messages import MESSAGES, variants
from sipgen.limits import MAX_REMEMBERED_CHARACTERS
from sipgen.memory import Memory, memories

PACKAGE = Path(sipgen.__file__).parent

ONE_RESULT = {
    "language.automata.automata",
    "language.grammar._standard_tables",
    "language.grammar.joined_grammar",
    "language.grammar.standard",
    "language.hints.hints",
    "language.trees._parser",
    "rules.plans._candidates",
    "rules.plans._fresh_starts",
    "rules.plans._numbered",
    "rules.profile._named",
    "rules.required._out_of_place",
    "rules.judge._standard",
    "rules.tables.rule_tables",
    "wire.locator._rules",
}
"""Functions under functools.cache: their arguments are none, or few that nobody can invent."""


def test_every_cache_is_a_memory() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name == "codegen":
            continue
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                names = {ast.unparse(item).partition("(")[0] for item in node.decorator_list}
                if names & {"cache", "lru_cache", "functools.cache", "functools.lru_cache"}:
                    found.add(f"{module}.{node.name}")
    assert found <= ONE_RESULT


def test_entries_and_characters_are_bounded() -> None:
    memory: Memory[str, str] = Memory("test", entries=10, characters=100, longest=50)
    for number in range(1_000):
        memory.keep(f"{number:04}", "x")
    assert 10 < len(memory) <= 20
    for number in range(1_000):
        memory.keep(f"{number:040}", "x")
    assert len(memory) <= 4
    memory.clear()
    memory.keep("y" * 51, "x")
    assert len(memory) == 0
    assert memory.keep("z", "x", 51) == "x"
    assert len(memory) == 0


def test_what_recurs_is_kept_whatever_comes_between() -> None:
    memory: Memory[str, int] = Memory("test", entries=10)
    made = []

    def make(key: str) -> int:
        made.append(key)
        return len(key)

    for number in range(1_000):
        assert (memory.get("often") or memory.learn("often", make)) == 5
        memory.learn(f"once {number}", make)
    assert made.count("often") == 1
    assert memory.find("never") is None


def test_threads_agree() -> None:
    memory: Memory[str, str] = Memory("test", entries=16, characters=400)
    wrong = []

    def work(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
        for _ in range(5_000):
            key = str(chance.randrange(100))
            if (memory.get(key) or memory.learn(key, lambda text: f"<{text}>")) != f"<{key}>":
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(memory) <= 32


def invented(number: int) -> bytes:
    """A message of which every name, value, method and URI is new."""
    chance = random.Random(number)  # noqa: S311 - reproducible, not secret
    mark = f"{chance.getrandbits(64):x}"
    field = chance.choice([name for name in HEADER_FIELDS if name != "Content-Length"])
    many = ";".join(f"{letter}{mark[:2]}" for letter in "abcdefghijklmnopqrstuvwxyz")
    head = (
        f"M{mark} sip:{mark}@{mark}.example;{many} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {mark}.example:5060;branch=z9hG4bK{mark};{many}\r\n"
        f'From: "{mark}" <sip:{mark}@example.com;{many}>;tag={mark};{many}\r\n'
        f"To: <sip:{mark}@example.com>\r\nCall-ID: {mark}\r\nCSeq: 1 M{mark}\r\n"
        f"Max-Forwards: 70\r\nContact: <sip:{mark}@example.com;{many}>;{many}\r\n"
        f"Allow: {mark}, a{mark}, b{mark}\r\nSupported: {many.replace(';', ', ')}\r\n"
        f"{field}: {mark};{many}\r\nUser-Agent: {mark}/{mark} ({many})\r\n"
        f"X-{mark}: {many}\r\n{'Y' * (number % 300)}-{mark}: 1\r\n\r\n"
    )
    return head.encode()


def use(data: bytes) -> None:
    sipgen.validate(data, "interop")
    message = sipgen.validate(data).message
    assert isinstance(message, sipgen.Request)
    for name in message.headers:
        with contextlib.suppress(sipgen.ParseError):
            message.typed(name.name)
    reply = message.reply(200, message.method, to_tag="1")
    with contextlib.suppress(sipgen.BuildError):
        reply.set(f"X-{message.method}", message.request_uri)


def elapsed(octets: list[bytes]) -> float:
    begin = time.process_time()
    for data in octets:
        sipgen.validate(data)
    return time.process_time() - begin


@pytest.mark.timing
def test_invented_texts_neither_fill_memory_nor_slow_anything_down() -> None:
    usual = [data for message in MESSAGES.values() for data in variants(message)[:60]]
    elapsed(usual)
    before = min(elapsed(usual) for _ in range(5))
    tracemalloc.start()
    try:
        sizes = []
        for number in range(1_800):
            use(invented(number))
            if number % 100 == 99:
                # A generation that was just given up makes the size smaller for a while.
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(sizes) < 20_000_000
    assert max(sizes[12:]) - max(sizes[:12]) < 1_000_000
    for memory in memories():
        assert len(memory) <= 2_048, memory.name
    elapsed(usual)
    assert min(elapsed(usual) for _ in range(5)) < 1.5 * before + 0.002
    assert MAX_REMEMBERED_CHARACTERS * 40 < 3_000_000


THREADS = """
import threading
import sipgen
from sipgen.generated.explanations import EXPLANATIONS
from sipgen.cli.examples import example

messages = [example(item.on, item.keeps) for item in EXPLANATIONS.values()]
broken = [example(item.on, item.breaks) for item in EXPLANATIONS.values()]
failed = []
together = threading.Barrier(8)


def work():
    together.wait()
    for data in messages:
        try:
            if sipgen.validate(data).findings:
                failed.append(data)
            message = sipgen.parse(data)
            for field in message.headers:
                message.set(field.name, message.get(field.name))
                message.typed(field.name)
        except sipgen.BuildError:
            pass
        except Exception as error:
            failed.append((error, data))
    for data in broken:
        sipgen.validate(data, "interop")


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failed, (len(failed), failed[0])
"""


@pytest.mark.parametrize("number", range(6))
def test_threads_that_meet_all_header_fields_together(number: int) -> None:
    """In a fresh process, where no state of an automaton was met before."""
    del number
    script = "import sys; sys.setswitchinterval(1e-5)\n" + THREADS
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
