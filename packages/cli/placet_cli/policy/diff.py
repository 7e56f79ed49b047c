"""``placet policy diff``: what a change of the policies changes in the decisions."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.changes import Change, Kind, Outcome, Source, change_of
from placet_cli.policy.diff_cases import compare_cases
from placet_cli.policy.diff_report import Comparison, as_json, as_markdown, as_text
from placet_cli.policy.folder import EXIT_FINDINGS, usable
from placet_cli.policy.release import Release, open_release
from placet_cli.policy.subject import Occasion, sample_questions, unix_of
from placet_cli.policy.tier import explained, write_recorded


class FailOn(StrEnum):
    """Which changes end with exit status 1."""

    ANY = "any"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Which requests are decided under both releases.

    Attributes:
        occasion: When and from which node the samples are asked.
        recorded: The arguments that name recorded decisions to the policy tier; empty for none.
    """

    occasion: Occasion
    recorded: Sequence[str] = ()


def diff_command(
    before: Annotated[Path, typer.Argument(metavar="A", help="A bundle or a policy folder: what is active.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="A bundle or a policy folder: what is proposed.")],
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Lay each folder's demo over its data.")] = False,
    export: Annotated[Path | None, typer.Option(metavar="FILE", help="Recorded decisions: an export.")] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Recorded decisions: a ledger.")] = None,
    node: Annotated[str, typer.Option(metavar="NAME", help="The node that the samples come from.")] = "node-1",
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When the samples come, RFC 3339; else now.")] = None,
    fail_on: Annotated[FailOn, typer.Option(help="Which changes give exit status 1.")] = FailOn.ANY,
    markdown: Annotated[bool, typer.Option("--markdown", help="A report for a pull request.")] = False,
    as_object: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Decide the samples, the cases and recorded requests under two releases, and show what comes out differently.

    Cases are those of B where it is a folder, else of A; each is decided with its own changes of each release's data.
    Recorded requests are decided with their recorded time and history.

    Exit status: 0 nothing changes; 1 something does (with --fail-on approved: something is newly approved); 2 a release
    or a record cannot be used, or the command line is wrong.
    """
    recorded = [*(["--export", str(export)] if export else []), *(["--url", url] if url else [])]
    with usable(), tempfile.TemporaryDirectory(prefix="placet-diff-") as folder:
        opa, work = pinned_opa(), Path(folder)
        releases = [_opened(path, work / name, opa, demo=demo) for path, name in ((before, "a"), (after, "b"))]
        requests = Requests(occasion=Occasion(node=node, unix=unix_of(at)), recorded=recorded)
        comparison = compare(releases[0], releases[1], requests, work, opa=opa)
    write = as_json if as_object else as_markdown if markdown else as_text
    typer.echo(write(comparison), nl=False)
    counted = [change for change in comparison.changes if fail_on is FailOn.ANY or change.kind is Kind.APPROVED]
    if counted:
        raise typer.Exit(EXIT_FINDINGS)


def compare(before: Release, after: Release, requests: Requests, work: Path, *, opa: Path) -> Comparison:
    """Decide everything under both releases.

    Args:
        before: The first release.
        after: The second release.
        requests: What is asked beside the cases.
        work: A folder for what is made on the way.
        opa: The pinned OPA.

    Raises:
        CliError: Something cannot be read or decided.
    """
    changes: list[Change | None] = []
    samples = sample_questions(requests.occasion)
    questions = work / "questions.jsonl"
    questions.write_text("".join(f"{json.dumps(each)}\n" for each in samples), encoding="utf-8")
    left_out = write_recorded(requests.recorded, questions).splitlines() if requests.recorded else []
    asked = 0
    with questions.open(encoding="utf-8") as lines:
        answers = explained([before.bundle, after.bundle], questions, opa=opa)
        for line, (old, new) in zip(lines, answers, strict=True):
            asked += 1
            source = Source.SAMPLE if asked <= len(samples) else Source.RECORDED
            changes.append(_changed(source, json.loads(line), old, new))
    compared = {Source.SAMPLE: len(samples)}
    cases = compare_cases(before, after, work, opa=opa)
    if cases is None:
        left_out.append("cases: neither release is a folder that has some")
    else:
        compared[Source.CASE] = cases.compared
        left_out += cases.left_out
        changes += [change_of(Source.CASE, *pair) for pair in cases.pairs]
    if requests.recorded:
        compared[Source.RECORDED] = asked - len(samples)
    return Comparison(
        before=before.name,
        after=after.name,
        compared=compared,
        changes=[change for change in changes if change is not None],
        left_out=left_out,
        decimals=_decimals(before) | _decimals(after),
    )


def _opened(path: Path, work: Path, opa: Path, *, demo: bool) -> Release:
    work.mkdir()
    return open_release(path, work, opa=opa, demo=demo)


def _changed(
    source: Source, question: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Change | None:
    # A node asks again until it has an answer: its request is one request.
    request = f"{question['node']} {question['callback_request'].get('request_id')}"
    name = str(question["decision"]["id"])
    return change_of(source, name, _outcome(old), _outcome(new), request=request)


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    if "error" in answer:
        return Outcome(effect="error", reasons=(("", str(answer["error"])),))
    decision, facts = answer["decision"], answer["facts"] or {}
    return Outcome(
        effect=str(decision["effect"]).lower(),
        reasons=tuple((str(reason["rule"]), str(reason["code"])) for reason in decision["reasons"]),
        summary=tuple(facts.get("summary", ())),
        amounts={asset: int(amount) for asset, amount in answer["amounts"].items()},
    )


def _decimals(release: Release) -> dict[str, int]:
    tokens = release.data.get("registry", {}).get("tokens", {})
    return {name: int(token["decimals"]) for name, token in tokens.items() if isinstance(token.get("decimals"), int)}
