"""The policy folder as tests use it: its data documents, and the real OPA run over it."""

import json
import subprocess
from pathlib import Path
from typing import Any

from opa_binary import opa_binary

POLICIES = Path(__file__).parents[2] / "policies"
# For one OPA run on a busy machine; the longest takes about a second on an idle one.
_SECONDS = 60.0


def opa(*arguments: str, cwd: Path = POLICIES) -> subprocess.CompletedProcess[str]:
    """Run the pinned OPA; the exit status is the caller's to judge."""
    return subprocess.run(
        [str(opa_binary()), *arguments], cwd=cwd, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def opa_json(*arguments: str, cwd: Path = POLICIES) -> Any:
    """Run the pinned OPA and read the JSON that it prints; a failure shows what OPA said."""
    done = opa(*arguments, cwd=cwd)
    if done.returncode != 0:
        raise RuntimeError(f"opa {arguments[0]}: {done.stderr or done.stdout}")
    return json.loads(done.stdout)


def data_files(root: Path) -> dict[str, Any]:
    """Every data document below a folder, by its path under `placet`: `rules/fee_limit`."""
    files = sorted((root / "placet").rglob("data.json"))
    return {file.parent.relative_to(root / "placet").as_posix(): json.loads(file.read_bytes()) for file in files}
