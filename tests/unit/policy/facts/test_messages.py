"""Messages: their digests, what they are for, and what they do."""

import base64
import copy
import json
from typing import Any

import pytest
from eth_account.messages import encode_defunct
from evm_requests import (
    CONTRACT,
    SAFE,
    SPENDER,
    USDT,
    calldata,
    multi_send,
    safe_transaction,
    text_message,
    typed_data,
    typed_message,
)
from facts_cases import ABSENT, ADDRESS, changed, codes
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from placet_policy.chains.eip712 import read_typed_data
from placet_policy.chains.evm import keccak256
from placet_policy.chains.messages import kind_of, may_be_hash, personal_digest
from placet_policy.facts.prove import Facts

_DESTINATION = "extra.transaction.destination"
_UNLIMITED = str(2**160 - 1)
_APPROVES = f"Approves {SPENDER} to spend"


def _personal(message: bytes) -> Facts:
    return changed("keysign_message_eip191", text_message(message))


def _signed(data: dict[str, Any], changes: dict[str, Any] | None = None) -> Facts:
    """The facts about typed data that the samples' own key signs."""
    return changed("keysign_message_eip191", {**typed_message(data), **(changes or {})})


_PERMIT = typed_data(
    "Permit",
    {"Permit": "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline"},
    {"owner": ADDRESS, "spender": SPENDER, "value": "9", "nonce": 0, "deadline": 1},
    contract=USDT,
)
_PERMIT_DAI = typed_data(
    "Permit",
    {"Permit": "address holder,address spender,uint256 nonce,uint256 expiry,bool allowed"},
    {"holder": ADDRESS, "spender": SPENDER, "nonce": 0, "expiry": 0, "allowed": True},
)
_DETAILS = "address token,uint160 amount,uint48 expiration,uint48 nonce"
_PERMIT_SINGLE = typed_data(
    "PermitSingle",
    {"PermitSingle": "PermitDetails details,address spender,uint256 sigDeadline", "PermitDetails": _DETAILS},
    {
        "details": {"token": USDT, "amount": _UNLIMITED, "expiration": 1, "nonce": 0},
        "spender": SPENDER,
        "sigDeadline": 1,
    },
)
_PERMIT_BATCH = typed_data(
    "PermitBatch",
    {"PermitBatch": "PermitDetails[] details,address spender,uint256 sigDeadline", "PermitDetails": _DETAILS},
    {
        "details": [
            {"token": USDT, "amount": 5, "expiration": 1, "nonce": 0},
            {"token": SAFE, "amount": 6, "expiration": 1, "nonce": 0},
        ],
        "spender": SPENDER,
        "sigDeadline": 1,
    },
)
_WITNESS = typed_data(
    "PermitWitnessTransferFrom",
    {
        "PermitWitnessTransferFrom": (
            "TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Order witness"
        ),
        "TokenPermissions": "address token,uint256 amount",
        "Order": "uint256 price",
    },
    {
        "permitted": {"token": USDT, "amount": 7},
        "spender": SPENDER,
        "nonce": 1,
        "deadline": 2,
        "witness": {"price": 3},
    },
)


_NFT_PERMIT = typed_data(
    "Permit",
    {"Permit": "address spender,uint256 tokenId,uint256 nonce,uint256 deadline"},
    {"spender": SPENDER, "tokenId": 0, "nonce": 0, "deadline": 1},
)


def _manager(*, allowed: bool) -> dict[str, Any]:
    return typed_data(
        "Authorization",
        {"Authorization": "address owner,address manager,bool isAllowed,uint256 nonce,uint256 expiry"},
        {"owner": ADDRESS, "manager": SPENDER, "isAllowed": allowed, "nonce": 0, "expiry": 1},
    )


