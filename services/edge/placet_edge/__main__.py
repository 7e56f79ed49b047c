"""``python -m placet_edge``: settings, parts, run. Ends with 2 for bad settings or arguments, 1 if it cannot start."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop

from placet_edge.errors import SettingsError, StartError
from placet_edge.log import configure_logging
from placet_edge.server import serve_until_signal
from placet_edge.settings import load_settings

_USAGE = "usage: python -m placet_edge (no arguments; its settings are PLACET_EDGE_* in the environment)\n"


def main() -> int:
    """Run the edge until it is told to stop; the result is the process's exit code."""
    arguments = sys.argv[1:]
    if arguments:
        asked = arguments[0] in {"-h", "--help"}
        (sys.stdout if asked else sys.stderr).write(_USAGE)
        return 0 if asked else 2
    try:
        settings = load_settings(os.environ)
    except SettingsError as e:
        sys.stderr.writelines(f"{problem}\n" for problem in e.problems)
        return 2
    log = configure_logging(settings.log_level)
    return_code = 0
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_until_signal(settings, log=log))
    except* StartError as group:
        for error in group.exceptions:
            # The place in our code says nothing to an operator; the file or port does.
            log.error("cannot start", **getattr(error, "fields", {}))  # noqa: TRY400
        return_code = 1
    return return_code


if __name__ == "__main__":
    sys.exit(main())
