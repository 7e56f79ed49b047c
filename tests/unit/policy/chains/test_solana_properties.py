"""Solana: changed bytes and random messages never lead to a proof of something else, or to a foreign exception."""

import contextlib
from decimal import Decimal
from typing import Any

import solana_cases as sol
from facts_cases import facts, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.solana import SolanaError, decode_message, unwrap
from placet_policy.chains.solana_fee import fee_bound
from placet_policy.chains.solana_programs import decode_instruction
from placet_policy.facts.prove import Facts

_MANY = settings(max_examples=150, deadline=None)
_ACCOUNTS = st.sampled_from([sol.SIGNER, sol.PAID, sol.OWNER, sol.SIGNER_USDC, sol.OWNER_USDC, sol.USDC, sol.SYSTEM])
_PROGRAMS = st.sampled_from([sol.SYSTEM, sol.TOKEN, sol.TOKEN_2022, sol.ASSOCIATED, sol.COMPUTE, sol.MEMO, sol.PAID])
_NUMBERS = st.builds(lambda which, rest: bytes([which]) + rest, st.integers(0, 20), st.binary(max_size=12))
_STEPS = st.lists(
    st.builds(sol.Step, _PROGRAMS, st.lists(_ACCOUNTS, max_size=7).map(tuple), st.one_of(_NUMBERS, st.binary())),
    max_size=4,
)
_FULL = [sol.advance(), sol.price(9), sol.limit(9), sol.create(), sol.pay_token(5)]
_FULL_BYTES = len(sol.message(*_FULL))


def _signed(body: bytes, name: str = "keysign_sol_transfer", **declared: str) -> Facts:
    """A sample that signs and shows these bytes."""
    request_type, detail, extra = sample(name)
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(body)
    extra["transaction"]["destination"]["account_output"].update(declared)
    detail["msg_hash_list"] = ["0x" + body.hex()]
    return facts(request_type, detail, extra)


def _moved(found: Facts) -> list[tuple[Any, ...]]:
    return [(one["asset"], one["from"], one["to"], one.get("to_account"), one["amount"]) for one in found.transfers]


@_MANY
@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_else(body: bytes) -> None:
    """Whatever the bytes are, they decode or are refused by name."""
    with contextlib.suppress(SolanaError):
        decode_message(body)
    with contextlib.suppress(SolanaError):
        unwrap(body)


@_MANY
@given(_STEPS, st.sampled_from([None, 0]), st.integers(1, 3))
def test_random_instructions_are_all_accounted_for(steps: list[sol.Step], version: int | None, signers: int) -> None:
    """Every instruction of a well-formed message gives one effect, and the fee is a number or unknown."""
    extras = sol.Extras(version=version, signers=(sol.SIGNER, sol.OTHER_MINT, sol.RENT)[:signers])
    message = decode_message(sol.message(*steps, extras=extras))
    effects = [decode_instruction(one) for one in message.instructions]

    assert [(one.program, one.accounts, one.data) for one in message.instructions] == [
        (step.program, step.accounts, step.data) for step in steps
    ]
    bound = fee_bound(signers, effects)
    assert bound is None or bound >= 5_000 * signers


@_MANY
@given(_STEPS)
def test_random_instructions_beside_a_payment_are_never_unseen(steps: list[sol.Step]) -> None:
    """A payment with anything else beside it is proven only if that moves nothing."""
    body = sol.message(sol.pay(2_500_000_000), *steps)
    if len(body) > 1167:
        return
    found = _signed(body)

    if found.status == "PROVEN":
        assert len(found.transfers) == 1
        assert all(step.program in (sol.COMPUTE, sol.MEMO) for step in steps)


@_MANY
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_stays_proven(position: int, flip: int) -> None:
    """A message that differs in one byte from the signed one is never proven."""
    request_type, detail, extra = sample("keysign_sol_transfer")
    body = bytearray.fromhex(detail["msg_hash_list"][0][2:])
    body[position % len(body)] ^= flip
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(bytes(body))

    found = facts(request_type, detail, extra)

    assert found.status == "CONTRADICTED"
    assert "HASH_MISMATCH" in [one.code for one in found.contradictions]


@_MANY
@given(st.integers(0, _FULL_BYTES - 1), st.integers(1, 255))
def test_a_changed_byte_that_is_signed_too_moves_nothing_else(position: int, flip: int) -> None:
    """Where the requester signs the changed bytes, the proven payment is still the declared one and nothing more."""
    declared = {"address": sol.OWNER, "amount": "0.000005"}
    body = bytearray(sol.message(*_FULL))
    honest = _signed(bytes(body), "keysign_spl_transfer", **declared)
    assert honest.status == "PROVEN"
    body[position] ^= flip

    found = _signed(bytes(body), "keysign_spl_transfer", **declared)

    if found.status == "PROVEN":
        assert _moved(found) == _moved(honest)
        assert [call["method"] for call in found.calls] in (
            [call["method"] for call in honest.calls],
            ["System.AdvanceNonceAccount", "AssociatedToken.Create"],
        )


@_MANY
@given(st.sampled_from(["address", "amount", "memo"]), st.integers(0, 50), st.sampled_from("0123456789.ABCxyz Oé"))
def test_no_changed_declaration_stays_proven(member: str, position: int, character: str) -> None:
    """A payment whose declared recipient, amount or memo differs in one character is not proven, but for 150.0."""
    request_type, detail, extra = sample("keysign_spl_transfer")
    output = extra["transaction"]["destination"]["account_output"]
    before = output.get(member, "")
    position = min(position, len(before))
    output[member] = before[:position] + character + before[position + 1 :]

    found = facts(request_type, detail, extra)

    if found.status == "PROVEN" and output[member] != before:
        assert member == "amount"
        assert Decimal(output[member]) == Decimal(150)


@_MANY
@given(st.permutations(["keysign_sol_transfer", "keysign_spl_transfer"]), st.integers(1, 14))
def test_no_mixture_of_two_payments_is_proven(names: list[str], parts: int) -> None:
    """What is signed, what is shown, the token and the destination of two valid requests cannot be exchanged."""
    (request_type, detail, extra), (_, other_detail, other_extra) = sample(names[0]), sample(names[1])
    mine, other = extra["transaction"], other_extra["transaction"]
    if parts & 1:
        detail["msg_hash_list"] = other_detail["msg_hash_list"]
    if parts & 2:
        mine["raw_tx_info"] = other["raw_tx_info"]
    if parts & 4:
        mine["token_id"] = other["token_id"]
    if parts & 8:
        mine["destination"] = other["destination"]

    assert facts(request_type, detail, extra).status == "CONTRADICTED"