def test_the_vector_of_eip191_has_its_digest() -> None:
    """The official message, base64 in the request."""
    row = next(row for row in vectors()["messages"] if "message_base64" in row)

    assert "0x" + personal_digest(base64.b64decode(row["message_base64"])).hex() == row["expected"]["digest"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_digests_are_those_of_eth_account(message: bytes) -> None:
    """Another implementation hashes random messages to the same digest."""
    signable = encode_defunct(message)

    assert personal_digest(message) == keccak256(b"\x19" + signable.version + signable.header + signable.body)


def test_facts_of_a_text() -> None:
    """The message is a fact, and no network is proven, because it is valid on every one."""
    found = changed("keysign_message_eip191", {})

    assert found.chain == {
        "kind": "evm",
        "id": "ETH",
        "network": None,
        "network_proven": False,
        "valid_until": None,
        "blob_hashes": [],
        "authorizations": [],
        "source": "declared",
    }
    assert found.messages == (
        {
            "scheme": "eip191",
            "kind": "personal",
            "text": "Example `personal_sign` message",
            "data": "0x4578616d706c652060706572736f6e616c5f7369676e60206d657373616765",
            "may_be_hash": False,
            "domain": None,
            "types": None,
            "primary_type": None,
            "values": None,
            "network": None,
            "contract": None,
            "approvals": [],
            "hazards": [],
            "digest": "0xaf1dee894786c304604a039b041463c9ab8defb393403ea03cf2c85b1eb8cbfd",
            "source": "bytes",
        },
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{_DESTINATION}.message": "RXhhbXBsZQ=="}, "HASH_MISMATCH"),
        ({f"{_DESTINATION}.message": "RXhhbXBsZQ"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.message": ABSENT}, "DECLARATION_MISSING"),
        ({"extra.transaction.raw_tx_info": {"unsigned_raw_tx": "0x01"}}, "DECLARATION_NOT_CANONICAL"),
        ({"detail.msg_hash_list": []}, "HASH_COUNT_MISMATCH"),
    ],
)
def test_a_text_is_compared_with_what_is_signed(changes: dict[str, Any], code: str) -> None:
    """The declared message is the one whose digest is signed, and there is no transaction beside it."""
    assert code in codes(changed("keysign_message_eip191", changes))


@pytest.mark.parametrize(
    ("message", "expected"),
    [(bytes(32), True), (b"ab" * 32, True), (b"0x" + b"AB" * 32, True), (bytes(31), False), (b"zz" * 32, False)],
)
def test_a_message_that_may_be_a_hash_is_flagged(message: bytes, expected: bool) -> None:  # noqa: FBT001 -- a table's column
    """32 bytes, or their hexadecimal text, may be the hash of a transaction that a contract accepts by signature."""
    found = _personal(message)

    assert may_be_hash(message) is expected
    assert (found.status, found.messages[0]["may_be_hash"]) == ("PROVEN", expected)


def test_a_blind_message_is_shown_as_its_bytes() -> None:
    """Unprintable bytes are hexadecimal in the summary, and have no text."""
    found = _personal(b"\xff\x00")

    assert (found.messages[0]["text"], found.summary) == (None, ("Sign the message of 2 bytes 0xff00.",))


def test_a_long_text_is_cut_in_the_summary_only() -> None:
    """A summary is for people; the whole text is a fact."""
    found = _personal(b"a" * 200)

    assert found.summary == (f'Sign the message "{"a" * 80}…" (200 characters).',)
    assert found.messages[0]["text"] == "a" * 200


@pytest.mark.parametrize(
    ("data", "kind", "approvals", "sentences"),
    [
        (_PERMIT, "permit", [(USDT, "9", False)], [f"{_APPROVES} 0.000009 USDT ({USDT})."]),
        (_PERMIT_DAI, "permit", [(CONTRACT, None, True)], [f"{_APPROVES} everything of {CONTRACT}."]),
        (_PERMIT_SINGLE, "permit2", [(USDT, _UNLIMITED, True)], [f"{_APPROVES} unlimited USDT ({USDT})."]),
        (
            _PERMIT_BATCH,
            "permit2",
            [(USDT, "5", False), (SAFE, "6", False)],
            [f"{_APPROVES} 0.000005 USDT ({USDT}).", f"{_APPROVES} 6 base units of {SAFE}."],
        ),
        (_WITNESS, "permit2", [(USDT, "7", False)], [f"{_APPROVES} 0.000007 USDT ({USDT})."]),
        (safe_transaction(SAFE, b""), "safe_transaction", [], []),
        (
            _NFT_PERMIT,
            "nft_permit",
            [(CONTRACT, "1", False)],
            [f"{_APPROVES} 1 base units of {CONTRACT}."],
        ),
        (
            _manager(allowed=True),
            "manager_authorization",
            [(CONTRACT, None, True)],
            [f"{_APPROVES} everything of {CONTRACT}."],
        ),
        (_manager(allowed=False), "manager_authorization", [(CONTRACT, "0", False)], []),
    ],
    ids=[
        "permit",
        "dai",
        "permit2",
        "permit2 batch",
        "permit2 witness",
        "safe",
        "nft permit",
        "manager",
        "manager dismissed",
    ],
)
def test_messages_that_move_something_are_recognised(
    data: dict[str, Any], kind: str, approvals: list[Any], sentences: list[str]
) -> None:
    """Whose coins whoever may spend stands in the facts, and in a sentence."""
    found = _signed(data)
    (message,) = found.messages

    assert (found.status, message["kind"]) == ("PROVEN", kind)
    assert message["approvals"] == [
        {"token": token, "spender": SPENDER, "amount": amount, "unlimited": unlimited}
        for token, amount, unlimited in approvals
    ]
    assert [line for line in found.summary if line.startswith("Approves")] == sentences


def test_another_structure_of_the_same_name_is_not_recognised() -> None:
    """A contract checks the hash of the types, so a Permit with other members is no Permit."""
    data = copy.deepcopy(_PERMIT)
    data["types"]["Permit"][2]["type"] = "uint128"

    assert kind_of(read_typed_data(data)) == "typed"
    assert _signed(data).messages[0]["approvals"] == []


def test_facts_of_typed_data() -> None:
    """Domain, types, primary type and values are facts, and the chain is the one of the domain."""
    found = _signed(_PERMIT)
    (message,) = found.messages

    assert found.chain is not None
    assert (found.chain["id"], found.chain["network"], found.chain["network_proven"]) == ("ETH", "1", True)
    assert (message["scheme"], message["network"], message["contract"]) == ("eip712", "1", USDT)
    assert message["domain"] == {"chainId": "1", "verifyingContract": USDT}
    assert message["primary_type"] == "Permit"
    assert message["types"] == {"Permit": _PERMIT["types"]["Permit"]}
    assert message["values"] == {"owner": ADDRESS, "spender": SPENDER, "value": "9", "nonce": "0", "deadline": "1"}


def test_a_domain_of_another_network_is_named_and_no_contradiction() -> None:
    """Exchanges use fixed chain ids in their domains; the rule of messages lists networks."""
    data = copy.deepcopy(_PERMIT)
    data["domain"]["chainId"] = 1337
    found = _signed(data)

    assert found.chain is not None
    assert (found.status, found.chain["id"], found.chain["network"]) == ("PROVEN", None, "1337")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{_DESTINATION}.raw_structured_data": json.dumps(_PERMIT_DAI)}, "STRUCTURED_DATA_MISMATCH"),
        ({f"{_DESTINATION}.raw_structured_data": "{}"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.raw_structured_data": "{"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.raw_structured_data": '{},"more":{}'}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.structured_data": {}}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.structured_data": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.structured_data": _PERMIT_DAI}, "HASH_MISMATCH"),
    ],
)
def test_both_declarations_of_typed_data_mean_what_is_signed(changes: dict[str, Any], code: str) -> None:
    """The text beside the object says the same, and its digest is the one that is signed."""
    assert code in codes(_signed(_PERMIT, changes))


@pytest.mark.parametrize("text", [ABSENT, json.dumps(_PERMIT, indent=2), json.dumps(_PERMIT).replace('"9"', "9")])
def test_the_text_of_typed_data_may_be_absent_or_written_otherwise(text: object) -> None:
    """Blanks and the form of a number change no meaning."""
    assert codes(_signed(_PERMIT, {f"{_DESTINATION}.raw_structured_data": text})) == []


def test_what_a_safe_will_do_is_what_its_transaction_does() -> None:
    """The signature of an owner moves the Safe's tokens."""
    found = _signed(safe_transaction(USDT, calldata("transfer(address,uint256)", SPENDER, 5)))

    assert [(one["from"], one["to"], one["amount"]) for one in found.transfers] == [(SAFE, SPENDER, "5")]
    assert [(call["to"], call["method"]) for call in found.calls] == [(USDT, "transfer(address,uint256)")]


def test_a_batch_by_delegatecall_in_a_safe_transaction_is_opened() -> None:
    """The form of the official Mantle example: multiSend by delegatecall."""
    batch = multi_send((0, SPENDER, 4, b""), (0, SPENDER, 5, b""))
    found = _signed(safe_transaction(CONTRACT, batch, operation=1))

    assert [(call["to"], call["operation"]) for call in found.calls] == [(CONTRACT, "delegatecall")]
    assert [(one["from"], one["to"], one["amount"]) for one in found.transfers] == [
        (SAFE, SPENDER, "4"),
        (SAFE, SPENDER, "5"),
    ]


def test_a_safe_that_pays_the_sender_is_a_hazard() -> None:
    """A gas price that the signers chose is a payment to whoever executes the transaction."""
    data = safe_transaction(SPENDER, b"", value=3)
    data["message"]["gasPrice"] = "1"

    assert _signed(data).messages[0]["hazards"] == ["SAFE_REFUND"]


def test_an_unknown_operation_of_a_safe_is_not_supported() -> None:
    """What cannot be executed, or only by another contract than a Safe, is not understood."""
    assert codes(_signed(safe_transaction(USDT, b"", operation=2))) == ["KIND_NOT_SUPPORTED"]


def test_too_many_calls_in_a_safe_transaction_are_unprovable() -> None:
    """What is not looked at is not proven."""
    batch = multi_send(*[(0, SPENDER, 4, b"")] * 65)

    assert codes(_signed(safe_transaction(CONTRACT, batch, operation=1))) == ["CALLS_TOO_MANY"]


def test_a_safe_without_a_named_contract_still_says_what_it_does() -> None:
    """Old domains may leave it out; then nobody knows which Safe pays."""
    data = safe_transaction(SPENDER, b"", value=3)
    data["types"]["EIP712Domain"], data["domain"] = [], {}
    found = _signed(data)

    assert [(one["from"], one["to"]) for one in found.transfers] == [(None, SPENDER)]
    assert found.summary[0] == "Sign a Safe transaction for no named contract."
    assert found.chain is not None
    assert found.chain["network_proven"] is False


def test_the_official_safe_transaction_passes_with_a_consistent_key() -> None:
    """The sample fails by its constructed key alone; its data under the samples' key is proven."""
    request = changed("keysign_message_eip712", {})
    data = next(row for row in vectors()["messages"] if row["id"] == "msg-eip712-safe-normal")
    found = _signed(json.loads(data["raw_structured_data"]))

    assert codes(request) == ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH", "PATH_NOT_PINNED"]
    assert (found.status, found.messages[0]["kind"]) == ("PROVEN", "safe_transaction")
    assert found.hashes[0]["hash"] == "0xbf871d82bf18935628e796c1122267fabb970617c8ddf51bb6d526cabd7a3df4"


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        ("0x17c9f804d39b327211a7cfac0c7ea416f4b9360287c6069fe726068b0ec4cf55", ["BLIND_SIGNATURE"]),
        ("0x" + "00" * 32, ["HASH_MISMATCH", "BLIND_SIGNATURE"]),
        ("0x00", ["BLIND_SIGNATURE", "DECLARATION_NOT_CANONICAL"]),
        ("no hash", ["BLIND_SIGNATURE", "DECLARATION_NOT_CANONICAL"]),
        (ABSENT, ["BLIND_SIGNATURE", "DECLARATION_MISSING", "DECLARATION_NOT_CANONICAL"]),
    ],
)
def test_a_bare_hash_is_never_proven(digest: object, expected: list[str]) -> None:
    """Nothing says of what it is the hash, even where all statements agree."""
    found = changed("a51_raw_message_signature", {f"{_DESTINATION}.msg_hash": digest})

    assert codes(found) == expected
