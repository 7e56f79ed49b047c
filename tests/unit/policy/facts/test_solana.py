"""Solana Withdrawals: what a payment may bring along, and what contradicts it or cannot be proven."""

import json
from typing import Any

import base58
import pytest
import solana_cases as sol
from facts_cases import codes, facts, registry_data, sample, sample_facts
from placet_policy.chains.solana import associated_account
from placet_policy.facts.prove import Facts

_COINS = {"token_id": "SOL", "address": sol.PAID, "amount": "0.000000007"}
_TOKENS = {"token_id": "SOL_USDC", "address": sol.OWNER, "amount": "0.000005"}


def _facts(
    *steps: sol.Step,
    declared: dict[str, str] = _COINS,
    extras: sol.Extras | None = None,
    data: dict[str, Any] | None = None,
    body: bytes | None = None,
) -> Facts:
    """The facts about a message that is signed as it is, beside a declaration."""
    request_type, detail, extra = sample("keysign_sol_transfer")
    signed = sol.message(*steps, extras=extras) if body is None else body
    transaction = extra["transaction"]
    transaction["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(signed)
    detail["msg_hash_list"] = ["0x" + signed.hex()]
    transaction["token_id"] = declared["token_id"]
    output = transaction["destination"]["account_output"]
    output.update({name: value for name, value in declared.items() if name != "token_id"})
    return facts(request_type, detail, extra, data)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("keysign_sol_transfer", ("PROVEN", [])),
        ("keysign_spl_transfer", ("PROVEN", [])),
        (
            "keysign_sol_transfer_official",
            ("CONTRADICTED", ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH", "OWNER_MISMATCH"]),
        ),
        ("a40_sol_extra_token_instruction", ("CONTRADICTED", ["EXTRA_TRANSFER"])),
        ("a42_spl_wrong_mint", ("CONTRADICTED", ["TOKEN_CONTRACT_MISMATCH"])),
        ("a45_sol_amount_mismatch", ("CONTRADICTED", ["AMOUNT_MISMATCH"])),
    ],
)
def test_the_samples(name: str, expected: tuple[str, list[str]]) -> None:
    """Honest samples are proven; each attack contradicts by what it does."""
    found = sample_facts(name)

    assert (found.status, codes(found)) == expected


def test_the_official_bytes_pass_with_a_consistent_key() -> None:
    """The provider's own vector is honest: with the derived key as its payer nothing contradicts."""
    request_type, detail, extra = sample("keysign_sol_transfer_official")
    theirs, ours = (base58.b58decode(text) for text in (extra["transaction"]["source"]["address"], sol.SIGNER))
    signed = bytes.fromhex(detail["msg_hash_list"][0][2:]).replace(theirs, ours)
    detail["msg_hash_list"] = ["0x" + signed.hex()]
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(signed)
    extra["transaction"]["source"]["address"] = extra["source_addresses"][0]["address"] = sol.SIGNER

    found = facts(request_type, detail, extra)

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_facts_of_a_token_transfer() -> None:
    """`to` is the proven owner, with the token account that is paid beside it."""
    found = sample_facts("keysign_spl_transfer").to_json()

    assert {name: found[name] for name in ("chain", "transfers", "calls", "fee", "summary")} == {
        "chain": {
            "kind": "solana",
            "id": "SOL",
            "network": None,
            "network_proven": False,
            "valid_until": None,
            "source": "declared",
        },
        "transfers": [
            {
                "asset": {"kind": "spl", "contract": sol.USDC, "token": "SOL_USDC", "chain": "SOL"},
                "from": sol.SIGNER,
                "to": sol.OWNER,
                "from_declared": sol.SIGNER,
                "to_declared": sol.OWNER,
                "to_account": sol.OWNER_USDC,
                "amount": "150000000",
                "source": "bytes",
            }
        ],
        "calls": [],
        "fee": {
            "max": "20000",
            "asset": {"kind": "native", "contract": None, "token": "SOL", "chain": "SOL"},
            "source": "bytes",
        },
        "summary": [f"Send 150 USDC to {sol.OWNER} on SOL.", "Fee at most 0.00002 SOL.", "Approves nothing."],
    }


