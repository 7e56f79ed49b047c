"""Which modules give a reason code, which rules judge, and which tests and cases name either: read from the source."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKAGE = Path("services/policy/placet_policy")
TESTS = Path("tests")
PARTS = ("unit/policy", "contract", "e2e")
RULES = Path("policies/bundle/placet/rules")
CASES = Path("policies/cases")

# What lists codes without comparing anything, and the tests of these lists, which name codes without provoking them.
_LISTS = frozenset({"codes.py", "code_sources.py"})
# The table of checks names codes, and an audit reads them in records: neither gives one.
_GIVE_NONE = frozenset({"checks", "audit"})
_TESTS_OF_LISTS = frozenset({"test_codes.py", "test_checks.py", "test_bundle.py", "test_profiles.py"})
_HEAD = re.compile(r'^(deny|hold) contains "([A-Z0-9_]+)"', re.MULTILINE)
_WORD = re.compile(r"[A-Z][A-Z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePlace:
    """A reason code of a rule.

    Attributes:
        rule: The rule's folder.
        effect: `deny` or `hold`.
        cases: Files of policies/cases that expect the code.
    """

    rule: str
    effect: str
    cases: tuple[str, ...]


def source_places(root: Path) -> Mapping[str, list[str]]:
    """The modules of the policy service that give each code.

    Args:
        root: The tree's root.

    Returns:
        By code, paths relative to `PACKAGE`, sorted.
    """
    every = (root / PACKAGE).rglob("*.py")
    files = [path for path in every if path.name not in _LISTS and path.parent.name not in _GIVE_NONE]
    return _places(files, root / PACKAGE, attributes)


def tested_places(root: Path) -> Mapping[str, list[str]]:
    """The test files in which each code stands as `Code.NAME` or inside a text; docstrings do not count.

    Args:
        root: The tree's root.

    Returns:
        By code, paths relative to `TESTS`, sorted.
    """
    files = [path for part in PARTS for path in (root / TESTS / part).rglob("test_*.py")]
    return _places([path for path in files if path.name not in _TESTS_OF_LISTS], root / TESTS, words)


def names_of_tests(root: Path, file: str) -> frozenset[str]:
    """The names of the test functions in a file below `TESTS`; empty if there is no such file."""
    path = root / TESTS / file
    if not path.is_file():
        return frozenset()
    nodes = ast.walk(_tree(path))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(name for name in functions if name.startswith("test_"))


def rule_places(root: Path) -> Mapping[str, RulePlace]:
    """The rules' own codes.

    Args:
        root: The tree's root.
    """
    expected = {path.name: set(_WORD.findall(path.read_text("utf-8"))) for path in (root / CASES).glob("*.yaml")}
    places = {}
    for path in (root / RULES).rglob("*.rego"):
        for effect, code in _HEAD.findall(path.read_text("utf-8")):
            cases = tuple(sorted(name for name, codes in expected.items() if code in codes))
            places[code] = RulePlace(rule=path.parent.name, effect=effect, cases=cases)
    return places


def _places(files: Iterable[Path], base: Path, names: Callable[[ast.Module], Iterator[str]]) -> Mapping[str, list[str]]:
    found: dict[str, set[str]] = {}
    for path in files:
        for name in names(_tree(path)):
            found.setdefault(name, set()).add(path.relative_to(base).as_posix())
    return {name: sorted(places) for name, places in found.items()}


@lru_cache(maxsize=256)
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
