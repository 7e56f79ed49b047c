"""Cases decided by the real OPA, many by one process."""

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.cases import Case, CaseError
from placet_cli.policy.opa_server import OpaServer, serve
from placet_cli.policy.staging import read_modules, stage_modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case and OPA's answer.

    Attributes:
        case: The case.
        decision: The whole ``placet.decision/v1`` document.
    """

    case: Case
    decision: dict[str, Any]

    @property
    def found(self) -> dict[str, Any]:
        """Effect and codes of the answer, as a case's ``expect`` has them."""
        return {
            "effect": self.decision.get("effect"),
            "codes": [reason.get("code") for reason in self.decision.get("reasons", [])],
        }

    @property
    def holds(self) -> bool:
        """Whether the answer is the expected one, the order of the codes included."""
        return self.found == self.case.expected


def decide(
    policies: Path, cases: Sequence[Case], *, opa: Path, progress: Callable[[], None] = lambda: None
) -> list[Decided]:
    """Let one OPA, over the folder's Rego, decide every case with the case's own data.

    Args:
        policies: The policy folder.
        cases: In any order.
        opa: The pinned OPA.
        progress: Called after each decision.

    Returns:
        The answers in the order of the cases.

    Raises:
        CliError: OPA does not compile the Rego, or fails on a case; the text names the case.
    """
    with (
        tempfile.TemporaryDirectory(prefix="placet-cases-") as work,
        serve(opa, stage_modules(read_modules(policies), Path(work))) as server,
    ):
        return decide_with(server, cases, progress=progress)


def decide_with(
    server: OpaServer, cases: Sequence[Case], *, progress: Callable[[], None] = lambda: None
) -> list[Decided]:
    """As ``decide``, with an OPA that runs already; its data are those of some case afterwards."""
    answers: dict[int, Decided] = {}
    for members in _by_data(cases):
        try:
            server.put_data(cases[members[0]].data)
            for index in members:
                answers[index] = Decided(case=cases[index], decision=server.decide(cases[index].input))
                progress()
        except CliError as error:
            failed = next((index for index in members if index not in answers), members[0])
            raise CaseError(cases[failed].file, f"{cases[failed].name}: {error}") from error
    return [answers[index] for index in range(len(cases))]


def _by_data(cases: Sequence[Case]) -> Iterable[list[int]]:
    groups: dict[str, list[int]] = {}
    for index, case in enumerate(cases):
        groups.setdefault(json.dumps(case.data, sort_keys=True), []).append(index)
    return groups.values()
