"""What single instructions do, and what a message can cost."""

import pytest
import solana_cases as sol
from placet_policy.chains.solana import decode_message
from placet_policy.chains.solana_fee import fee_bound
from placet_policy.chains.solana_programs import (
    AccountCreation,
    CoinTransfer,
    ComputeHeap,
    ComputeLimit,
    ComputePrice,
    Effect,
    LoadedDataLimit,
    Memo,
    Named,
    NonceAdvance,
    TokenTransfer,
    Unknown,
    decode_instruction,
)


def _effects(*steps: sol.Step) -> list[Effect]:
    return [decode_instruction(one) for one in decode_message(sol.message(*steps)).instructions]


def test_a_transfer_of_coins() -> None:
    """System Transfer says who pays whom how much."""
    assert _effects(sol.pay(2**64 - 1)) == [CoinTransfer(source=sol.SIGNER, to=sol.PAID, lamports=18446744073709551615)]


@pytest.mark.parametrize("program", [sol.TOKEN, sol.TOKEN_2022])
def test_a_checked_transfer_names_its_token(program: str) -> None:
    """TransferChecked of either token program carries mint and decimals."""
    assert _effects(sol.pay_token(5, program=program)) == [
        TokenTransfer(
            program=program,
            source=sol.SIGNER_USDC,
            destination=sol.OWNER_USDC,
            authority=sol.SIGNER,
            amount=5,
            mint=sol.USDC,
            decimals=6,
        )
    ]


def test_a_plain_transfer_has_no_token() -> None:
    """Transfer says only which accounts, so the mint stays open."""
    (effect,) = _effects(sol.pay_token_unchecked(5))

    assert isinstance(effect, TokenTransfer)
    assert (effect.mint, effect.decimals, effect.amount) == (None, None, 5)


@pytest.mark.parametrize(("data", "idempotent"), [(b"", False), (b"\x00", False), (b"\x01", True)])
@pytest.mark.parametrize("rest", [(), (sol.RENT,)])
def test_the_creation_of_a_token_account(data: bytes, rest: tuple[str, ...], *, idempotent: bool) -> None:
    """Create in both encodings and CreateIdempotent, also with the rent sysvar of older libraries."""
    assert _effects(sol.create(data=data, rest=rest)) == [
        AccountCreation(
            payer=sol.SIGNER,
            account=sol.OWNER_USDC,
            owner=sol.OWNER,
            mint=sol.USDC,
            token_program=sol.TOKEN,
            idempotent=idempotent,
        )
    ]


def test_nonce_budget_and_memo() -> None:
    """The instructions that go with a payment are read too."""
    assert _effects(sol.advance(), sol.limit(9), sol.price(8), sol.memo("é7")) == [
        NonceAdvance(account=sol.OTHER_MINT, authority=sol.SIGNER),
        ComputeLimit(9),
        ComputePrice(8),
        Memo(program=sol.MEMO, text="é7", signers=()),
    ]


@pytest.mark.parametrize(
    ("step", "effect"),
    [
        (sol.heap(32_768), ComputeHeap(32_768)),
        (sol.heap(262_144), ComputeHeap(262_144)),
        (sol.loaded(1), LoadedDataLimit(1)),
        (sol.loaded(2**32 - 1), LoadedDataLimit(2**32 - 1)),
    ],
)
def test_memory_and_loaded_data_are_read(step: sol.Step, effect: object) -> None:
    """Wallets set them; they cost nothing and move nothing."""
    assert _effects(step) == [effect]


@pytest.mark.parametrize(
    "step",
    [
        sol.heap(31_744),
        sol.heap(263_168),
        sol.heap(32_769),
        sol.loaded(0),
        sol.Step(sol.COMPUTE, (), sol.heap(32_768).data + b"\x00"),
        sol.Step(sol.COMPUTE, (), sol.loaded(1).data[:-1]),
        sol.Step(sol.COMPUTE, (sol.SIGNER,), sol.loaded(1).data),
    ],
)
def test_a_compute_budget_that_the_network_refuses_is_unknown(step: sol.Step) -> None:
    """The heap is 32 to 256 KiB in whole KiB, and no data at all cannot be loaded."""
    assert [type(effect) for effect in _effects(step)] == [Unknown]


@pytest.mark.parametrize(
    ("program", "data", "name"),
    [
        (sol.SYSTEM, b"\x00\x00\x00\x00" + bytes(48), "System.CreateAccount"),
        (sol.SYSTEM, b"\x01\x00\x00\x00" + bytes(32), "System.Assign"),
        (sol.SYSTEM, b"\x05\x00\x00\x00" + bytes(8), "System.WithdrawNonceAccount"),
        (sol.SYSTEM, b"\x07\x00\x00\x00" + bytes(32), "System.AuthorizeNonceAccount"),
        (sol.SYSTEM, b"\x0b\x00\x00\x00" + bytes(8), "System.TransferWithSeed"),
        (sol.TOKEN, b"\x04" + bytes(8), "Token.Approve"),
        (sol.TOKEN, b"\x06\x02\x00", "Token.SetAuthority"),
        (sol.TOKEN_2022, b"\x08" + bytes(8), "Token.Burn"),
        (sol.TOKEN, b"\x09", "Token.CloseAccount"),
        (sol.TOKEN, b"\x0d" + bytes(9), "Token.ApproveChecked"),
        (sol.TOKEN, b"\x11", "Token.SyncNative"),
        (sol.ASSOCIATED, b"\x02", "AssociatedToken.RecoverNested"),
    ],
)
def test_what_is_no_payment_has_a_name(program: str, data: bytes, name: str) -> None:
    """Other instructions of the known programs are named, so that people read what they are."""
    (effect,) = _effects(sol.Step(program, (sol.SIGNER, sol.PAID), data))

    assert isinstance(effect, Named)
    assert (effect.program, effect.name) == (program, name)


