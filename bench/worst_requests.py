"""The worst requests known: for each decoder the dearest input that its limits let through, and what they refuse.

Every request here is of a size that a token can carry; what is larger is refused before its facts are looked at.
"""

import base64
import json
from collections.abc import Callable
from functools import cached_property, partial
from itertools import islice
from typing import Any

import base58
import solana_calls
import solana_cases as sol
import tron_calls
from bitcoin_cases import SUPPLIER, Spending
from evm_requests import CONTRACT, SPENDER, calldata, multi_send, transaction
from facts_cases import CPUB, ROOT_KEY, request, sample
from placet_callback.envelope import CallbackRequest
from placet_policy.chains.bitcoin import TxOutput
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS
from placet_policy.chains.bitcoin_digest import Spend, SpentOutput
from placet_policy.chains.derivation import parse_xpub
from placet_policy.chains.ed25519 import parse_cpub
from placet_policy.chains.messages import personal_digest

from bench.fact_requests import DESTINATION, changed_sample, typed_data

_INPUTS = 512
_RECORDS = 512
_OUTPUTS = 1024
_KEY_SIGN = 2
_SOLANA_BYTES = 1167
WIDE_PATHS = ("m/44/0/*/*/*",)
"""A pinned key's pattern under which a request chooses the branches that are searched for change, so that no earlier
request has filled their cache. The demonstration's registry has no such pattern."""
_WRONG_HASH = "0x" + "11" * 32


class _Spending(Spending):
    """Derives what it spends once; the tests' class does so whenever it is asked, which takes minutes for 512."""

    @cached_property
    def spent(self) -> list[SpentOutput]:
        return super().spent


def _contract_call(data: bytes) -> CallbackRequest:
    return changed_sample(
        "keysign_evm_contract_call",
        {
            "extra.transaction.chain_id": "ETH",
            "extra.transaction.token_id": "ETH",
            f"{DESTINATION}.address": CONTRACT,
            f"{DESTINATION}.calldata": "0x" + data.hex(),
            f"{DESTINATION}.value": "0",
            **transaction(data),
        },
    )


def _tron_call(data: bytes) -> CallbackRequest:
    return request(*tron_calls.call_parts(data))


def _nested_multicall(size: int, depth: int) -> bytes:
    """Each level's calldata holds the next one's whole."""
    data = bytes(4) + bytes(size)
    for _ in range(depth):
        data = calldata("multicall(bytes[])", [data])
    return data


def _wide_batch(size: int, calls: int) -> bytes:
    return multi_send(*[(0, SPENDER, 0, bytes(size))] * calls)


def _spending(spend: Spend, *, payments: int, more_outputs: int) -> CallbackRequest:
    """512 inputs of 512 paths; the payments are declared, in another order, and the other outputs are not."""
    encode = BITCOIN_FORMS[False].encode
    scripts = [b"\x51\x20" + (number + 1).to_bytes(32, "big") for number in range(payments + more_outputs)]
    spending = _Spending(
        inputs=[(spend, 100_000)] * _INPUTS,
        payments=[(encode(script), 1_000) for script in scripts[:payments]],
        extra_outputs=[TxOutput(1_000, script) for script in scripts[payments:]],
    )
    parts = spending.parts()
    parts["extra"]["transaction"]["destination"]["utxo_outputs"].reverse()
    return request(_KEY_SIGN, parts["detail"], parts["extra"])


def _hostile_solana() -> CallbackRequest:
    """As many instructions as a message holds, each moving something by a program that is decoded."""
    steps: list[sol.Step] = []
    while len(sol.message(*steps, sol.pay(1))) <= _SOLANA_BYTES:
        steps.append(sol.pay(1))
    body = sol.message(*steps)
    return changed_sample(
        "keysign_sol_transfer",
        {
            "extra.transaction.raw_tx_info.unsigned_raw_tx": sol.wrapped(body),
            "detail.msg_hash_list": ["0x" + body.hex()],
        },
    )


