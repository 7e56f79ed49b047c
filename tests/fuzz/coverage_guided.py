"""One fuzz target under atheris: inputs that reach new branches of the decoders are kept and changed further.

A program of its own, because atheris instruments modules while they are imported, and ends the process when the time is
over or at the first input that raises what it must not. Started by `test_coverage_guided.py`.
"""

import argparse
import contextlib
import sys
from pathlib import Path

import atheris

MAX_BYTES = 4096
SECONDS_OF_ONE_INPUT = 10
MEGABYTES = 1024


def main() -> None:
    """Fuzz until the time is over; the status is not 0 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", help="a name in tests/support/fuzz_targets.py")
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="for the inputs, and for the one that failed")
    asked = parser.parse_args()
    with atheris.instrument_imports(include=["placet_policy", "placet_callback"]):
        from fuzz_targets import TARGETS  # noqa: PLC0415 -- imported only now, so that it is instrumented
    target = TARGETS[asked.target]
    inputs = asked.folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (inputs / f"seed-{number}").write_bytes(seed)

    def one_input(data: bytes) -> None:
        with contextlib.suppress(*target.errors):
            target.run(data)

    options = {
        "max_total_time": asked.seconds,
        "max_len": MAX_BYTES,
        "timeout": SECONDS_OF_ONE_INPUT,
        "rss_limit_mb": MEGABYTES,
        "print_final_stats": 1,
        "artifact_prefix": f"{asked.folder}/",
    }
    atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(inputs)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
