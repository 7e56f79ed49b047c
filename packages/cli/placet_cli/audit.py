"""``placet audit``: questions to a ledger and proofs about it. The policy tier answers, in a process of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.build import build_bundle

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Questions to a ledger, and proofs about it.")
# What follows the name is the policy tier's to read, --help included: its options are told in one place.
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.callback()
def audit() -> None:
    """Questions to a ledger, and proofs about it.

    A ledger is named by --url or by PLACET_POLICY_LEDGER_URL. Exit codes: 0 whole or done, 1 something was found, 2 it
    could not be done. docs/audit.md shows how to use each command; NAME --help lists its options.
    """


@app.command("verify", context_settings=_PASSED_ON)
def verify(context: typer.Context) -> None:
    """Check every record, link, signature, content, token and published head; name the first that is wrong."""
    _end(_run("audit", "verify", context.args))


@app.command("list", context_settings=_PASSED_ON)
def list_records(context: typer.Context) -> None:
    """List records, one a line, by effect, code, node, request, type, signer or time."""
    _end(_run("ledger", "list", context.args))


@app.command("show", context_settings=_PASSED_ON)
def show(context: typer.Context) -> None:
    """Show everything about a record; the node's signed token only with --evidence."""
    _end(_run("ledger", "show", context.args))


@app.command("quota", context_settings=_PASSED_ON)
def quota(context: typer.Context) -> None:
    """Show what a signing key has used of its limits over time, and what is left."""
    _end(_run("ledger", "quota", context.args))


@app.command("export", context_settings=_PASSED_ON)
def export(context: typer.Context) -> None:
    """Write everything that verify needs into one compressed file."""
    _end(_run("audit", "export", context.args))


@app.command("archive", context_settings=_PASSED_ON)
def archive(context: typer.Context) -> None:
    """Export and verify everything, record that, then erase contents older than a date."""
    _end(_run("audit", "archive", context.args))


@app.command("replay", context_settings=_PASSED_ON)
def replay(
    context: typer.Context,
    policy: Annotated[Path | None, typer.Option("--policy", help="A bundle.tar.gz, or a policy folder.")] = None,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Lay the folder's demo over its data.")] = False,
) -> None:
    """Decide recorded requests again, under their own release or, with --policy, under another one.

    Exit code 1: something came out otherwise, or would be newly approved.
    """
    if {"-h", "--help"} & set(context.args):
        _end(_run("audit", "replay", context.args))
    opa = pinned_opa()
    with tempfile.TemporaryDirectory(prefix="placet-audit-") as work:
        arguments = list(context.args)
        if policy is not None:
            arguments += ["--policy", str(_bundle(policy, Path(work), opa=opa, demo=demo))]
        code = _run("audit", "replay", arguments, more={"PLACET_OPA": str(opa)})
    _end(code)


@app.command("questions", context_settings=_PASSED_ON)
def questions(context: typer.Context) -> None:
    """Write recorded requests as lines of JSON that can be decided under any release."""
    _end(_run("audit", "questions", context.args))


def _bundle(policy: Path, work: Path, *, opa: Path, demo: bool) -> Path:
    if not policy.is_dir():
        return policy
    file = work / "bundle.tar.gz"
    file.write_bytes(build_bundle(policy, opa=opa, demo=demo).data)
    return file


def _run(group: str, name: str, arguments: Sequence[str], *, more: Mapping[str, str] | None = None) -> int:
    command = [sys.executable, "-m", "placet_policy", group, name, *arguments]
    with subprocess.Popen(command, env={**os.environ, **(more or {})}) as process:  # noqa: S603 - the command is ours
        # Ctrl-C reaches the whole group: the tool ends by itself and says so, and we wait for it.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, before)


def _end(code: int) -> None:
    # A process that a signal ended has a negative code; a shell says 128 and the signal.
    raise typer.Exit(code if code >= 0 else 128 - code)
