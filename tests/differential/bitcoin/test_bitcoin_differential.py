"""Bitcoin against the libraries that wallets use: bitcoinjs-lib and bip32 derive, build and hash the transactions.

Bounded here; HYPOTHESIS_PROFILE=long makes it long. `make test` brings Node.js and the locked libraries.
"""

import random
from pathlib import Path
from typing import Any

import pytest
from bitcoin_cases import MAINNET, bitcoin_facts, coins
from facts_cases import ROOT_KEY, codes, sample
from node_oracle import LONG, NodeOracle
from placet_policy.chains.bitcoin import BitcoinError, decode_unsigned
from placet_policy.chains.bitcoin_addresses import key_hash_script, script_hash_script, witness_script
from placet_policy.chains.derivation import path_text
from placet_policy.facts.prove import Facts

_oracle = NodeOracle(Path(__file__).parent)
_PAYMENTS = 4_000 if LONG else 120
_CHANGES = 20_000 if LONG else 600
_PARTIAL = [0x02, 0x03, 0x81, 0x82, 0x83]


def _destination(numbers: random.Random) -> str:
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


def _case(numbers: random.Random, sighash: int | None = None) -> dict[str, Any]:
    """A random transaction of our wallet, as a wallet would be asked for it."""
    taproot = numbers.random() < 0.4
    kinds = ["p2tr"] if taproot else ["p2wpkh", "p2sh_p2wpkh", "p2pkh"]
    inputs = [
        {
            "kind": numbers.choice(kinds),
            "path": [44, 0, 1, 0, numbers.randrange(1000)],
            "value": numbers.randrange(10**6, 10**10),
            "txid": numbers.randbytes(32).hex(),
            "vout": numbers.randrange(1000),
            "sequence": numbers.choice([0, 0xFFFFFFFD, 0xFFFFFFFF, numbers.getrandbits(32)]),
        }
        for _ in range(numbers.randint(1, 5))
    ]
    payments = [
        {"address": _destination(numbers), "value": numbers.randrange(10**5)} for _ in range(numbers.randint(1, 5))
    ]
    change = {
        "kind": numbers.choice(kinds),
        "path": [44, 0, 1, 1, numbers.randrange(250)],
        "value": numbers.randrange(1, 10**5),
        "place": numbers.randint(0, len(payments)),
    }
    usual = numbers.choice([0, 1]) if taproot else 1
    return {
        "root": ROOT_KEY,
        "inputs": inputs,
        "payments": payments,
        "change": numbers.choice([None, change]),
        "tweaked": numbers.random() < 0.5,
        "version": numbers.choice([1, 2]),
        "lockTime": numbers.choice([0, numbers.getrandbits(32)]),
        "sighash": usual if sighash is None else sighash,
    }


def _parts(case: dict[str, Any], built: dict[str, Any]) -> dict[str, Any]:
    """The request of a transaction that the libraries built."""
    _, detail, extra = sample("keysign_btc_segwit_2in")
    paths = [path_text(tuple(entry["path"])) for entry in case["inputs"]]
    detail["bip32_path_list"] = paths
    detail["msg_hash_list"] = built["digests"]
    detail["tweak_list"] = []
    detail["signature_type"] = 3 if case["inputs"][0]["kind"] == "p2tr" else 1
    extra["source_addresses"] = [
        {"address": address, "chain_id": "BTC", "path": path}
        for address, path in dict(zip(built["addresses"], paths, strict=True)).items()
    ]
    extra["transaction"]["destination"]["utxo_outputs"] = [
        {"address": payment["address"], "amount": coins(payment["value"])} for payment in case["payments"]
    ]
    extra["transaction"]["destination"]["change_address"] = built["change"]
    value = 0 if case["change"] is None else case["change"]["value"]
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
            for entry, address, redeem in zip(case["inputs"], built["addresses"], built["redeem"], strict=True)
        ],
        "utxo_changes": [{"address": built["change"], "value": coins(value)}] if built["change"] else [],
    }
    return {"detail": detail, "extra": extra}


