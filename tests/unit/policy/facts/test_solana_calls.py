"""Declared Solana instructions: each of them in the message, in order, and nothing else that does anything."""

import json
from pathlib import Path
from typing import Any

import pytest
import solana_cases as sol
from facts_cases import ABSENT, codes
from placet_policy.facts.prove import Facts
from solana_calls import APPROVE, CONFIG, DRAIN, HEAP, PROGRAM, STATE, WRITABLE, built, contract_call, key, run

_VECTORS = Path(__file__).parents[3] / "support" / "vectors.json"
_INSTRUCTIONS = "extra.transaction.destination.instructions"
_INSTRUCTION = f"{_INSTRUCTIONS}.0"
_BURN = sol.Step(sol.TOKEN_2022, (sol.SIGNER_USDC, sol.USDC, sol.SIGNER), b"\x0f" + (7).to_bytes(8, "little") + b"\x06")
_SET_AUTHORITY = sol.Step(sol.TOKEN, (sol.SIGNER_USDC, sol.SIGNER), b"\x06\x02\x01" + bytes(32))


def _calls(found: Facts) -> list[tuple[object, object, object]]:
    return [(call["to"], call["method"], call["data"]) for call in found.calls]


def test_facts_of_a_call() -> None:
    """An unknown program stays a call with its accounts and data, and nothing bounds what it takes."""
    found = contract_call(run()).to_json()

    assert found["status"] == "PROVEN"
    assert found["transfers"] == []
    assert found["calls"] == [
        {
            "to": PROGRAM,
            "to_declared": PROGRAM,
            "selector": None,
            "method": None,
            "args": [sol.SIGNER, STATE, CONFIG],
            "data": "0x010203",
            "value": "0",
            "operation": "call",
            "approval": None,
            "hazards": [],
            "source": "bytes",
        }
    ]
    assert found["fee"] == {
        "max": None,
        "asset": {"kind": "native", "contract": None, "token": "SOL", "chain": "SOL"},
        "source": "bytes",
    }
    assert found["summary"] == [
        f"Run the program {PROGRAM} with 3 bytes that are not understood.",
        "Fee not bounded by the bytes.",
    ]


@pytest.mark.parametrize(
    ("steps", "declared"),
    [
        ((run(),), None),
        ((run(), run(b"\x04"), run()), None),
        ((sol.limit(9), sol.price(9), run()), (run(),)),
        ((run(), sol.price(9)), (run(),)),
        ((sol.limit(9), run(), sol.price(9)), (sol.price(9), run(), sol.limit(9))),
        ((sol.limit(9), run()), (sol.limit(9), run())),
        ((HEAP, run()), (HEAP, run())),
        ((sol.heap(65_536), sol.loaded(9), sol.limit(9), run()), (run(),)),
        ((sol.advance(), run()), (run(),)),
        ((sol.advance(), sol.limit(9), run()), (sol.advance(), run())),
        ((_BURN,), None),
        ((sol.pay(7), sol.memo("x"), sol.create(data=b""), sol.pay_token(5)), None),
        ((run(accounts=()),), None),
        ((run(b""),), None),
    ],
    ids=[
        "one",
        "three",
        "budget that is not declared",
        "budget at the end",
        "budget in another order",
        "half of the budget declared",
        "another budget instruction that is declared",
        "memory and loaded data that are not declared",
        "nonce that is not declared",
        "nonce that is declared",
        "the provider's example",
        "known programs",
        "no accounts",
        "no data",
    ],
)
def test_honest_calls_are_proven(steps: tuple[sol.Step, ...], declared: tuple[sol.Step, ...] | None) -> None:
    """Compute budget and a nonce may come along; the rest is as declared."""
    found = contract_call(*steps, declared=declared)

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_the_official_destination_is_proven() -> None:
    """The provider's example of a call declares BurnChecked; with the derived key as its owner the bytes agree."""
    items = json.loads(_VECTORS.read_text())["approval_statements"]["items"]
    text = json.dumps(next(item for item in items if item["id"] == "stmt-transaction_contractcall")["biz_data"])
    declared = json.loads(text.replace("CtvWtBCUcw9zvkM4C5oks3kYEaJtCwQsJxcv5x1wExor", sol.SIGNER))["destination"]
    account, mint, owner = (entry["pubkey"] for entry in declared["instructions"][0]["accounts"])
    burn = sol.Step(sol.TOKEN_2022, (account, mint, owner), bytes.fromhex("0f005039278c04000006"))
    body = built(sol.limit(9), burn, writable=frozenset({account, mint}))
    found = contract_call(body=body, changes={"extra.transaction.destination": declared})

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert _calls(found) == [(sol.TOKEN_2022, "Token.BurnChecked", "0x0f005039278c04000006")]
    assert owner == sol.SIGNER


