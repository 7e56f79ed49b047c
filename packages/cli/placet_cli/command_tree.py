"""The command group that imports a command's module only when that command runs.

``placet opa path`` is called by scripts before anything else works, so it must not pay for, or fail with, what another
command imports.
"""

import importlib
import importlib.util
from typing import Any

import typer
from typer.core import TyperGroup

from placet_cli.errors import CliError

COMMANDS = {
    "up": "placet_cli.up",
    "keys": "placet_cli.keys",
    "policy": "placet_cli.policy.commands",
    "node": "placet_cli.node.commands",
    "audit": "placet_cli.audit",
    "opa": "placet_cli.opa",
}
"""Command name to the module that holds it as ``app``, a ``typer.Typer``, in the order of the help page."""


class LazyGroup(TyperGroup):
    """The top of the command tree: one entry a module, errors shown in one place."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is Typer's
        """Name the commands whose module is there, in the order of the table."""
        return [name for name, module in COMMANDS.items() if importlib.util.find_spec(module) is not None]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the module of one command; an unknown name is Typer's usage error."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a failure the user can mend becomes one line on standard error and an exit code."""
        try:
            return super().invoke(ctx)
        except CliError as error:
            typer.echo(f"placet: {error}", err=True)
            raise typer.Exit(error.exit_code) from error
