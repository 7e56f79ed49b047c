import ast
from collections.abc import Iterator
from pathlib import Path

import placet_callback
import pytest

ROOT = Path(placet_callback.__file__).parents[3]
PRODUCT = [ROOT / "packages", ROOT / "services"]


def _calls_in(tree: ast.AST, name: str, function: str) -> Iterator[str]:
    """The functions below `tree` that call `name` or `something.name`; `function` is the one around `tree`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
            yield function
        inside = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _calls_in(node, name, inside)


def _calls(name: str) -> list[str]:
    """Every place where product code calls `name`, as `path under the root::function`."""
    sources = sorted(path for folder in PRODUCT for path in folder.rglob("*.py"))
    return [
        f"{source.relative_to(ROOT)}::{function}"
        for source in sources
        for function in _calls_in(ast.parse(source.read_text(encoding="utf-8")), name, "module")
    ]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("VerifiedToken", "packages/callback/placet_callback/token.py::verify_token"),
        ("Ping", "packages/callback/placet_callback/envelope.py::parse_request"),
        ("CallbackRequest", "packages/callback/placet_callback/envelope.py::parse_request"),
    ],
)
def test_trust_is_made_in_one_place(name: str, place: str) -> None:
    """In the whole product, each type that carries trust has one maker."""
    assert _calls(name) == [place]
