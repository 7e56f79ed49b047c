"""Random honest Bitcoin payments: wishes, what bitcoinjs-lib builds of them, and requests that declare it."""

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitcoin_cases import MAINNET, coins
from facts_cases import ROOT_KEY, sample
from node_oracle import NodeOracle
from placet_policy.chains.bitcoin_addresses import key_hash_script, script_hash_script, witness_script
from placet_policy.chains.derivation import path_text

ask = NodeOracle(Path(__file__).parents[1] / "differential" / "bitcoin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A transaction as a wallet is asked for it, what the library built of it, its request, and the same of a twin.

    Attributes:
        asked: Inputs, payments, change and sighash type.
        built: The library's bytes, digests and addresses.
        request: Declares it.
        twin: What the library built of a transaction that differs in one field; None where no twin was asked for.
    """

    asked: dict[str, Any]
    built: dict[str, Any]
    request: dict[str, Any]
    twin: dict[str, Any] | None = None


def destination(numbers: random.Random) -> str:
    """An address of any kind; the taproot one is a point that everybody knows."""
    point = bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    scripts = [
        key_hash_script(numbers.randbytes(20)),
        script_hash_script(numbers.randbytes(20)),
        witness_script(0, numbers.randbytes(20)),
        witness_script(0, numbers.randbytes(32)),
        witness_script(1, point),
    ]
    return MAINNET.encode(numbers.choice(scripts))


def wish(numbers: random.Random, sighash: int | None = None) -> dict[str, Any]:
    """A random transaction of our wallet, as a wallet would be asked for it."""
    taproot = numbers.random() < 0.4
    kinds = ["p2tr"] if taproot else ["p2wpkh", "p2sh_p2wpkh", "p2pkh"]
    payments = [
        {"address": destination(numbers), "value": numbers.randrange(10**5)} for _ in range(numbers.randint(1, 5))
    ]
    change = {
        "kind": numbers.choice(kinds),
        "path": [44, 0, 1, 1, numbers.randrange(100)],
        "value": numbers.randrange(1, 10**5),
        "place": numbers.randint(0, len(payments)),
    }
    usual = numbers.choice([0, 1]) if taproot else 1
    return {
        "root": ROOT_KEY,
        "inputs": [_input(numbers, kinds) for _ in range(numbers.randint(1, 5))],
        "payments": payments,
        "change": numbers.choice([None, change]),
        "tweaked": numbers.random() < 0.5,
        "version": numbers.choice([1, 2]),
        "lockTime": numbers.choice([0, numbers.getrandbits(32)]),
        "sighash": usual if sighash is None else sighash,
    }


def _input(numbers: random.Random, kinds: list[str]) -> dict[str, Any]:
    return {
        "kind": numbers.choice(kinds),
        "path": [44, 0, 1, 0, numbers.randrange(100)],
        "value": numbers.randrange(10**6, 10**10),
        "txid": numbers.randbytes(32).hex(),
        "vout": numbers.randrange(1000),
        "sequence": numbers.choice([0, 0xFFFFFFFD, 0xFFFFFFFF, numbers.getrandbits(32)]),
    }


def twin_wish(asked: dict[str, Any], numbers: random.Random) -> dict[str, Any]:
    """The same wish but for one field; what is not declared may differ, everything else may not."""
    twin = copy.deepcopy(asked)
    payment, spent, change = numbers.choice(twin["payments"]), numbers.choice(twin["inputs"]), twin["change"]
    more = {"address": destination(numbers), "value": numbers.choice([0, 1])}
    record, name, value = numbers.choice(
        [
            (payment, "value", payment["value"] + 1),
            (payment, "address", destination(numbers)),
            (twin, "payments", [*twin["payments"], more]),
            (change, "value", change["value"] + 1) if change else (twin, "lockTime", 7),
            (spent, "path", [44, 0, 1, 0, 100 + numbers.randrange(10)]),
            (spent, "value", spent["value"] + 1),
            (spent, "vout", spent["vout"] + 1),
            (spent, "sequence", spent["sequence"] ^ 1),
            (twin, "lockTime", twin["lockTime"] ^ 1),
            (twin, "version", 3 - twin["version"]),
            # BIP-341 defines SINGLE for inputs that have an output of their number, so it is not used here.
            (twin, "sighash", numbers.choice([0x02, 0x81, 0x82])),
        ]
    )
    record[name] = value
    return twin


def build(wishes: Sequence[dict[str, Any]], twins: Sequence[dict[str, Any]] = ()) -> list[Case]:
    """The transactions as the library builds them, with honest declarations; one question for all of them."""
    answers = ask([*wishes, *twins])
    return [
        Case(
            asked=asked,
            built=answers[index],
            request=request(asked, answers[index]),
            twin=answers[len(wishes) + index] if twins else None,
        )
        for index, asked in enumerate(wishes)
    ]


def request(asked: dict[str, Any], built: dict[str, Any]) -> dict[str, Any]:
    """The request of a transaction that the library built."""
    _, detail, extra = sample("keysign_btc_segwit_2in")
    paths = [path_text(tuple(entry["path"])) for entry in asked["inputs"]]
    detail["bip32_path_list"] = paths
    detail["msg_hash_list"] = built["digests"]
    detail["tweak_list"] = []
    detail["signature_type"] = 3 if asked["inputs"][0]["kind"] == "p2tr" else 1
    extra["source_addresses"] = [
        {"address": address, "chain_id": "BTC", "path": path}
        for address, path in dict(zip(built["addresses"], paths, strict=True)).items()
    ]
    extra["transaction"]["destination"]["utxo_outputs"] = [
        {"address": payment["address"], "amount": coins(payment["value"])} for payment in asked["payments"]
    ]
    extra["transaction"]["destination"]["change_address"] = built["change"]
    value = 0 if asked["change"] is None else asked["change"]["value"]
    extra["transaction"]["raw_tx_info"] = {
        "unsigned_raw_tx": built["raw"],
        "selected_utxos": [
            {
                "tx_hash": entry["txid"],
                "vout_n": entry["vout"],
                "address": address,
                "value": coins(entry["value"]),
                "redeem_script": redeem,
            }
            for entry, address, redeem in zip(asked["inputs"], built["addresses"], built["redeem"], strict=True)
        ],
        "utxo_changes": [{"address": built["change"], "value": coins(value)}] if built["change"] else [],
    }
    return {"detail": detail, "extra": extra}
