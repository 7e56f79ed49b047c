"""The library ethers as an oracle: it builds, reads and hashes what EVM wallets sign. Needs Node.js.

The library is installed as locked in tests/differential/evm; what can be asked is in oracle.mjs there.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from node_oracle import node_binary

_HERE = Path(__file__).parent.parent / "differential" / "evm"


def ask(questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What ethers says to each question, in order; {"refused": why} where it refuses."""
    done = subprocess.run(
        [node_binary(), "oracle.mjs"],
        cwd=_HERE,
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
