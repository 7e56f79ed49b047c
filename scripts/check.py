"""`make check`: the gates that need no running service. All are run, so that one run names every failure."""

import subprocess
import sys
import time

from scripts.steps import ROOT, Step, print_outcome, run_quietly, tool

TYPED = ["services/edge", "services/policy", "packages/callback", "packages/cli", "tests", "bench", "scripts"]


def opa_binary() -> str:
    """The pinned OPA, which the Makefile has brought already.

    Raises:
        subprocess.CalledProcessError: OPA is not there; `placet opa path` has said why.
    """
    argv = [sys.executable, "-m", "placet_cli", "opa", "path"]
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def gates(opa: str) -> list[Step]:
    """Every gate; the slow ones first, because they run beside each other."""
    python = sys.executable
    return [
        Step(name="types (mypy strict, tests too)", argv=[tool("mypy"), *TYPED, "proto/generate.py"]),
        Step(name="lock file agrees with the projects", argv=[tool_uv(), "lock", "--check", "--quiet"]),
        Step(name="generated stubs are fresh", argv=[python, "proto/generate.py", "--check"]),
        Step(name="docs/checks.md is fresh", argv=[python, "-m", "scripts.checks_doc", "--check"]),
        Step(name="the chart's README is fresh", argv=[python, "-m", "scripts.chart_readme", "--check"]),
        Step(name="the plain manifests are fresh", argv=[python, "-m", "scripts.manifests", "--check"]),
        Step(name="import rules", argv=[tool("lint-imports")]),
        Step(name="lint (ruff)", argv=[tool("ruff"), "check", "."]),
        Step(name="format (ruff)", argv=[tool("ruff"), "format", "--check", "."]),
        Step(name="proto lint (buf)", argv=[tool("buf"), "lint", "proto"]),
        Step(name="proto breaks nothing (buf)", argv=breaking()),
        Step(name="Rego format", argv=[opa, "fmt", "--list", "--fail", "tests/deploy/checks"]),
        Step(name="policies (placet policy check)", argv=[python, "-m", "placet_cli", "policy", "check", "policies"]),
        Step(name="what the tree must not hold", argv=[python, "-m", "scripts.tree"]),
    ]


def breaking() -> list[str]:
    """Compare with a committed image, so that the answer does not depend on the git history at hand."""
    return [tool("buf"), "breaking", "proto", "--against", "proto/baseline.binpb"]


def tool_uv() -> str:
    """The uv that the Makefile uses."""
    argv = [str(ROOT / "scripts" / "uv.sh")]
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> int:
    """Run all gates; 0 when every one holds."""
    started = time.monotonic()
    failed = []
    for outcome in run_quietly(gates(opa_binary())):
        print_outcome(outcome)
        if outcome.status:
            failed.append(outcome.step.name)
    seconds = time.monotonic() - started
    if failed:
        print(f"\n✗ {len(failed)} of the gates failed ({seconds:.1f} s): {'; '.join(failed)}")
        return 1
    print(f"\n✓ All gates hold ({seconds:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
