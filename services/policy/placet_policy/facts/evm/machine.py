"""Where calls run: Ethereum's virtual machine, and TRON's, which is the same with other addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from placet_policy.chains.abi import shown
from placet_policy.chains.addresses import TRON_FORM, TRON_PREFIX
from placet_policy.chains.strict_hex import encode_hex

if TYPE_CHECKING:
    from collections.abc import Callable

    from placet_callback.strict_json import JSONValue

    from placet_policy.registry import Chain, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The network on which a call runs, and how it names things.

    Attributes:
        registry: The active registry.
        chain: The registry's chain; None for a network that it does not know.
        token_kind: The kind of its tokens in `facts.transfers[].asset`.
        address: The canonical text of the 20 bytes that calldata calls an address.
        calls_always: The outermost call runs code even without calldata, because a payment has another form.
    """

    registry: Registry
    chain: Chain | None
    token_kind: str
    address: Callable[[bytes], str]
    calls_always: bool = False

    def native_asset(self) -> dict[str, JSONValue]:
        """The coin of the network; token and chain are null when the registry does not know the network."""
        chain = self.chain
        return {
            "kind": "native",
            "contract": None,
            "token": None if chain is None else chain.native_token,
            "chain": None if chain is None else chain.id,
        }

    def token_asset(self, contract: bytes) -> dict[str, JSONValue]:
        """The asset by the contract the bytes call, not by the declared token."""
        text, chain = self.address(contract), self.chain
        token = None if chain is None else self.registry.contracts.get((chain.id, text))
        return {
            "kind": self.token_kind,
            "contract": text,
            "token": None if token is None else token.id,
            "chain": None if chain is None else chain.id,
        }

    def written(self, address: str) -> str:
        """The canonical text of an address argument, which the decoder gives as `0x` and lower case."""
        return self.address(bytes.fromhex(address[2:]))

    def shown(self, value: Any, kind: str) -> JSONValue:
        """An argument as a fact, by its type, so that a text that looks like an address stays a text."""
        return shown(value, kind, self.written)


def evm_machine(registry: Registry, network: int | None) -> Machine:
    """An EVM network by its proven EIP-155 chain id, or None."""
    chain = None if network is None else registry.networks.get(network)
    return Machine(registry=registry, chain=chain, token_kind="erc20", address=encode_hex)  # noqa: S106 -- a standard


def tron_machine(registry: Registry, chain: Chain | None) -> Machine:
    """TRON, whose bytes name no network: the chain that applies, or None."""
    return Machine(
        registry=registry,
        chain=chain,
        token_kind="trc20",  # noqa: S106 -- a standard
        address=lambda address: TRON_FORM.encode(TRON_PREFIX + address),
        calls_always=True,
    )