def _empty_solana() -> CallbackRequest:
    """As many instructions as a message holds, each of three bytes."""
    empty = sol.Step(sol.MEMO, (), b"")
    steps = [sol.pay(1)]
    while len(sol.message(*steps, empty)) <= _SOLANA_BYTES:
        steps.append(empty)
    body = sol.message(*steps)
    return changed_sample(
        "keysign_sol_transfer",
        {
            "extra.transaction.raw_tx_info.unsigned_raw_tx": sol.wrapped(body),
            "detail.msg_hash_list": ["0x" + body.hex()],
        },
    )


def _declared_solana(step: sol.Step) -> CallbackRequest:
    """As many of an instruction as a message holds, each of them declared."""
    steps = [step]
    while len(solana_calls.built(*steps, step)) <= _SOLANA_BYTES:
        steps.append(step)
    return request(*solana_calls.call_parts(*steps))


def _declared_accounts() -> CallbackRequest:
    """As many accounts as a message holds in two instructions, each of them declared with its flags."""
    keys = tuple(solana_calls.key(number + 1) for number in range(8))
    first, second = (solana_calls.run(bytes([number]), accounts=keys) for number in range(2))
    more = (_SOLANA_BYTES - len(solana_calls.built(first, second))) // 2 - 1
    steps = [sol.Step(step.program, keys + keys[:1] * more, step.data) for step in (first, second)]
    return request(*solana_calls.call_parts(*steps))


def _deep_typed_data() -> CallbackRequest:
    """Sixteen levels and two thousand values."""
    kind = "uint256" + "[]" * 13
    value: Any = [1] * 2000
    for _ in range(12):
        value = [value]
    types = {"EIP712Domain": [], "Deep": [{"name": "values", "type": kind}]}
    return typed_data({"types": types, "domain": {}, "primaryType": "Deep", "message": {"values": value}})


def _entangled_typed_data() -> CallbackRequest:
    """Sixty-two types, each of which uses all others, with as many members as are read (eip712.MAX_ALL_MEMBERS)."""
    names = [f"Type{number}" for number in range(62)]
    fields = [f"field{number}" for number in range(6)]
    types: dict[str, Any] = {"EIP712Domain": []}
    for number, name in enumerate(names):
        following = names[(number + 1) % len(names)]
        members = [{"name": field, "type": "bool"} for field in fields]
        types[name] = [*members, {"name": "next", "type": f"{following}[]"}]
    types["Main"] = [{"name": name.lower(), "type": name} for name in names]
    value: dict[str, Any] = {**dict.fromkeys(fields, True), "next": []}
    message = {name.lower(): value for name in names}
    return typed_data({"types": types, "domain": {}, "primaryType": "Main", "message": message})


def _json_values(text: str) -> CallbackRequest:
    """A payment with a member in extra_info that nobody knows."""
    request_type, detail, extra = sample("keysign_eth_legacy_transfer")
    return request(request_type, detail, json.dumps(extra)[:-1] + f',"unknown":{text}}}')


def _empty_objects(count: int) -> CallbackRequest:
    return _json_values("[" + ",".join(["{}"] * count) + "]")


def _many_names(count: int) -> CallbackRequest:
    return _json_values("{" + ",".join(f'"{number:x}":0' for number in range(count)) + "}")


def _unreadable_addresses() -> CallbackRequest:
    """Texts as long as an address, with all its characters, in every list that holds addresses."""
    parts = Spending().parts()
    transaction_, extra = parts["extra"]["transaction"], parts["extra"]
    texts = iter([f"z{'y' * 30}{number:04d}".replace("0", "A") for number in range(_OUTPUTS + 2 * _RECORDS)])
    transaction_["destination"]["utxo_outputs"] = [{"address": text, "amount": "1"} for text in islice(texts, _OUTPUTS)]
    transaction_["raw_tx_info"]["utxo_changes"] = [{"address": text, "value": "1"} for text in islice(texts, _RECORDS)]
    extra["source_addresses"] = [{"address": text, "path": "m/44/0/1/0/0"} for text in texts]
    return request(_KEY_SIGN, parts["detail"], extra)


