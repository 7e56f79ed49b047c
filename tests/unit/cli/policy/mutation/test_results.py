"""How mutants are counted."""

import pytest
from placet_cli.policy.mutation.results import Result, Score, score
from placet_cli.policy.mutation.verdicts import SURVIVED, Kind, Verdict


def _result(kind: Kind, reason: str = "") -> Result:
    verdict = SURVIVED if kind is Kind.SURVIVED else Verdict(kind=kind)
    return Result(
        package="p", rule="r", operator="o", before="", after="", place="", diff="", verdict=verdict, reason=reason
    )


def test_accepted_survivors_are_survivors() -> None:
    """A reason takes nothing out of the score; what cannot be built and what decides nothing is not in it."""
    results = [
        *[_result(Kind.KILLED)] * 19,
        _result(Kind.SURVIVED, "why"),
        _result(Kind.REFUSED),
        _result(Kind.NEUTRAL),
    ]

    found = score(results)

    assert found == Score(killed=19, survived=1, accepted=1, uncounted=2)
    assert (found.counted, found.hundredths, found.text) == (20, 9500, "95.00 %")


@pytest.mark.parametrize(
    ("killed", "survived", "text"),
    [(0, 0, "100.00 %"), (94_999, 5_001, "94.99 %"), (1, 2, "33.33 %"), (0, 1, "0.00 %")],
)
def test_the_score_is_rounded_down(killed: int, survived: int, text: str) -> None:
    """What is short of the minimum by one mutant of a hundred thousand is short of it."""
    assert Score(killed=killed, survived=survived, accepted=0, uncounted=0).text == text
