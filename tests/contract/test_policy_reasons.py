"""The order of a denial's reasons, under the policies as they are shipped: what denies is what people read first."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.policy.build import build_bundle
from placet_cli.samples import samples
from policy_folder import POLICIES


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The shipped policies with the demonstration data."""
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(build_bundle(POLICIES, opa=opa_binary(), demo=True).data)
    return path


def crowded() -> dict[str, Any]:
    """A transfer to another destination than declared, with four more contradictions that only hold."""
    request = dict(next(each for each in samples() if each.id == "a09_destination_mismatch").request)
    extra = json.loads(request["extra_info"])
    other = "00000000-0000-4000-8000-000000000000"
    extra["wallet"].update(wallet_id=other, vault_id=other)
    extra["transaction"]["transaction_id"] = other
    extra["transaction"]["raw_tx_info"]["used_nonce"] = 7
    return {**request, "extra_info": json.dumps(extra)}


def test_what_denies_comes_before_what_only_holds(bundle: Path) -> None:
    """However many other contradictions a requester adds, the first codes are the ones that deny."""
    decision = {"id": "d", "time": "2026-09-21T14:13:20Z"}
    line = json.dumps({"callback_request": crowded(), "node": "node-a", "decision": decision})
    command = [sys.executable, "-m", "placet_policy", "explain", "--bundle", str(bundle), "--opa", str(opa_binary())]
    done = subprocess.run(command, input=line + "\n", capture_output=True, text=True, timeout=240, check=True)
    answer = json.loads(done.stdout)["decision"]

    assert answer["effect"] == "DENY"
    assert [reason["code"] for reason in answer["reasons"]] == [
        "DESTINATION_MISMATCH",
        "CONTRADICTION_DENIED",
        "WALLET_MISMATCH",
        "VAULT_MISMATCH",
        "TASK_MISMATCH",
        "NONCE_MISMATCH",
    ]
