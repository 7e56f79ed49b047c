"""The operators of mutation on Rego as the real OPA parses it: source text in, changed places out."""

from pathlib import Path, PurePosixPath

import pytest
from opa_binary import opa_binary
from placet_cli.policy.mutation.mutants import Mutant, mutants
from placet_cli.policy.mutation.reading import read_sources

OF_RULES = {
    "negate": ("a if {\n\tinput.x > 1\n\tnot b\n}\n", [("input.x > 1", "not input.x > 1"), ("not b", "b")]),
    "drop-expression": (
        "a if {\n\tx := input.x\n\tf(x)\n\tevery y in x { y }\n}\n",
        [("f(x)", "true"), ("y", "true"), ("every y in x { y }", "true")],
    ),
    "some-for-every": (
        "a if {\n\tevery x in input.xs {\n\t\tx > 1\n\t}\n}\n",
        [("every x in input.xs {\n\t\tx > 1\n\t}", "some x in input.xs\nx > 1")],
    ),
    "every-for-some": (
        "a if {\n\tsome x in input.xs\n\tx > 1\n}\n\nb := [x | some x in input.xs; x > 1]\n",
        [("some x in input.xs\n\tx > 1", "every x in input.xs {\nx > 1\n}")],
    ),
    "comparison": (
        (
            "a if input.x < 1\nb if input.x <= 1\nc if input.x > 1\n"
            "d if input.x >= 1\ne if input.x == 1\nf if input.x != 1\n"
        ),
        [
            *[("<", "<="), ("<", ">"), ("<=", "<"), ("<=", ">="), (">", ">="), (">", "<"), (">=", ">"), (">=", "<=")],
            *[("==", "!="), ("!=", "==")],
        ],
    ),
    "arithmetic": (
        'a := input.x + input.y - 1\nb := max(input.x)\nc if startswith(input.x, "0x")\nd := sum(input.x)\n',
        [("-", "+"), ("+", "-"), ("max", "min"), ("startswith", "endswith"), ("sum", "max")],
    ),
    "drop-conversion": (
        (
            "import data.placet.lib.amounts\na := amounts.parse(input.x)\nb := to_number(input.y)\n"
            'c := round(1.5)\nd := replace(input.x, "a", "b")\n'
        ),
        [("amounts.parse(input.x)", "input.x"), ("to_number(input.y)", "input.y"), ("round(1.5)", "1.5")],
    ),
    "field": ("a if input.from == input.x.to\n", [("from", "to"), ("to", "from")]),
    "number": (
        "a if input.x == 5\nb if count(input.x) > 0\nc if input.x <= 7\nd := input.x[0]\n",
        [("5", "6"), ("5", "4"), ("0", "1"), ("7", "8"), ("0", "1")],
    ),
    "string": (
        (
            'a if input.x == "evm"\nb if startswith(input.x, "0x")\n'
            'c := sprintf("%s é", ["é"])\ndeny contains "CODE" if input.x\n'
        ),
        [('"evm"', '"evm~"'), ('"0x"', '""'), ('"é"', '"é~"')],
    ),
    "effect": ('a if input.x == "deny"\nb := "hold"\n', [('"deny"', '"hold"'), ('"hold"', '"deny"')]),
    "pattern": (
        "a if regex.match(`^0x[0-9a-f]{1,40}$`, input.x)\n",
        [
            ("`^0x[0-9a-f]{1,40}$`", "`0x[0-9a-f]{1,40}$`"),
            ("`^0x[0-9a-f]{1,40}$`", "`^0x[0-9a-f]{1,40}`"),
            ("`^0x[0-9a-f]{1,40}$`", "`^0x[0-9a-f]{1,41}$`"),
        ],
    ),
    "boolean": ("a if input.x == true\nb := false\n", [("true", "false"), ("false", "true")]),
    "text-for-number": ("a if input.x == 5\nb := input.y[0]\n", [("5", '"5"')]),
    "number-for-text": ('a if input.x == "5"\nb if input.x == "05"\n', [('"5"', "5")]),
    "element": (
        'a if input.x in {"p", "q"}\nb := ["r"]\nc := [input.x, input.y]\n',
        [('{"p", "q"}', '{"q"}'), ('{"p", "q"}', '{"p"}')],
    ),
    "drop-rule": (
        "default a := false\n\n# Why.\na if input.x\n\ntitle := {}\n",
        [("# Why.\na if input.x", "")],
    ),
    "drop-else": (
        "f(x) := 1 if {\n\tx > 1\n} else := 2 if {\n\tx > 0\n} else := 3\n",
        [("else := 2 if {\n\tx > 0\n} else := 3", ""), ("else := 3", "")],
    ),
    "deny-hold": (
        'deny contains "A" if input.x\nhold contains "B" if input.y\ndenied contains "C" if input.z\n',
        [("deny", "hold"), ("hold", "deny")],
    ),
    "default": (
        'default a := false\ndefault b := "hold"\n',
        [("false", "true"), ('"hold"', '"allow"'), ('"hold"', '"deny"')],
    ),
}

