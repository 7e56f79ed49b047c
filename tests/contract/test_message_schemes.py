"""Messages of every chain, sent through the real gate, OPA and rules."""

import json
import shutil
from pathlib import Path
from typing import Any

from bitcoin_message_cases import MESSAGE, bare_hash_request, bip137_request, bip322_request
from compared_cases import honest_request
from pipeline import POLICIES, running_pipeline
from placet_callback.envelope import encode_request
from placet_policy.chains.bitcoin_messages import bip137_digest
from placet_policy.facts.comparison import RowKey

_HASH = b"\x5a" * 32


def _parts(parts: dict[str, Any]) -> tuple[int, Any, Any]:
    return 2, parts["detail"], parts["extra"]


def _bare(kind: str) -> tuple[int, Any, Any]:
    return honest_request(RowKey(kind, "MessageSign", "Raw_Message_Signature", None))


_NOTHING_PROVEN = ["AMOUNT_NOT_PROVEN", "DESTINATION_NOT_PROVEN", "FEE_NOT_BOUNDED"]
_REQUESTS = {
    "BIP-137": _parts(bip137_request(MESSAGE.hex())),
    "BIP-137, may be a hash": _parts(bip137_request(_HASH.hex(), bip137_digest(_HASH))),
    "BIP-137, another message": _parts(bip137_request(b"other".hex())),
    "BIP-322": _parts(bip322_request(MESSAGE.hex())),
    "bare hash, bitcoin": _parts(bare_hash_request(_HASH)),
    "bare hash, tron": _bare("tron"),
    "bare bytes, solana": _bare("solana"),
}


async def _answers(work: Path, policies: Path) -> dict[str, tuple[str, list[str]]]:
    answers = {}
    async with running_pipeline(work, policies=policies) as pipeline:
        for name, (request_type, detail, extra) in _REQUESTS.items():
            package = encode_request(name, request_type, json.dumps(detail), json.dumps(extra))
            decision = await pipeline.send_package(package)
            answers[name] = (decision.effect.value, sorted({reason.code for reason in decision.reasons}))
    return answers


async def test_messages_as_shipped(tmp_path: Path) -> None:
    """Nothing is open, and a bare hash is refused on every chain."""
    answers = await _answers(tmp_path, POLICIES)

    assert answers == {
        "BIP-137": ("HOLD", ["MESSAGES_NOT_CONFIGURED"]),
        "BIP-137, may be a hash": ("HOLD", ["MESSAGES_NOT_CONFIGURED", "MESSAGE_HELD"]),
        "BIP-137, another message": (
            "HOLD",
            sorted(
                [
                    *_NOTHING_PROVEN,
                    "BITCOIN_OUTPUTS_NOT_PROVEN",
                    "MESSAGE_ENCODING_NOT_PROVEN",
                    "TOKEN_NOT_PROVEN",
                    "UNPROVABLE",
                ]
            ),
        ),
        "BIP-322": ("HOLD", ["MESSAGES_NOT_CONFIGURED"]),
        "bare hash, bitcoin": ("DENY", ["BLIND_SIGNATURE", "MESSAGE_DENIED"]),
        "bare hash, tron": ("DENY", ["BLIND_SIGNATURE", "MESSAGE_DENIED"]),
        "bare bytes, solana": ("DENY", ["BLIND_SIGNATURE", "MESSAGE_DENIED"]),
    }


async def test_messages_of_an_opened_vault(tmp_path: Path) -> None:
    """Texts of a vault that a team opened are allowed; what may be a hash holds, and a bare hash stays refused."""
    policies = tmp_path / "opened"
    shutil.copytree(POLICIES, policies)
    file = policies / "bundle/placet/rules/message_signing/data.json"
    data = json.loads(file.read_bytes())
    file.write_text(json.dumps({**data, "texts": {"demo-treasury": {"label": "proofs of addresses"}}}))

    answers = await _answers(tmp_path, policies)

    assert {name: effect for name, (effect, _) in answers.items()} == {
        "BIP-137": "ALLOW",
        "BIP-137, may be a hash": "HOLD",
        "BIP-137, another message": "HOLD",
        "BIP-322": "ALLOW",
        "bare hash, bitcoin": "DENY",
        "bare hash, tron": "DENY",
        "bare bytes, solana": "DENY",
    }
