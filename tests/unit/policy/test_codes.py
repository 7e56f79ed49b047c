"""The closed list of codes, and the collection of findings."""

from pathlib import Path

import placet_policy
import pytest
from placet_policy.code_sources import DENYING_DECISIONS, SOURCES
from placet_policy.codes import CODES, Code, CodeKind
from placet_policy.facts.comparison import COMPARED, ComparedField, RowKey, Shape
from placet_policy.facts.findings import Findings
from placet_policy.facts.key_sign import PROVERS


def test_every_code_is_explained() -> None:
    """Each code has a title and a remediation that are sentences, and no title is used twice."""
    assert set(CODES) == {str(code) for code in Code}
    assert all(info.title.endswith(".") and info.remediation.endswith(".") for info in CODES.values())
    assert len({info.title for info in CODES.values()}) == len(CODES)


def test_every_code_has_a_source() -> None:
    """Each code says which document asks for it, and nothing but a code does."""
    assert set(SOURCES) == {str(code) for code in Code}
    assert all(SOURCES.values())


def test_the_denying_decisions_are_decisions() -> None:
    """The effect of a contradiction is policy data, and what is missing holds."""
    assert {CODES[code].kind for code in DENYING_DECISIONS} == {CodeKind.DECISION}


def test_codes_are_their_own_names() -> None:
    """A code's name and text are the same UPPER_SNAKE word."""
    assert all(code.name == code.value for code in Code)


_LISTS = {"codes.py", "code_sources.py"}


def test_every_fact_code_is_given_somewhere() -> None:
    """A contradiction or missing code that no line of the service can give is dead."""
    package = Path(placet_policy.__file__).parent
    files = [path for path in package.rglob("*.py") if path.name not in _LISTS and path.parent.name != "checks"]
    source = "".join(path.read_text(encoding="utf-8") for path in files)

    assert [code for code in Code if CODES[code].kind != CodeKind.DECISION and f"Code.{code.name}" not in source] == []


def test_a_code_is_noted_at_most_eight_times_and_never_crowds_out_another() -> None:
    """The cap is per code: the ninth of one kind is dropped, the first of the next is kept."""
    findings = Findings()
    for index in range(9):
        findings.miss(Code.DECLARATION_MISSING, f"path{index}")
        findings.contradict(Code.HASH_MISMATCH, f"path{index}", declared=1, proven=2)
    findings.miss(Code.KEY_NOT_PINNED, "path")
    findings.contradict(Code.AMOUNT_MISMATCH, "path", declared=1, proven=2)

    assert [str(one.code) for one in findings.missing] == ["DECLARATION_MISSING"] * 8 + ["KEY_NOT_PINNED"]
    assert [str(one.code) for one in findings.contradictions] == ["HASH_MISMATCH"] * 8 + ["AMOUNT_MISMATCH"]


def test_a_finding_is_noted_once() -> None:
    """Two readers of one statement report it once."""
    findings = Findings()
    for _ in range(2):
        findings.miss(Code.DECLARATION_MISSING, "path")
        findings.contradict(Code.HASH_MISMATCH, "path", declared="a", proven="b")

    assert (len(findings.missing), len(findings.contradictions)) == (1, 1)


def test_declared_values_are_short_and_printable() -> None:
    """The requester's text cannot fill a record or drive a terminal."""
    findings = Findings()
    findings.contradict(Code.GROUP_MISMATCH, "path", declared="a\x1b[2J" + "b" * 500, proven="c\n")

    (one,) = findings.contradictions
    assert one.declared == "a\ufffd[2J" + "b" * 194 + "…"
    assert one.proven == "c\ufffd"
    findings.contradict(Code.AMOUNT_MISMATCH, "path", declared="d" * 200, proven="d" * 201)
    assert findings.contradictions[1].declared == "d" * 200
    assert findings.contradictions[1].proven == "d" * 199 + "…"


_PAYMENT = {ComparedField.CHAIN, ComparedField.TOKEN, ComparedField.DESTINATION, ComparedField.AMOUNT}


@pytest.mark.parametrize(
    ("kind", "replacement", "shape", "fields"),
    [
        ("evm", None, Shape.TRANSFER, {*_PAYMENT, ComparedField.NONCE}),
        ("evm", "SpeedUp", Shape.TRANSFER, {*_PAYMENT, ComparedField.NONCE}),
        ("evm", "Resend", Shape.TRANSFER, {*_PAYMENT, ComparedField.NONCE}),
        ("evm", "Drop", Shape.SELF_SEND, {ComparedField.CHAIN, ComparedField.NONCE}),
        ("tron", None, Shape.TRANSFER, {*_PAYMENT, ComparedField.MEMO}),
        ("tron", "Resend", Shape.TRANSFER, {*_PAYMENT, ComparedField.MEMO}),
        ("solana", None, Shape.TRANSFER, {*_PAYMENT, ComparedField.MEMO}),
        ("solana", "Resend", Shape.TRANSFER, {*_PAYMENT, ComparedField.MEMO}),
        ("bitcoin", None, Shape.TRANSFER, _PAYMENT),
        ("bitcoin", "SpeedUp", Shape.TRANSFER, _PAYMENT),
        ("bitcoin", "Resend", Shape.TRANSFER, _PAYMENT),
        ("bitcoin", "Drop", Shape.SELF_SEND, {ComparedField.CHAIN, ComparedField.TOKEN}),
    ],
)
def test_rows_of_a_withdrawal(kind: str, replacement: str | None, shape: Shape, fields: set[ComparedField]) -> None:
    """Every statement of an ordinary Withdrawal is compared; of a drop only what it still says truly."""
    row = COMPARED[RowKey(kind, "Withdrawal", "Address", replacement)]

    assert (row.shape, set(row.fields)) == (shape, fields)


