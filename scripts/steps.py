"""Run named steps, say what each does and how long it took, and show the output of those that fail."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command: what it does in words, its arguments, and what it adds to the environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a step ended. `output` is empty when the step wrote to the terminal itself."""

    step: Step
    status: int
    seconds: float
    output: str = ""


def tool(name: str) -> str:
    """The path of a tool installed beside the running interpreter, so that PATH is never asked."""
    return str(BIN / name)


def run_aloud(step: Step) -> Outcome:
    """Run one step with its output going to the terminal as it comes."""
    print(f"→ {step.name}", flush=True)
    started = time.monotonic()
    status = subprocess.run(step.argv, cwd=ROOT, env=os.environ | step.env, check=False).returncode
    outcome = Outcome(step=step, status=status, seconds=time.monotonic() - started)
    print_outcome(outcome)
    return outcome


def run_quietly(steps: Sequence[Step]) -> Iterator[Outcome]:
    """Run the steps beside each other, as many as there are cores; yield each as it ends."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for done in as_completed([pool.submit(_captured, step) for step in steps]):
            yield done.result()


def print_outcome(outcome: Outcome) -> None:
    """Print one line about a step and, when it failed, what it wrote and how to run it alone."""
    mark = "✓" if outcome.status == 0 else "✗"
    print(f"{mark} {outcome.step.name} ({outcome.seconds:.1f} s)", flush=True)
    if outcome.status:
        if outcome.output:
            print(outcome.output.rstrip())
        print(f"  alone: {shlex.join(outcome.step.argv)}", flush=True)


def _captured(step: Step) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        step.argv,
        cwd=ROOT,
        env=os.environ | step.env,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Outcome(step=step, status=done.returncode, seconds=time.monotonic() - started, output=done.stdout)