def test_what_is_signed_is_the_message() -> None:
    """The fact about the hash is the whole message with the path of the key that signs it."""
    (fact,) = _facts(sol.pay(7)).hashes

    assert fact == {"hash": "0x" + sol.message(sol.pay(7)).hex(), "path": "m/44/501/1/0/0", "source": "bytes"}


@pytest.mark.parametrize(
    ("steps", "declared"),
    [
        ([sol.pay(7)], _COINS),
        ([sol.advance(), sol.pay(7)], _COINS),
        ([sol.advance(), sol.price(9), sol.limit(9), sol.pay(7)], _COINS),
        ([sol.pay(7), sol.limit(9), sol.price(9)], _COINS),
        ([sol.heap(65_536), sol.loaded(9), sol.limit(9), sol.price(9), sol.pay(7)], _COINS),
        ([sol.memo("4711"), sol.pay(7)], {**_COINS, "memo": "4711"}),
        ([sol.pay(7)], {**_COINS, "memo": "", "amount": "0.000000007000"}),
        ([sol.pay(7, to=sol.SIGNER)], {**_COINS, "address": sol.SIGNER}),
        ([sol.pay_token(5)], _TOKENS),
        ([sol.pay_token_unchecked(5)], _TOKENS),
        ([sol.create(), sol.pay_token(5)], _TOKENS),
        ([sol.create(data=b""), sol.pay_token_unchecked(5)], _TOKENS),
        (
            [sol.advance(), sol.limit(9), sol.create(rest=(sol.RENT,)), sol.pay_token(5), sol.memo("x")],
            _TOKENS | {"memo": "x"},
        ),
    ],
)
@pytest.mark.parametrize("version", [None, 0])
def test_honest_payments_are_proven(steps: list[sol.Step], declared: dict[str, str], version: int | None) -> None:
    """Nonce, compute budget, memo and the creation of the recipient's account go with a payment of either kind."""
    found = _facts(*steps, declared=declared, extras=sol.Extras(version=version))

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_a_token_2022_payment_is_proven() -> None:
    """The other token program derives other accounts and is otherwise the same."""
    source = associated_account(sol.SIGNER, sol.USDC, sol.TOKEN_2022)
    to = associated_account(sol.OWNER, sol.USDC, sol.TOKEN_2022)
    pay = sol.pay_token(5, source=source, to=to, program=sol.TOKEN_2022)
    found = _facts(sol.create(account=to, program=sol.TOKEN_2022), pay, declared=_TOKENS)

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.summary[1] == (
        f"Create the token account {to} of {sol.OWNER}, for which SOL that the bytes do not bound are kept there."
    )
    assert found.fee is not None
    assert found.fee["max"] is None


_FOREIGN = "FqXedh52EAgzifQvNmiLdjseghin3T9JKXAhMcuhKEa"


