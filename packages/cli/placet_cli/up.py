"""``placet up``: the whole chain on this machine, the samples answered before your eyes, then yours to try."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from placet_cli.errors import EXIT_FAILED
from placet_cli.samples import samples, test_node_key
from placet_cli.stack.chain import Chain
from placet_cli.stack.demonstration import Row, read_records, row, send_samples
from placet_cli.stack.errors import ProcessError
from placet_cli.stack.layout import Layout
from placet_cli.stack.preparation import Wishes, parse_node, prepare
from placet_cli.stack.progress import Steps
from placet_cli.stack.services import START_ORDER, Plan, services
from placet_cli.stack.stand_in import StandIn, make_stand_in
from placet_cli.stack.table import print_table

app = typer.Typer(add_completion=False)

# A log or a pipe has no width; the table needs room to be read.
_WIDTH_WITHOUT_TERMINAL = 160
_EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells say it
_READY_WORDS = {
    "opa": "OPA answers",
    "policy": "the policy tier has an active bundle and can decide",
    "edge": "the edge serves HTTPS and reaches the policy tier",
}


@app.command()
def up(
    *,
    once: Annotated[bool, typer.Option("--once", help="One pass over the samples, then stop.")] = False,
    node: Annotated[
        list[str] | None, typer.Option(metavar="NAME=PUBLIC_KEY.pem", help="Answer this node too; may be repeated.")
    ] = None,
    policies: Annotated[
        Path, typer.Option(help="A folder laid out like policies/; without a demo folder there is no demo data.")
    ] = Path("policies"),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The edge's HTTPS port; any free one when not given.")
    ] = None,
    state: Annotated[Path, typer.Option(help="Where keys, certificates, ledger and logs are kept.")] = Path(".state"),
) -> None:
    """Start the development stack on loopback and send the samples through it.

    With --once the exit status is 1 when a sample came out other than expected.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_WITHOUT_TERMINAL)
    layout = Layout(state.absolute())
    wishes = Wishes(nodes=tuple(parse_node(text) for text in node or ()), policies=policies, port=port)
    _interrupt_on_every_request_to_end()
    try:
        with layout.claimed():
            rows = _run(layout, wishes, once=once, console=console)
    except ProcessError as error:
        _print_last_lines(error, console=console)
        raise
    except KeyboardInterrupt:
        # In serving mode this is the normal end; a pass that was cut short has proved nothing.
        console.print("\nStopped; nothing is left running.")
        raise typer.Exit(_EXIT_INTERRUPTED if once else 0) from None
    if once and any(each.differences for each in rows):
        raise typer.Exit(EXIT_FAILED)


def _run(layout: Layout, wishes: Wishes, *, once: bool, console: Console) -> Sequence[Row]:
    steps = Steps(console=console)
    plan = prepare(layout, wishes, steps=steps)
    with Chain(services=services(plan), layout=layout) as chain:
        with steps.step("Starting OPA, policy tier and edge", done="Processes started"):
            chain.start()
        for name in START_ORDER:
            with steps.step(f"Waiting until {_READY_WORDS[name]}", done=f"Ready: {_READY_WORDS[name]}"):
                chain.wait_ready(name)
        stand_in = make_stand_in(plan, key=test_node_key())
        rows = _demonstrate(plan, stand_in, steps=steps)
        print_table(rows, console=console)
        _print_stop(layout.stop_file, console=console)
        if not once:
            _print_what_next(plan, stand_in, console=console)
            chain.watch()
        with steps.step("Stopping", done="Stopped; nothing is left running"):
            chain.stop()
    return rows


def _demonstrate(plan: Plan, stand_in: StandIn, *, steps: Steps) -> Sequence[Row]:
    everything = samples()
    with steps.step(f"Sending {len(everything)} samples", done=f"{len(everything)} samples sent"):
        sent = list(send_samples(everything, stand_in=stand_in))
    with steps.step("Reading the ledger", done="Ledger read"):
        records = read_records(plan.layout.ledger_url)
    return [row(each, records.get(each.request_id or "")) for each in sent]


def _print_what_next(plan: Plan, stand_in: StandIn, *, console: Console) -> None:
    layout = plan.layout
    console.print(f"\nServing on {plan.service_address} until Ctrl-C.", highlight=False)
    for what, how in (
        ("one more request", _send_command(stand_in)),
        ("the ledger", f"{_shown(Path(sys.executable))} -m placet_cli audit list --url {layout.ledger_url}"),
        ("the logs", _shown(layout.logs)),
        ("hold everything", f"touch {_shown(layout.stop_file)}   (and rm, to go on)"),
    ):
        console.print(f"  {what:<17} {escape(how)}", soft_wrap=True, highlight=False)


def _send_command(stand_in: StandIn) -> str:
    return " ".join(
        (
            f"{_shown(Path(sys.executable))} -m placet_cli node send keysign_eth_legacy_transfer",
            f"--node {_shown(stand_in.folder)} --ca {_shown(stand_in.ca_file)}",
        )
    )


def _print_stop(stop_file: Path, *, console: Console) -> None:
    """Name the one cause of so many held samples."""
    if stop_file.exists():
        words = f"The stop file {_shown(stop_file)} exists: every decision is held until it is removed."
        console.print(f"[yellow]{escape(words)}[/]", highlight=False, soft_wrap=True)


def _print_last_lines(error: ProcessError, *, console: Console) -> None:
    if error.last_lines:
        console.print(f"The last errors in {error.log}:", highlight=False, soft_wrap=True)
    for line in error.last_lines:
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)


def _shown(path: Path) -> str:
    """A path as a person in the current folder would type it."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def _interrupt_on_every_request_to_end() -> None:
    """Make SIGTERM and a closed terminal end the stack as Ctrl-C does.

    SIGINT is set as well, because a shell that starts a command in the background tells it to ignore that signal.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
