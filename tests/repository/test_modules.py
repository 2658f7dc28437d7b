"""Modules are small, well named, and free of a few habits that hurt patients or readers."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

MOST_LINES = 400
MEDIAN_LINES = 150
CATCH_ALL_NAMES = {"utils", "util", "common", "manager", "base", "data", "misc", "helpers", "helper"}
CLOCK_READERS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
CLOCK_MODULE = "clock.py"


class NoHashMethods(ast.NodeTransformer):
    """Leaves out `__hash__` methods: there, hash() is what Python asks for."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        """Drop the method, keep every other function."""
        return None if node.name == "__hash__" else self.generic_visit(node)


def habits(source: str, *, name: str) -> list[str]:
    """Return what *source* does that no module of the product may do, with its line."""
    found = []
    for node in ast.walk(NoHashMethods().visit(ast.parse(source))):
        line = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.ExceptHandler) and all(isinstance(part, ast.Pass) for part in node.body):
            found.append(f"{line} swallows an error")
        elif imports_random(node):
            found.append(f"{line} imports random")
        elif isinstance(node, ast.Call):
            found += [f"{line} {what}" for what in call_habits(node, name=name)]
    return found


def imports_random(node: ast.AST) -> bool:
    """Return whether *node* imports the module random or something from it."""
    if isinstance(node, ast.Import):
        return any(alias.name == "random" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and node.module == "random"


def call_habits(call: ast.Call, *, name: str) -> list[str]:
    """Return what is wrong with one call."""
    found = []
    function = call.func
    if isinstance(function, ast.Name) and function.id == "hash":
        found.append("calls hash(), which differs between processes")
    if isinstance(function, ast.Attribute):
        owner = function.value
        owner_name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if (owner_name, function.attr) in CLOCK_READERS and Path(name).name != CLOCK_MODULE:
            found.append(f"reads the time by {owner_name}.{function.attr}()")
        if function.attr == "ssn":
            found.append("calls ssn(), whose numbers may belong to someone")
        if function.attr == "exception" and owner_name in {"log", "logger", "logging"}:
            found.append("logs a traceback, which may hold a patient's number")
    if any(keyword.arg == "exc_info" for keyword in call.keywords):
        found.append("logs a traceback, which may hold a patient's number")
    return found


def test_no_module_has_a_forbidden_habit(modules: list[Path], root: Path) -> None:
    """Swallowed errors, drawn randomness, read clocks and tracebacks in logs stay out."""
    found = [
        one for path in modules for one in habits(path.read_text("utf-8"), name=str(path.relative_to(root)))
    ]

    assert found == []


def test_each_forbidden_habit_is_noticed() -> None:
    """Every habit is seen in a module written to have all of them."""
    source = """
import random
from datetime import date, datetime
def f(fake, logger, kind):
    try:
        logger.exception("x")
    except ValueError:
        pass
    logger.warning("x", exc_info=True)
    return fake.ssn(), hash(kind), date.today(), datetime.now()
"""

    assert len(habits(source, name="x.py")) == 8


def test_the_clock_module_may_read_the_time() -> None:
    """Time has to come from somewhere: one module."""
    assert habits("import datetime\nx = datetime.datetime.now()\n", name="a/clock.py") == []


def test_no_module_is_long(modules: list[Path], root: Path) -> None:
    """A reader has ten minutes."""
    lengths = {str(path.relative_to(root)): len(path.read_text("utf-8").splitlines()) for path in modules}
    long = {name: length for name, length in lengths.items() if length > MOST_LINES}

    assert long == {}
    assert statistics.median(lengths.values()) <= MEDIAN_LINES


def test_no_module_has_a_catch_all_name(modules: list[Path]) -> None:
    """A module called `utils` says nothing about what is in it."""
    named = {path.stem for path in modules} | {path.parent.name for path in modules}

    assert named & CATCH_ALL_NAMES == set()


def test_every_module_says_what_it_is_for(modules: list[Path], root: Path) -> None:
    """The first line of a module is a sentence."""
    silent = [
        str(path.relative_to(root))
        for path in modules
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []
