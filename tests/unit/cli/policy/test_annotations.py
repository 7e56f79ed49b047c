"""The annotations of modules: the same whether OPA compiles the modules or can only parse them."""

from pathlib import Path, PurePosixPath

from opa_binary import opa_binary
from placet_cli.policy.annotations import annotations, statement_lines
from placet_cli.policy.staging import read_modules
from policy_folder import POLICIES

MODULE = """# METADATA
# title: One
package placet.rules.one

import data.placet.lib.amounts

title := {
	"A": "a",
}

default _x := 1

_y := 2 if {
	input.a
} else := 3

deny contains "A" if not _z
"""


def test_rules_start_where_a_line_begins_with_a_name() -> None:
    """Neither package, import, comment nor the lines inside a rule are the start of one."""
    assert statement_lines(MODULE) == [7, 11, 13, 17]


def test_annotations_are_the_same_when_modules_do_not_compile(tmp_path: Path) -> None:
    """A type error in one module costs no check of the others: parsed alone they say what inspected they say."""
    modules = read_modules(POLICIES)
    broken = PurePosixPath("placet/broken/broken.rego")
    compiled = annotations(modules, tmp_path / "compiled", opa=opa_binary())
    wrong = {**modules, broken: b"package placet.broken\n\nx := count(1)\n"}
    parsed = annotations(wrong, tmp_path / "parsed", opa=opa_binary())

    def without_package_lines(entry: dict[str, object]) -> str:
        scope = entry["annotations"]["scope"]  # type: ignore[index]
        return str({**entry, "line": 0 if scope in {"package", "subpackages"} else entry["line"], "annotations": scope})

    assert len(compiled) > 80
    assert sorted(map(without_package_lines, parsed)) == sorted(map(without_package_lines, compiled))