@pytest.mark.parametrize(
    ("steps", "declared", "expected"),
    [
        ([sol.pay(7), sol.pay(1, to=sol.OWNER)], _COINS, ["EXTRA_TRANSFER"]),
        ([sol.pay(7), sol.pay(7)], _COINS, ["EXTRA_TRANSFER"]),
        ([sol.pay(7), sol.pay_token_unchecked(5)], _COINS, ["EXTRA_TRANSFER"]),
        ([sol.pay(1, to=sol.OWNER), sol.pay_token(5)], _TOKENS, ["EXTRA_TRANSFER"]),
        ([sol.pay_token(5), sol.pay_token(5, to=_FOREIGN)], _TOKENS, ["EXTRA_TRANSFER"]),
        ([sol.pay(7)], _TOKENS, ["PAYMENT_MISSING", "EXTRA_TRANSFER"]),
        ([sol.limit(7)], _COINS, ["PAYMENT_MISSING"]),
        ([], _COINS, ["PAYMENT_MISSING"]),
        ([sol.pay(8)], _COINS, ["AMOUNT_MISMATCH"]),
        ([sol.pay(7, to=sol.OWNER)], _COINS, ["DESTINATION_MISMATCH"]),
        ([sol.pay(7, source=sol.OWNER)], _COINS, ["OWNER_MISMATCH"]),
        ([sol.pay_token(6)], _TOKENS, ["AMOUNT_MISMATCH"]),
        ([sol.pay_token(5, decimals=9)], _TOKENS, ["TOKEN_DECIMALS_MISMATCH"]),
        ([sol.pay_token(5, to=sol.SIGNER_USDC)], _TOKENS, ["DESTINATION_MISMATCH"]),
        ([sol.create(), sol.pay_token(5)], {**_TOKENS, "address": sol.PAID}, ["DESTINATION_MISMATCH"]),
        ([sol.pay(7), sol.advance()], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.advance(authority=sol.OWNER), sol.pay(7)], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.limit(1), sol.limit(2), sol.pay(7)], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.price(1), sol.price(2), sol.pay(7)], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(), sol.pay(7)], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(), sol.create(), sol.pay_token(5)], _TOKENS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(account=_FOREIGN), sol.pay_token(5)], _TOKENS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(owner=sol.PAID), sol.pay_token(5)], _TOKENS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(mint=sol.OTHER_MINT), sol.pay_token(5)], _TOKENS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(payer=sol.PAID), sol.pay_token(5)], _TOKENS, ["EXTRA_INSTRUCTION"]),
        ([sol.create(program=sol.TOKEN_2022), sol.pay_token(5)], _TOKENS, ["EXTRA_INSTRUCTION"]),
        (
            [sol.pay_token(5), sol.Step(sol.TOKEN, (sol.SIGNER_USDC, sol.PAID, sol.SIGNER), b"\x04" + bytes(8))],
            _TOKENS,
            ["EXTRA_INSTRUCTION"],
        ),
        ([sol.pay(7), sol.Step(sol.SYSTEM, (sol.SIGNER,), b"\x01" + bytes(35))], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.memo("1"), sol.memo("1"), sol.pay(7)], {**_COINS, "memo": "1"}, ["EXTRA_INSTRUCTION"]),
        ([sol.loaded(9), sol.loaded(9), sol.pay(7)], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.heap(65_536), sol.heap(65_536), sol.pay(7)], _COINS, ["EXTRA_INSTRUCTION"]),
        ([sol.memo("4711"), sol.pay(7)], {**_COINS, "memo": "4712"}, ["MEMO_MISMATCH"]),
        ([sol.pay(7)], {**_COINS, "memo": "4712"}, ["MEMO_MISMATCH"]),
        ([sol.memo("4711"), sol.pay(7)], _COINS, ["MEMO_MISMATCH"]),
    ],
)
def test_whatever_else_the_bytes_do_contradicts(
    steps: list[sol.Step], declared: dict[str, str], expected: list[str]
) -> None:
    """Another payment, recipient, amount, token or instruction than declared has its code."""
    found = _facts(*steps, declared=declared)

    assert (found.status, codes(found)) == ("CONTRADICTED", expected)


