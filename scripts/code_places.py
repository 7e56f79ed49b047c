"""Where the source compares what a reason code names, and which tests name it: read from the syntax trees."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

PACKAGE = Path("services/policy/placet_policy")
TESTS = Path("tests")

# What lists codes without comparing anything, and the tests of these lists, which name codes without provoking them.
_LISTS = frozenset({"codes.py", "code_sources.py", "cross_checks.py"})
_TESTS_OF_LISTS = frozenset({"test_codes.py", "test_cross_checks.py", "test_bundle.py", "test_profiles.py"})
_WORD = re.compile(r"[A-Z][A-Z0-9_]+")


def source_places(root: Path) -> Mapping[str, list[str]]:
    """The modules of the policy service that give each code.

    Args:
        root: The tree's root.

    Returns:
        By code, paths relative to `PACKAGE`, sorted.
    """
    files = [path for path in (root / PACKAGE).rglob("*.py") if path.name not in _LISTS]
    return _places(files, root / PACKAGE, attributes)


def tested_places(root: Path) -> Mapping[str, list[str]]:
    """The test files in which each code stands as `Code.NAME` or inside a text; docstrings do not count.

    Args:
        root: The tree's root.

    Returns:
        By code, paths relative to `TESTS`, sorted.
    """
    files = [path for path in (root / TESTS).rglob("test_*.py") if path.name not in _TESTS_OF_LISTS]
    return _places(files, root / TESTS, words)


def names_of_tests(root: Path, file: str) -> frozenset[str]:
    """The names of the test functions in a file below `TESTS`; empty if there is no such file."""
    path = root / TESTS / file
    if not path.is_file():
        return frozenset()
    nodes = ast.walk(_tree(path))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(name for name in functions if name.startswith("test_"))


def _places(files: Iterable[Path], base: Path, names: Callable[[ast.Module], Iterator[str]]) -> Mapping[str, list[str]]:
    found: dict[str, set[str]] = {}
    for path in files:
        for name in names(_tree(path)):
            found.setdefault(name, set()).add(path.relative_to(base).as_posix())
    return {name: sorted(places) for name, places in found.items()}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def attributes(tree: ast.Module) -> Iterator[str]:
    """The names of `Code.NAME` in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
            yield node.attr


def words(tree: ast.Module) -> Iterator[str]:
    """The names of `Code.NAME` and the upper-case words of every text that is no docstring."""
    yield from attributes(tree)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield from _WORD.findall(node.value)
