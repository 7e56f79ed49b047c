"""Changes of honest EVM requests: bytes, single statements, and parts of another valid request."""

import copy
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from context_mutations import context_changed, note_changed
from evm_honest import NETWORKS, TOKENS, address
from facts_cases import FOREIGN_KEY
from mutation import Change, changed, damaged, get

_INFO = "extra.transaction.raw_tx_info"
_OUTPUT = "extra.transaction.destination.account_output"
_HASHES = "detail.msg_hash_list"


_Changer = Callable[[dict[str, Any], random.Random], Change]


def bytes_changed(request: dict[str, Any], other: dict[str, Any], numbers: random.Random) -> Change:
    """Damaged bytes, with the hash of before or of after."""
    name, raw = damaged(_raw(request), _raw(other), numbers)
    return changed(name, request, {f"{_INFO}.unsigned_raw_tx": "0x" + raw.hex()}, rehash=numbers.random() < 0.7)


def twin_wish(wished: dict[str, Any], built: dict[str, Any], numbers: random.Random) -> dict[str, Any]:
    """The wish for a transaction that differs in one field, with what it is about under "changed"."""
    twin = copy.deepcopy({**wished, "call": None, "data": built["data"]})
    transaction = twin["transaction"]
    choices = ["to", "value", "chainId", "nonce", "gasLimit", "price", "accessList", "data", "argument"]
    name = twin["changed"] = numbers.choice(choices)
    if name == "to":
        transaction["to"] = address(numbers)
    elif name == "value":
        transaction["value"] = str(int(transaction["value"]) ^ 1 << numbers.randrange(90))
    elif name == "chainId":
        transaction["chainId"] = str(numbers.choice([5, *NETWORKS.values()]))
    elif name in ("nonce", "gasLimit"):
        transaction[name] = type(transaction[name])(int(transaction[name]) ^ 1 << numbers.randrange(40))
    elif name == "price":
        transaction["gasPrice" if "gasPrice" in transaction else "maxFeePerGas"] = str(2**80)
    elif name == "accessList" and transaction["type"] != 0:
        transaction["accessList"] = [{"address": address(numbers), "storageKeys": []}]
    elif name == "data":
        twin["data"] += numbers.randbytes(1).hex()
    elif name == "argument" and wished["call"] is not None:
        twin["call"] = {**wished["call"], **numbers.choice([{"to": address(numbers)}, {"amount": "77"}])}
    return twin


def twin_changed(request: dict[str, Any], twin: dict[str, Any], built: dict[str, Any]) -> Change:
    """The declaration of one transaction over the bytes and hash of its twin."""
    name = f"twin: {twin['changed']}"
    return changed(name, request, {f"{_INFO}.unsigned_raw_tx": built["raw"], _HASHES: [built["hash"]]})


def swapped(request: dict[str, Any], other: dict[str, Any], numbers: random.Random) -> Change:
    """A part of another valid request in its place."""
    paths = numbers.choice(_SWAPS)
    return changed(f"swap: {', '.join(paths)}", request, {path: get(other, path) for path in paths})


_SWAPS: tuple[tuple[str, ...], ...] = (
    (_HASHES,),
    (f"{_INFO}.unsigned_raw_tx",),
    (f"{_INFO}.unsigned_raw_tx", _HASHES),
    (_INFO, _HASHES),
    ("extra.transaction.destination",),
    ("extra.transaction.destination", "extra.transaction.type"),
    ("extra.transaction.destination", "extra.transaction.type", "extra.transaction.token_id"),
    ("extra.transaction.token_id", "extra.transaction.chain_id"),
    ("extra.transaction.chain_id",),
    ("extra.transaction.replacement",),
    ("extra.transaction",),
    ("detail",),
)


def declared_changed(request: dict[str, Any], numbers: random.Random) -> Change:
    """One statement changed."""
    transaction = request["extra"]["transaction"]
    own = _CALL if transaction["type"] == "ContractCall" else _PAYMENT
    change: _Changer = numbers.choice([*own, *own, *_ANY, _context, context_changed, context_changed, note_changed])
    return change(request, numbers)


def _destination(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, f"{_OUTPUT}.address")
    return changed("destination", request, {f"{_OUTPUT}.address": numbers.choice([_nibble(text, numbers), ""])})


def _recased(request: dict[str, Any], _: random.Random) -> Change:
    text = get(request, f"{_OUTPUT}.address").lower()
    return changed("destination in lower case", request, {f"{_OUTPUT}.address": text})


def _amount(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, f"{_OUTPUT}.amount")
    same = text + ("0" if "." in text else ".0")
    more = [format(Decimal(text) * 10, "f"), format(Decimal(text) + 1, "f")]
    another = numbers.choice([*more, _digit(text, numbers), same, ""])
    return changed("amount", request, {f"{_OUTPUT}.amount": another})


def _odd_amount(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, f"{_OUTPUT}.amount")
    forms = ["-" + text, "+" + text, "0" + text, " " + text, text + "\n", text + "e0", text + ".", "1e1", "0x10", "٣"]
    return changed("amount", request, {f"{_OUTPUT}.amount": numbers.choice(forms)}, odd=True)


