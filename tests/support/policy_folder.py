"""The policy folder as tests use it: its data documents, and the real OPA run over it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opa_binary import opa_binary
from placet_cli.policy import opa_run
from placet_cli.policy.opa_run import run_opa

POLICIES = Path(__file__).parents[2] / "policies"


def opa(*arguments: str, cwd: Path = POLICIES) -> subprocess.CompletedProcess[str]:
    """Run the pinned OPA; the exit status is the caller's to judge."""
    return run_opa(opa_binary(), arguments, cwd=cwd)


def opa_json(*arguments: str, cwd: Path = POLICIES) -> Any:
    """Run the pinned OPA and read the JSON that it prints; a failure shows what OPA said."""
    return opa_run.opa_json(opa_binary(), arguments, cwd=cwd)


def silent(_name: str, _steps: int) -> Callable[[], None]:
    """Progress that nobody watches."""
    return lambda: None


def data_files(root: Path) -> dict[str, Any]:
    """Every data document below a folder, by its path under `placet`: `rules/fee_limit`."""
    files = sorted((root / "placet").rglob("data.json"))
    return {file.parent.relative_to(root / "placet").as_posix(): json.loads(file.read_bytes()) for file in files}