def test_the_row_of_a_stake() -> None:
    """A Bitcoin stake declares no amount, so none is compared."""
    row = COMPARED[RowKey("bitcoin", "Stake", "Address", None)]

    assert (row.shape, set(row.fields)) == (Shape.STAKE, _PAYMENT - {ComparedField.AMOUNT})


def test_combinations_that_no_row_covers() -> None:
    """Nothing can be replaced on TRON and Solana, and staking is not decoded elsewhere than on Bitcoin."""
    assert RowKey("solana", "ContractCall", "SOL_Contract", "Drop") not in COMPARED
    assert RowKey("tron", "ContractCall", "TRON_Contract", "Drop") not in COMPARED
    assert RowKey("evm", "Unstake", "Address", None) not in COMPARED
    assert RowKey("solana", "Stake", "Address", None) not in COMPARED
    assert RowKey("solana", "Withdrawal", "Address", "Drop") not in COMPARED
    assert RowKey("tron", "Withdrawal", "Address", "Drop") not in COMPARED
    assert RowKey("tron", "Withdrawal", "Address", "SpeedUp") not in COMPARED
    assert RowKey("evm", "Stake", "Address", None) not in COMPARED


def test_every_row_has_a_prover() -> None:
    """A row without one would fail as a defect of the decoder."""
    assert {(key.chain_kind, key.transaction_type) for key in COMPARED} == set(PROVERS)


_CALL = {
    ComparedField.CHAIN,
    ComparedField.CONTRACT,
    ComparedField.CALLDATA,
    ComparedField.VALUE,
    ComparedField.NONCE,
}


@pytest.mark.parametrize(
    ("transaction_type", "destination_type", "replacement", "shape", "fields"),
    [
        ("ContractCall", "EVM_Contract", None, Shape.CALL, _CALL),
        ("ContractCall", "EVM_Contract", "SpeedUp", Shape.CALL, _CALL),
        ("ContractCall", "EVM_Contract", "Resend", Shape.CALL, _CALL),
        ("ContractCall", "EVM_Contract", "Drop", Shape.SELF_SEND, {ComparedField.CHAIN, ComparedField.NONCE}),
        ("MessageSign", "EVM_EIP_191_Signature", None, Shape.PERSONAL_MESSAGE, {ComparedField.MESSAGE}),
        ("MessageSign", "EVM_EIP_712_Signature", None, Shape.TYPED_MESSAGE, {ComparedField.STRUCTURED_DATA}),
        ("MessageSign", "Raw_Message_Signature", None, Shape.RAW_HASH, {ComparedField.MESSAGE_HASH}),
    ],
)
def test_rows_of_evm_calls_and_messages(
    transaction_type: str, destination_type: str, replacement: str | None, shape: Shape, fields: set[ComparedField]
) -> None:
    """What is compared of a contract call, of a drop of one, and of each kind of message."""
    row = COMPARED[RowKey("evm", transaction_type, destination_type, replacement)]

    assert (row.shape, set(row.fields)) == (shape, fields)


@pytest.mark.parametrize(
    ("kind", "destination_type", "shape", "fields"),
    [
        ("bitcoin", "BTC_BIP_137_Signature", Shape.BIP137_MESSAGE, {ComparedField.MESSAGE_BIP137}),
        ("bitcoin", "BTC_BIP_322_Signature", Shape.BIP322_MESSAGE, {ComparedField.MESSAGE_BIP322}),
        ("bitcoin", "Raw_Message_Signature", Shape.RAW_HASH, {ComparedField.MESSAGE_HASH}),
        ("tron", "Raw_Message_Signature", Shape.RAW_HASH, {ComparedField.MESSAGE_HASH}),
        ("solana", "Raw_Message_Signature", Shape.RAW_HASH, {ComparedField.MESSAGE_HASH}),
    ],
)
def test_rows_of_messages_on_other_chains(
    kind: str, destination_type: str, shape: Shape, fields: set[ComparedField]
) -> None:
    """What is compared of each kind of message that is not one of EVM."""
    row = COMPARED[RowKey(kind, "MessageSign", destination_type, None)]

    assert (row.shape, set(row.fields)) == (shape, fields)
