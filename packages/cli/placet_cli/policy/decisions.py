"""Cases decided by the real OPA, many by one process."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_cli.policy.cases import Case
from placet_cli.policy.opa_server import OpaRefusalError, OpaServer, serve
from placet_cli.policy.staging import read_modules, stage_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case and OPA's answer.

    Attributes:
        case: The case.
        decision: The whole ``placet.decision/v1`` document; empty where OPA fails on the case.
        error: What OPA says where it fails; empty otherwise.
    """

    case: Case
    decision: dict[str, Any]
    error: str = ""

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
        CliError: OPA does not compile the Rego, or does not answer any more.
    """
    with (
        tempfile.TemporaryDirectory(prefix="placet-cases-") as work,
        serve(opa, stage_files(read_modules(policies), Path(work))) as server,
    ):
        return decide_with(server, cases, progress=progress)


def decide_with(
    server: OpaServer, cases: Sequence[Case], *, progress: Callable[[], None] = lambda: None
) -> list[Decided]:
    """As ``decide``, with an OPA that runs already; its data are those of some case afterwards."""
    answers: dict[int, Decided] = {}
    for members in _by_data(cases):
        for index, decided in zip(members, _alike(server, [cases[index] for index in members]), strict=True):
            answers[index] = decided
            progress()
    return [answers[index] for index in range(len(cases))]


def _alike(server: OpaServer, cases: Sequence[Case]) -> Iterator[Decided]:
    """Decide cases that have the same data."""
    try:
        server.put_data(cases[0].data)
    except OpaRefusalError as error:
        for case in cases:
            yield Decided(case=case, decision={}, error=str(error))
        return
    for case in cases:
        try:
            yield Decided(case=case, decision=server.decide(case.input))
        except OpaRefusalError as error:
            yield Decided(case=case, decision={}, error=str(error))


def _by_data(cases: Sequence[Case]) -> Iterable[list[int]]:
    groups: dict[str, list[int]] = {}
    for index, case in enumerate(cases):
        groups.setdefault(json.dumps(case.data, sort_keys=True), []).append(index)
    return groups.values()
