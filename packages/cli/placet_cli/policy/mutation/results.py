"""What a run found, mutant by mutant."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_cli.policy.mutation.verdicts import Kind, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One mutant and what came of it.

    Attributes:
        package: ``placet.rules.amount_limit``; ``input`` for a field of the input that is absent.
        rule: The rule in the package, the JSON pointer of a datum, or the field.
        operator: ``negate``.
        before: The text that was replaced.
        after: What stood there instead.
        place: File and line: ``bundle/placet/main/main.rego:24``; empty for a field.
        diff: The mutation as a unified diff; empty for a field.
        verdict: What came of it.
        case: A case that would notice it, as YAML to add; empty where none was found or looked for.
        reason: Why people accept that it survives; empty where nobody does.
    """

    package: str
    rule: str
    operator: str
    before: str
    after: str
    place: str
    diff: str
    verdict: Verdict
    case: str = ""
    reason: str = ""

    @property
    def survived(self) -> bool:
        """Nothing noticed it."""
        return self.verdict.kind is Kind.SURVIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many mutants were noticed.

    Attributes:
        killed: Those that a test, a case or the coverage noticed.
        survived: Those that nothing noticed, the accepted ones among them.
        accepted: Survivors that are listed with a reason.
        uncounted: Those that OPA's check refuses, and fields on which no decision depends.
    """

    killed: int
    survived: int
    accepted: int
    uncounted: int

    @property
    def counted(self) -> int:
        """How many the score is of."""
        return self.killed + self.survived

    @property
    def hundredths(self) -> int:
        """The score in hundredths of a percent, rounded down: 9499 is less than 95 %. Of no mutants it is 100 %."""
        return 10_000 * self.killed // self.counted if self.counted else 10_000

    @property
    def text(self) -> str:
        """``97.31 %``."""
        return f"{self.hundredths // 100}.{self.hundredths % 100:02} %"


def score(results: Sequence[Result]) -> Score:
    """Count some results."""
    kinds = [result.verdict.kind for result in results]
    return Score(
        killed=kinds.count(Kind.KILLED),
        survived=kinds.count(Kind.SURVIVED),
        accepted=sum(1 for result in results if result.survived and result.reason),
        uncounted=len(kinds) - kinds.count(Kind.KILLED) - kinds.count(Kind.SURVIVED),
    )
