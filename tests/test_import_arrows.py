"""Imports point one way (README, architecture)."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sipgen"

# What makes a grammar at run time may call the generator.
CALLERS_OF_CODEGEN = {
    "language/grammar.py",
    "cli/generate.py",
    "cli/grammar.py",
    "cli/railroads.py",
}

# Each room, and the rooms that it may import from.
GROUND = {"generated", "errors", "limits", "memory"}
LOW = GROUND | {"language", "wire"}
MIDDLE = LOW | {"values", "message"}
ALLOWED = {
    "errors": set[str](),
    "limits": set[str](),
    "memory": {"limits"},
    "wire": GROUND | {"wire"},
    "language": LOW,
    "values": LOW | {"values"},
    "message": MIDDLE,
    "streams": MIDDLE,
    "rules": MIDDLE | {"rules"},
    "validation": MIDDLE | {"rules"},
    "parsing": MIDDLE | {"rules", "validation"},
    "endpoint": MIDDLE | {"rules", "validation", "parsing", "endpoint"},
    "cli": MIDDLE | {"rules", "validation", "parsing", "endpoint", "cli", "__init__"},
    "codegen": {"errors", "codegen"},
    "generated": {"generated"},
    "__init__": MIDDLE | {"rules", "streams", "validation", "parsing", "endpoint"},
    "__main__": {"cli"},
}


def modules() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "generated").glob("*.py")])


def room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py") if parts else "__init__"


def room_of(path: Path) -> str:
    if path.parent.name == "generated":
        return "generated"
    return room(path.relative_to(PACKAGE).parts)


def imported(path: Path) -> set[str]:
    """Full names of the modules that ``path`` imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            found.add(node.module)
            if node.module == "sipgen":
                found |= {
                    f"sipgen.{alias.name}"
                    for alias in node.names
                    if (PACKAGE / alias.name).exists() or (PACKAGE / f"{alias.name}.py").exists()
                }
    return found


def test_imports_point_one_way() -> None:
    wrong = []
    for path in modules():
        here = room_of(path)
        for name in imported(path):
            parts = tuple(name.split("."))
            if parts[:2] == ("sipgen", "codegen") and here != "codegen":
                if path.relative_to(PACKAGE).as_posix() not in CALLERS_OF_CODEGEN:
                    wrong.append(f"{path} must not import {name}")
            elif parts[0] == "sipgen" and room(parts[1:]) not in ALLOWED[here]:
                wrong.append(f"{path} must not import {name}")
    assert not wrong


def test_only_trees_and_the_generator_import_lark() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if any(name.split(".")[0] == "lark" for name in imported(path))
    }
    assert {name for name in found if not name.startswith("sipgen/codegen/")} == {
        "sipgen/language/trees.py"
    }


def test_every_room_is_known() -> None:
    assert {room_of(path) for path in modules()} == set(ALLOWED)
