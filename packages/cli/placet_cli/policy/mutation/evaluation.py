"""Many evaluations, each with an input and data of its own, in one OPA process.

A process takes longer to start and to compile than a hundred decisions, and a data set of its own for nearly every case
would be a process for nearly every case. So the data that cases differ in are laid over by ``with``, name by name: a
whole package cannot be, as it would hide the rules.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from placet_cli.errors import CliError

_DECISION = "placet.main.decision"
_COMPARED = '{"effect": d.effect, "codes": [r.code | some r in d.reasons]}'
_Shape: TypeAlias = tuple[tuple[str, ...], ...]

_SECONDS = 120.0
_ENVIRONMENT = {"GOMAXPROCS": "1", "GOGC": "off", "GOMEMLIMIT": "1GiB", "PATH": os.defpath}
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
        return subprocess.run(  # noqa: S603 - the pinned OPA
            [opa, *arguments],
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env=_ENVIRONMENT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EvaluationError(f"opa {arguments[0]} could not be run: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """Evaluates at points.

    Attributes:
        opa: The pinned OPA.
        packages: The packages of the bundle, each as its parts: ``("placet", "main")``.
    """

    opa: Path
    packages: frozenset[tuple[str, ...]]

    def decisions(self, modules: Sequence[Path], points: Sequence[Point]) -> list[dict[str, Any] | None]:
        """Effect and codes of the decision at every point, in their order; None where there is no decision.

        Raises:
            EvaluationError: OPA fails at some point.
        """
        return self._answers(modules, points, f"d := data.{_DECISION}", _COMPARED)

    def outcomes(self, modules: Sequence[Path], points: Sequence[Point], rule: str) -> list[Any]:
        """What a rule package says at every point: its denies and holds.

        Args:
            modules: The Rego, without data; of all rules only this one is needed.
            points: Where.
            rule: ``placet.rules.amount_limit``.

        Raises:
            EvaluationError: OPA fails at some point.
        """
        return self._answers(modules, points, f"d := data.{rule}", '[object.get(d, "deny", 0), object.get(d, "hold", 0)]')

    def _answers(self, modules: Sequence[Path], points: Sequence[Point], asked: str, shown: str) -> list[Any]:
        values, rows, shapes = self._tabled(points)
        document = {"values": values, "groups": [[rows[index] for index in members] for members in shapes.values()]}
        parts = [_query(number, shape, asked, shown) for number, shape in enumerate(shapes)]
        files = [argument for module in modules for argument in ("--data", str(module))]
        command = ["eval", "--format", "values", "--stdin-input", *files, f"[{', '.join(parts)}]"]
        done = run(self.opa, command, stdin=json.dumps(document))
        if done.returncode != 0:
            raise EvaluationError((done.stderr or done.stdout).strip())
        answers: list[Any] = [None] * len(points)
        for members, group in zip(shapes.values(), json.loads(done.stdout)[0], strict=True):
            for index, answer in zip(members, group, strict=True):
                answers[index] = answer[0] if answer else None
        return answers

    def _tabled(self, points: Sequence[Point]) -> tuple[list[Any], list[dict[str, Any]], dict[_Shape, list[int]]]:
        """The distinct values of data, the points as places among them, and the points by the names their data have."""
        values: dict[str, int] = {}
        shapes: dict[_Shape, list[int]] = {}
        rows = []
        for index, point in enumerate(points):
            leaves = dict(self._documents(("placet",), point.data))
            shape = tuple(sorted(leaves))
            shapes.setdefault(shape, []).append(index)
            texts = [json.dumps(leaves[name]) for name in shape]
            rows.append({"input": point.input, "data": [values.setdefault(text, len(values)) for text in texts]})
        return [json.loads(text) for text in values], rows, shapes

    def _documents(self, path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        """The largest parts of the data that hide no package."""
        if isinstance(value, Mapping) and any(package[: len(path)] == path for package in self.packages):
            for name, below in value.items():
                yield from self._documents((*path, name), below)
        else:
            yield path, value


def _query(number: int, shape: _Shape, asked: str, shown: str) -> str:
    """One list of answers, each a list of one or none: what is undefined must not shift the others."""
    # Taken before: an expression behind `with` sees the input that another `with` lays over.
    taken = [f"v{index} := input.values[p.data[{index}]]" for index in range(len(shape))]
    laid = [f"with data{_reference(name)} as v{index}" for index, name in enumerate(shape)]
    body = "; ".join(["i := p.input", *taken, f"{asked} with input as i {' '.join(laid)}"])
    return f"[[{shown} | {body}] | some p in input.groups[{number}]]"


def _reference(name: tuple[str, ...]) -> str:
    return "".join(f"[{json.dumps(part)}]" for part in name)