def _wrong_hashes() -> CallbackRequest:
    """Old inputs, each of whose digests hashes a thousand outputs, and hashes that none of them is."""
    spending = _Spending(inputs=[(Spend.P2PKH, 100_000)] * _INPUTS, payments=[(SUPPLIER, 1_000)] * 1000, change=0)
    parts = spending.parts()
    parts["detail"]["msg_hash_list"] = [_WRONG_HASH] * _INPUTS
    return request(_KEY_SIGN, parts["detail"], parts["extra"])


def _foreign_outputs(accounts: int) -> CallbackRequest:
    """Outputs that are nobody's change, so that two branches of every account that signs are searched."""
    strangers = [TxOutput(1_000, b"\x51\x20" + bytes([number + 1]) * 32) for number in range(8)]
    parts = _Spending(inputs=[(Spend.P2TR, 100_000)] * accounts, extra_outputs=strangers).parts()
    parts["detail"]["bip32_path_list"] = [f"m/44/0/{number + 7}/0/0" for number in range(accounts)]
    return request(_KEY_SIGN, parts["detail"], parts["extra"])


def _many_accounts() -> CallbackRequest:
    """As many keys as are derived for one request, no two under one parent."""
    parts = Spending(inputs=[(Spend.P2TR, 100_000)]).parts()
    count = 286
    parts["detail"] |= {
        "bip32_path_list": [f"m/44/0/1/{number}/0" for number in range(count)],
        "msg_hash_list": [_WRONG_HASH] * count,
        "tweak_list": [_WRONG_HASH] * count,
    }
    return request(_KEY_SIGN, parts["detail"], parts["extra"])


