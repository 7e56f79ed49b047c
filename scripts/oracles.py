"""Bring what the differential tests compare with: Node.js and, for each folder, the npm libraries its lock names."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.steps import ROOT

LOCKS = sorted(ROOT.glob("tests/differential/*/package-lock.json"))


def node_and_npm(*, install: bool) -> tuple[str, str]:
    """The paths of Node.js and npm; scripts/node.sh says where they come from.

    Raises:
        SystemExit: there is no usable one; node.sh has said what to install by hand.
    """
    argv = [str(ROOT / "scripts" / "node.sh"), *([] if install else ["--no-install"])]
    done = subprocess.run(argv, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.returncode)
    node, npm = done.stdout.splitlines()
    return node, npm


def is_installed(lock: Path) -> bool:
    """Whether npm finished installing this very lock: the list it writes last is no older than the lock."""
    written_last = lock.parent / "node_modules" / ".package-lock.json"
    return written_last.is_file() and written_last.stat().st_mtime >= lock.stat().st_mtime


def install(lock: Path, node: str, npm: str) -> None:
    """Install exactly what a lock names, without running anything that the packages bring.

    Raises:
        SystemExit: npm failed; its words have been shown.
    """
    name = lock.parent.relative_to(ROOT)
    print(f"→ Installing the locked npm libraries of {name} (once; a few seconds)", flush=True)
    started = time.monotonic()
    # npm's own first line asks PATH for node.
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    argv = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        argv,
        cwd=lock.parent,
        env=os.environ | {"PATH": path},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout.rstrip())
        raise SystemExit(
            f"✗ npm could not install what {name}/package-lock.json names. Is the npm registry reachable?\n"
            f"  By hand: cd {name} && npm ci --ignore-scripts"
        )
    print(f"✓ npm libraries of {name} ({time.monotonic() - started:.1f} s)", flush=True)


def main(argv: Sequence[str]) -> int:
    """Install what is missing or older than its lock; 0 when all is in place."""
    parser = argparse.ArgumentParser(prog="python -m scripts.oracles", description=__doc__)
    parser.add_argument("--no-install", action="store_true", help="only look, and print the path of Node.js")
    asked = parser.parse_args(argv)
    node, npm = node_and_npm(install=not asked.no_install)
    missing = [lock for lock in LOCKS if not is_installed(lock)]
    if asked.no_install:
        if missing:
            folders = ", ".join(str(lock.parent.relative_to(ROOT)) for lock in missing)
            raise SystemExit(f"✗ npm libraries not installed as locked: {folders}. Run `make test PART=differential`.")
        print(node)
        return 0
    for lock in missing:
        install(lock, node, npm)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
