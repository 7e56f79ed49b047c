"""Changes of the data that ship, carried into the data of cases."""

from placet_cli.policy.mutation.carried import carried


def test_what_a_case_has_as_shipped_changes() -> None:
    """An effect that the case leaves alone is the changed one."""
    assert carried(
        {"e": {"A": "deny", "B": "hold"}}, {"e": {"A": "deny", "B": "hold"}}, {"e": {"A": "hold", "B": "hold"}}
    ) == {"e": {"A": "hold", "B": "hold"}}


def test_what_a_case_or_the_demonstration_adds_stays() -> None:
    """An emptied object loses what ships and nothing else, however deep it stands."""
    shipped = {"tokens": {"ETH": {"decimals": 18}}, "limits": {}}
    made = {"tokens": {"ETH": {"decimals": 18, "label": "own"}, "NEW": {}}, "limits": {"ETH": "1"}}

    assert carried(made, shipped, {"tokens": {}, "limits": {}}) == {
        "tokens": {"ETH": {"label": "own"}, "NEW": {}},
        "limits": {"ETH": "1"},
    }


def test_what_a_case_sets_itself_stays() -> None:
    """A value that the case has replaced is not what ships any more."""
    assert carried({"rules": ["mine"]}, {"rules": ["a", "b"]}, {"rules": ["a"]}) == {"rules": ["mine"]}
    assert carried({}, {"rules": ["a", "b"]}, {"rules": ["a"]}) == {}
