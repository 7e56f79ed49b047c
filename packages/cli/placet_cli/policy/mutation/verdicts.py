"""What came of a mutant."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What came of a mutant; only the first two are in the score."""

    KILLED = "killed"
    SURVIVED = "survived"
    REFUSED = "refused"
    """OPA's strict check or the schema of the data refuses it, so that it could not be built; it is not counted."""
    NEUTRAL = "neutral"
    """A field of the input whose absence changes no decision of any case; it is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one mutant.

    Attributes:
        kind: Whether it was noticed.
        by: What noticed it: ``test``, ``case``, ``coverage``, ``check``, ``schema``; empty for one that survived.
        words: The test, the case, or what the compiler says.
    """

    kind: Kind
    by: str = ""
    words: str = ""


SURVIVED = Verdict(kind=Kind.SURVIVED)
