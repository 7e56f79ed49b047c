"""Which modules see which: whose tests can notice a change."""

from pathlib import Path, PurePosixPath

import pytest
from opa_binary import opa_binary
from placet_cli.policy.mutation.dependencies import Modules
from placet_cli.policy.mutation.reading import read_sources

TEXTS = {
    "main/main.rego": "package placet.main\n\na := data.placet.rules[input.name].deny\n",
    "lib/amounts.rego": "package placet.lib.amounts\n\nparse(x) := x\n",
    "lib/transfers.rego": "package placet.lib.transfers\n\nimport data.placet.lib.amounts\n\na := amounts.parse(1)\n",
    "rules/fee/fee.rego": "package placet.rules.fee\n\nimport data.placet.lib.transfers\n\ndeny := transfers.a\n",
    "rules/fee/fee_test.rego": "package placet.rules.fee_test\n\nimport data.placet.rules.fee\n\ntest_a if fee.deny\n",
    "rules/call/call.rego": "package placet.rules.call\n\ndeny := data.placet.rules.fee.limits\n",
    "rules/call/call_test.rego": "package placet.rules.call_test\n\ntest_a if data.placet.rules.call.deny\n",
}


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    """Seven small modules."""
    folder = tmp_path_factory.mktemp("bundle")
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    sources = read_sources(folder, map(PurePosixPath, TEXTS), opa=opa_binary(), work=Path(folder), jobs=2)
    return Modules(sources={source.file: source for source in sources})


def _seen(modules: Modules, file: str) -> set[str]:
    return {str(other) for other in modules.seen_by(PurePosixPath(file))}


def test_a_module_sees_what_its_imports_see(modules: Modules) -> None:
    """The modules that are loaded with a test are all that it can depend on."""
    assert _seen(modules, "rules/fee/fee_test.rego") == {
        "rules/fee/fee_test.rego",
        "rules/fee/fee.rego",
        "lib/transfers.rego",
        "lib/amounts.rego",
    }


def test_data_beside_a_rule_are_not_the_rule(modules: Modules) -> None:
    """A reference to another rule's data does not depend on its Rego."""
    assert _seen(modules, "rules/call/call.rego") == {"rules/call/call.rego"}


def test_a_reference_with_a_variable_sees_every_package_below(modules: Modules) -> None:
    """The decision asks for rules by a name that it finds in data."""
    assert _seen(modules, "main/main.rego") == set(TEXTS) - {"rules/fee/fee_test.rego", "rules/call/call_test.rego"}


def test_the_tests_of_a_library_are_those_of_the_rules_that_use_it(modules: Modules) -> None:
    """Nothing beside a library tests it here, but the tests of a rule see it."""
    assert modules.tests_of(PurePosixPath("lib/amounts.rego")) == [PurePosixPath("rules/fee/fee_test.rego")]
    assert modules.tests_of(PurePosixPath("main/main.rego")) == []
