"""From proven facts to what an ALLOW would reserve. Pure: no store, no clock.

The rules, each of which errs towards counting more:

- Only a KeySign reserves, and only for a pinned key. What is declared about wallets and initiators plays no part.
- On Bitcoin one payment is signed by many keys, so it counts once, for the root key with all of its paths. Counted for
  each signing key, an amount would stand in as many windows as there are inputs; counted for one of them, whoever
  chooses the inputs would choose the window. Elsewhere one key signs, and it counts for this key.
- Everything that moves counts, whoever pays it: also what an allowance draws from another account (``transferFrom``)
  and what a Safe will pay. Only what returns to its payer, or to an own Bitcoin key, has not moved.
- An approval, a permit, a fee are no amounts: they have rules of their own. They still count as one approval.
- An asset is the contract that the bytes name. One that the registry does not know has a series like any other.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final, cast

from placet_policy.facts.detail import RequestKind
from placet_policy.ledger.series import EVERY_PATH, WHOLE_KEY, Asset, Reservation, Series, SigningKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.prove import Facts

    _Transfer = Mapping[str, JSONValue]

_MAX_CHARS: Final = 128
MAX_DESTINATIONS: Final = 256
"""Pairs of asset and destination that are counted apart. A payment to more of them counts for its key and assets, and a
rule that limits destinations finds none of them in the history and holds."""


def reservation_of(kind: RequestKind, facts: Facts) -> Reservation | None:
    """Return what an ALLOW of this request reserves; None where no key is proven to sign.

    Args:
        kind: the request's type.
        facts: what is proven about it.
    """
    if kind is not RequestKind.KEY_SIGN or facts.signer is None:
        return None
    network = _network(facts)
    shared = network.startswith("bitcoin:")
    return Reservation(
        key=SigningKey(str(facts.signer["root_key"]), EVERY_PATH if shared else str(facts.signer["path"])),
        hashes=tuple(str(entry["hash"]) for entry in facts.hashes),
        spends=_spends(facts),
        amounts=_amounts(facts, network),
        inputs=_inputs(facts),
    )


def _network(facts: Facts) -> str:
    """Bytes that name their network are believed; else the registry's chain that applies."""
    if facts.chain is None:
        return "unknown"
    name = facts.chain["network"] if facts.chain["network_proven"] else facts.chain["id"]
    return f"{facts.chain['kind']}:{name or 'unknown'}"


def _spends(facts: Facts) -> frozenset[str]:
    """A nonce or outpoints where the chain has them; elsewhere the same bytes are the same payment, and no others."""
    chain = facts.chain or {}
    if chain.get("nonce") is not None:
        return frozenset({f"nonce:{chain['network']}:{chain['nonce']}"})
    outpoints = cast("list[str]", chain.get("outpoints") or [])
    if outpoints:
        return frozenset(f"outpoint:{outpoint}" for outpoint in outpoints)
    return frozenset(f"hash:{entry['hash']}" for entry in facts.hashes)


def _inputs(facts: Facts) -> dict[str, int]:
    """What is declared about each outpoint; one without an amount has no digest, and nothing is signed for it."""
    declared = cast("list[Mapping[str, JSONValue]]", (facts.chain or {}).get("inputs") or [])
    return {str(each["outpoint"]): int(str(each["amount"])) for each in declared if each["amount"] is not None}


def _amounts(facts: Facts, network: str) -> dict[Series, int]:
    assets: Counter[Asset] = Counter()
    payments: Counter[tuple[Asset, str]] = Counter()
    for transfer in facts.transfers:
        if not _returns(transfer):
            asset, amount = _asset(transfer, network), int(str(transfer["amount"]))
            assets[asset] += amount
            payments[asset, _destination(transfer)] += amount
    amounts = {WHOLE_KEY: 0} | {Series(asset=asset): amount for asset, amount in assets.items()}
    if len(payments) <= MAX_DESTINATIONS:
        amounts |= {Series(asset=asset, destination=to): amount for (asset, to), amount in payments.items()}
    return amounts


def _returns(transfer: _Transfer) -> bool:
    payer = transfer["from"]
    return transfer.get("to_path") is not None or (payer is not None and payer == transfer["to"])


def _asset(transfer: _Transfer, network: str) -> Asset:
    named = cast("Mapping[str, str | None]", transfer["asset"])
    return Asset(
        network=network,
        kind=str(named["kind"]),
        contract=named["contract"] or "",
        token=named["token"],
        chain=named["chain"],
    )


def _destination(transfer: _Transfer) -> str:
    """Who is paid; where no owner is proven, what is: a token account, a script, or a contract not yet created."""
    named = str(transfer["to"] or transfer.get("to_account") or transfer.get("to_script") or "unknown")
    if len(named) <= _MAX_CHARS:
        return named
    # A script may be longer than what a database keeps in an index.
    return f"sha256:{hashlib.sha256(named.encode()).hexdigest()}"
