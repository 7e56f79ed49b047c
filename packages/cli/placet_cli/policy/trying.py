"""``placet policy try``: one request under a release, and why it is decided as it is."""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from placet_cli.node.request_file import read_object_file
from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.folder import BrokenInputError, usable
from placet_cli.policy.release import Release, open_release
from placet_cli.policy.subject import Occasion, Subject, find_subject, unix_of
from placet_cli.policy.tier import explained
from placet_cli.policy.tracing import trace
from placet_cli.policy.try_report import Report, as_json, as_text
from placet_cli.policy.trying_cases import open_case

_NO_HISTORY = "limits over time: decided as if nothing had been approved before"
_RECORDED_HISTORY = "limits over time: decided with the history that stands in the file"
_AS_WRITTEN = (
    "the facts are those that stand in the file; nothing of them was proven here, and this is what the rules say"
)


def try_command(
    file: Annotated[
        str,
        typer.Argument(help="A sample's id, or a file: a request, a record of an export, an input document, cases."),
    ],
    policies: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder laid out like policies/.", show_default="policies")
    ] = None,
    *,
    case: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which case of a file DIR/cases/NAME.yaml; decided by DIR with its data."),
    ] = None,
    bundle: Annotated[Path | None, typer.Option(metavar="FILE", help="A bundle, in place of a folder.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Lay the folder's demo over its data.")] = False,
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON laid over the folder's data.placet, for this try only.")
    ] = None,
    decision: Annotated[str | None, typer.Option(metavar="ID", help="Which decision of an export.")] = None,
    node: Annotated[str, typer.Option(metavar="NAME", help="The node of a request that names none.")] = "node-1",
    at: Annotated[str | None, typer.Option(metavar="TIME", help="RFC 3339; now, for a request without a time.")] = None,
    as_object: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Decide one request, and show the facts, the reasons, and why each code of each rule did or did not fire.

    The facts are made by the policy tier's own decoder; those of an input document are taken as they are written.
    Nothing is recorded, and no node is answered.

    Exit status: 0 whatever the decision is; 2 the request, the data or the policies cannot be used.
    """
    with usable(), tempfile.TemporaryDirectory(prefix="placet-try-") as folder:
        opa, work = pinned_opa(), Path(folder)
        if case is None:
            occasion = Occasion(node=node, unix=unix_of(at))
            subject = find_subject(file, occasion=occasion, decision=decision, work=work)
            path = bundle or policies or Path("policies")
            release = open_release(path, work, opa=opa, demo=demo, data=_data(data))
        else:
            _refuse_beside_case(policies=policies, bundle=bundle, demo=demo, data=data, decision=decision, at=at)
            subject, release = open_case(Path(file), case, work)
        report = try_subject(subject, release, work, opa=opa)
    typer.echo(as_json(report) if as_object else as_text(report), nl=False)


def try_subject(subject: Subject, release: Release, work: Path, *, opa: Path) -> Report:
    """Decide one request and trace its rules.

    Raises:
        BrokenInputError: The policy tier would decide nothing, or OPA cannot evaluate the input.
    """
    if subject.question is None:
        return _of_document(subject, release, opa)
    questions = work / "question.jsonl"
    questions.write_text(json.dumps(subject.question) + "\n", encoding="utf-8")
    ((answer,),) = list(explained([release.bundle], questions, opa=opa))
    if "error" in answer:
        raise BrokenInputError(f"{subject.name}: the policy tier would decide nothing: {answer['error']}")
    found = answer["decision"]
    document: dict[str, Any] | None = answer["input"]
    history = _RECORDED_HISTORY if "history" in subject.question else _NO_HISTORY
    return Report(
        name=subject.name,
        release=release.name,
        facts=answer["facts"],
        effect=str(found["effect"]).lower(),
        reasons=found["reasons"],
        rules=() if document is None else trace(release, document, opa=opa).rules,
        notes=(history,),
    )


def _of_document(subject: Subject, release: Release, opa: Path) -> Report:
    document = subject.document or {}
    facts = document.get("facts")
    if not isinstance(facts, dict):
        raise BrokenInputError(f"{subject.name}: facts is not an object")
    traced = trace(release, document, opa=opa)
    notes = [_AS_WRITTEN, _RECORDED_HISTORY, *([subject.note] if subject.note else [])]
    if traced.decision["effect"] == "allow" and facts.get("status") != "PROVEN":
        notes.append("the rules allow it, and the policy tier does not: it approves only what is proven or accepted")
    return Report(
        name=subject.name,
        release=release.name,
        facts=facts,
        effect=str(traced.decision["effect"]),
        reasons=list(traced.decision["reasons"]),
        rules=traced.rules,
        notes=tuple(notes),
        of_rules=True,
    )


def _refuse_beside_case(**options: object) -> None:
    given = [f"--{name}" for name, value in options.items() if value]
    if given:
        raise BrokenInputError(f"a case has its folder, data and time itself: --case goes without {', '.join(given)}")


def _data(file: Path | None) -> dict[str, Any] | None:
    return None if file is None else read_object_file(file)
