"""The registry: chains, tokens and keys that the security team vouches for (design section 5), from the bundle's data.

The same bundle feeds OPA, so Python and Rego always see the same registry. It is read strictly: a bundle whose registry
has a mistake is refused as a whole, before it decides anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from placet_policy.chains.abi import AbiError, Method, parse_method
from placet_policy.chains.abi_methods import STANDARD
from placet_policy.chains.addresses import EVM_FORM, SOLANA_FORM, TRON_FORM, AddressForm
from placet_policy.chains.amounts import MAX_DECIMALS
from placet_policy.chains.derivation import DerivationError, parse_xpub
from placet_policy.chains.ed25519 import parse_cpub
from placet_policy.registry_members import Members, RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from placet_callback.strict_json import JSONValue

__all__ = ["Chain", "PinnedKey", "Registry", "RegistryError", "Token"]

_Entry = TypeVar("_Entry")

EVM: Final = "evm"
_CHAIN_KINDS: Final = frozenset({EVM, "tron", "solana", "bitcoin"})
_TOKEN_KINDS: Final[Mapping[str, str]] = MappingProxyType({"erc20": EVM, "trc20": "tron", "spl": "solana"})
_MAX_PRICE: Final = 10**12
"""Sun; a million TRX. Larger prices are mistakes."""
_NETWORK: Final = re.compile(r"\A[1-9][0-9]{0,18}\Z")
_ARGUMENT: Final = re.compile(r"\A[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_CONTRACT_FORMS: Final[Mapping[str, AddressForm]] = MappingProxyType(
    {"erc20": EVM_FORM, "trc20": TRON_FORM, "spl": SOLANA_FORM}
)
_PATTERN: Final = re.compile(r"\Am(?:/(?:\*|0|[1-9][0-9]{0,9}))+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TronPrices:
    """What a TRON network charges beside the energy that a transaction limits itself; chosen by its representatives.

    Attributes:
        byte: Sun for each byte of a transaction (getTransactionFee).
        new_account: Sun for a transfer that creates its recipient's account, together (getCreateAccountFee and
            getCreateNewAccountFeeInSystemContract).
        memo: Sun for a memo (getMemoFee).
    """

    byte: int
    new_account: int
    memo: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain by the provider's id.

    Attributes:
        id: E.g. `ETH`.
        kind: `evm`, `tron`, `solana` or `bitcoin`.
        network: The EIP-155 chain id; None for other kinds.
        testnet: A network without value.
        native_token: Token id of the coin that pays fees.
        fee_outside_bytes: The network charges more than gas limit times gas price (the L1 data fee of rollups), so
            that the bytes bound no fee.
        tron_prices: What a fee is bounded with on TRON; None leaves fees there without a bound.
    """

    id: str
    kind: str
    network: int | None
    testnet: bool
    native_token: str
    fee_outside_bytes: bool
    tron_prices: TronPrices | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token by the provider's id.

    Attributes:
        id: E.g. `ETH_USDT`.
        chain: Chain id.
        kind: `native`, `erc20`, `trc20` or `spl`.
        contract: Canonical address (for Solana the mint); None for native.
        decimals: Decimal places between coin units and base units.
        symbol: For people.
    """

    id: str
    chain: str
    kind: str
    contract: str | None
    decimals: int
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedKey:
    """A root public key that is ours.

    Attributes:
        root_key: `xpub…` or `cpub…` text, canonical.
        curve: `secp256k1` or `ed25519`.
        vault: Our name of the vault.
        group: Our name of the group of rules for its wallets.
        group_ids: Key share groups that may sign with it.
        wallets: Wallet ids; `*` stands for every wallet of the vault.
        paths: Patterns of derivation paths; `*` stands for one step.
        test_network: The key holds nothing of value.
    """

    root_key: str
    curve: str
    vault: str
    group: str
    group_ids: frozenset[str]
    wallets: frozenset[str]
    paths: tuple[str, ...]
    test_network: bool

    def allows_path(self, path: tuple[int, ...]) -> bool:
        """Whether a pattern covers the path, step by step."""
        steps = tuple(map(str, path))
        return any(_covers(pattern.split("/")[1:], steps) for pattern in self.paths)

    def allows_wallet(self, wallet_id: str) -> bool:
        """Whether the wallet is one of the key's."""
        return "*" in self.wallets or wallet_id in self.wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All of it, by id.

    Attributes:
        chains: By chain id.
        tokens: By token id.
        keys: By root public key text, which is canonical base58check and so one-to-one with the key's bytes.
        networks: EVM chains by EIP-155 chain id.
        contracts: Tokens by chain id and contract; a chain's native token by chain id and None.
        methods: The team's own contract methods by selector, beside the standard ones that the code knows.
    """

    chains: Mapping[str, Chain]
    tokens: Mapping[str, Token]
    keys: Mapping[str, PinnedKey]
    networks: Mapping[int, Chain]
    contracts: Mapping[tuple[str, str | None], Token]
    methods: Mapping[bytes, Method]

    @classmethod
    def from_data(cls, placet: Mapping[str, JSONValue]) -> Registry:
        """Read the registry from a bundle's data.

        Args:
            placet: The object `data.placet`; its `registry` is read.

        Raises:
            RegistryError: Something is absent, unknown, mistyped or not canonical; the gate then refuses the bundle.
        """
        root = Members.of(placet.get("registry"), "registry")
        chains = _entries(root, "chains", _chain)
        tokens = _entries(root, "tokens", _token)
        keys = _entries(root, "keys", _key)
        methods = _methods(root)
        root.finish()
        return cls(
            chains=MappingProxyType(chains),
            tokens=MappingProxyType(tokens),
            keys=MappingProxyType(keys),
            networks=MappingProxyType(_networks(chains, tokens)),
            contracts=MappingProxyType(_contracts(chains, tokens)),
            methods=MappingProxyType(methods),
        )


def _entries(root: Members, name: str, read: Callable[[str, Members], _Entry]) -> dict[str, _Entry]:
    return {key: read(key, Members.of(value, f"{root.path}.{name}.{key}")) for key, value in root.mapping(name).items()}


def _chain(name: str, members: Members) -> Chain:
    kind = members.choice("kind", _CHAIN_KINDS)
    network = members.pattern("chain_id", _NETWORK, required=kind == EVM)
    if network is not None and kind != EVM:
        raise RegistryError(f"{members.path}.chain_id", "only EVM chains have one")
    chain = Chain(
        id=name,
        kind=kind,
        network=None if network is None else int(network),
        testnet=members.flag("testnet"),
        native_token=members.text("native_token"),
        fee_outside_bytes=members.flag("fee_outside_bytes", default=False),
        tron_prices=_tron_prices(members, kind),
    )
    members.finish()
    return chain


def _tron_prices(members: Members, kind: str) -> TronPrices | None:
    if kind != "tron":
        members.absent("tron_prices")
        return None
    values = members.mapping("tron_prices", required=False)
    if not values:
        return None
    prices = Members.of(dict(values), f"{members.path}.tron_prices")
    read = TronPrices(
        byte=prices.whole("byte", 0, _MAX_PRICE),
        new_account=prices.whole("new_account", 0, _MAX_PRICE),
        memo=prices.whole("memo", 0, _MAX_PRICE),
    )
    prices.finish()
    return read


def _token(name: str, members: Members) -> Token:
    kind = members.choice("kind", frozenset({"native", *_TOKEN_KINDS}))
    if kind == "native":
        contract = None
        members.absent("contract")
    else:
        contract = members.text("contract")
        if not _CONTRACT_FORMS[kind].is_canonical(contract):
            raise RegistryError(f"{members.path}.contract", "not a canonical address")
    token = Token(
        id=name,
        chain=members.text("chain"),
        kind=kind,
        contract=contract,
        decimals=members.whole("decimals", 0, MAX_DECIMALS),
        symbol=members.text("symbol"),
    )
    members.finish()
    return token


def _key(name: str, members: Members) -> PinnedKey:
    curve = members.choice("curve", frozenset({"secp256k1", "ed25519"}))
    if not _is_root_key(name, curve):
        raise RegistryError(members.path, f"not a canonical extended {curve} public key")
    key = PinnedKey(
        root_key=name,
        curve=curve,
        vault=members.text("vault"),
        group=members.text("group"),
        group_ids=frozenset(members.texts("group_ids")),
        wallets=frozenset(members.texts("wallets")),
        paths=members.texts("paths", _PATTERN),
        test_network=members.flag("test_network", default=False),
    )
    members.finish()
    return key


def _is_root_key(text: str, curve: str) -> bool:
    try:
        parse_cpub(text) if curve == "ed25519" else parse_xpub(text)
    except DerivationError:
        return False
    return True


def _methods(root: Members) -> dict[bytes, Method]:
    """Index the methods; refuse two for one selector, and one that the code knows already."""
    methods: dict[bytes, Method] = {}
    for signature, value in root.mapping("abis", required=False).items():
        members = Members.of(value, f"{root.path}.abis.{signature}")
        try:
            method = parse_method(signature, members.texts("args", _ARGUMENT))
        except AbiError as error:
            raise RegistryError(members.path, str(error)) from error
        members.finish()
        if method.selector in STANDARD or methods.setdefault(method.selector, method) is not method:
            raise RegistryError(members.path, "another method has this selector")
    return methods


def _networks(chains: Mapping[str, Chain], tokens: Mapping[str, Token]) -> dict[int, Chain]:
    """Index the chains; refuse two names for one network, and a native token that is none."""
    networks: dict[int, Chain] = {}
    for chain in chains.values():
        native = tokens.get(chain.native_token)
        if native is None or native.kind != "native" or native.chain != chain.id:
            raise RegistryError(f"registry.chains.{chain.id}.native_token", "not a native token of this chain")
        if chain.network is not None and networks.setdefault(chain.network, chain) is not chain:
            raise RegistryError(f"registry.chains.{chain.id}.chain_id", "another chain has it too")
    return networks


def _contracts(chains: Mapping[str, Chain], tokens: Mapping[str, Token]) -> dict[tuple[str, str | None], Token]:
    """Index the tokens; refuse two names for one contract, and a token on a chain of another kind."""
    contracts: dict[tuple[str, str | None], Token] = {}
    for token in tokens.values():
        chain = chains.get(token.chain)
        if chain is None or _TOKEN_KINDS.get(token.kind, chain.kind) != chain.kind:
            raise RegistryError(f"registry.tokens.{token.id}.chain", "not a chain this kind of token lives on")
        if contracts.setdefault((token.chain, token.contract), token) is not token:
            raise RegistryError(f"registry.tokens.{token.id}.contract", "another token has it too")
    return contracts


def _covers(pattern: list[str], steps: tuple[str, ...]) -> bool:
    return len(pattern) == len(steps) and all(want in ("*", step) for want, step in zip(pattern, steps, strict=True))
