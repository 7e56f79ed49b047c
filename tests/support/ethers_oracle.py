"""The library ethers as an oracle: it builds, reads and hashes what EVM wallets sign. Needs Node.js.

The library is installed as locked in tests/differential/evm; what can be asked is in oracle.mjs there.
"""

import functools
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent.parent / "differential" / "evm"


def ask(questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What ethers says to each question, in order; {"refused": why} where it refuses."""
    done = subprocess.run(
        [_program("node"), "oracle.mjs"],
        cwd=_installed(),
        input="".join(json.dumps(question) + "\n" for question in questions).encode(),
        capture_output=True,
        check=True,
        timeout=110,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


def keep(answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers, none of which may be a refusal."""
    assert [answer for answer in answers if "refused" in answer] == []
    return list(answers)


@functools.cache
def _installed() -> Path:
    """Install the locked library once."""
    if not (_HERE / "node_modules").is_dir():
        command = [_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=_HERE, check=True, timeout=110)
    return _HERE


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"{name} is needed on PATH"
    return found
