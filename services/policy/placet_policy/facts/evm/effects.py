"""What an EVM call does, in the form of the input document: transfers, calls, approvals, and sentences for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from placet_policy.chains import abi_methods as known
from placet_policy.chains.abi import shown
from placet_policy.chains.evm_calls import Approval, Call, Operation, approval_of, unpack
from placet_policy.chains.strict_hex import encode_hex

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.abi import Method
    from placet_policy.registry import Chain, Registry

_SHOWN_CHARS: Final = 80


@dataclass(slots=True, kw_only=True)
class Described:
    """Transfers and calls in the form of the input document, and sentences.

    Attributes:
        transfers: Movements of coins, and of tokens that the registry knows.
        calls: Calls, outer ones first.
        summary: Sentences.
        whole: False where there were more calls than are looked at.
    """

    transfers: list[dict[str, JSONValue]] = field(default_factory=list)
    calls: list[dict[str, JSONValue]] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    whole: bool = True


def describe_call(root: Call, *, registry: Registry, network: int | None) -> Described:
    """Say what a call and the calls inside it do.

    A token moves where the contract is one of the registry's tokens; elsewhere the same calldata may mean anything, so
    that the call stays a call and no transfer is claimed.

    Args:
        root: The outermost call.
        registry: The active registry.
        network: The proven EIP-155 chain id, or None.
    """
    effects = _Effects(registry=registry, network=network, chain=_chain(registry, network))
    tree = unpack(root, registry.methods)
    for call in tree.calls:
        effects.add(call)
    effects.described.whole = tree.whole
    return effects.described


def add_transfer(described: Described, asset: dict[str, JSONValue], *, call: Call, amount: int) -> None:
    """Note a movement of `amount` base units from the call's sender to `call.to`."""
    sender = None if call.sender is None else encode_hex(call.sender)
    to = None if call.to is None else encode_hex(call.to)
    _note(described, asset, (sender, to, amount))


def native_asset(registry: Registry, network: int | None) -> dict[str, JSONValue]:
    """The coin of a network; token and chain are null when the registry does not know the network."""
    chain = _chain(registry, network)
    return {
        "kind": "native",
        "contract": None,
        "token": None if chain is None else chain.native_token,
        "chain": None if chain is None else chain.id,
    }


def token_asset(registry: Registry, network: int | None, contract: bytes) -> dict[str, JSONValue]:
    """The asset by the contract the bytes call, not by the declared token."""
    chain = _chain(registry, network)
    token = None if chain is None else registry.contracts.get((chain.id, encode_hex(contract)))
    return {
        "kind": "erc20",
        "contract": encode_hex(contract),
        "token": None if token is None else token.id,
        "chain": None if chain is None else chain.id,
    }


def approval_json(approval: Approval, token: str) -> dict[str, JSONValue]:
    """The object `approval` of a call or message, with the contract whose assets it is about."""
    return {
        "token": token,
        "spender": approval.spender,
        "amount": None if approval.amount is None else str(approval.amount),
        "unlimited": approval.unlimited,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effects:
    registry: Registry
    network: int | None
    chain: Chain | None
    described: Described = field(default_factory=Described)

    def add(self, call: Call) -> None:
        payment = call.operation is Operation.CALL and not call.data and (call.value > 0 or call.depth == 0)
        if not payment:
            self.described.calls.append(_fact(call))
            self.described.summary.append(_sentence(call))
        # Who delegates sends no coins along, and a creation sends them to an address that nobody can know yet.
        if call.operation is not Operation.DELEGATECALL and (payment or call.value):
            asset = native_asset(self.registry, self.network)
            add_transfer(self.described, asset, call=call, amount=call.value)
        self._add_token(call)

    def _add_token(self, call: Call) -> None:
        if call.method is None or call.to is None or call.operation is not Operation.CALL:
            return
        asset = token_asset(self.registry, self.network, call.to)
        if asset["token"] is None:
            return
        if call.method.signature == known.TRANSFER:
            to, amount = call.arguments
            sender = None if call.sender is None else encode_hex(call.sender)
        elif call.method.signature == known.TRANSFER_FROM:
            sender, to, amount = call.arguments
        else:
            return
        _note(self.described, asset, (sender, to, amount))


def _note(described: Described, asset: dict[str, JSONValue], moved: tuple[str | None, str | None, int]) -> None:
    sender, to, amount = moved
    described.transfers.append({"asset": asset, "from": sender, "to": to, "amount": str(amount), "source": "bytes"})


def _chain(registry: Registry, network: int | None) -> Chain | None:
    return None if network is None else registry.networks.get(network)


def _fact(call: Call) -> dict[str, JSONValue]:
    """The object of `facts.calls[]`."""
    arguments: list[JSONValue] = []
    approval = approval_of(call)
    if call.method is not None:
        arguments = [
            {"name": name, "type": kind, "value": shown(value)}
            for name, kind, value in zip(call.method.names, call.method.types, call.arguments, strict=True)
        ]
    return {
        "from": None if call.sender is None else encode_hex(call.sender),
        "to": None if call.to is None else encode_hex(call.to),
        "selector": None if call.selector is None else encode_hex(call.selector),
        "method": None if call.method is None else call.method.signature,
        "args": arguments,
        "data": encode_hex(call.data),
        "value": str(call.value),
        "operation": str(call.operation),
        "approval": None if approval is None else approval_json(approval, _spent(call)),
        "hazards": [hazard for hazard, present in _hazards(call) if present],
        "depth": call.depth,
        "source": "bytes",
    }


def _hazards(call: Call) -> tuple[tuple[str, bool], ...]:
    return (("INEXACT_CALLDATA", call.inexact), ("SAFE_REFUND", call.refunds))


def _sentence(call: Call) -> str:
    if call.to is None:
        return f"Create a contract from {len(call.data)} bytes."
    what = f"{len(call.data)} bytes of calldata that are not decoded" if call.data else "no calldata"
    if call.method is not None:
        what = _written(call.method, call.arguments)
    if call.operation is Operation.DELEGATECALL:
        actor = "the caller" if call.sender is None else encode_hex(call.sender)
        return f"Let the code of {encode_hex(call.to)} run as {actor} (delegatecall): {what}."
    return f"Call {encode_hex(call.to)}: {what}."


def _written(method: Method, arguments: tuple[Any, ...]) -> str:
    """The call as a person reads it, cut where an argument is long; the facts have all of it."""
    name = method.signature.partition("(")[0]
    texts = [f"{label} {shown(value)}" for label, value in zip(method.names, arguments, strict=True)]
    short = [text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…" for text in texts]
    return f"{name}({', '.join(short)})"


def _spent(call: Call) -> str:
    """What an approval is about: the called contract, but for Permit2, which is called with the token."""
    if call.method is not None and call.method.signature == known.APPROVE_PERMIT2:
        return str(call.arguments[0])
    return "" if call.to is None else encode_hex(call.to)
