"""``placet policy mutate``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.folder import EXIT_FINDINGS, judging
from placet_cli.policy.mutation.accepted import FILE
from placet_cli.policy.mutation.folder import default_jobs
from placet_cli.policy.mutation.report import as_json, as_text
from placet_cli.policy.mutation.results import score
from placet_cli.policy.mutation.workflow import Options, Run, mutate
from placet_cli.policy.progress import bars


class Form(StrEnum):
    """How the results are written."""

    TEXT = "text"
    JSON = "json"


Directory = Annotated[Path, typer.Argument(metavar="[DIR]", help="A folder laid out like policies/.")]
Minimum = Annotated[int, typer.Option("--minimum", min=0, max=100, help="The lowest score that is good enough, in %.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="OPA processes at a time; 0: one a processor.")]
Since = Annotated[str | None, typer.Option("--since", metavar="GIT_REF", help="Only what differs from this commit.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="TEXT", help="Only packages with this in their names, e.g. fee_limit; or input."),
]
Chosen = Annotated[Form, typer.Option("--format", help="How the results are written to standard output.")]
Cached = Annotated[bool, typer.Option("--cache/--no-cache", help="Use verdicts of earlier runs and keep these.")]
Searched = Annotated[bool, typer.Option("--search/--no-search", help="Look for cases that would notice survivors.")]


def mutate_command(
    directory: Directory = Path("policies"),
    *,
    minimum: Minimum = 95,
    jobs: Jobs = 0,
    since: Since = None,
    only: Only = None,
    form: Chosen = Form.TEXT,
    cache: Cached = True,
    search: Searched = True,
) -> None:
    """Change the policy in every small way, and tell which changes no test and no case notices.

    Each survivor is shown as a diff, with a case that would notice it where one is found. DIR/mutate.yaml lists
    survivors that are accepted, each with its reason.

    Exit status: 0 good enough; 1 the score is below the minimum, or mutate.yaml lists what does not survive; 2 wrong
    usage, or no folder whose own tests and cases hold.
    """
    options = Options(
        policies=directory,
        opa=pinned_opa(),
        jobs=jobs or default_jobs(),
        since=since,
        only=only or (),
        cached=cache,
        searched=search,
    )
    run = _shown(options)
    typer.echo((as_text if form is Form.TEXT else as_json)(run.results, minimum=minimum))
    for entry in run.stale:
        typer.echo(f"✗ {FILE} accepts what does not survive; take it out: {_words(entry)}", err=True)
    if run.stale or score(run.results).hundredths < minimum * 100:
        raise typer.Exit(EXIT_FINDINGS)


def _shown(options: Options) -> Run:
    with judging(options.policies), bars() as phase:
        return mutate(options, phase=phase)


def _words(entry: tuple[str, ...]) -> str:
    package, rule, operator, before, after = entry
    return f"{package} {rule}: {operator}: {before!r} to {after!r}"
