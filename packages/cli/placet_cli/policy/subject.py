"""What ``placet policy try`` is asked about: a sample, a request, a recorded request, or an input document."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from placet_cli.node.request_file import NO_SAMPLE, find_request, read_object_file
from placet_cli.policy.folder import BrokenInputError, usable
from placet_cli.policy.tier import write_recorded
from placet_cli.samples import Sample, sample, samples

_GZIP = b"\x1f\x8b"
_QUESTION = {"callback_request", "node", "decision"}
_SCHEMA = "placet.input/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where and when a request that says neither is asked.

    Attributes:
        node: The node's name.
        unix: Seconds since 1970.
    """

    node: str
    unix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One request.

    Attributes:
        name: For people.
        question: A line as ``placet_policy explain`` reads it; None for an input document.
        document: The input document, with the facts that somebody wrote; None for a request.
        note: What a reader must know about it beside that; empty where there is nothing.
    """

    name: str
    question: Mapping[str, Any] | None = None
    document: Mapping[str, Any] | None = None
    note: str = ""


def find_subject(name: str, *, occasion: Occasion, decision: str | None, work: Path) -> Subject:
    """Find what is to be tried.

    Args:
        name: A sample's id, or a file: a sample, a callback request, a line of an export, an export, a line of
            ``placet_policy audit questions``, or an input document.
        occasion: For a request that says neither node nor time.
        decision: The record's decision_id, for an export.
        work: A folder for what is read out of an export.

    Raises:
        BrokenInputError: There is no such sample or file, or it is none of these.
    """
    known = sample(name)
    if known is not None:
        return Subject(name=known.id, question=sample_question(known, occasion))
    path = Path(name)
    if path.is_file() and _is_compressed(path):
        if decision is None:
            raise BrokenInputError(f"{path}: is an export; --decision ID says which of its decisions is tried")
        return _recorded(path, ["--export", str(path), decision], work)
    if path.suffix in {".yaml", ".yml"} and path.is_file():
        raise BrokenInputError(f"{path}: is YAML, as cases are; --case NAME says which case of it is tried")
    with usable():
        return _read(path, read_object_file(path, missing=NO_SAMPLE), occasion, work)


def unix_of(at: str | None) -> int:
    """Read a time that a user gives, RFC 3339 with an offset; none is now.

    Raises:
        BrokenInputError: It is no such time.
    """
    if at is None:
        return int(time.time())
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise BrokenInputError(f"--at {at}: is no RFC 3339 time") from error
    if moment.tzinfo is None:
        raise BrokenInputError(f"--at {at}: a time needs its offset, as in 2026-01-31T12:00:00Z")
    return int(moment.timestamp())


def sample_question(one: Sample, occasion: Occasion) -> dict[str, Any]:
    """A sample as it is sent, at a time and from a node; its id is the decision's."""
    return _question(dict(one.request), one.id, occasion)


def sample_questions(occasion: Occasion) -> list[dict[str, Any]]:
    """Every sample that asks for a decision."""
    return [sample_question(one, occasion) for one in samples() if not one.is_ping]


def _read(path: Path, content: dict[str, Any], occasion: Occasion, work: Path) -> Subject:
    if str(content.get("schema", "")).startswith(_SCHEMA):
        return Subject(name=path.name, document=content)
    if content.get("type") == "record":
        return _recorded(path, ["--record", str(path)], work)
    if content.keys() >= _QUESTION:
        return Subject(name=path.name, question=content)
    fields = content.get("callback_request", content)
    if not isinstance(fields, dict) or "request_type" not in fields:
        raise BrokenInputError(f"{path}: is no callback request, no record of an export and no input document")
    request = find_request(str(path), request_id=str(fields.get("request_id", path.stem)))
    return Subject(name=path.name, question=_question(json.loads(request.package), path.stem, occasion))


def _recorded(path: Path, arguments: list[str], work: Path) -> Subject:
    file = work / "recorded.jsonl"
    left_out = write_recorded(arguments, file)
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise BrokenInputError(f"{path}: {left_out or 'is no record of a decision'}")
    question = json.loads(lines[0])
    return Subject(name=f"decision {question['decision']['id']}", question=question)


def _question(request: dict[str, Any], decision: str, occasion: Occasion) -> dict[str, Any]:
    return {
        "callback_request": request,
        "node": occasion.node,
        "decision": {"id": decision, "time": occasion.unix},
    }


def _is_compressed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_GZIP)) == _GZIP
    except OSError as error:
        raise BrokenInputError(f"{path}: {error.strerror}") from error
