"""Many evaluations, each with an input and data of its own, in one OPA process.

A process takes longer to start and to compile than a hundred decisions, and a data set of its own for nearly every case
would be a process for nearly every case. So the data that cases differ in are laid over by ``with``, name by name: a
whole package cannot be, as it would hide the rules.
"""

import json
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from placet_cli.errors import CliError
from placet_cli.policy.opa_run import run_opa

_ASKED = "d := data.placet.main.decision"
_COMPARED = '{"effect": d.effect, "codes": [r.code | some r in d.reasons]}'
_Shape: TypeAlias = tuple[tuple[str, ...], ...]

_SETTINGS = {"GOMAXPROCS": "1", "GOGC": "off", "GOMEMLIMIT": "1GiB"}
"""The processes live for a moment and are started by the hundred: they share out the processors among themselves."""


class EvaluationError(CliError):
    """OPA gave no answer: the modules do not compile, or an evaluation ended in an error. The text is OPA's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing to evaluate.

    Attributes:
        input: The whole input document.
        data: The whole of ``data.placet`` without Rego.
    """

    input: Mapping[str, Any]
    data: Mapping[str, Any]


def run(opa: Path, arguments: Sequence[str], *, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one short OPA process; the exit status is the caller's to judge.

    Raises:
        EvaluationError: It cannot be started, or does not end.
    """
    try:
        return run_opa(opa, arguments, stdin=stdin or "", settings=_SETTINGS)
    except CliError as error:
        raise EvaluationError(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Points as one document.

    Attributes:
        document: The JSON in which every point is.
        points: How many there are.
        shapes: The points by the names that their data have.
    """

    document: str
    points: int
    shapes: dict[_Shape, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """Evaluates at points.

    Attributes:
        opa: The pinned OPA.
        packages: The packages of the bundle, each as its parts: ``("placet", "main")``.
    """

    opa: Path
    packages: frozenset[tuple[str, ...]]

    def decisions(self, modules: Sequence[Path], table: Table) -> list[dict[str, Any] | None]:
        """Effect and codes of the decision at every point, in their order; None where there is no decision.

        Args:
            modules: The Rego, without data.
            table: Where.

        Raises:
            EvaluationError: OPA fails at some point.
        """
        return self._answers(modules, table, _ASKED, _COMPARED)

    def outcomes(self, modules: Sequence[Path], table: Table, rule: str) -> list[Any]:
        """What a rule package says at every point: its denies and holds.

        Args:
            modules: The Rego, without data; of all rules only this one is needed.
            table: Where.
            rule: ``placet.rules.amount_limit``.

        Raises:
            EvaluationError: OPA fails at some point.
        """
        shown = '[object.get(d, "deny", 0), object.get(d, "hold", 0)]'
        return self._answers(modules, table, f"d := data.{rule}", shown)

    def _answers(self, modules: Sequence[Path], table: Table, asked: str, shown: str) -> list[Any]:
        parts = [_query(number, shape, asked, shown) for number, shape in enumerate(table.shapes)]
        files = [argument for module in modules for argument in ("--data", str(module))]
        command = ["eval", "--format", "values", "--stdin-input", *files, f"[{', '.join(parts)}]"]
        done = run(self.opa, command, stdin=table.document)
        if done.returncode != 0:
            raise EvaluationError((done.stderr or done.stdout).strip())
        answers: list[Any] = [None] * table.points
        for members, group in zip(table.shapes.values(), json.loads(done.stdout)[0], strict=True):
            for index, answer in zip(members, group, strict=True):
                answers[index] = answer[0] if answer else None
        return answers

    def table(self, points: Sequence[Point], read: Collection[tuple[str, ...]]) -> Table:
        """Write points down as OPA is asked about them.

        Args:
            points: Where something is to be evaluated.
            read: The places below ``data`` that the modules name; data elsewhere are left out.
        """
        values: dict[str, int] = {}
        shapes: dict[_Shape, list[int]] = {}
        rows = []
        for index, point in enumerate(points):
            leaves = {name: value for name, value in self._documents(("placet",), point.data) if _is_read(name, read)}
            shape = tuple(sorted(leaves))
            shapes.setdefault(shape, []).append(index)
            texts = [json.dumps(leaves[name]) for name in shape]
            places = [values.setdefault(text, len(values)) for text in texts]
            rows.append(f'{{"input": {json.dumps(point.input)}, "data": {json.dumps(places)}}}')
        groups = ("[" + ", ".join(rows[index] for index in members) + "]" for members in shapes.values())
        document = f'{{"values": [{", ".join(values)}], "groups": [{", ".join(groups)}]}}'
        return Table(document=document, points=len(rows), shapes=shapes)

    def _documents(self, path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        """The largest parts of the data that hide no package."""
        if isinstance(value, Mapping) and any(package[: len(path)] == path for package in self.packages):
            for name, below in value.items():
                yield from self._documents((*path, name), below)
        else:
            yield path, value


def _is_read(name: tuple[str, ...], read: Collection[tuple[str, ...]]) -> bool:
    return any(ref[: len(name)] == name[: len(ref)] for ref in read)


def _query(number: int, shape: _Shape, asked: str, shown: str) -> str:
    """One list of answers, each a list of one or none: what is undefined must not shift the others."""
    # Taken before: an expression behind `with` sees the input that another `with` lays over.
    taken = [f"v{index} := input.values[p.data[{index}]]" for index in range(len(shape))]
    laid = [f"with data{_reference(name)} as v{index}" for index, name in enumerate(shape)]
    # A decision without reasons is none, though no code is in it either.
    whole = ["is_array(d.reasons)"] if shown == _COMPARED else []
    body = "; ".join(["i := p.input", *taken, f"{asked} with input as i {' '.join(laid)}", *whole])
    return f"[[{shown} | {body}] | some p in input.groups[{number}]]"


def _reference(name: tuple[str, ...]) -> str:
    return "".join(f"[{json.dumps(part)}]" for part in name)
