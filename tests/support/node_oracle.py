"""The npm libraries that wallets use, as an oracle; the differential tests find Node.js here and nowhere else."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
"""Whether many more examples are asked for: `make test-long`."""


@cache
def node_binary() -> str:
    """The Node.js that scripts/oracles.py finds, with every locked library in place; tests install nothing.

    Raises:
        RuntimeError: Node.js or a library is missing, with what to do about it. A test file that asks while it is
            collected cannot be passed over.
    """
    argv = [sys.executable, "-m", "scripts.oracles", "--no-install"]
    done = subprocess.run(argv, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.strip()


class NodeOracle:
    """One folder with an oracle.mjs, which reads a JSON list of cases and writes one answer for each, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._node = node_binary()

    def __call__(self, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the libraries build or read, for each case."""
        asked = json.dumps(cases).encode()
        argv = [self._node, "oracle.mjs"]
        done = subprocess.run(argv, cwd=self._folder, input=asked, stdout=subprocess.PIPE, check=True)
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        assert len(answers) == len(cases)
        return answers
