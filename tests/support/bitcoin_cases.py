"""Bitcoin requests for tests: built from keys of the samples' root key, with digests that fit."""

from dataclasses import dataclass, field
from typing import Any

from facts_cases import ROOT_KEY, codes, facts, put, sample
from placet_policy.chains.bitcoin import OutPoint, Transaction, TxInput, TxOutput
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS, ecdsa_scripts, schnorr_scripts
from placet_policy.chains.bitcoin_digest import Digests, Spend, SpentOutput
from placet_policy.chains.derivation import parse_xpub, path_text
from placet_policy.chains.hash160 import hash160
from placet_policy.facts.prove import Facts

_SPENDS = {22: Spend.P2WPKH, 25: Spend.P2PKH, 34: Spend.P2TR}
_ENCODINGS = {
    Spend.P2WPKH: "ENCODING_BECH32",
    Spend.P2SH_P2WPKH: "ENCODING_P2SH_P2WPKH",
    Spend.P2PKH: "ENCODING_P2PKH",
    Spend.P2TR: "ENCODING_P2TR",
}
SUPPLIER = "bc1qgkal4qh29fklm7rw07f6rw6mpxr8thjxvuc7hk"
"""The destination of the protocol's sample."""
STRANGER = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
CHANGE_PATH = (44, 0, 1, 1, 0)
MAINNET = BITCOIN_FORMS[False]


def spent(value: int, script: str) -> SpentOutput:
    """A spent P2WPKH, P2PKH or P2TR output of a scriptPubKey in hex."""
    data = bytes.fromhex(script)
    spend = _SPENDS[len(data)]
    key_hash = {Spend.P2WPKH: data[2:], Spend.P2PKH: data[3:23], Spend.P2TR: b""}[spend]
    return SpentOutput(output=TxOutput(value, data), spend=spend, key_hash=key_hash)


def key_of(path: tuple[int, ...], root: str = ROOT_KEY) -> bytes:
    """The compressed public key of a path."""
    return parse_xpub(root).derive(path).public_key


def own_script(path: tuple[int, ...], spend: Spend, *, tweaked: bool = True) -> bytes:
    """The scriptPubKey by which a key of the samples' root key is paid."""
    key = key_of(path)
    witness, nested, legacy = ecdsa_scripts(key)
    taproot = schnorr_scripts(key)[1 if tweaked else 0]
    return {Spend.P2WPKH: witness, Spend.P2SH_P2WPKH: nested, Spend.P2PKH: legacy, Spend.P2TR: taproot}[spend]


