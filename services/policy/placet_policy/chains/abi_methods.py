"""The standard methods whose meaning is known: what moves, who may spend, and which calls are inside a call.

They are code and not registry data, because the code beside them relies on the meaning of each argument: data that
renamed a method or swapped its arguments could hide an approval or a call. The registry adds the team's own methods
(`registry.abis`) and cannot change these.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.chains.abi import Method, parse_method

if TYPE_CHECKING:
    from collections.abc import Mapping

# EIP-20; `increaseAllowance` is OpenZeppelin's.
TRANSFER: Final = "transfer(address,uint256)"
TRANSFER_FROM: Final = "transferFrom(address,address,uint256)"
APPROVE: Final = "approve(address,uint256)"
INCREASE_ALLOWANCE: Final = "increaseAllowance(address,uint256)"
DECREASE_ALLOWANCE: Final = "decreaseAllowance(address,uint256)"
# What OpenZeppelin called them before 2.0: still in use, e.g. by USDT on TRON.
INCREASE_APPROVAL: Final = "increaseApproval(address,uint256)"
DECREASE_APPROVAL: Final = "decreaseApproval(address,uint256)"
# EIP-2612, and the form before it (Dai), whose permission is all or nothing.
PERMIT: Final = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
PERMIT_DAI: Final = "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)"
# EIP-721 and EIP-1155.
SAFE_TRANSFER_FROM: Final = "safeTransferFrom(address,address,uint256)"
SAFE_TRANSFER_FROM_DATA: Final = "safeTransferFrom(address,address,uint256,bytes)"
SAFE_TRANSFER_FROM_1155: Final = "safeTransferFrom(address,address,uint256,uint256,bytes)"
SAFE_BATCH_TRANSFER_FROM: Final = "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
SET_APPROVAL_FOR_ALL: Final = "setApprovalForAll(address,bool)"
# Permit2's allowance (Uniswap).
APPROVE_PERMIT2: Final = "approve(address,address,uint160,uint48)"
# Compound III: a manager may move everything that the caller has there, and borrow.
ALLOW: Final = "allow(address,bool)"
# Calls inside a call.
MULTICALL: Final = "multicall(bytes[])"
MULTICALL_DEADLINE: Final = "multicall(uint256,bytes[])"
EXEC_TRANSACTION: Final = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
EXEC_FROM_MODULE: Final = "execTransactionFromModule(address,uint256,bytes,uint8)"
EXEC_FROM_MODULE_RETURN_DATA: Final = "execTransactionFromModuleReturnData(address,uint256,bytes,uint8)"
MULTI_SEND: Final = "multiSend(bytes)"
# An owner's approval of a Safe's transaction, of which the call holds the hash alone.
APPROVE_HASH: Final = "approveHash(bytes32)"
# A change of the code behind an address (EIP-1967 proxies, EIP-1822).
UPGRADE_TO: Final = "upgradeTo(address)"
UPGRADE_TO_AND_CALL: Final = "upgradeToAndCall(address,bytes)"

_NAMES: Final = {
    TRANSFER: "to amount",
    TRANSFER_FROM: "from to amount",
    APPROVE: "spender amount",
    INCREASE_ALLOWANCE: "spender added",
    DECREASE_ALLOWANCE: "spender subtracted",
    INCREASE_APPROVAL: "spender added",
    DECREASE_APPROVAL: "spender subtracted",
    PERMIT: "owner spender amount deadline v r s",
    PERMIT_DAI: "holder spender nonce expiry allowed v r s",
    SAFE_TRANSFER_FROM: "from to token_id",
    SAFE_TRANSFER_FROM_DATA: "from to token_id data",
    SAFE_TRANSFER_FROM_1155: "from to id amount data",
    SAFE_BATCH_TRANSFER_FROM: "from to ids amounts data",
    SET_APPROVAL_FOR_ALL: "operator approved",
    APPROVE_PERMIT2: "token spender amount expiration",
    ALLOW: "manager allowed",
    MULTICALL: "data",
    MULTICALL_DEADLINE: "deadline data",
    EXEC_TRANSACTION: "to value data operation safe_tx_gas base_gas gas_price gas_token refund_receiver signatures",
    EXEC_FROM_MODULE: "to value data operation",
    EXEC_FROM_MODULE_RETURN_DATA: "to value data operation",
    MULTI_SEND: "transactions",
    APPROVE_HASH: "hash",
    UPGRADE_TO: "implementation",
    UPGRADE_TO_AND_CALL: "implementation data",
}

STANDARD: Final[Mapping[bytes, Method]] = MappingProxyType(
    {
        method.selector: method
        for method in (parse_method(signature, tuple(names.split())) for signature, names in _NAMES.items())
    }
)
"""By selector."""