def test_a_message_of_version_0_is_proven() -> None:
    """Version 0 without lookup tables says the same, whatever tables are declared."""
    legacy = built(run())
    tables = [{"alt_account_key": key(9), "addresses": [STATE]}]
    found = contract_call(
        run(),
        body=b"\x80" + legacy + b"\x00",
        changes={"extra.transaction.destination.address_lookup_table_accounts": tables},
    )

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_lookup_tables_are_not_proven_even_when_declared() -> None:
    """What a table holds is on the chain, and the declaration is only the requester's word."""
    table = b"\x01" + bytes(31) + b"\x09" + b"\x01\x00" + b"\x00"
    found = contract_call(
        run(),
        body=b"\x80" + built(run()) + table,
        changes={
            "extra.transaction.destination.address_lookup_table_accounts": [
                {"alt_account_key": key(9), "addresses": [STATE]}
            ]
        },
    )

    assert (found.status, codes(found)) == ("UNPROVABLE", ["LOOKUP_TABLE_NOT_PROVEN"])


def test_flags_are_merged_over_the_instructions() -> None:
    """An account that one instruction writes to is writable in all, and the signer is so as the fee's payer."""
    changes = {
        f"{_INSTRUCTION}.accounts.0.is_writable": False,
        f"{_INSTRUCTION}.accounts.0.is_signer": False,
        f"{_INSTRUCTION}.accounts.1.is_writable": False,
    }

    assert contract_call(run(), run(), changes=changes).status == "PROVEN"


def test_a_nonce_that_is_not_declared_makes_its_account_writable() -> None:
    """A declared instruction may only read the nonce account that the provider's advance writes to."""
    reading = run(accounts=(sol.SIGNER, sol.OTHER_MINT))
    found = contract_call(
        sol.advance(),
        reading,
        declared=(reading,),
        changes={f"{_INSTRUCTION}.accounts.1.is_writable": False},
    )

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{_INSTRUCTION}.program_id": sol.OWNER}, "DESTINATION_MISMATCH"),
        ({f"{_INSTRUCTION}.program_id": "jup"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_INSTRUCTION}.program_id": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_INSTRUCTION}.accounts.1.pubkey": sol.PAID}, "ACCOUNTS_MISMATCH"),
        ({f"{_INSTRUCTION}.accounts.1.pubkey": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_INSTRUCTION}.accounts.1.is_writable": False}, "ACCOUNT_FLAGS_MISMATCH"),
        ({f"{_INSTRUCTION}.accounts.2.is_writable": True}, "ACCOUNT_FLAGS_MISMATCH"),
        ({f"{_INSTRUCTION}.accounts.2.is_signer": True}, "ACCOUNT_FLAGS_MISMATCH"),
        ({f"{_INSTRUCTION}.accounts.2.is_signer": "false"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_INSTRUCTION}.accounts.2.is_writable": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_INSTRUCTION}.accounts.2": ABSENT}, "ACCOUNTS_MISMATCH"),
        ({f"{_INSTRUCTION}.accounts": []}, "ACCOUNTS_MISMATCH"),
        ({f"{_INSTRUCTION}.accounts": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_INSTRUCTION}.data": "AQIE"}, "CALLDATA_MISMATCH"),
        ({f"{_INSTRUCTION}.data": ""}, "CALLDATA_MISMATCH"),
        ({f"{_INSTRUCTION}.data": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_INSTRUCTION}.data": "AQID="}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_INSTRUCTION}.data": "AQI\u00e9"}, "DECLARATION_NOT_CANONICAL"),
        ({"extra.transaction.destination.instructions": []}, "DECLARATION_MISSING"),
        ({"extra.transaction.destination.instructions": {}}, "DECLARATION_NOT_CANONICAL"),
        ({"extra.transaction.chain_id": "TRON"}, "TOKEN_CHAIN_MISMATCH"),
        ({"extra.transaction.replacement": {"replaced_type": "Drop"}}, "KIND_NOT_SUPPORTED"),
        ({"detail.msg_hash_list.0": "0x" + "11" * 32}, "HASH_MISMATCH"),
        ({"detail.bip32_path_list.0": "m/44/501/1/0/1"}, "DERIVATION_MISMATCH"),
    ],
)
def test_every_statement_of_a_call_is_compared(changes: dict[str, Any], code: str) -> None:
    """Program, accounts, their flags, data, chain and keys are those of the bytes, or the request is not proven."""
    found = contract_call(run(), changes=changes)

    assert found.status != "PROVEN"
    assert code in codes(found)


