"""The table of `placet up`: each sample, what it does, what the node was told, and why."""

import re
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from placet_cli.stack.demonstration import Row

_COLOURS = {"APPROVE": "green", "REJECT": "red"}
_OTHER_COLOUR = "yellow"
# In the order in which the outcomes are counted; an answer that is none of them is counted under its own words.
_OUTCOMES = {
    "APPROVE": "approved",
    "REJECT": "rejected",
    "no answer (HOLD)": "held",
    "status 0": "pings answered",
}
# Addresses, node ids and extended keys are known by their two ends; the ledger has them whole.
_LONG_WORD = re.compile(r"[A-Za-z0-9]{25,}")
_HEAD, _TAIL = 10, 4


def print_table(rows: Sequence[Row], *, console: Console) -> None:
    """Print all rows and, under them, the ones that came out other than expected."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("request", overflow="fold")
    table.add_column("what it does", overflow="fold", ratio=4)
    table.add_column("answer", no_wrap=True)
    table.add_column("reason", overflow="fold", ratio=5)
    for row in rows:
        colour = _COLOURS.get(row.answer, _OTHER_COLOUR)
        answer = f"[{colour}]{escape(row.answer)}[/]" + (" [bold red]≠[/]" if row.differences else "")
        table.add_row(escape(row.sample_id), escape(shortened(row.words)), answer, escape(_reason(row.reasons)))
    console.print(table)
    for row in rows:
        for difference in row.differences:
            console.print(f"[bold red]≠[/] {escape(row.sample_id)}: {escape(difference)}", highlight=False)
    console.print(escape(_counts(rows)), highlight=False)
    unexpected = sum(1 for row in rows if row.differences)
    if unexpected:
        console.print(f"[bold red]{unexpected} of {len(rows)} samples came out other than expected.[/]")
    else:
        console.print(f"[green]All {len(rows)} samples came out as expected.[/]")


def _counts(rows: Sequence[Row]) -> str:
    """The outcomes in one sentence, such as "8 approved, 11 rejected, 24 held."."""
    counts = Counter(row.answer for row in rows)
    order = [*_OUTCOMES, *sorted(counts.keys() - _OUTCOMES.keys())]
    said = (f"{counts[answer]} {_OUTCOMES.get(answer, answer)}" for answer in order if counts[answer])
    return f"{', '.join(said)}."


def shortened(text: str) -> str:
    """The text with its very long words cut in the middle, for people who read a table."""
    return _LONG_WORD.sub(lambda word: f"{word[0][:_HEAD]}…{word[0][-_TAIL:]}", text)


def _reason(reasons: Sequence[str]) -> str:
    """The first reason, which is the most particular one, and how many there are besides."""
    if not reasons:
        return ""
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return shortened(reasons[0]) + more
