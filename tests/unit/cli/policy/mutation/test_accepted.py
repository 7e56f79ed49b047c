"""`mutate.yaml`: what it may say, and when an entry is stale."""

from pathlib import Path

import pytest
import yaml
from placet_cli.policy.mutation.accepted import AcceptedError, as_entry, read_accepted, stale, with_reasons
from placet_cli.policy.mutation.results import Result
from placet_cli.policy.mutation.verdicts import SURVIVED, Kind, Verdict

RESULT = Result(
    package="placet.rules.a",
    rule="deny",
    operator="drop-expression",
    before="every x in xs {\n\t\tx\n\t}",
    after="true",
    place="bundle/a.rego:1",
    diff="-",
    verdict=SURVIVED,
)


def _accepted(folder: Path, *entries: object) -> None:
    (folder / "mutate.yaml").write_text(yaml.safe_dump(list(entries)), encoding="utf-8")


def test_the_shown_entry_accepts_the_survivor_that_it_is_shown_for(tmp_path: Path) -> None:
    """White space of several lines counts as one blank, so that an entry is one line."""
    (entry,) = yaml.safe_load(as_entry(RESULT))
    assert entry["before"] == "every x in xs { x }"
    _accepted(tmp_path, {**entry, "reason": "why"})

    (result,) = with_reasons([RESULT], read_accepted(tmp_path))

    assert result.reason == "why"


def test_a_folder_without_a_list_accepts_nothing(tmp_path: Path) -> None:
    """The list is there only where something is accepted."""
    assert read_accepted(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": " "}, "entry 1: says no reason"),
        ({"after": True}, "entry 1: every field is a text; put quotes around true, null and numbers"),
        ({"why": "x"}, "entry 1: has the fields package, rule, operator, before, after, reason, and no others"),
    ],
)
def test_an_entry_that_says_too_little_is_refused(change: dict[str, object], says: str, tmp_path: Path) -> None:
    """Each entry has a reason, and names exactly one kind of change."""
    (entry,) = yaml.safe_load(as_entry(RESULT))
    _accepted(tmp_path, {**entry, "reason": "why", **change})

    with pytest.raises(AcceptedError, match=says):
        read_accepted(tmp_path)


def test_an_entry_without_a_survivor_is_stale_where_its_package_was_judged(tmp_path: Path) -> None:
    """A mutant that is noticed now is accepted no longer; what was not judged may survive as before."""
    (entry,) = yaml.safe_load(as_entry(RESULT))
    _accepted(tmp_path, {**entry, "reason": "why"})
    accepted = read_accepted(tmp_path)
    key = ("placet.rules.a", "deny", "drop-expression", "every x in xs { x }", "true")

    assert stale([RESULT], accepted, judged=lambda _: True) == []
    assert stale([], accepted, judged=lambda _: True) == [key]
    assert stale([], accepted, judged=lambda package: package != "placet.rules.a") == []


def test_a_reason_is_for_survivors_only() -> None:
    """What a test notices needs no reason."""
    killed = Result(
        package="p", rule="r", operator="o", before="", after="", place="", diff="", verdict=Verdict(kind=Kind.KILLED)
    )

    assert with_reasons([killed], []) == [killed]
