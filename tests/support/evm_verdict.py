"""Whether bytes and declaration of an EVM request mean the same, as read by ethers and by nothing of the product."""

from typing import Any

from evm_honest import DATA, NETWORKS, SIGNER, TOKENS

_EVERY = {None, "SpeedUp", "Resend", "Drop"}
_KINDS = {("Withdrawal", "Address"), ("ContractCall", "EVM_Contract")}


def questions(request: dict[str, Any]) -> list[dict[str, Any]]:
    """What `agrees` has to ask: the bytes, the declared amount and the declared address."""
    transaction = request["extra"]["transaction"]
    destination = transaction["destination"]
    output = destination.get("account_output") or {}
    token, call = transaction.get("token_id"), transaction["type"] == "ContractCall"
    native = (DATA["chains"].get(_chain(transaction)) or {}).get("native_token")
    row = TOKENS.get(str(native if call else token), {})
    amount = destination.get("value") if call else output.get("amount")
    return [
        {"ask": "read", "raw": _hex(transaction["raw_tx_info"].get("unsigned_raw_tx"))},
        {"ask": "units", "amount": "0" if call and amount is None else amount, "decimals": row.get("decimals")},
        {"ask": "address", "address": destination.get("address") if call else output.get("address")},
    ]


def agrees(request: dict[str, Any], answers: list[dict[str, Any]]) -> bool:
    """Whether the one hash is that of the bytes, and the bytes do what is declared and nothing else."""
    read, units, declared = answers
    transaction = request["extra"]["transaction"]
    chain = _chain(transaction)
    if "refused" in read or not read["canonical"] or chain not in NETWORKS:
        return False
    hashes = [_hex(text) for text in request["detail"]["msg_hash_list"]]
    nonce = transaction["raw_tx_info"].get("used_nonce")
    replaced = (transaction.get("replacement") or {}).get("replaced_type")
    if (
        hashes != [read["hash"]]
        or read["network"] != str(NETWORKS[chain])
        or nonce not in (None, int(read["nonce"]))
        or replaced not in _EVERY
        or (transaction["type"], transaction["destination"]["destination_type"]) not in _KINDS
        or DATA["tokens"].get(str(transaction.get("token_id")), {"chain": chain})["chain"] != chain
    ):
        return False
    target = None if read["to"] is None else read["to"].lower()
    if replaced == "Drop":
        return (target, read["data"], read["entries"]) == (SIGNER, "0x", 0)
    amount, to = units.get("units"), declared.get("address")
    if transaction["type"] == "ContractCall":
        return _call_agrees(transaction["destination"], read, amount, to)
    token = TOKENS.get(str(transaction.get("token_id")))
    return token is not None and to is not None and read["entries"] == 0 and _pays(read, token, to, amount)


def _call_agrees(destination: dict[str, Any], read: dict[str, Any], value: str | None, to: str | None) -> bool:
    calldata = destination.get("calldata")
    return (
        bool(calldata)  # An empty text is an absent one; "0x" is how no calldata is declared.
        and _hex(calldata) == read["data"]
        and read["value"] == value
        and (read["to"] is None if destination.get("address") == "" else (to is not None and read["to"] == to))
    )


def _pays(read: dict[str, Any], token: dict[str, Any], to: str, amount: str | None) -> bool:
    if token["contract"] is None:
        return (read["to"], read["value"], read["data"]) == (to, amount, "0x")
    called = {"name": "transfer", "to": to, "amount": amount, "exact": True}
    return ((read["to"] or "").lower(), read["value"], read["call"]) == (token["contract"], "0", called)


def _chain(transaction: dict[str, Any]) -> str | None:
    """The declared chain, or else that of the declared token."""
    chain: str | None = transaction.get("chain_id")
    return chain or DATA["tokens"].get(str(transaction.get("token_id")), {}).get("chain")


def _hex(text: str | None) -> str | None:
    return text if text is None else "0x" + text.removeprefix("0x").lower()