@pytest.mark.parametrize("text", ["0x0e5a16cc", "0E5A16CC", "NQrr1"])
def test_data_in_another_encoding_is_not_proven_and_no_lie(text: str) -> None:
    """The encoding is not documented; a text that means the bytes in another one must not be refused for good."""
    found = contract_call(run(b"\x0e\x5a\x16\xcc"), changes={f"{_INSTRUCTION}.data": text})

    assert (found.status, codes(found)) == ("UNPROVABLE", ["DECLARATION_NOT_CANONICAL"])


_WRONG_ORDER = sol.Step(PROGRAM, (STATE, sol.SIGNER, CONFIG), b"\x01\x02\x03")


@pytest.mark.parametrize(
    ("steps", "declared", "expected"),
    [
        ((run(), DRAIN), (run(),), ["EXTRA_TRANSFER"]),
        ((DRAIN, run()), (run(),), ["EXTRA_TRANSFER"]),
        ((run(), sol.pay(7)), (run(),), ["EXTRA_TRANSFER"]),
        ((run(), APPROVE), (run(),), ["EXTRA_INSTRUCTION"]),
        ((run(), _SET_AUTHORITY), (run(),), ["EXTRA_INSTRUCTION"]),
        ((run(), run()), (run(),), ["EXTRA_INSTRUCTION"]),
        ((run(), sol.memo("x")), (run(),), ["EXTRA_INSTRUCTION"]),
        ((run(), sol.advance()), (run(),), ["EXTRA_INSTRUCTION"]),
        ((sol.limit(1), sol.advance(), run()), (run(),), ["EXTRA_INSTRUCTION"]),
        ((sol.limit(1), sol.limit(2), run()), (run(),), ["EXTRA_INSTRUCTION"]),
        ((sol.limit(1), sol.limit(2), run()), (sol.limit(1), run()), ["EXTRA_INSTRUCTION"]),
        ((run(),), (run(), run(b"\x04")), ["INSTRUCTION_MISSING"]),
        ((run(b"\x04"), run()), (run(), run(b"\x04")), ["CALLDATA_MISMATCH"]),
        ((_WRONG_ORDER,), (run(),), ["ACCOUNTS_MISMATCH"]),
        ((DRAIN,), (sol.pay_token(4),), ["CALLDATA_MISMATCH"]),
        ((APPROVE,), (run(),), ["DESTINATION_MISMATCH", "ACCOUNTS_MISMATCH", "CALLDATA_MISMATCH"]),
    ],
)
def test_whatever_else_the_bytes_do_contradicts(
    steps: tuple[sol.Step, ...], declared: tuple[sol.Step, ...], expected: list[str]
) -> None:
    """More, fewer, other or turned instructions than the declared ones."""
    found = contract_call(*steps, declared=declared)

    assert (found.status, codes(found)) == ("CONTRADICTED", expected)


def test_an_added_instruction_is_named() -> None:
    """People read what was put in, and not how everything behind it moved."""
    (contradiction,) = contract_call(run(), DRAIN, run(b"\x04"), declared=(run(), run(b"\x04"))).contradictions

    assert contradiction.proven == f"5 base units of {sol.USDC} to token account {sol.OWNER_USDC}"


def test_more_power_over_an_account_contradicts() -> None:
    """A message that lets programs write to an account that is declared to be read."""
    found = contract_call(run(), body=built(run(), writable=WRITABLE | {CONFIG}))

    assert [(one.code, one.path, one.declared, one.proven) for one in found.contradictions] == [
        ("ACCOUNT_FLAGS_MISMATCH", f"{_path()}.accounts[2].is_writable", "False", "True")
    ]


def _path() -> str:
    return "extra_info.transaction.destination.instructions[0]"


@pytest.mark.parametrize(
    ("signers", "status", "expected"),
    [
        ((sol.SIGNER, sol.OWNER), "UNPROVABLE", ["KIND_NOT_SUPPORTED"]),
        ((sol.OWNER, sol.SIGNER), "UNPROVABLE", ["KIND_NOT_SUPPORTED"]),
    ],
)
def test_a_second_signer_is_not_proven(signers: tuple[str, ...], status: str, expected: list[str]) -> None:
    """What another signer brings in, or that another one pays the fee, is not declared."""
    found = contract_call(run(), body=built(run(), signers=signers))

    assert (found.status, codes(found)) == (status, expected)


