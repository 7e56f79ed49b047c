"""The commands of the bench that judge a policy folder: `placet policy check` and `placet policy test`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.check import check_folder
from placet_cli.policy.findings import Finding, Level, as_json, as_text
from placet_cli.policy.folder import EXIT_FINDINGS
from placet_cli.policy.progress import bars
from placet_cli.policy.sarif import as_sarif
from placet_cli.policy.testing import Outcome, run_tests


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


Directory = Annotated[Path, typer.Argument(metavar="[DIR]", help="A folder laid out like policies/.")]
Chosen = Annotated[Format, typer.Option("--format", help="How findings are written to standard output.")]
Root = Annotated[
    str, typer.Option("--root", metavar="PATH", help="With sarif: DIR as a path in the repository, like policies/.")
]


def check_command(directory: Directory = Path("policies"), *, form: Chosen = Format.TEXT, root: Root = "") -> None:
    """Find what is wrong with a policy folder without deciding anything.

    Strict compilation with the schemas, formatting, the folder's own checks in Rego, data against schemas and in
    canonical form, builtins, profiles, codes and cases. All findings are shown.

    Exit status: 0 nothing found; 1 findings; 2 wrong usage, or no folder that can be judged.
    """
    found = check_folder(directory, opa=pinned_opa())
    _write(found, form, root)
    if form is Format.TEXT:
        typer.echo(_summary(found), err=True)
    if found:
        raise typer.Exit(EXIT_FINDINGS)


def run_command(directory: Directory = Path("policies"), *, form: Chosen = Format.TEXT, root: Root = "") -> None:
    """Run the Rego tests, which must reach every line, and decide every case of cases/.

    Exit status: 0 all hold and every line is reached; 1 something fails or a line is not reached; 2 wrong usage, or no
    folder that can be tested.
    """
    opa = pinned_opa()
    with bars() as phase:
        tested = run_tests(directory, opa=opa, phase=phase)
    _write(tested.findings, form, root)
    if form is Format.TEXT:
        typer.echo(_tested(tested), err=True)
    if tested.findings:
        raise typer.Exit(EXIT_FINDINGS)


def _write(found: Sequence[Finding], form: Format, root: str) -> None:
    text = {
        Format.TEXT: lambda: as_text(found),
        Format.JSON: lambda: as_json(found),
        Format.SARIF: lambda: as_sarif(found, root=root),
    }[form]()
    typer.echo(text, nl=False)


def _summary(found: Sequence[Finding]) -> str:
    if not found:
        return "✓ nothing found"
    errors = sum(each.kind.level is Level.ERROR for each in found)
    return f"✗ {errors} errors, {len(found) - errors} warnings"


def _tested(tested: Outcome) -> str:
    reached = (
        "coverage is measured when all tests pass" if tested.coverage is None else f"{tested.coverage:g} % covered"
    )
    mark = "✗" if tested.findings else "✓"
    return f"{mark} {tested.tests} Rego tests ({reached}), {tested.cases} cases, {len(tested.findings)} findings"
