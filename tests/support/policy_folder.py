"""The policy folder as tests use it: its data, staged copies of it, and the real OPA run over them."""

import copy
import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
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


@cache
def _tree(name: str, policies: Path) -> dict[str, Any]:
    documents = data_files(policies / "bundle")
    if name == "demo":
        overlay = data_files(policies / "demo")
        documents = {path: lay_over(documents[path], overlay.get(path, {})) for path in documents}
    tree: dict[str, Any] = {}
    for path, document in documents.items():
        place = tree
        *parents, last = path.split("/")
        for step in parents:
            place = place.setdefault(step, {})
        place[last] = document
    return tree


def data(name: str, policies: Path = POLICIES) -> dict[str, Any]:
    """The whole of `data.placet` without Rego: `shipped`, or `demo` with the demonstration data laid over it."""
    return copy.deepcopy(_tree(name, policies))


def lay_over(shipped: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Merge objects; the overlay adds and never replaces."""
    merged = dict(shipped)
    for key, value in overlay.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(merged[key], dict) and isinstance(value, dict):
            merged[key] = lay_over(merged[key], value)
        else:
            raise ValueError(f"{key} is in both")
    return merged


def stage(folder: Path, placet: Mapping[str, Any], *, policies: Path = POLICIES) -> Path:
    """Write the folder's Rego, without its tests, and this data, as a bundle folder."""
    bundle = policies / "bundle"
    for file in bundle.rglob("*.rego"):
        if not file.name.endswith("_test.rego"):
            target = folder / file.relative_to(bundle)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    shutil.copy(bundle / ".manifest", folder / ".manifest")
    (folder / "data.json").write_text(json.dumps({"placet": placet}), encoding="utf-8")
    return folder