@pytest.mark.parametrize(
    ("steps", "declared", "extras", "expected"),
    [
        ([sol.pay(7), sol.Step(sol.OWNER, (), b"\x01")], _COINS, None, ["INSTRUCTION_UNKNOWN"]),
        ([sol.Step(sol.OWNER, (), b"\x01")], _COINS, None, ["INSTRUCTION_UNKNOWN"]),
        ([sol.pay_token(5, source=_FOREIGN)], _TOKENS, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay_token_unchecked(5, source=_FOREIGN)], _TOKENS, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay_token(5)], {**_TOKENS, "address": sol.OWNER_USDC}, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay_token(5, to=_FOREIGN)], _TOKENS, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay_token_unchecked(5, to=_FOREIGN)], _TOKENS, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay_token(5)], {**_TOKENS, "address": sol.PAID}, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay_token(5, program=sol.TOKEN_2022)], _TOKENS, None, ["TOKEN_ACCOUNT_NOT_PROVEN"]),
        ([sol.pay(7)], {**_COINS, "token_id": "SOL_XYZ"}, None, ["TOKEN_UNKNOWN"]),
        ([sol.pay(7)], {**_COINS, "address": "0x00"}, None, ["DECLARATION_NOT_CANONICAL"]),
        ([sol.pay(7)], {**_COINS, "amount": "0.0000000071"}, None, ["DECLARATION_NOT_CANONICAL"]),
        ([sol.pay(7)], _COINS, sol.Extras(signers=(sol.SIGNER, sol.OWNER)), ["KIND_NOT_SUPPORTED"]),
        ([sol.pay(7)], _COINS, sol.Extras(signers=(sol.OWNER, sol.SIGNER)), ["KIND_NOT_SUPPORTED"]),
        ([sol.pay(7)], _COINS, sol.Extras(version=1), ["KIND_NOT_SUPPORTED"]),
        (
            [sol.pay(7)],
            _COINS,
            sol.Extras(version=0, lookups=b"\x01" + bytes(32) + b"\x01\x00\x00"),
            ["LOOKUP_TABLE_NOT_PROVEN"],
        ),
    ],
)
def test_what_the_bytes_do_not_say_is_unprovable(
    steps: list[sol.Step], declared: dict[str, str], extras: sol.Extras | None, expected: list[str]
) -> None:
    """Unknown programs, lookup tables, accounts that nobody derives and statements that are absent are named."""
    found = _facts(*steps, declared=declared, extras=extras)

    assert (found.status, codes(found)) == ("UNPROVABLE", expected)


def test_bytes_that_are_not_canonical_contradict() -> None:
    """A tail after the message would be signed and not executed as shown."""
    found = _facts(body=sol.message(sol.pay(7)) + b"\x00")

    assert (found.status, codes(found)) == ("CONTRADICTED", ["BYTES_NOT_CANONICAL"])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0x", ["DECLARATION_NOT_CANONICAL"]),
        ("0x" + sol.message(sol.pay(7)).hex(), ["DECLARATION_NOT_CANONICAL"]),
        (sol.wrapped(sol.message(sol.pay(7))) + "0a", ["DECLARATION_NOT_CANONICAL"]),
        (sol.wrapped(bytes(1168)), ["RAW_TX_TOO_LARGE"]),
        (sol.wrapped(bytes(100_000)), ["RAW_TX_TOO_LARGE"]),
    ],
)
def test_the_wrapper_must_be_the_known_one(raw: str, expected: list[str]) -> None:
    """Another wrapper says nothing about the bytes that are signed."""
    request_type, detail, extra = sample("keysign_sol_transfer")
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = raw

    found = facts(request_type, detail, extra)

    assert (found.status, codes(found)) == ("UNPROVABLE", expected)


def test_another_message_than_the_one_shown_contradicts() -> None:
    """What is signed must be the message that is shown, byte for byte."""
    request_type, detail, extra = sample("keysign_sol_transfer")
    detail["msg_hash_list"] = [detail["msg_hash_list"][0][:-2] + "01"]

    found = facts(request_type, detail, extra)

    assert (found.status, codes(found)) == ("CONTRADICTED", ["HASH_MISMATCH"])


@pytest.mark.parametrize(("kind", "drop"), [("Stake", None), ("ContractCall", None), ("Withdrawal", "Drop")])
def test_other_kinds_are_not_supported(kind: str, drop: str | None) -> None:
    """Nothing else is taken for a Withdrawal; Solana has no drop."""
    request_type, detail, extra = sample("keysign_sol_transfer")
    extra["transaction"]["type"] = kind
    if drop is not None:
        extra["transaction"]["replacement"] = {"replaced_type": drop}

    found = facts(request_type, detail, extra)

    assert (found.status, codes(found)) == ("UNPROVABLE", ["KIND_NOT_SUPPORTED"])


