"""Proof of a TRON Withdrawal: the bytes against the hash, the declaration and the signing key.

Numbered as the comments below: 1 bytes and hash, 2 decoding, 3 network and life time, 4 what every contract must be,
5 what is moved, 6 fee. The signing key was compared before (signer.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.strict_hex import encode_hex
from placet_policy.chains.tron import (
    MAX_RAW_BYTES,
    Contract,
    NotCanonicalError,
    Transfer,
    Trigger,
    TronTransaction,
    decode_token_transfer,
    decode_unsigned,
    signing_hash,
)
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import (
    account_output,
    add_transfer,
    compare_amount,
    compare_destination,
    compare_memo,
    declared_token,
    native_asset,
    token_asset,
)
from placet_policy.facts.key_sign_case import RAW_PATH, KeySignCase, compare_one_hash, raw_bytes
from placet_policy.facts.network import applicable_chain

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.declared import Declared
    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Chain, Token

_MILLISECONDS = 1000


def prove_tron_withdrawal(case: KeySignCase, proof: Proof) -> None:
    """Prove a TRON transfer of coins or TRC-20 tokens."""
    # 1 The bytes, and that exactly their hash is signed.
    raw = raw_bytes(case, MAX_RAW_BYTES)
    if raw is None:
        return
    proof.hashes.append(compare_one_hash(case, signing_hash(raw)))
    # 2 What the bytes say.
    transaction = _decode(case, raw)
    if transaction is None:
        return
    # 3 The network, which the bytes do not name, and how long they are valid; an expiry is a matter of policy.
    chain = applicable_chain(case)
    proof.chain = _chain_facts(chain, transaction)
    # 4 One contract, by the signing key for itself.
    _compare_contracts(case, transaction)
    # 5 What is moved, and nothing else with it.
    token = declared_token(case)
    output = account_output(case)
    for contract in transaction.contracts:
        _compare_content(case, contract, token, output)
        _describe(case, proof, contract, chain, token)
    if output is not None:
        compare_memo(case, output, transaction.memo)
    if transaction.memo:
        proof.summary.append(f"It carries a memo of {len(transaction.memo)} bytes.")
    # 6 The most the fee can be, by the bytes and the network's prices in the registry.
    proof.fee = _fee(case, transaction, chain)
    proof.complete = case.key.signer is not None and token is not None and output is not None and bool(proof.transfers)


def _decode(case: KeySignCase, raw: bytes) -> TronTransaction | None:
    try:
        return decode_unsigned(raw)
    except NotCanonicalError as error:
        case.findings.contradict(
            Code.BYTES_NOT_CANONICAL, RAW_PATH, declared="an unsigned transaction", proven=f"not canonical: {error}"
        )
        return None


def _chain_facts(chain: Chain | None, transaction: TronTransaction) -> dict[str, JSONValue]:
    return {
        "kind": "tron",
        "id": None if chain is None else chain.id,
        "network": None,
        "network_proven": False,
        "source": "declared",
        "valid_until": str(transaction.expiration // _MILLISECONDS),
        "expiration": str(transaction.expiration),
        "timestamp": str(transaction.timestamp),
        "ref_block": {
            "bytes": encode_hex(transaction.ref_block_bytes),
            "hash": encode_hex(transaction.ref_block_hash),
        },
    }


def _compare_contracts(case: KeySignCase, transaction: TronTransaction) -> None:
    """Exactly one contract, for the signing key's own account under its own permission (protocol g.2, G12)."""
    findings = case.findings
    if len(transaction.contracts) != 1:
        findings.contradict(
            Code.CONTRACT_COUNT_MISMATCH, RAW_PATH, declared="one payment", proven=f"{len(transaction.contracts)}"
        )
    for contract in transaction.contracts:
        if contract.permission_id:
            findings.contradict(
                Code.PERMISSION_PRESENT, RAW_PATH, declared="the owner's permission", proven=contract.permission_id
            )
        owner = None if contract.content is None else contract.content.owner
        if owner is not None and case.key.address is not None and owner != case.key.address:
            findings.contradict(
                Code.OWNER_MISMATCH,
                RAW_PATH,
                declared=case.scheme.form.encode(case.key.address),
                proven=case.scheme.form.encode(owner),
            )


