"""What web3.js reads in a Solana message, beside the instructions that a request declares."""

import base64
import binascii
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import solana_cases as sol
from mutation import get
from solana_mutations import signed_message

_STEPS = "extra.transaction.destination.instructions"
CHAINS = {"SOL": "SOL", "SOL_USDC": "SOL", "TRON": "TRON"}
"""The chain of each token that is known."""
_KIND = ("ContractCall", "SOL_Contract")
_LIMIT, _PRICE = "SetComputeUnitLimit", "SetComputeUnitPrice"


def question(request: dict[str, Any]) -> dict[str, Any]:
    """What the oracle is asked."""
    body, stated = signed_message(request), _stated(request)
    # An empty message is refused.
    return {"inspect": "" if body is None or stated is None else body.hex(), "declared": stated or []}


def _stated(request: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The declared instructions, all members of the types they have in the protocol; None where one is not."""
    steps = get(request, _STEPS)
    if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) for step in steps):
        return None
    read = [{**step, "accounts": step.get("accounts") or []} for step in steps]
    accounts = [account for step in read for account in step["accounts"]]
    typed = all(isinstance(account, dict) and _is_typed(account) for account in accounts)
    if not typed or any(_decoded(step.get("data")) is None for step in read):
        return None
    lists = all(isinstance(step.get("accounts") or [], list) and step.get("accounts") not in ("", {}) for step in steps)
    return read if lists and all(isinstance(step.get("program_id"), str) for step in read) else None


def _is_typed(account: Mapping[str, Any]) -> bool:
    flags = (account.get("is_signer"), account.get("is_writable"))
    return isinstance(account.get("pubkey"), str) and all(isinstance(flag, bool) for flag in flags)


def _decoded(text: Any) -> bytes | None:
    """Base64 in the one spelling of its bytes; an empty text is no data."""
    try:
        data = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return None
    return data if base64.b64encode(data).decode() == text else None


def agrees(request: dict[str, Any], read: dict[str, Any]) -> bool:
    """Whether the message is the declared instructions, with the flags they ask for, paid and signed by the signer."""
    transaction = request["extra"]["transaction"]
    replacement = transaction.get("replacement") or {}
    if (
        "refused" in read
        or not read["canonical"]
        or (read["payer"], read["signers"]) != (sol.SIGNER, 1)
        or (transaction.get("type"), transaction["destination"].get("destination_type")) != _KIND
        or (replacement.get("replaced_type") or "Resend") != "Resend"
        or not _is_on_solana(transaction)
    ):
        return False
    stated = _stated(request) or []
    named = {account["pubkey"] for step in stated for account in step["accounts"]}
    return _accounts_for(read["steps"], [_parts(step) for step in stated]) and all(
        read["flags"].get(address) == read["declared"].get(address) for address in named
    )


def _parts(step: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    accounts = tuple(account["pubkey"] for account in step["accounts"])
    return step["program_id"], accounts, (_decoded(step["data"]) or b"").hex()


def _accounts_for(steps: Sequence[Mapping[str, Any]], stated: Sequence[tuple[str, tuple[str, ...], str]]) -> bool:
    """Each instruction is a declared one, in order; but for one limit, one price, and the signer's nonce in front."""
    found = [(step["program"], tuple(step["accounts"]), step["data"]) for step in steps]
    kinds = Counter(step["kind"] for step in steps)
    more = Counter(one for one in found if one[0] == sol.COMPUTE)
    more.subtract(one for one in stated if one[0] == sol.COMPUTE)
    kind_of = {one: step["kind"] for one, step in zip(found, steps, strict=True)}
    if any(count < 0 or (count and not _may_be_added(kind_of[one], kinds)) for one, count in more.items()):
        return False
    rest = [one for one in found if one[0] != sol.COMPUTE]
    asked = [one for one in stated if one[0] != sol.COMPUTE]
    is_nonce = bool(steps) and (steps[0]["kind"], steps[0].get("by")) == ("nonce", sol.SIGNER)
    return rest == asked or (is_nonce and rest[1:] == asked)


def _may_be_added(kind: str | None, kinds: Mapping[str | None, int]) -> bool:
    return kind in (_LIMIT, _PRICE) and kinds[kind] == 1


def _is_on_solana(transaction: Mapping[str, Any]) -> bool:
    """The chain, or the token's where no chain is named; where both say one they agree."""
    chain, of_token = transaction.get("chain_id") or None, CHAINS.get(transaction.get("token_id") or "")
    return (chain or of_token) == "SOL" and of_token in (None, "SOL")
