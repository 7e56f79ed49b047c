"""A call with everything inside it: batches and Safe transactions taken apart, to a bounded depth and number."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from placet_policy.chains import abi_methods as known
from placet_policy.chains.abi import SELECTOR_BYTES, Method, decode_arguments
from placet_policy.chains.evm import ADDRESS_BYTES, MAX_RAW_BYTES, WORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_CALLS: Final = 64
MAX_DEPTH: Final = 8
"""Calls in one transaction that are looked at; what holds more is not decoded to the end and says so."""
MAX_CALLDATA: Final = 3 * MAX_RAW_BYTES
"""Bytes of calldata in all these calls together. The calldata of a batch holds that of its calls, and the facts show
both; a Safe's transaction that runs a batch of calls takes its size three times."""

_UNLIMITED: Final = 2**160 - 1
"""From here on no supply is as large; 2**160 - 1 and 2**256 - 1 are how wallets and Permit2 write no limit."""
_UNLIMITED_96: Final = 2**96 - 1
"""How tokens with 96-bit balances (UNI, COMP) write no limit; other amounts of this size are amounts."""
_APPROVE_HASH: Final = bytes.fromhex("d4d9bdcd")
"""Selector of approveHash(bytes32): dangerous also where the rest of the calldata is not exactly that."""
_GAS_PRICE: Final = 6
"""Its place among the arguments of execTransaction."""
_MULTI_SEND_HEAD: Final = 1 + ADDRESS_BYTES + 2 * WORD_BYTES


class Operation(StrEnum):
    """How code is run."""

    CALL = "call"
    DELEGATECALL = "delegatecall"
    """The other contract's code runs as the caller: with its coins, its storage and its name."""
    CREATE = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    Attributes:
        sender: 20 bytes, who calls; None if that is not known.
        to: 20 bytes, the contract; None for a creation.
        value: Native coins, in wei, that go along.
        data: Calldata, or the code that creates a contract.
        operation: How it is run.
        depth: 0 for the transaction itself.
        method: The method by which the calldata decodes exactly, or None.
        arguments: Its arguments.
        inexact: The selector is that of a known method, but the calldata is not exactly a call of it. The contract may
            run it all the same, with arguments, or calls inside it, that are not seen here.
    """

    sender: bytes | None
    to: bytes | None
    value: int
    data: bytes
    operation: Operation
    depth: int = 0
    method: Method | None = None
    arguments: tuple[Any, ...] = ()
    inexact: bool = False

    @property
    def refunds(self) -> bool:
        """Whether a Safe pays whoever sends the transaction, by a gas price that the signers chose."""
        if self.method is None or self.method.signature != known.EXEC_TRANSACTION:
            return False
        return bool(self.arguments[_GAS_PRICE])

    @property
    def approves_blindly(self) -> bool:
        """Whether an owner approves a transaction of a Safe by its hash, which nobody can look into."""
        return self.selector == _APPROVE_HASH

    @property
    def selector(self) -> bytes | None:
        """The first four bytes of calldata; None where there are no four, and for a creation."""
        if self.to is None or len(self.data) < SELECTOR_BYTES:
            return None
        return self.data[:SELECTOR_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who may spend what.

    Attributes:
        spender: `0x` and lower case.
        amount: Base units, or None for everything.
    """

    spender: str
    amount: int | None

    @property
    def unlimited(self) -> bool:
        """Whether nothing is left out."""
        return self.amount is None or self.amount >= _UNLIMITED or self.amount == _UNLIMITED_96


@dataclass(slots=True, kw_only=True)
class CallTree:
    """A call and all calls inside it, outer ones first.

    Attributes:
        calls: In the order in which they run.
        whole: False where depth, number or bytes ended before the calls did.
    """

    calls: list[Call] = field(default_factory=list)
    whole: bool = True


def unpack(root: Call, methods: Mapping[bytes, Method]) -> CallTree:
    """Take a call apart.

    Args:
        root: The outermost call, not decoded yet.
        methods: By selector; the standard ones are meant by it too.

    Returns:
        The calls; a standard batch whose content is not well-formed stays one call that is not decoded.
    """
    tree, waiting, left = CallTree(), [root], MAX_CALLDATA
    while waiting:
        call = waiting.pop()
        left -= len(call.data)
        if len(tree.calls) == MAX_CALLS or call.depth > MAX_DEPTH or left < 0:
            tree.whole = False
            break
        decoded, inner = _decode(call, methods)
        tree.calls.append(decoded)
        waiting.extend(reversed(inner))
    return tree