def test_facts_of_everything_that_goes_along() -> None:
    """Nonce, account creation and memo are calls that people and rules can read."""
    found = _facts(
        sol.advance(), sol.create(), sol.pay_token(5), sol.memo("inv\n4711"), declared=_TOKENS | {"memo": "inv\n4711"}
    ).to_json()

    calls: Any = found["calls"]
    assert [(call["to"], call["method"], call["args"]) for call in calls] == [
        (sol.SYSTEM, "System.AdvanceNonceAccount", [{"account": sol.OTHER_MINT, "authority": sol.SIGNER}]),
        (
            sol.ASSOCIATED,
            "AssociatedToken.CreateIdempotent",
            [{"payer": sol.SIGNER, "account": sol.OWNER_USDC, "owner": sol.OWNER, "mint": sol.USDC}],
        ),
        (sol.MEMO, "Memo", [{"text": "inv\n4711"}]),
    ]
    assert found["summary"] == [
        f"Send 0.000005 USDC to {sol.OWNER} on SOL.",
        f"It stays valid until the nonce account {sol.OTHER_MINT} is advanced.",
        f"Create the token account {sol.OWNER_USDC} of {sol.OWNER}, for which about 0.00203928 SOL are kept there.",
        "Write a memo that is not printable.",
        "Fee at most 0.00204428 SOL.",
        "Approves nothing.",
    ]
    fee: Any = found["fee"]
    assert fee["max"] == "2044280"


def test_a_created_account_names_the_recipient() -> None:
    """Whoever the bytes create the account for is the recipient, whatever was declared."""
    found = _facts(sol.create(), sol.pay_token(5), declared={**_TOKENS, "address": sol.PAID})

    assert [transfer["to"] for transfer in found.transfers] == [sol.OWNER]
    (contradiction,) = found.contradictions
    assert contradiction.proven == f"{sol.OWNER} (token account {sol.OWNER_USDC})"


def test_what_is_not_understood_is_shown() -> None:
    """An unknown program and a known instruction that is no payment are calls with their data."""
    approve = sol.Step(sol.TOKEN, (sol.SIGNER_USDC, sol.PAID, sol.SIGNER), b"\x04" + bytes(8))
    found = _facts(sol.pay(7), approve, sol.Step(sol.OWNER, (sol.SIGNER,), b"\x01\x02"))

    assert codes(found) == ["EXTRA_INSTRUCTION", "INSTRUCTION_UNKNOWN"]
    assert [(call["to"], call["method"], call["data"]) for call in found.calls] == [
        (sol.TOKEN, "Token.Approve", "0x040000000000000000"),
        (sol.OWNER, None, "0x0102"),
    ]
    assert found.summary[1:] == (
        f"Run Token.Approve on {sol.SIGNER_USDC}.",
        f"Run the program {sol.OWNER} with 2 bytes that are not understood.",
        f"Takes back what {sol.PAID} may spend of {sol.SIGNER_USDC}.",
        "Fee not bounded by the bytes.",
        "Declared otherwise: extra instruction.",
        "Not all is proven: instruction unknown.",
    )
    assert found.fee is not None
    assert found.fee["max"] is None


@pytest.mark.parametrize(("test_network", "expected"), [(False, "SOL"), (True, "SOLDEV_SOL")])
def test_a_declared_test_network_is_not_believed(expected: str, *, test_network: bool) -> None:
    """The same bytes are valid on the main network, whose rules apply unless the key is pinned to test networks."""
    data = registry_data()
    data["chains"]["SOLDEV"] = {"kind": "solana", "testnet": True, "native_token": "SOLDEV_SOL"}
    data["tokens"]["SOLDEV_SOL"] = {"chain": "SOLDEV", "kind": "native", "decimals": 9, "symbol": "dSOL"}
    for key in data["keys"].values():
        key["test_network"] = test_network
    request_type, detail, extra = sample("keysign_sol_transfer")
    extra["transaction"] |= {"chain_id": "SOLDEV", "token_id": "SOLDEV_SOL"}

    found = facts(request_type, detail, extra, data)

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert [transfer["asset"]["token"] for transfer in json.loads(json.dumps(found.transfers))] == [expected]


def test_a_memo_cannot_speak_for_the_summary() -> None:
    """The requester's text is a JSON string, which no quotation mark inside can end."""
    memo = 'ref 7". Fee at most 0 SOL. "'
    found = _facts(sol.memo(memo), sol.pay(7), declared={**_COINS, "memo": memo})

    assert 'Write the memo: "ref 7\\". Fee at most 0 SOL. \\"".' in found.summary