def _compare_content(case: KeySignCase, contract: Contract, token: Token | None, output: Declared | None) -> None:
    """The contract is the declared payment and nothing else."""
    content = contract.content
    if token is None or output is None:
        return  # Noted where they were read.
    if isinstance(content, Transfer) and token.contract is None:
        compare_destination(case, output, content.to)
        compare_amount(case, output, token, content.amount)
    elif isinstance(content, Trigger) and token.contract is not None:
        _compare_call(case, content, token, output)
    else:
        case.findings.contradict(
            Code.CONTRACT_TYPE_MISMATCH,
            RAW_PATH,
            declared="a transfer of coins" if token.contract is None else "a transfer of tokens",
            proven=contract.name,
        )


def _compare_call(case: KeySignCase, call: Trigger, token: Token, output: Declared) -> None:
    """TRC-20: the token's contract is called with exactly one transfer, and nothing goes along (protocol g.4)."""
    findings, form = case.findings, case.scheme.form
    contract = form.encode(call.contract)
    if contract != token.contract:
        findings.contradict(
            Code.TOKEN_CONTRACT_MISMATCH,
            case.transaction.at("token_id"),
            declared=f"{token.id} ({token.contract})",
            proven=contract,
        )
    if call.call_value:
        findings.contradict(
            Code.NATIVE_VALUE_IN_TOKEN_TRANSFER, RAW_PATH, declared="0", proven=f"{call.call_value} base units"
        )
    if call.call_token_value or call.token_id:
        findings.contradict(
            Code.TRC10_VALUE_PRESENT,
            RAW_PATH,
            declared="no TRC-10 token",
            proven=f"{call.call_token_value} units of TRC-10 token {call.token_id}",
        )
    transfer = decode_token_transfer(call.data)
    if transfer is None:
        findings.contradict(
            Code.CALLDATA_NOT_EXACT,
            RAW_PATH,
            declared="one TRC-20 transfer",
            proven=f"{len(call.data)} bytes of something else",
        )
        return
    compare_destination(case, output, transfer.recipient)
    compare_amount(case, output, token, transfer.amount)


def _describe(case: KeySignCase, proof: Proof, contract: Contract, chain: Chain | None, token: Token | None) -> None:
    """Say what a contract does; calldata is a token transfer only where one is declared."""
    content = contract.content
    if isinstance(content, Transfer):
        asset = native_asset(case, chain)
        add_transfer(case, proof, asset=asset, sender=content.owner, to=content.to, amount=content.amount)
        return
    if content is None:
        proof.calls.append(_call(None, contract.name, contract.value, 0))
        proof.summary.append(f"Do something that is no payment: {contract.name}.")
        return
    transfer = None if token is None or token.contract is None else decode_token_transfer(content.data)
    if transfer is not None:
        asset = token_asset(case, chain, "trc20", content.contract)
        add_transfer(case, proof, asset=asset, sender=content.owner, to=transfer.recipient, amount=transfer.amount)
    else:
        to = case.scheme.form.encode(content.contract)
        proof.calls.append(_call(to, None, content.data, content.call_value))
        proof.summary.append(f"Call {to} with {len(content.data)} bytes of calldata that are no known payment.")
    if content.call_value:
        asset = native_asset(case, chain)
        add_transfer(case, proof, asset=asset, sender=content.owner, to=content.contract, amount=content.call_value)


def _call(to: str | None, method: str | None, data: bytes, value: int) -> dict[str, JSONValue]:
    return {
        "to": to,
        "selector": encode_hex(data[:4]) if method is None and len(data) >= 4 else None,  # noqa: PLR2004 -- ABI selector
        "method": method,
        "args": [],
        "data": encode_hex(data),
        "value": str(value),
        "operation": "call",
        "approval": None,
        "hazards": [],
        "source": "bytes",
    }


def _fee(case: KeySignCase, transaction: TronTransaction, chain: Chain | None) -> dict[str, JSONValue]:
    """The bytes bound the energy of a call (`fee_limit`); the rest is size and events times the network's prices."""
    highest = None
    if chain is not None and chain.tron_prices is not None:
        prices = chain.tron_prices
        highest = transaction.signed_bytes * prices.byte + (prices.memo if transaction.memo else 0)
        for contract in transaction.contracts:
            highest += transaction.fee_limit if isinstance(contract.content, Trigger) else prices.new_account
            # What other contracts cost is not known here.
        if any(contract.content is None for contract in transaction.contracts):
            highest = None
    return {"max": None if highest is None else str(highest), "asset": native_asset(case, chain), "source": "bytes"}
