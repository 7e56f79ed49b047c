"""``placet``: the command line."""

import typer

from placet_cli.command_tree import LazyGroup

app = typer.Typer(
    name="placet",
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables could print a key.
    pretty_exceptions_enable=False,
)


@app.callback()
def placet() -> None:
    """Placet: policy-as-code for the callbacks of a Cobo TSS Node."""


def main() -> None:
    """Run the command line; the process ends here."""
    app(prog_name="placet")


if __name__ == "__main__":
    main()
