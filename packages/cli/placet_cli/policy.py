"""``placet policy``: what happens to policies before they are released."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.errors import CliError
from placet_cli.opa_binary import pinned_opa
from placet_cli.policy_build import build_bundle
from placet_cli.policy_trial import try_bundle

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Policies before they are released.")


@app.callback()
def policy() -> None:
    """Policies before they are released."""


@app.command()
def build(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder laid out like policies/.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the bundle is written.")],
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Lay DIR/demo over the data; never release such a bundle.")
    ] = False,
) -> None:
    """Check a policy folder, build its bundle, and print the bundle's digest.

    Rules are checked by OPA, every data.json by the schema of the same path in DIR/schemas, and the finished bundle by
    the policy tier's own reader. The same folder gives the same bytes on every machine, so that people can compare
    digests. Tests are not shipped.
    """
    opa = pinned_opa()
    bundle = build_bundle(directory, opa=opa, demo=demo)
    try_bundle(bundle.data, opa=opa)
    _write(output, bundle.data)
    typer.echo(f"{bundle.revision}  {output}")


def _write(output: Path, data: bytes) -> None:
    """Replace the file in one step: the gate watches it and must never read half of one."""
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(file.name).replace(output)
    except OSError as error:
        raise CliError(f"{output}: {error.strerror}") from error