def test_another_signer_contradicts() -> None:
    """The one signature that is asked for is not the derived key's."""
    stolen = run(accounts=(sol.OWNER, STATE))
    found = contract_call(stolen, body=built(stolen, signers=(sol.OWNER,)))

    assert "OWNER_MISMATCH" in codes(found)


@pytest.mark.parametrize(
    ("steps", "declared", "expected"),
    [
        ((HEAP, run()), (run(),), ["INSTRUCTION_UNKNOWN"]),
        ((run(),), (sol.limit(9), run()), ["COMPUTE_BUDGET_NOT_PROVEN"]),
        ((sol.limit(8), run()), (sol.limit(9), run()), ["COMPUTE_BUDGET_NOT_PROVEN"]),
    ],
)
def test_what_the_bytes_do_not_say_is_unprovable(
    steps: tuple[sol.Step, ...], declared: tuple[sol.Step, ...], expected: list[str]
) -> None:
    """A provider may set its own compute budget, so that a declared one is no contradiction."""
    found = contract_call(*steps, declared=declared)

    assert (found.status, codes(found)) == ("UNPROVABLE", expected)


def test_more_accounts_than_a_message_holds_are_not_read() -> None:
    """A declaration that no message can fit costs no time, and is not proven."""
    account = {"pubkey": STATE, "is_signer": False, "is_writable": False}
    instructions = "extra.transaction.destination.instructions"
    many = {f"{instructions}.{index}.accounts": [account] * 500 for index in range(3)}
    found = contract_call(run(), run(), run(), changes=many)

    assert (found.status, codes(found)) == ("UNPROVABLE", ["DECLARATION_NOT_CANONICAL"])


def test_known_programs_move_and_the_fee_is_bounded() -> None:
    """Transfers meet the limits and lists of payments; whose account is paid is said only where the bytes prove it."""
    found = contract_call(sol.pay(7), sol.create(), sol.pay_token(5), sol.pay_token_unchecked(6, to=STATE))

    assert [(one["from"], one["to"], one.get("to_account"), one["amount"]) for one in found.transfers] == [
        (sol.SIGNER, sol.PAID, None, "7"),
        (sol.SIGNER, sol.OWNER, sol.OWNER_USDC, "5"),
        (None, None, STATE, "6"),
    ]
    assert _calls(found) == [(sol.ASSOCIATED, "AssociatedToken.CreateIdempotent", "0x01")]
    assert found.fee is not None
    assert found.fee["max"] == "2044280"


def test_the_system_program_may_pay_for_accounts() -> None:
    """What a new account holds is in no transfer, so that no bound of the cost is claimed."""
    seeded = sol.Step(sol.SYSTEM, (sol.SIGNER, STATE), (3).to_bytes(4, "little") + bytes(88))
    found = contract_call(seeded)

    assert found.calls[0]["hazards"] == ["ASSETS_NOT_COUNTED"]
    assert found.fee is not None
    assert found.fee["max"] is None


_UNREAD: dict[str, Any] = {
    "accounts that are no list": {f"{_INSTRUCTION}.accounts": "none"},
    "an account that is no object": {f"{_INSTRUCTION}.accounts.2": None},
    "more accounts than are looked at": {f"{_INSTRUCTION}.accounts": [{}] * 513},
    "an instruction that is no object": {f"{_INSTRUCTIONS}.1": None},
}


@pytest.mark.parametrize("changes", _UNREAD.values(), ids=_UNREAD)
def test_a_declaration_that_cannot_be_read_contradicts_nothing(changes: dict[str, Any]) -> None:
    """What was not read may be the very call; with the accounts go the flags that they ask for."""
    other = run(b"\x09", accounts=(sol.SIGNER, STATE))
    # That the account is written to is then asked for by the first instruction alone.
    found = contract_call(run(), other, changes={f"{_INSTRUCTIONS}.1.accounts.1.is_writable": False, **changes})

    assert (found.status, found.contradictions) == ("UNPROVABLE", ())
    assert "DECLARATION_NOT_CANONICAL" in codes(found)


def test_absent_accounts_excuse_no_flag() -> None:
    """An instruction without accounts may leave them out, and the flags of all others still have to be proven."""
    absent, flag = {f"{_INSTRUCTIONS}.1.accounts": None}, {f"{_INSTRUCTION}.accounts.1.is_writable": False}
    steps = (run(), run(b"\x09", accounts=()))

    assert contract_call(*steps, changes=absent).status == "PROVEN"
    assert contract_call(*steps, changes={**absent, **flag}).status == "UNPROVABLE"