def _second_output(request: dict[str, Any], numbers: random.Random) -> Change:
    outputs = [{"address": address(numbers), "amount": "1"}]
    never = get(request, "extra.transaction.replacement.replaced_type") != "Drop"
    return changed("outputs", request, {"extra.transaction.destination.utxo_outputs": outputs}, never=never)


def _contract(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, "extra.transaction.destination.address") or address(numbers)
    text = numbers.choice([_nibble(text, numbers), ""])
    return changed("contract", request, {"extra.transaction.destination.address": text})


def _calldata(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, "extra.transaction.destination.calldata")
    text = numbers.choice([text + "00", text[:-2], _nibble(text, numbers)])
    return changed("calldata", request, {"extra.transaction.destination.calldata": text})


def _value(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, "extra.transaction.destination.value") or "0"
    text = numbers.choice([_digit(text, numbers), text + ("0" if "." in text else ".0"), None])
    return changed("value", request, {"extra.transaction.destination.value": text})


def _token(request: dict[str, Any], numbers: random.Random) -> Change:
    token = numbers.choice([*TOKENS, "ETH_NEW", "TRON_USDT", None])
    return changed("token", request, {"extra.transaction.token_id": token})


def _chain(request: dict[str, Any], numbers: random.Random) -> Change:
    chain = numbers.choice([*NETWORKS, "ETC", "TRON", None])
    return changed("chain", request, {"extra.transaction.chain_id": chain})


def _nonce(request: dict[str, Any], numbers: random.Random) -> Change:
    nonce = numbers.choice([0, 1, 2**64, (get(request, f"{_INFO}.used_nonce") or 0) + 1])
    return changed("nonce", request, {f"{_INFO}.used_nonce": nonce})


def _kind(request: dict[str, Any], numbers: random.Random) -> Change:
    names = ["Withdrawal", "ContractCall", "MessageSign", "Deposit", ""]
    return changed("type", request, {"extra.transaction.type": numbers.choice(names)})


def _replaced(request: dict[str, Any], numbers: random.Random) -> Change:
    replaced = numbers.choice([None, {"replaced_type": numbers.choice(["Drop", "SpeedUp", "Resend", "drop", 1])}])
    return changed("replacement", request, {"extra.transaction.replacement": replaced})


def _hashes(request: dict[str, Any], numbers: random.Random) -> Change:
    (text,) = get(request, _HASHES)
    others = [[_nibble(text, numbers)], [text, text], [], [text[:-2]], [text + "00"], ["0x"]]
    return changed("hash", request, {_HASHES: numbers.choice(others)})


def _raw_text(request: dict[str, Any], numbers: random.Random) -> Change:
    text = get(request, f"{_INFO}.unsigned_raw_tx")
    text = numbers.choice([text + "0", text[:-1], text + "zz", "0x" + text, text + " ", "", None])
    return changed("raw text", request, {f"{_INFO}.unsigned_raw_tx": text})


def _context(request: dict[str, Any], numbers: random.Random) -> Change:
    path, value = numbers.choice(_CONTEXT)
    return changed(f"context: {path}", request, {path: value}, never=True)


_CONTEXT: tuple[tuple[str, Any], ...] = (
    ("detail.root_pub_key", FOREIGN_KEY),
    ("detail.bip32_path_list", ["m/44/60/1/0/1"]),
    ("detail.bip32_path_list", ["m/44/60/1/0/0", "m/44/60/1/0/0"]),
    ("detail.group_id", "OoQGkknsPdPjLCmSuuSf"),
    ("detail.signature_type", 3),
    ("detail.tss_protocol", 3),
    ("detail.tweak_list", ["0x" + "01" * 32]),
    ("detail.biz_task_id", "00000000-1db3-4156-8094-efb05b9ad4d3"),
    ("extra.source_addresses.0.address", "0x" + "11" * 20),
    ("extra.source_addresses.0.path", "m/44/60/1/0/1"),
    ("extra.source_addresses.0.root_pubkey", FOREIGN_KEY),
    ("extra.transaction.source.address", "0x" + "11" * 20),
    ("extra.transaction.wallet_id", "00000000-2d4b-4f36-8e37-5b6d5c7f1a10"),
)
_PAYMENT: tuple[_Changer, ...] = (_destination, _recased, _amount, _amount, _odd_amount, _second_output)
_CALL: tuple[_Changer, ...] = (_contract, _calldata, _value)
_ANY: tuple[_Changer, ...] = (
    _token,
    _chain,
    _nonce,
    _kind,
    _replaced,
    _hashes,
    _raw_text,
)


def _raw(request: dict[str, Any]) -> bytes:
    return bytes.fromhex(get(request, f"{_INFO}.unsigned_raw_tx").removeprefix("0x"))


def _nibble(text: str, numbers: random.Random) -> str:
    """Another hexadecimal digit in place of one behind 0x."""
    digits = text.removeprefix("0x") or "0"
    position = numbers.randrange(len(digits))
    other = format(int(digits[position], 16) ^ numbers.randrange(1, 16), "x")
    return "0x" + digits[:position] + other + digits[position + 1 :]


def _digit(text: str, numbers: random.Random) -> str:
    """Another decimal digit in place of one."""
    position = numbers.choice([index for index, one in enumerate(text) if one.isdigit()])
    return text[:position] + str((int(text[position]) + numbers.randrange(1, 10)) % 10) + text[position + 1 :]