def approval_of(call: Call) -> Approval | None:
    """The approval that a call gives, or None where it is no standard approval."""
    read = None if call.method is None else _APPROVALS.get(call.method.signature)
    return None if read is None else read(call.arguments)


def _decode(call: Call, methods: Mapping[bytes, Method]) -> tuple[Call, list[Call]]:
    selector = call.selector
    method = None if selector is None else known.STANDARD.get(selector, methods.get(selector))
    arguments = None if method is None else decode_arguments(method, call.data)
    if method is None:
        return call, []
    if arguments is None:
        return replace(call, inexact=True), []
    decoded = replace(call, method=method, arguments=arguments)
    open_batch = _INNER.get(method.signature)
    inner = [] if open_batch is None else open_batch(decoded)
    return (replace(call, inexact=True), []) if inner is None else (decoded, inner)


def _multicall(call: Call) -> list[Call] | None:
    """The contract calls itself, in its caller's name, with each of the calldata."""
    return [
        Call(sender=call.sender, to=call.to, value=0, data=data, operation=call.operation, depth=call.depth + 1)
        for data in call.arguments[-1]
    ]


def _execute(call: Call) -> list[Call] | None:
    """Safe: to, value, data, operation (0 call, 1 delegatecall); other operations revert, so they stay undecoded."""
    to, value, data, operation = call.arguments[:4]
    if operation not in _OPERATIONS:
        return None
    return [_inner(call, operation, bytes.fromhex(to[2:]), value, data)]


def _multi_send(call: Call) -> list[Call] | None:
    """Safe: operation (1 byte), to (20), value (32), length (32), data, packed one after another."""
    packed: bytes = call.arguments[0]
    inner: list[Call] = []
    position = 0
    while position < len(packed):
        start = position + _MULTI_SEND_HEAD
        head = packed[position:start]
        length = int.from_bytes(head[-WORD_BYTES:], "big")
        if len(head) < _MULTI_SEND_HEAD or head[0] not in _OPERATIONS or start + length > len(packed):
            return None
        value = int.from_bytes(head[1 + ADDRESS_BYTES : -WORD_BYTES], "big")
        position = start + length
        inner.append(_inner(call, head[0], head[1 : 1 + ADDRESS_BYTES], value, packed[start:position]))
        if len(inner) > MAX_CALLS:
            break  # `unpack` stops there and says so.
    return inner


def _inner(call: Call, operation: int, to: bytes, value: int, data: bytes) -> Call:
    """A call by the contract that runs; code that is run by delegatecall acts as whoever delegated."""
    runs_as = call.sender if call.operation is Operation.DELEGATECALL else call.to
    return Call(sender=runs_as, to=to, value=value, data=data, operation=_OPERATIONS[operation], depth=call.depth + 1)


_OPERATIONS: Final = {0: Operation.CALL, 1: Operation.DELEGATECALL}
_INNER: Final[Mapping[str, Callable[[Call], list[Call] | None]]] = {
    known.MULTICALL: _multicall,
    known.MULTICALL_DEADLINE: _multicall,
    known.EXEC_TRANSACTION: _execute,
    known.EXEC_FROM_MODULE: _execute,
    known.EXEC_FROM_MODULE_RETURN_DATA: _execute,
    known.MULTI_SEND: _multi_send,
}
_APPROVALS: Final[Mapping[str, Callable[[tuple[Any, ...]], Approval]]] = {
    known.APPROVE: lambda given: Approval(spender=given[0], amount=given[1]),
    known.INCREASE_ALLOWANCE: lambda given: Approval(spender=given[0], amount=given[1]),
    known.INCREASE_APPROVAL: lambda given: Approval(spender=given[0], amount=given[1]),
    known.PERMIT: lambda given: Approval(spender=given[1], amount=given[2]),
    known.PERMIT_DAI: lambda given: Approval(spender=given[1], amount=None if given[4] else 0),
    known.SET_APPROVAL_FOR_ALL: lambda given: Approval(spender=given[0], amount=None if given[1] else 0),
    known.ALLOW: lambda given: Approval(spender=given[0], amount=None if given[1] else 0),
    known.APPROVE_PERMIT2: lambda given: Approval(spender=given[1], amount=given[2]),
}