def _to_rebuild() -> CallbackRequest:
    """As many parts as are put together, and a hash that no order of them gives."""
    payments = [(SUPPLIER, 1_000 + number) for number in range(16)]
    parts = Spending(inputs=[(Spend.P2WPKH, 100_000)] * 15, payments=payments).parts()
    parts["extra"]["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = None
    parts["detail"]["msg_hash_list"] = [_WRONG_HASH] * 15
    return request(_KEY_SIGN, parts["detail"], parts["extra"])


def _source_addresses(name: str, addresses: list[str], keys: list[str]) -> CallbackRequest:
    """Entries for the path that signs, each with another address and another key."""
    _, _, extra = sample(name)
    entry = extra["source_addresses"][0]
    entries = [{**entry, "address": one, "pubkey": key} for one, key in zip(addresses, keys, strict=True)]
    return changed_sample(name, {"extra.source_addresses": entries})


def _solana_sources() -> CallbackRequest:
    addresses = [base58.b58encode(number.to_bytes(2, "big") + b"\x55" * 30).decode() for number in range(_RECORDS)]
    root = parse_cpub(CPUB)
    keys = [root.child(number).to_text() for number in range(_RECORDS)]
    return _source_addresses("keysign_sol_transfer", addresses, keys)


def _evm_sources() -> CallbackRequest:
    root = parse_xpub(ROOT_KEY)
    addresses = [f"0x{number:040x}" for number in range(_RECORDS)]
    return _source_addresses(
        "keysign_eth_legacy_transfer", addresses, [root.child(n).to_text() for n in range(_RECORDS)]
    )


def _access_list() -> CallbackRequest:
    keys = [f"0x{number:064x}" for number in range(3_900)]
    entries = [{"address": CONTRACT, "storageKeys": keys}]
    return changed_sample("keysign_eth_eip1559_transfer", transaction(b"", accessList=entries))


def _authorizations() -> CallbackRequest:
    one = {"chainId": 0, "address": bytes(20), "nonce": 0, "yParity": 0, "r": 1, "s": 1}
    entries = [{**one, "nonce": number} for number in range(1_000)]
    return changed_sample("keysign_eth_eip1559_transfer", transaction(b"", type=4, authorizationList=entries))


def _empty_calls() -> CallbackRequest:
    return _contract_call(calldata("multicall(bytes[])", [b""] * 2_000))


def _byte_strings() -> CallbackRequest:
    types: dict[str, Any] = {"EIP712Domain": [], "Strings": [{"name": "values", "type": "bytes[]"}]}
    message = {"values": ["0x" + "ab" * 110] * 2_000}
    return typed_data({"types": types, "domain": {}, "primaryType": "Strings", "message": message})


def _unprintable_message() -> CallbackRequest:
    message = b"\xe2\x80\xae" * 60_000
    return changed_sample(
        "keysign_message_eip191",
        {
            f"{DESTINATION}.message": base64.b64encode(message).decode("ascii"),
            "detail.msg_hash_list.0": "0x" + personal_digest(message).hex(),
        },
    )


def _many_messages() -> CallbackRequest:
    _, detail, _ = sample("keysharesign_type5")
    group = detail["details"][0]["group_id"]
    details = [{"group_id": group, "message": "0x" + f"{number:04x}" * 400} for number in range(_RECORDS)]
    return changed_sample("keysharesign_type5", {"detail.details": details})


WORST: dict[str, Callable[[], CallbackRequest]] = {
    "BTC, 512 signer paths, P2PKH": partial(_spending, Spend.P2PKH, payments=1, more_outputs=0),
    "BTC, 512 signer paths, nested": partial(_spending, Spend.P2SH_P2WPKH, payments=1, more_outputs=0),
    "BTC, 512 taproot in, 1000 out": partial(_spending, Spend.P2TR, payments=500, more_outputs=499),
    "BTC, 512 taproot in, 1023 paid": partial(_spending, Spend.P2TR, payments=1023, more_outputs=0),
    "EVM, 128 KiB multicall, 8 deep": lambda: _contract_call(_nested_multicall(126_000, 8)),
    "EVM, 128 KiB batch, 63 calls": lambda: _contract_call(_wide_batch(1_900, 63)),
    "TRON, 64 KiB multicall, 8 deep": lambda: _tron_call(_nested_multicall(62_000, 8)),
    "TRON, 64 KiB batch, 63 calls": lambda: _tron_call(_wide_batch(900, 63)),
    "Solana, payments only": _hostile_solana,
    "Solana, empty instructions": _empty_solana,
    "Solana, 355 declared calls": lambda: _declared_solana(solana_calls.run(b"", accounts=())),
    "Solana, 800 declared accounts": _declared_accounts,
    "EIP-712, 16 deep, 2000 values": _deep_typed_data,
    "EIP-712, 62 entangled types": _entangled_typed_data,
    "EIP-712, 2000 byte strings": _byte_strings,
    "EIP-191, 60,000 unprintable": _unprintable_message,
    "EVM, 3900 access list keys": _access_list,
    "EVM, 1000 authorizations": _authorizations,
    "EVM, batch of 2000 empty calls": _empty_calls,
    "EVM, 512 other source addresses": _evm_sources,
    "Solana, 512 other sources": _solana_sources,
    "BTC, 2048 unreadable addresses": _unreadable_addresses,
    "BTC, 512 wrong hashes, 1000 out": _wrong_hashes,
    "BTC, 576 keys, 286 accounts": _many_accounts,
    "BTC, foreign outputs, 8 branches": partial(_foreign_outputs, 4),
    "BTC, 31 parts to be put together": _to_rebuild,
    "KeyShareSign, 512 messages": _many_messages,
    "any, 230,000 empty objects": partial(_empty_objects, 230_000),
    "any, 16,000 empty objects": partial(_empty_objects, 16_000),
    "any, 32,000 names": partial(_many_names, 32_000),
}
"""By what is much in it."""

WIDE = frozenset({"BTC, foreign outputs, 8 branches"})
"""Those measured with `WIDE_PATHS`."""