@dataclass(kw_only=True)
class Spending:
    """A transaction of our wallet and its declaration; the tests change one thing of it.

    Attributes:
        inputs: Kind and value of each input; input n is spent by key m/44/0/1/0/n.
        payments: Address and value of each declared payment.
        change: Value paid to m/44/0/1/1/0; 0 for none.
        extra_outputs: Outputs that are not declared.
        sighash: The sighash type of every hash; None for the usual one.
        tweaked: Whether taproot inputs and change have BIP-341's tweak.
        sequence, lock_time, version: Of the transaction.
    """

    inputs: list[tuple[Spend, int]] = field(default_factory=lambda: [(Spend.P2WPKH, 100_000)])
    payments: list[tuple[str, int]] = field(default_factory=lambda: [(SUPPLIER, 60_000)])
    change: int = 30_000
    extra_outputs: list[TxOutput] = field(default_factory=list)
    sighash: int | None = None
    tweaked: bool = True
    sequence: int = 0xFFFFFFFD
    lock_time: int = 0
    version: int = 2

    @property
    def spent(self) -> list[SpentOutput]:
        """What each input spends."""
        outputs = []
        for number, (spend, value) in enumerate(self.inputs):
            path = self.path(number)
            script = own_script(path, spend, tweaked=self.tweaked)
            key_hash = b"" if spend is Spend.P2TR else hash160(key_of(path))
            outputs.append(SpentOutput(output=TxOutput(value, script), spend=spend, key_hash=key_hash))
        return outputs

    @property
    def transaction(self) -> Transaction:
        """The unsigned transaction."""
        outputs = [TxOutput(value, MAINNET.decode(address)) for address, value in self.payments]
        if self.change:
            outputs.append(TxOutput(self.change, self.change_script))
        return Transaction(
            version=self.version,
            inputs=tuple(TxInput(self.outpoint(number), self.sequence) for number in range(len(self.inputs))),
            outputs=(*outputs, *self.extra_outputs),
            lock_time=self.lock_time,
        )

    @property
    def change_script(self) -> bytes:
        """Change is paid like the first input."""
        return own_script(CHANGE_PATH, self.inputs[0][0], tweaked=self.tweaked)

    @staticmethod
    def outpoint(number: int) -> OutPoint:
        """The outpoint of an input."""
        return OutPoint((number + 1).to_bytes(2, "big") * 16, number)

    @staticmethod
    def path(number: int) -> tuple[int, ...]:
        """The path of an input's key."""
        return (44, 0, 1, 0, number)

    def digests(self) -> list[bytes]:
        """One for each input."""
        digests = Digests(self.transaction, self.spent)
        return [self._digest(digests, number) for number in range(len(self.inputs))]

    def _digest(self, digests: Digests, number: int) -> bytes:
        known = digests.whole(number) | digests.partial(number)
        return next(digest for digest, kind in known.items() if self.sighash in (None, kind))

    def parts(self) -> dict[str, Any]:
        """{"detail": request_detail, "extra": extra_info}; the caller may change both."""
        _, detail, extra = sample("keysign_btc_segwit_2in")
        paths = [path_text(self.path(number)) for number in range(len(self.inputs))]
        detail["bip32_path_list"] = paths
        detail["msg_hash_list"] = ["0x" + digest.hex() for digest in self.digests()]
        detail["tweak_list"] = ["0x00"] * len(paths)
        detail["signature_type"] = 3 if self.inputs[0][0] is Spend.P2TR else 1
        extra["source_addresses"] = [self._source(number) for number in range(len(self.inputs))]
        transaction = extra["transaction"]
        change = MAINNET.encode(self.change_script) if self.change else None
        transaction["destination"]["change_address"] = change
        transaction["destination"]["utxo_outputs"] = [
            {"address": address, "amount": coins(value)} for address, value in self.payments
        ]
        transaction["raw_tx_info"] = {
            "unsigned_raw_tx": self.transaction.serialize().hex(),
            "selected_utxos": [self._utxo(number) for number in range(len(self.inputs))],
            "utxo_changes": [{"address": change, "value": coins(self.change)}] if change else [],
        }
        return {"detail": detail, "extra": extra}

    def _source(self, number: int) -> dict[str, Any]:
        address = MAINNET.encode(self.spent[number].output.script)
        encoding = _ENCODINGS[self.inputs[number][0]]
        return {"address": address, "chain_id": "BTC", "path": path_text(self.path(number)), "encoding": encoding}

    def _utxo(self, number: int) -> dict[str, Any]:
        outpoint, output = self.outpoint(number), self.spent[number].output
        return {
            "tx_hash": outpoint.txid[::-1].hex(),
            "vout_n": outpoint.index,
            "address": MAINNET.encode(output.script),
            "value": coins(output.value),
            "redeem_script": None,
            "revealed_script": None,
        }


def coins(value: int) -> str:
    """Satoshi as decimal text in coin units, as the provider writes it."""
    return f"{value // 10**8}.{value % 10**8:08d}"


def bitcoin_facts(parts: dict[str, Any], data: dict[str, Any] | None = None) -> Facts:
    """The facts about the parts of a request."""
    return facts(2, parts["detail"], parts["extra"], data)


HONEST = {
    "p2wpkh": Spending(),
    "nested": Spending(inputs=[(Spend.P2SH_P2WPKH, 100_000)]),
    "legacy": Spending(inputs=[(Spend.P2PKH, 100_000)] * 3, change=230_000),
    "taproot": Spending(inputs=[(Spend.P2TR, 100_000)] * 2, change=130_000),
    "taproot of the kit": Spending(inputs=[(Spend.P2TR, 100_000)], tweaked=False),
    "taproot ALL": Spending(inputs=[(Spend.P2TR, 100_000)], sighash=1),
    "mixed key hashes": Spending(inputs=[(Spend.P2WPKH, 100_000), (Spend.P2SH_P2WPKH, 1_000), (Spend.P2PKH, 1_000)]),
    "without change": Spending(change=0),
    "many payments": Spending(payments=[(SUPPLIER, 1_000), (STRANGER, 2_000), (SUPPLIER, 1_000)]),
    "lock time": Spending(lock_time=840_000, version=1),
}

TWO_INPUTS = Spending(inputs=[(Spend.P2WPKH, 100_000), (Spend.P2WPKH, 50_000)])


def found(spending: Spending, changes: dict[str, Any] | None = None) -> tuple[str, list[str]]:
    """Status and codes of a request after changes by path."""
    parts = spending.parts()
    for path, value in (changes or {}).items():
        put(parts, path, value)
    proven = bitcoin_facts(parts)
    return str(proven.status), codes(proven)
