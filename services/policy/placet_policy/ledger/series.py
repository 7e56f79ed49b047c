"""What a limit over time is counted for: the signing key, and the series of amounts that its approvals make.

A series is keyed by what is proven and by nothing that is declared: the key that signs, the asset that the bytes move,
the address that they pay. So another declared wallet or initiator never starts a new one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

EVERY_PATH: Final = "*"
"""The path of a signing key whose keys share one purse: on Bitcoin one payment is signed by many of them."""


class SigningKey(NamedTuple):
    """Whose approvals are counted together.

    Attributes:
        root_key: the pinned root public key, ``xpub…`` or ``cpub…``.
        path: ``m/…`` of the key that signs; ``EVERY_PATH`` for all keys of the root key together.
    """

    root_key: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Asset:
    """An asset by what the bytes name.

    Attributes:
        network: kind of chain and the network: the chain id that the bytes name, else the registry's id of the chain;
            ``evm:1``, ``bitcoin:BTC``.
        kind: ``native``, ``erc20``, ``trc20`` or ``spl``.
        contract: contract or mint; empty for coins, and where it is not proven.
        token: the registry's id, for rules and people; two names never make two assets.
        chain: the registry's id of the chain, likewise.
    """

    network: str
    kind: str
    contract: str
    token: str | None = field(default=None, compare=False)
    chain: str | None = field(default=None, compare=False)

    def text(self) -> str:
        """The one text under which the ledger keeps it, as ``evm:1/erc20:0x…``."""
        return f"{self.network}/{self.kind}:{self.contract}" if self.contract else f"{self.network}/{self.kind}"

    def to_json(self) -> dict[str, JSONValue]:
        """The object as `facts.transfers[].asset` writes it."""
        return {"kind": self.kind, "contract": self.contract or None, "token": self.token, "chain": self.chain}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Series:
    """One of a signing key's sequences of amounts.

    Attributes:
        asset: what moves; None for all approvals of the key, which have a count and no amount.
        destination: who is paid; None for everybody together.
    """

    asset: Asset | None = None
    destination: str | None = None


WHOLE_KEY: Final = Series()
"""Every approval of the key, whatever it signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What an ALLOW reserves.

    Attributes:
        key: whose approvals it counts among.
        hashes: what is signed, ``0x…``, in the order of the facts; empty where nothing is proven about it.
        spends: what only one transaction can use up. Two reservations of one key that share one are counted once, with
            the larger amount; one without any is counted whenever it is made.
        amounts: base units by series; `WHOLE_KEY` is always there, with 0.
        inputs: satoshi that are declared for each outpoint of a Bitcoin transaction; empty on other chains.
    """

    key: SigningKey
    hashes: tuple[str, ...]
    spends: frozenset[str]
    amounts: Mapping[Series, int]
    inputs: Mapping[str, int]

    def hashes_sha256(self) -> bytes:
        """SHA-256 of the sorted hashes, one a line: what tells a repetition from a replacement."""
        return hashlib.sha256("\n".join(sorted(self.hashes)).encode()).digest()
