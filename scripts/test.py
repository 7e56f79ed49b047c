"""`make test`: the parts of the test suite one after another, the time of each, and the coverage of all together."""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from scripts.steps import ROOT, Outcome, Step, run_aloud, tool

PARTS: Mapping[str, str] = {
    "unit": "every module by itself, without a network",
    "contract": "the promises between the parties, over loopback",
    "rego": "the rules on real OPA",
    "deploy": "the chart, the manifests and the images, as rendered text",
    "differential": "facts beside what the npm libraries of wallets build and read",
    "e2e": "real processes: stand-in, edge over TLS, policy tier, OPA",
    "faults": "processes killed under load, disks that are full or slow, databases that forget",
    "fuzz": "every decoder under a coverage-guided fuzzer",
}
LONG_ONLY: Collection[str] = ("fuzz",)
# The fuzzer counts branches for itself, and a killed process cannot say what it ran.
UNCOVERED: Collection[str] = ("faults", "fuzz")
# How the tests of a part are shared out among the cores; a stack that a file's tests share is started once.
SHARED_OUT: Mapping[str, str] = {
    "unit": "load",
    "contract": "load",
    "deploy": "load",
    "differential": "load",
    "e2e": "loadfile",
    "faults": "loadfile",
    "fuzz": "load",
}
# What a part needs that nothing else does; the part is not run without it.
NEEDS: Mapping[str, Step] = {
    "differential": Step(
        name="oracles: Node.js and the locked npm libraries, for differential",
        argv=[sys.executable, "-m", "scripts.oracles"],
    ),
    "fuzz": Step(
        name="atheris, for fuzz",
        argv=["scripts/sync.sh", "--inexact", "--group", "fuzz"],
    ),
}
# Seconds after which a single test is ended that draws many more examples, or kills many more processes.
LONG_TIMEOUT = 3600
COVERAGE = ROOT / "build" / "coverage"


def offline_prefix() -> Sequence[str]:
    """The command that takes the network away, where the system lets us use it, else nothing."""
    unshare = shutil.which("unshare")
    prefix = [unshare, "--user", "--map-root-user", "--net", "--"] if unshare else []
    if prefix and subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0:
        return prefix
    print("  note: unshare is not permitted here, so the unit tests run with the network in reach")
    return []


def has_fuzzer() -> bool:
    """Whether the group `fuzz` of pyproject.toml has anything to install for this machine."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 14)


def step_for(part: str, *, long: bool) -> Step:
    """The pytest run of one part. Coverage goes to a file of its own and is combined at the end."""
    argv = [sys.executable, "-m", "pytest", f"tests/{part}", "-q"]
    if part not in UNCOVERED:
        argv += ["--cov", "--cov-report="]
    if not long:
        argv += ["-m", "not long"]
    else:
        argv += ["--timeout", str(LONG_TIMEOUT)]
    if part in SHARED_OUT:
        argv += ["-n", str(min(os.cpu_count() or 1, 8)), "--dist", SHARED_OUT[part]]
    prefix = offline_prefix() if part == "unit" else []
    return Step(
        name=f"{part}: {PARTS[part]}",
        argv=[*prefix, *argv],
        env={"COVERAGE_FILE": str(COVERAGE / f".coverage.{part}")},
    )


def run_part(part: str, *, long: bool) -> Iterator[Outcome]:
    """Run what a part needs and then, if that is in place, the part."""
    if part == "fuzz" and not has_fuzzer():
        print("  note: fuzz is not run here: atheris has wheels for Linux on x86-64 and Python 3.11 to 3.13 only")
        return
    if part in NEEDS:
        needed = run_aloud(NEEDS[part])
        yield needed
        if needed.status:
            return
    yield run_aloud(step_for(part, long=long))


def report_coverage() -> int:
    """Combine what the parts measured and print it; 0 when the report could be made, or nothing was measured."""
    if not any(COVERAGE.iterdir()):
        return 0
    env = os.environ | {"COVERAGE_FILE": str(COVERAGE / ".coverage")}
    combine = [tool("coverage"), "combine", "--quiet", str(COVERAGE)]
    if subprocess.run(combine, cwd=ROOT, env=env, check=False).returncode:
        return 1
    print("\nCoverage of all parts together:")
    return subprocess.run([tool("coverage"), "report"], cwd=ROOT, env=env, check=False).returncode


def print_times(outcomes: Sequence[Outcome]) -> None:
    """One line a part."""
    print("\nTime of each part:")
    for outcome in outcomes:
        mark = "✓" if outcome.status == 0 else "✗"
        print(f"  {mark} {outcome.step.name.split(':')[0]:<12} {outcome.seconds:6.1f} s")
    print(f"    {'all':<12} {sum(outcome.seconds for outcome in outcomes):6.1f} s")


def chosen(names: Sequence[str], *, long: bool) -> list[str]:
    """The parts asked for, in their fixed order; all when none is named."""
    known = [part for part in PARTS if long or part not in LONG_ONLY]
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"✗ unknown part: {', '.join(unknown)} (there are: {', '.join(known)})")
    return [part for part in known if part in names or not names]


def main(argv: Sequence[str]) -> int:
    """Run the parts; 0 when every one passed."""
    parser = argparse.ArgumentParser(prog="make test", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the tests marked long too")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args(argv)
    fresh(COVERAGE)
    outcomes = [outcome for part in chosen(asked.parts, long=asked.long) for outcome in run_part(part, long=asked.long)]
    reported = report_coverage()
    print_times(outcomes)
    return 1 if reported or any(outcome.status for outcome in outcomes) else 0


def fresh(folder: Path) -> None:
    """An empty folder, so that no old measurement is counted."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