OF_DATA = {
    "empty-datum": (
        '{\n  "a": { "b": { "c": { "d": 1 } } },\n  "e": [1],\n  "f": {}\n}\n',
        [('{ "b": { "c": { "d": 1 } } }', "{}"), ('{ "c": { "d": 1 } }', "{}"), ("[1]", "[]")],
    ),
    "effect": ('{ "A": "deny", "B": "hold", "C": "why" }', [('"deny"', '"hold"'), ('"hold"', '"deny"')]),
    "profile": (
        '{ "request_types": { "KEY_SIGN": { "rules": ["a", "b"] } } }',
        [('["a", "b"]', '["b"]'), ('["a", "b"]', '["a"]')],
    ),
}


def _mutants(folder: Path, file: str, text: str) -> list[Mutant]:
    """Every mutant of one file of a bundle."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (source,) = read_sources(folder, [PurePosixPath(file)], opa=opa_binary(), work=folder, jobs=1)
    return list(mutants(source))


@pytest.mark.parametrize("operator", OF_RULES)
def test_an_operator_changes_these_places_of_a_module(operator: str, tmp_path: Path) -> None:
    """Each operator makes exactly the mutants that are listed, in the order of the text."""
    text, expected = OF_RULES[operator]

    made = _mutants(tmp_path, "placet/x.rego", f"package placet.x\n\n{text}")

    found = [(each.before, each.edit.text) for each in made if each.edit.operator == operator]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("operator", OF_DATA)
def test_an_operator_changes_these_places_of_data(operator: str, tmp_path: Path) -> None:
    """Each operator on data makes exactly the mutants that are listed."""
    text, expected = OF_DATA[operator]

    made = _mutants(tmp_path, "placet/profiles/data.json", text)

    found = [(each.before, each.edit.text) for each in made if each.edit.operator == operator]
    assert sorted(found) == sorted(expected)


def test_a_mutant_is_the_whole_text_with_one_change(tmp_path: Path) -> None:
    """Everything around the change stays as it is, characters outside ASCII before it included."""
    text = "package placet.x\n\n# é µ\na if input.é > 1 # µ\n"

    made = _mutants(tmp_path, "placet/x.rego", text.replace("input.é", 'input["é"]'))

    assert 'package placet.x\n\n# é µ\na if input["é"] >= 1 # µ\n' in [each.text for each in made]


def test_a_mutant_is_shown_as_a_diff(tmp_path: Path) -> None:
    """The diff has the line before and after, though the file has many equal lines."""
    rules = "".join(f"a{number} if {{\n\tinput.x > {number}\n}}\n\n" for number in range(100))

    made = _mutants(tmp_path, "placet/x.rego", f"package placet.x\n\n{rules}")

    (mutant,) = [each for each in made if each.edit.operator == "comparison" and each.text.count("input.x >= 50")]
    assert mutant.diff().splitlines() == [
        "--- a/bundle/placet/x.rego",
        "+++ b/bundle/placet/x.rego",
        "@@ -203,3 +203,3 @@",
        " a50 if {",
        "-\tinput.x > 50",
        "+\tinput.x >= 50",
        " }",
    ]


def test_ids_stay_when_lines_are_added(tmp_path: Path) -> None:
    """A mutant is known by what it changes and not by where: an entry that accepts it outlives an edit elsewhere."""
    before = _mutants(tmp_path, "placet/x.rego", "package placet.x\n\na if input.x > 1\n")
    after = _mutants(tmp_path, "placet/x.rego", "package placet.x\n\nb := 1\n\na if input.x > 1\n")

    assert {each.id for each in before} <= {each.id for each in after}
    assert len({each.id for each in after}) == len(after)


def test_equal_lines_of_one_rule_are_different_mutants(tmp_path: Path) -> None:
    """Two mutants whose texts are alike have ids of their own."""
    made = _mutants(tmp_path, "placet/x.rego", "package placet.x\n\na if {\n\tinput.x\n\tinput.x\n}\n")

    dropped = [each for each in made if each.edit.operator == "drop-expression"]
    assert len({each.id for each in dropped}) == 2
