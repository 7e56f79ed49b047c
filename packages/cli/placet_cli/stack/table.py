"""The table of `placet up`: each sample, what it does, what the node was told, and why."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from placet_cli.stack.demonstration import Row

_COLOURS = {"APPROVE": "green", "REJECT": "red"}
_OTHER_COLOUR = "yellow"


def print_table(rows: Sequence[Row], *, console: Console) -> None:
    """Print all rows and, under them, the ones that came out other than expected."""
    table = Table(show_lines=False, header_style="bold", pad_edge=False, expand=False)
    table.add_column("request", overflow="fold")
    table.add_column("what it does", overflow="fold", ratio=4)
    table.add_column("answer", no_wrap=True)
    table.add_column("reason", overflow="fold", ratio=5)
    for row in rows:
        colour = _COLOURS.get(row.answer, _OTHER_COLOUR)
        answer = f"[{colour}]{escape(row.answer)}[/]" + (" [bold red]≠[/]" if row.differences else "")
        table.add_row(escape(row.sample_id), escape(row.words), answer, escape(row.reason))
    console.print(table)
    for row in rows:
        for difference in row.differences:
            console.print(f"[bold red]≠[/] {escape(row.sample_id)}: {escape(difference)}")
    unexpected = sum(1 for row in rows if row.differences)
    if unexpected:
        console.print(f"[bold red]{unexpected} of {len(rows)} samples came out other than expected.[/]")
    else:
        console.print(f"[green]All {len(rows)} samples came out as expected.[/]")
