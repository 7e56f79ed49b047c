"""Cases are decided by one real OPA, each with its own data; what OPA refuses names the case."""

import re
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.errors import CliError
from placet_cli.policy.cases import Case
from placet_cli.policy.decisions import decide, decide_with
from placet_cli.policy.opa_server import serve
from placet_cli.policy.staging import read_modules, stage_files

MAIN = """package placet.main

decision := {"effect": data.placet.chosen, "reasons": [{"code": code} | some code in input.codes]}
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder whose decision is a datum, with the codes that the input names."""
    main = tmp_path / "bundle" / "placet" / "main" / "main.rego"
    main.parent.mkdir(parents=True)
    main.write_text(MAIN, encoding="utf-8")
    (main.parent / "main_test.rego").write_text("package placet.main_test\n\nbroken(", encoding="utf-8")
    return tmp_path


def _case(name: str, chosen: str | None, named: list[str], **expected: Any) -> Case:
    data = {} if chosen is None else {"chosen": chosen}
    return Case(name=name, file="cases/x.yaml", input={"codes": named}, data=data, **expected)


def test_each_case_is_decided_with_its_own_data(policies: Path) -> None:
    """Answers come in the order of the cases, whatever data they share, and say whether they are the expected ones."""
    cases = [
        _case("a", "hold", ["X"], effect="hold", codes=["X"]),
        _case("b", "deny", ["Y", "Z"], effect="deny", codes=["Z", "Y"]),
        _case("c", "hold", [], effect="allow", codes=[]),
    ]
    steps: list[None] = []

    decided = decide(policies, cases, opa=opa_binary(), progress=lambda: steps.append(None))

    assert [(each.case.name, each.found["effect"], each.found["codes"]) for each in decided] == [
        ("a", "hold", ["X"]),
        ("b", "deny", ["Y", "Z"]),
        ("c", "hold", []),
    ]
    assert [each.holds for each in decided] == [True, False, False]
    assert len(steps) == 3


def test_a_case_without_a_decision_does_not_hold(policies: Path) -> None:
    """An undefined decision is no effect at all; data of the case before are gone, and the case after is decided."""
    cases = [
        _case("a", "hold", [], effect="hold", codes=[]),
        _case("b", None, [], effect="hold", codes=[]),
        _case("c", "deny", [], effect="deny", codes=[]),
    ]

    decided = decide(policies, cases, opa=opa_binary())

    assert [each.holds for each in decided] == [True, False, True]
    assert [each.error for each in decided] == [
        "",
        "data.placet.main.decision is undefined: no module of the folder decides",
        "",
    ]


def test_rules_that_conflict_fail_their_case(policies: Path) -> None:
    """What ends the evaluation is said, and is no effect."""
    main = policies / "bundle" / "placet" / "main" / "main.rego"
    main.write_text('package placet.main\n\ndecision := {"effect": "hold"}\n\ndecision := {"effect": input.codes[0]}\n')

    (decided,) = decide(policies, [_case("a", "hold", ["allow"], effect="hold", codes=[])], opa=opa_binary())

    assert decided.holds is False
    assert decided.error == (
        "OPA refuses: placet/main/main.rego:5: rule data.placet.main.decision produced conflicting values:"
        ' {"effect": "hold"} at placet/main/main.rego:3 {"effect": "allow"} at placet/main/main.rego:5'
    )


def test_rego_that_does_not_compile_is_opas_to_explain(policies: Path) -> None:
    """What OPA says about a module that it cannot load is shown."""
    (policies / "bundle" / "placet" / "main" / "main.rego").write_text("package placet.main\n\nx if y\n")

    with pytest.raises(CliError, match=re.escape("main.rego:3: rego_unsafe_var_error: var y is unsafe")):
        decide(policies, [], opa=opa_binary())


def test_a_module_can_be_replaced_while_opa_runs(policies: Path, tmp_path: Path) -> None:
    """Another text of the same module answers the next case; a broken one is refused with its place."""
    case = _case("a", "hold", [], effect="hold", codes=[])
    modules = read_modules(policies)
    assert [str(name) for name in modules] == ["placet/main/main.rego"]

    with serve(opa_binary(), stage_files(modules, tmp_path / "staged")) as server:
        before = decide_with(server, [case])
        server.put_module("placet/main/main.rego", MAIN.replace("data.placet.chosen", '"deny"'))
        after = decide_with(server, [case])
        with pytest.raises(CliError, match=r"^OPA refuses: placet/main/main\.rego:3: var y is unsafe$"):
            server.put_module("placet/main/main.rego", "package placet.main\n\nx if y\n")

    assert (before[0].found["effect"], after[0].found["effect"]) == ("hold", "deny")


def test_data_in_the_place_of_a_rule_fail_their_case(policies: Path) -> None:
    """A case cannot overwrite what Rego defines."""
    case = Case(name="a", file="cases/x.yaml", input={}, data={"main": {"decision": 1}}, effect="hold", codes=[])

    (decided,) = decide(policies, [case], opa=opa_binary())

    assert decided.holds is False
    assert decided.error.startswith("OPA refuses: ")
