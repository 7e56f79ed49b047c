"""What the long commands of the bench show on standard error while they work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from placet_cli.policy.testing import Phase

# A log gets a line now and then, and none of what is done before the first.
_LOG_SECONDS: Final = 10.0


@contextmanager
def bars() -> Iterator[Phase]:
    """One bar a phase on a terminal, of which nothing is left; in a log a line every ten seconds."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name, steps: lines(name, steps, console=console)
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as shown:

        def begin(name: str, steps: int) -> Callable[[], None]:
            task = shown.add_task(name, total=steps)
            return lambda: shown.advance(task)

        yield begin


def lines(
    name: str, steps: int, *, console: Console, clock: Callable[[], float] = time.monotonic
) -> Callable[[], None]:
    """Return what counts one step, and writes a line once ten seconds went by without one.

    Args:
        name: what is done, as ``mutants``.
        steps: how many there are.
        console: where the lines go.
        clock: seconds of any origin.
    """
    done, shown = 0, clock()

    def step() -> None:
        nonlocal done, shown
        done += 1
        if clock() - shown >= _LOG_SECONDS:
            shown = clock()
            console.print(f"{name}: {done:,} of {steps:,} ({100 * done // steps} %)", highlight=False)

    return step
