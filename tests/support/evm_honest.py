"""Random honest EVM requests: a wish, the transaction that ethers builds of it, and a declaration that agrees."""

import copy
import random
from typing import Any

from facts_cases import registry, registry_data, sample
from placet_policy.registry import Registry

SIGNER = "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5"
"""The address of the samples' pinned key at their path."""


def _data() -> dict[str, Any]:
    """The registry of the other tests, with another network and tokens of few and many decimals."""
    data = registry_data()
    data["chains"]["MATIC"] = {"kind": "evm", "chain_id": "137", "testnet": False, "native_token": "MATIC"}
    for name, chain, contract, decimals in (
        ("MATIC", "MATIC", None, 18),
        ("ETH_ONE", "ETH", "0x" + "1a" * 20, 0),
        ("MATIC_USDT", "MATIC", "0xc2132d05d31c914a87c6611c10748aeb04b58e8f", 6),
        ("MATIC_DAI", "MATIC", "0x8f3cf7ad23cd3cadbd9735aff958023239c6a063", 18),
        ("SETH_FINE", "SETH", "0x" + "2b" * 20, 24),
    ):
        kind = "native" if contract is None else "erc20"
        data["tokens"][name] = {
            "chain": chain,
            "kind": kind,
            "contract": contract,
            "decimals": decimals,
            "symbol": name.rpartition("_")[2],
        }
    return data


DATA = _data()
REGISTRY: Registry = registry(DATA)
NETWORKS = {name: int(row["chain_id"]) for name, row in DATA["chains"].items() if row["kind"] == "evm"}
TOKENS = {name: row for name, row in DATA["tokens"].items() if row["chain"] in NETWORKS}


def address(numbers: random.Random) -> str:
    """Any address, in lower case."""
    return "0x" + numbers.randbytes(20).hex()


def _amount(numbers: random.Random) -> int:
    bits = numbers.choice([0, 1, 20, 64, 90, 256])
    power: int = 10 ** numbers.randrange(30)
    return numbers.choice([numbers.getrandbits(bits), power])


def wish(numbers: random.Random) -> dict[str, Any]:
    """What a wallet is asked for: a payment, a contract call, or the drop of one of them, with all its numbers.

    Returns:
        A question to ethers with more members for the declaration: kind, token_id, replaced.
    """
    kind = numbers.choice(["native", "token", "token", "call"])
    replaced = numbers.choice([None, None, None, "SpeedUp", "Resend", "Drop"])
    token_id = _token(numbers, kind)
    token, amount, to = TOKENS[token_id], _amount(numbers), address(numbers)
    question: dict[str, Any] = {
        "ask": "build",
        "kind": kind,
        "replaced": replaced,
        "token_id": token_id,
        "to": to,
        "amount": str(amount),
        "decimals": token["decimals"],
        "data": "0x",
        "call": None,
    }
    target: str | None = to
    value = amount
    if kind == "token":
        question["call"], target, value = {"name": "transfer", "to": to, "amount": str(amount)}, token["contract"], 0
    if kind == "call":
        target = _call(numbers, question)
    if replaced == "Drop":
        question["call"], question["data"], target, value = None, "0x", SIGNER, numbers.choice([0, value])
    question["transaction"] = {
        **_prices(numbers, plain=replaced == "Drop" or kind != "call"),
        "chainId": str(NETWORKS[token["chain"]]),
        "nonce": numbers.choice([0, 1, 127, 128, numbers.getrandbits(40)]),
        "gasLimit": str(numbers.choice([21_000, numbers.getrandbits(24), numbers.getrandbits(63)])),
        "to": target,
        "value": str(value),
    }
    return question


def _token(numbers: random.Random, kind: str) -> str:
    fitting: list[str] = [name for name, row in TOKENS.items() if (row["contract"] is not None) == (kind == "token")]
    return numbers.choice(fitting)


def _call(numbers: random.Random, question: dict[str, Any]) -> str | None:
    """A call of a known or unknown method, a creation, or coins alone; returns the contract that is called."""
    form = numbers.randrange(5)
    if form == 0:
        question["to"] = None
    if form == 1:
        name, amount = numbers.choice(["approve", "transfer"]), str(numbers.getrandbits(256))
        question["call"] = {"name": name, "to": address(numbers), "amount": amount}
    elif form != 2:
        question["data"] = "0x" + numbers.randbytes(numbers.choice([1, 4, 36, 68, 300])).hex()
    target: str | None = question["to"]
    return target


