"""Changes of Bitcoin payments, and what bitcoinjs-lib reads in them."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from account_mutations import octets, units
from bitcoin_wishes import Case, ask, build, destination, twin_wish, wish
from context_mutations import context_changed, note_changed
from facts_cases import ROOT_KEY, registry, registry_data
from mutation import Change, changed, damaged, get, mistyped

_TX = "extra.transaction"
_INFO = f"{_TX}.raw_tx_info"
_RAW = f"{_INFO}.unsigned_raw_tx"
_HASHES = "detail.msg_hash_list"
_PATHS = "detail.bip32_path_list"
_OUTPUTS = f"{_TX}.destination.utxo_outputs"
_CHANGE = f"{_TX}.destination.change_address"
_SWAPS: tuple[tuple[str, ...], ...] = (
    (_HASHES,),
    (_RAW,),
    (_RAW, _HASHES),
    (_INFO,),
    (_INFO, _HASHES),
    (f"{_TX}.destination",),
    (_OUTPUTS,),
    (_CHANGE,),
    (f"{_INFO}.selected_utxos",),
    (f"{_INFO}.utxo_changes",),
    ("extra.source_addresses",),
    (_PATHS,),
    (_TX,),
    ("detail",),
)


class BitcoinPayments:
    """Payments of inputs that are signed by a key alone."""

    request_type = 2
    registry = registry(registry_data())
    exact = True

    def __init__(self) -> None:
        """Our own change addresses become known as they are built."""
        self._own: set[str] = set()

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random transactions, each with a twin."""
        wishes = [wish(numbers) for _ in range(count)]
        cases = build(wishes, [twin_wish(one, numbers) for one in wishes])
        self._own |= {case.built["change"] for case in cases if case.built["change"]}
        return cases

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """Damaged bytes under the digests of before, or bytes and digests of the twin."""
        if one.twin is not None and numbers.random() < 0.6:
            return changed("bytes: twin", one.request, {_RAW: one.twin["raw"], _HASHES: one.twin["digests"]})
        name, raw = damaged(bytes.fromhex(one.built["raw"]), bytes.fromhex(other.built["raw"]), numbers)
        return changed(name, one.request, {_RAW: raw.hex()})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        return _declared(one.request, numbers)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        paths = numbers.choice(_SWAPS)
        parts = {path: get(other.request, path) for path in paths}
        # The keys of another request, which those of this one are not.
        return changed(f"swap: {', '.join(paths)}", one.request, parts, never=paths == ("extra.source_addresses",))

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether the library reads the declared payments in the bytes, and makes the digests of what is spent."""
        asked = [_question(change.request) for change in changes]
        return [_agrees(change.request, read, self._own) for change, read in zip(changes, ask(asked), strict=True)]


def _declared(request: dict[str, Any], numbers: random.Random) -> Change:
    kind = numbers.choice(["payment", "payment", "spent", "spent", "change", "hash", "coin", "context", "note"])
    if kind in ("payment", "spent"):
        group = _OUTPUTS if kind == "payment" else f"{_INFO}.selected_utxos"
        names = ["address", "amount"] if kind == "payment" else ["address", "value", "tx_hash"]
        path = f"{group}.{numbers.randrange(len(get(request, group)))}.{numbers.choice(names)}"
        # Nine decimals of a coin that has eight are an amount to Python, and none to us.
        return changed(
            f"{kind}: {path.rpartition('.')[2]}", request, {path: _other(get(request, path), numbers)}, odd=True
        )
    if kind == "change":
        path = numbers.choice([_CHANGE, f"{_INFO}.utxo_changes"])
        return changed("change", request, {path: numbers.choice([destination(numbers), None, [], ""])}, odd=True)
    if kind == "hash":
        hashes, paths = get(request, _HASHES), get(request, _PATHS)
        order = {_HASHES: hashes[::-1], _PATHS: paths[::-1]}
        changes = numbers.choice([order, *({_HASHES: other} for other in (hashes[::-1], hashes[1:], hashes * 2))])
        return changed("hashes", request, changes)
    if kind == "coin":
        path = f"{_TX}.{numbers.choice(['token_id', 'chain_id'])}"
        return changed("coin", request, {path: numbers.choice(["BTC", "SIGNET_BTC", "BTC_RUNE", "ETH", None])})
    return (context_changed if kind == "context" else note_changed)(request, numbers)


def _other(text: str, numbers: random.Random) -> Any:
    """Another text, or the same amount with one more zero."""
    return text + "0" if "." in text and numbers.random() < 0.2 else mistyped(text, numbers)


def _question(request: dict[str, Any]) -> dict[str, Any]:
    raw = octets(get(request, _RAW)) or b""
    return {
        "judge": raw.hex(),
        "root": ROOT_KEY,
        "paths": _paths(request),
        "utxos": [
            {
                "txid": entry["tx_hash"],
                "vout": entry["vout_n"],
                "address": entry["address"],
                "value": str(value),
            }
            for entry in get(request, f"{_INFO}.selected_utxos")
            if (value := units({"amount": entry["value"]}, 8)) is not None
        ],
    }


def _changes(transaction: dict[str, Any]) -> list[dict[str, str]]:
    """What is declared as change; a text in place of the list is none."""
    changes = transaction["raw_tx_info"]["utxo_changes"]
    return changes if isinstance(changes, list) else []


def _agrees(request: dict[str, Any], read: dict[str, Any], own: set[str]) -> bool:
    """Whether every output is a declared payment or our own change, and every hash the digest of its input."""
    transaction = request["extra"]["transaction"]
    if (
        "refused" in read
        or not read["canonical"]
        or read["signed"]
        or transaction.get("token_id") != "BTC"
        or (transaction.get("chain_id") or "BTC") != "BTC"
    ):
        return False
    hashes = [(octets(text) or b"").hex() for text in request["detail"]["msg_hash_list"]]
    if len(hashes) != len(read["digests"]) or len(hashes) != len(request["detail"]["bip32_path_list"]):
        return False
    declared = Counter((str(one["address"]), str(units(one, 8))) for one in transaction["destination"]["utxo_outputs"])
    paid = Counter((address, value) for address, value in read["outputs"])
    rest = paid - declared
    return (
        not declared - paid
        and {(one["address"], str(units({"amount": one["value"]}, 8))) for one in _changes(transaction)} <= paid.keys()
        and {address for address, _ in rest} <= own
        and _signs(hashes, _paths(request), read)
    )


def _paths(request: dict[str, Any]) -> list[list[int]]:
    return [[int(step) for step in path.split("/")[1:]] for path in request["detail"]["bip32_path_list"]]


def _signs(hashes: list[str], paths: list[list[int]], read: dict[str, Any]) -> bool:
    """Whether each hash is the digest of an input of its own that its key is paid by.

    No order is documented (protocol d.8), and where one key signs two inputs, exchanged hashes are the same signatures.
    """
    inputs = list(zip(read["digests"], read["paths"], strict=True))
    for one, path in zip(hashes, paths, strict=True):
        found = next((each for each in inputs if one in each[0] and path == each[1]), None)
        if found is None:
            return False
        inputs.remove(found)
    return True
