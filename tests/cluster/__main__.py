"""`make cluster-test`: bring up a real Kubernetes, prove Placet on it, write the report, and take it down again."""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from scripts.steps import ROOT
from tests.cluster import report
from tests.cluster.images import build
from tests.cluster.node.binaries import build_missing
from tests.cluster.node.containers import import_image
from tests.cluster.node.debian import install_missing
from tests.cluster.node.down import down
from tests.cluster.node.folders import Folders
from tests.cluster.node.up import up

TESTS = "tests/cluster"
# A scenario takes minutes, and a machine with other work takes longer.
_SECONDS_A_TEST = 1200


def run(folders: Folders, *, paths: Sequence[str], keep: bool) -> int:
    """Everything from nothing.

    Args:
        folders: where the cluster keeps its state.
        paths: the tests to run; all when empty.
        keep: leave the cluster running.

    Returns:
        pytest's status; 0 when every test passed.
    """
    install_missing()
    build_missing(folders)
    archives = build(folders.images)
    try:
        up(folders)
        for archive in archives.values():
            import_image(folders, archive)
        status = _test(folders, paths or [TESTS])
        report.write(folders.results)
    finally:
        if not keep:
            down(folders)
    if keep:
        print(f"The cluster runs on: `{folders.enter} kubectl get pods -A`; `make cluster-down` ends it.")
    return status


def _test(folders: Folders, paths: Sequence[str]) -> int:
    # In the cluster's network, so that the tests reach the API server; what they prove of Placet, they ask from pods.
    # One after another: they share one node, and some of them measure it.
    options = ["-v", "-p", "no:cacheprovider", "--timeout", str(_SECONDS_A_TEST)]
    argv = [str(folders.enter), sys.executable, "-m", "pytest", *options, *paths]
    return subprocess.run(argv, cwd=ROOT, check=False).returncode


def main(argv: Sequence[str]) -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="make cluster-test", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the cluster running")
    parser.add_argument("paths", nargs="*", metavar="TEST", help=f"files of {TESTS}; all when none is named")
    asked = parser.parse_args(argv)
    return run(Folders.of_environment(), paths=asked.paths, keep=asked.keep)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
