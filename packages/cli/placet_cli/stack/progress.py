"""What `placet up` shows while it works: one line a step, with its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape


class Steps:
    """Prints each step when it is done; on a terminal it shows the running one as well."""

    def __init__(self, *, console: Console) -> None:
        self._console = console

    def say(self, line: str) -> None:
        """Print one line about the running step."""
        self._console.print(f"  [dim]{escape(line)}[/]", highlight=False)

    @contextmanager
    def step(self, doing: str, *, done: str) -> Iterator[None]:
        """Show `doing` while the block runs and `done` with the seconds it took afterwards.

        A block that fails leaves the line of what was being done, so that the error that follows has its place.
        """
        started = time.monotonic()
        try:
            with self._console.status(escape(doing)):
                yield
        except BaseException:
            self._console.print(f"[red]✗[/] {escape(doing)}", highlight=False)
            raise
        seconds = time.monotonic() - started
        self._console.print(f"[green]✓[/] {escape(done)} [dim]({seconds:.1f} s)[/]", highlight=False)