def _facts(case: dict[str, Any], built: dict[str, Any]) -> Facts:
    return bitcoin_facts(_parts(case, built))


def test_what_wallets_build_is_proven_field_by_field() -> None:
    """Random honest payments are never contradicted, and every fact is what the wallet's library put in."""
    numbers = random.Random(4)
    cases = [_case(numbers) for _ in range(_PAYMENTS)]

    for case, built in zip(cases, _oracle(cases), strict=True):
        found = _facts(case, built)

        assert (found.status, codes(found)) == ("PROVEN", []), case
        paid = sorted((transfer["to"], transfer["amount"]) for transfer in found.transfers)
        assert paid == sorted((payment["address"], str(payment["value"])) for payment in case["payments"])
        assert [one["hash"] for one in found.hashes] == ["0x" + digest for digest in built["digests"]]
        assert [one["path"] for one in found.hashes] == [path_text(tuple(one["path"])) for one in case["inputs"]]
        assert found.fee is not None
        assert found.fee["max"] == _fee(case)


def _fee(case: dict[str, Any]) -> str | None:
    if any(entry["kind"] == "p2pkh" for entry in case["inputs"]):
        return None
    change = 0 if case["change"] is None else case["change"]["value"]
    paid = sum(payment["value"] for payment in case["payments"]) + change
    return str(sum(entry["value"] for entry in case["inputs"]) - paid)


@pytest.mark.parametrize("sighash", _PARTIAL)
def test_other_sighash_types_are_recognised(sighash: int) -> None:
    """Every digest that the library makes for NONE, SINGLE and ANYONECANPAY is named, for every kind of input."""
    numbers = random.Random(sighash)
    cases = [_case(numbers, sighash) for _ in range(_PAYMENTS // 5)]
    # BIP-341 refuses a SINGLE without its output, and the library with it.
    cases = [case for case in cases if sighash & 3 != 3 or len(case["inputs"]) <= len(case["payments"])]
    assert cases

    for case, built in zip(cases, _oracle(cases), strict=True):
        found = _facts(case, built)

        assert codes(found) == ["SIGHASH_NOT_ALL"], case
        assert len(found.contradictions) == len(case["inputs"])


def test_what_the_library_refuses_is_not_read() -> None:
    """Changed bytes are read by both as the same transaction, or we refuse them."""
    numbers = random.Random(5)
    cases = [_case(numbers) for _ in range(_CHANGES // 10)]
    built = _oracle(cases)
    changed = [_changed(bytes.fromhex(one["raw"]), numbers) for one in built for _ in range(10)]
    accepted = 0

    for raw, answer in zip(changed, _oracle([{"read": raw.hex()} for raw in changed]), strict=True):
        try:
            transaction = decode_unsigned(raw)
        except BitcoinError:
            continue
        accepted += 1
        assert answer == {"canonical": True, "signed": False}, raw.hex()
        assert transaction.serialize() == raw
    assert 0 < accepted < len(changed)


def test_no_changed_transaction_is_proven() -> None:
    """The digests of the libraries bind every byte."""
    numbers = random.Random(6)
    cases = [_case(numbers) for _ in range(_PAYMENTS)]

    for case, built in zip(cases, _oracle(cases), strict=True):
        changed = _changed(bytes.fromhex(built["raw"]), numbers)
        if changed.hex() != built["raw"]:
            assert _facts(case, {**built, "raw": changed.hex()}).status != "PROVEN", changed.hex()


def _changed(raw: bytes, numbers: random.Random) -> bytes:
    """One byte changed, one inserted, one removed, or the tail cut off."""
    position = numbers.randrange(len(raw))
    kind = numbers.randrange(8)
    if kind == 0:
        return raw[:position] + numbers.randbytes(1) + raw[position:]
    if kind == 1:
        return raw[:position] + raw[position + 1 :]
    if kind == 2:
        return raw[:position]
    return raw[:position] + bytes([raw[position] ^ numbers.randrange(1, 256)]) + raw[position + 1 :]