@pytest.mark.parametrize(
    "step",
    [
        sol.Step(sol.PAID, (), b""),
        sol.Step(sol.SYSTEM, (sol.SIGNER, sol.PAID), b""),
        sol.Step(sol.SYSTEM, (sol.SIGNER, sol.PAID), sol.pay(7).data + b"\x00"),
        sol.Step(sol.SYSTEM, (sol.SIGNER, sol.PAID, sol.OWNER), sol.pay(7).data),
        sol.Step(sol.SYSTEM, (sol.SIGNER, sol.PAID), b"\x63\x00\x00\x00"),
        sol.Step(sol.SYSTEM, (sol.OTHER_MINT, sol.RENT, sol.SIGNER), sol.advance().data),
        sol.Step(sol.SYSTEM, sol.advance().accounts, sol.advance().data + b"\x00"),
        sol.Step(sol.TOKEN, sol.pay_token(7).accounts, b""),
        sol.Step(sol.TOKEN, sol.pay_token(7).accounts, sol.pay_token(7).data + b"\x00"),
        sol.Step(sol.TOKEN, sol.pay_token(7).accounts, sol.pay_token(7).data[:-1]),
        sol.Step(sol.TOKEN, (*sol.pay_token(7).accounts, sol.PAID), sol.pay_token(7).data),
        sol.Step(sol.TOKEN, (*sol.pay_token_unchecked(7).accounts, sol.PAID), sol.pay_token_unchecked(7).data),
        sol.Step(sol.TOKEN_2022, sol.pay_token(7).accounts, b"\x1a\x01" + bytes(17)),  # TransferCheckedWithFee
        sol.Step(sol.ASSOCIATED, sol.create().accounts, b"\x03"),
        sol.Step(sol.ASSOCIATED, sol.create().accounts, b"\x01\x00"),
        sol.Step(sol.ASSOCIATED, sol.create().accounts[:5], b"\x01"),
        sol.Step(sol.ASSOCIATED, (*sol.create().accounts, sol.PAID), b"\x01"),
        sol.create(program=sol.PAID),
        sol.Step(sol.COMPUTE, (), b""),
        sol.Step(sol.COMPUTE, (), b"\x01" + bytes(4)),  # RequestHeapFrame
        sol.Step(sol.COMPUTE, (), sol.limit(7).data + b"\x00"),
        sol.Step(sol.COMPUTE, (), sol.price(7).data[:-1]),
        sol.Step(sol.COMPUTE, (sol.PAID,), sol.price(7).data),
        sol.Step(sol.MEMO, (), b"\xff"),
    ],
)
def test_everything_else_is_unknown(step: sol.Step) -> None:
    """Another program, another number, another length or another count of accounts is never taken for a payment."""
    (effect,) = _effects(step)

    assert isinstance(effect, Unknown)
    assert (effect.program, effect.instruction.data) == (step.program, step.data)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sol.pay(7)], 5_000),
        ([sol.limit(200_000), sol.pay(7)], 5_000),
        ([sol.price(350_000), sol.limit(200_000), sol.pay(7)], 75_000),
        ([sol.price(1), sol.limit(1), sol.pay(7)], 5_001),
        ([sol.price(10), sol.pay(7)], 5_004),  # two instructions at 200,000 units
        ([sol.price(1_000_000), *[sol.pay(7)] * 9], 1_405_000),
        ([sol.price(1_000_000), sol.limit(2**32 - 1), sol.pay(7)], 1_405_000),
        ([sol.price(2**64 - 1), sol.limit(1_400_000), sol.pay(7)], 25_825_441_703_193_377_261),
        ([sol.create(), sol.pay_token(7)], 2_044_280),
        ([sol.create(data=b""), sol.pay_token(7)], 2_044_280),
        ([sol.create(program=sol.TOKEN_2022), sol.pay_token(7)], None),
        ([sol.pay(7), sol.Step(sol.PAID)], None),
        ([sol.price(1_000_000), sol.price(2_000_000), sol.limit(10), sol.limit(30), sol.pay(7)], 5_060),
    ],
)
def test_the_bound_of_the_fee(steps: list[sol.Step], expected: int | None) -> None:
    """Base fee, priority fee rounded up, and the rent of an SPL Token account; unknown where nothing bounds it."""
    assert fee_bound(1, _effects(*steps)) == expected
