"""What an EVM or TRON call does, in the form of the input document: transfers, calls, approvals, and sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from placet_policy.chains import abi_methods as known
from placet_policy.chains.evm_calls import Approval, Call, Operation, approval_of, unpack
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.facts.printable import quote

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.abi import Method
    from placet_policy.chains.messages import AuthorizedTransfer
    from placet_policy.facts.evm.machine import Machine

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


def describe_call(root: Call, machine: Machine) -> Described:
    """Say what a call and the calls inside it do.

    A token moves where the contract is one of the registry's tokens; elsewhere the same calldata may mean anything, so
    that the call stays a call and no transfer is claimed.

    Args:
        root: The outermost call.
        machine: Where it runs.
    """
    effects = _Effects(machine=machine)
    tree = unpack(root, machine.registry.methods)
    for call in tree.calls:
        effects.add(call)
    effects.described.whole = tree.whole
    return effects.described


def add_transfer(described: Described, asset: dict[str, JSONValue], *, call: Call, amount: int) -> None:
    """Note a movement of `amount` base units from the call's sender to `call.to` on an EVM network."""
    sender = None if call.sender is None else encode_hex(call.sender)
    to = None if call.to is None else encode_hex(call.to)
    _note(described, asset, (sender, to, amount))


def describe_authorized(moved: AuthorizedTransfer, contract: str | None, machine: Machine) -> dict[str, JSONValue]:
    """The transfer that a signature alone makes (EIP-3009), of whichever contract: nobody asks the signer again.

    Args:
        moved: The movement.
        contract: The token's, `0x` and lower case; None where the message names none.
        machine: Where it is valid.
    """
    asset = machine.native_asset() | {"kind": machine.token_kind, "token": None}
    if contract is not None:
        asset = machine.token_asset(bytes.fromhex(contract.removeprefix("0x")))
    sender, to = machine.address(moved.sender), machine.address(moved.to)
    return _transfer(asset, (sender, to, moved.amount))


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
    machine: Machine
    described: Described = field(default_factory=Described)

    def add(self, call: Call) -> None:
        payment = call.operation is Operation.CALL and not call.data and self._may_be_payment(call)
        if not payment:
            arguments = self._arguments(call)
            self.described.calls.append(self._fact(call, arguments))
            self.described.summary.append(self._sentence(call, arguments))
        # Who delegates sends no coins along, and a creation sends them to an address that nobody can know yet.
        if call.operation is not Operation.DELEGATECALL and (payment or call.value):
            moved = (self._address(call.sender), self._address(call.to), call.value)
            _note(self.described, self.machine.native_asset(), moved)
        self._add_token(call)

    def _may_be_payment(self, call: Call) -> bool:
        if call.depth == 0:
            return not self.machine.calls_always
        return call.value > 0

    def _add_token(self, call: Call) -> None:
        if call.method is None or call.to is None or call.operation is not Operation.CALL:
            return
        asset = self.machine.token_asset(call.to)
        if asset["token"] is None:
            return
        if call.method.signature == known.TRANSFER:
            to, amount = call.arguments
            sender = self._address(call.sender)
        elif call.method.signature == known.TRANSFER_FROM:
            payer, to, amount = call.arguments
            sender = self.machine.written(payer)
        else:
            return
        _note(self.described, asset, (sender, self.machine.written(to), amount))

    def _fact(self, call: Call, arguments: list[tuple[str, str, JSONValue]]) -> dict[str, JSONValue]:
        """The object of `facts.calls[]`."""
        return {
            "from": self._address(call.sender),
            "to": self._address(call.to),
            "selector": None if call.selector is None else encode_hex(call.selector),
            "method": None if call.method is None else call.method.signature,
            "args": [{"name": name, "type": kind, "value": value} for name, kind, value in arguments],
            "data": encode_hex(call.data),
            "value": str(call.value),
            "operation": str(call.operation),
            "approval": self._approval(call),
            "hazards": [hazard for hazard, present in _hazards(call) if present],
            "depth": call.depth,
            "source": "bytes",
        }

    def _arguments(self, call: Call) -> list[tuple[str, str, JSONValue]]:
        if call.method is None:
            return []
        given = zip(call.method.names, call.method.types, call.arguments, strict=True)
        return [(name, kind, self.machine.shown(value, kind)) for name, kind, value in given]

    def _approval(self, call: Call) -> dict[str, JSONValue] | None:
        """What a call lets somebody spend: of the called contract, but Permit2 is called with the token."""
        approval = approval_of(call)
        if approval is None or call.method is None or call.to is None:
            return None
        permit2 = call.method.signature == known.APPROVE_PERMIT2
        token = self.machine.written(call.arguments[0]) if permit2 else self.machine.address(call.to)
        return approval_json(replace(approval, spender=self.machine.written(approval.spender)), token)

    def _sentence(self, call: Call, arguments: list[tuple[str, str, JSONValue]]) -> str:
        if call.to is None:
            return f"Create a contract from {len(call.data)} bytes."
        what = f"{len(call.data)} bytes of calldata that are not decoded" if call.data else "no calldata"
        if call.method is not None:
            what = _written(call.method, arguments)
        if call.operation is Operation.DELEGATECALL:
            actor = self._address(call.sender) or "the caller"
            return f"Let the code of {self._address(call.to)} run as {actor} (delegatecall): {what}."
        return f"Call {self._address(call.to)}: {what}."

    def _address(self, address: bytes | None) -> str | None:
        return None if address is None else self.machine.address(address)


def _note(described: Described, asset: dict[str, JSONValue], moved: tuple[str | None, str | None, int]) -> None:
    described.transfers.append(_transfer(asset, moved))


def _transfer(asset: dict[str, JSONValue], moved: tuple[str | None, str | None, int]) -> dict[str, JSONValue]:
    sender, to, amount = moved
    return {"asset": asset, "from": sender, "to": to, "amount": str(amount), "source": "bytes"}


def _hazards(call: Call) -> tuple[tuple[str, bool], ...]:
    return (
        ("BLIND_APPROVAL", call.approves_blindly),
        ("INEXACT_CALLDATA", call.inexact),
        ("SAFE_REFUND", call.refunds),
    )


def _written(method: Method, arguments: list[tuple[str, str, JSONValue]]) -> str:
    """The call as a person reads it, cut where an argument is long; the facts have all of it."""
    name = method.signature.partition("(")[0]
    texts = [_argument(label, kind, value) for label, kind, value in arguments]
    return f"{name}({', '.join(texts)})"


def _argument(label: str, kind: str, value: JSONValue) -> str:
    """An argument for people; with a text inside it is quoted as a whole, because whoever calls chooses the text."""
    if "string" in kind:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return f"{label} {quote(text, _SHOWN_CHARS)}"
    text = f"{label} {value}"
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