def _prices(numbers: random.Random, *, plain: bool) -> dict[str, Any]:
    kind, price = numbers.randrange(3), numbers.choice([1, numbers.getrandbits(36), numbers.getrandbits(70)])
    if kind == 0:
        return {"type": 0, "gasPrice": str(price)}
    entries = [] if plain else [_entry(numbers) for _ in range(numbers.randrange(3))]
    if kind == 1:
        return {"type": 1, "gasPrice": str(price), "accessList": entries}
    priority = numbers.randrange(price + 1)
    return {"type": 2, "maxFeePerGas": str(price), "maxPriorityFeePerGas": str(priority), "accessList": entries}


def _entry(numbers: random.Random) -> dict[str, Any]:
    keys = ["0x" + numbers.randbytes(32).hex() for _ in range(numbers.randrange(3))]
    return {"address": address(numbers), "storageKeys": keys}


def request(wished: dict[str, Any], built: dict[str, Any], numbers: random.Random) -> dict[str, Any]:
    """The sample's request with what ethers built and an honest declaration of it, in any of its spellings.

    Returns:
        {"detail": ..., "extra": ...}.
    """
    _, detail, extra = sample("keysign_eth_erc20_transfer")
    transaction, token = extra["transaction"], TOKENS[wished["token_id"]]
    detail["msg_hash_list"] = [_spelled(built["hash"], numbers)]
    transaction |= {"token_id": wished["token_id"], "chain_id": numbers.choice([token["chain"], token["chain"], None])}
    nonce = wished["transaction"]["nonce"]
    transaction["raw_tx_info"] |= {
        "unsigned_raw_tx": _spelled(built["raw"], numbers),
        "used_nonce": numbers.choice([nonce, nonce, None]),
    }
    transaction["replacement"] = _replacement(wished["replaced"], numbers)
    if wished["kind"] == "call":
        transaction["type"] = "ContractCall"
        transaction["destination"] = _contract(wished, built, numbers)
    else:
        output = {"address": _cased(built["address"], numbers), "amount": _written(built["amount"], numbers)}
        transaction["destination"]["account_output"] = output
        transaction["destination"]["utxo_outputs"] = numbers.choice([None, []])
    _decorate(extra, numbers)
    return copy.deepcopy({"detail": detail, "extra": extra})


def _contract(wished: dict[str, Any], built: dict[str, Any], numbers: random.Random) -> dict[str, Any]:
    amount = _written(built["amount"], numbers)
    return {
        "destination_type": "EVM_Contract",
        "address": "" if wished["to"] is None else _cased(built["address"], numbers),
        # The declaration of a drop still names what is dropped.
        "calldata": "0xdeadbeef" if wished["replaced"] == "Drop" else _spelled(built["data"], numbers) or "0x",
        "value": None if wished["amount"] == "0" and numbers.random() < 0.5 else amount,
    }


def _replacement(replaced: str | None, numbers: random.Random) -> Any:
    if replaced is None:
        return numbers.choice([None, {"replaced_type": None}, {"replaced_by_type": None}])
    return {"replaced_type": replaced, "replaced_transaction_id": "9d1c7f2c-1111-4a3a-8f5e-0c9d2f3b4a55"}


def _spelled(text: str, numbers: random.Random) -> str:
    """Hexadecimal with and without 0x and in both cases, as the provider's examples have it."""
    digits = numbers.choice([text[2:], text[2:], text[2:].upper()])
    return numbers.choice(["0x", "0x", ""]) + digits


def _cased(checksummed: str, numbers: random.Random) -> str:
    return numbers.choice([checksummed, checksummed.lower(), "0x" + checksummed[2:].upper()])


def _written(amount: str, numbers: random.Random) -> str:
    """10.0 as 10, 10.0 or 10.000."""
    return numbers.choice([amount, amount.removesuffix(".0"), amount + "00" if "." in amount else amount + ".000"])


def _decorate(extra: dict[str, Any], numbers: random.Random) -> None:
    """Nulls and fields that nobody knows yet, in any object of the context."""
    transaction = extra["transaction"]
    for record in (extra, extra["wallet"], transaction, transaction["destination"], transaction["raw_tx_info"]):
        if numbers.random() < 0.3:
            record["later_addition"] = numbers.choice([None, "", 1.5, [], {"address": address(numbers)}])
    if numbers.random() < 0.3:
        transaction["fee"] = None
        extra["source_addresses"][0]["memo"] = None
