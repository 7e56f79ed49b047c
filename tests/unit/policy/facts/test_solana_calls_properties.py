"""Declared Solana instructions: no other list of instructions is proven, and nothing raises."""

from typing import Any

import solana_cases as sol
from facts_cases import facts
from hypothesis import given, settings
from hypothesis import strategies as st
from solana_calls import APPROVE, DRAIN, HEAP, built, call_parts, contract_call, run

_SLOW = settings(max_examples=120, deadline=None)
_STEPS = st.lists(
    st.sampled_from([run(), run(b"\x04"), sol.pay(7), DRAIN, sol.limit(9), sol.price(9), sol.advance(), APPROVE, HEAP]),
    max_size=5,
)


@_SLOW
@given(steps=_STEPS, declared=_STEPS)
def test_only_the_declared_instructions_are_proven(steps: list[sol.Step], declared: list[sol.Step]) -> None:
    """Whatever two lists there are: proven ones are equal but for the compute budget and one nonce in front."""
    found = contract_call(*steps, declared=tuple(declared))

    if found.status == "PROVEN":
        kept = [step for step in steps if step.program != sol.COMPUTE]
        wanted = [step for step in declared if step.program != sol.COMPUTE]
        if steps[0] == sol.advance() and wanted[:1] != [sol.advance()]:
            kept = kept[1:]
        assert kept == wanted


@_SLOW
@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_that_is_signed_does_nothing_else(position: int, flip: int) -> None:
    """Where the requester signs the changed bytes, only the block and the compute budget may differ."""
    steps = (sol.limit(9), run(), APPROVE)
    body = bytearray(built(*steps))
    body[position % len(body)] ^= flip
    found = contract_call(*steps, declared=(run(), APPROVE), body=bytes(body))

    if found.status == "PROVEN":
        assert found.calls == contract_call(*steps).calls


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@_SLOW
@given(
    path=st.sampled_from(
        ["instructions", "instructions.0", "instructions.0.accounts", "instructions.0.accounts.0"]
        + [f"instructions.0.{name}" for name in ("program_id", "data", "accounts.0.pubkey", "accounts.0.is_signer")]
    ),
    value=_JSON,
)
def test_no_declaration_raises(path: str, value: Any) -> None:
    """Whatever stands in the declaration is compared or named, and proves nothing by itself."""
    found = contract_call(run(), changes={f"extra.transaction.destination.{path}": value})

    # Who pays the fee signs, whatever an instruction says of it.
    assert found.status != "PROVEN" or (path.endswith("is_signer") and isinstance(value, bool))


@_SLOW
@given(body=st.binary(max_size=300))
def test_no_bytes_raise(body: bytes) -> None:
    """A message of any bytes is refused or not proven."""
    request_type, detail, extra = call_parts(run(), body=body)

    assert facts(request_type, detail, extra).status != "PROVEN"
