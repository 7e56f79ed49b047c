"""Work is bounded by counters: what each limit lets through at its value, and what it refuses one beyond."""

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import base58
import placet_callback
import placet_policy.chains
import placet_policy.facts
import pytest
import rlp  # type: ignore[import-untyped]  # the library has annotations but no py.typed
from evm_requests import calldata, exec_transaction
from facts_cases import ROOT_KEY, changed, codes
from placet_callback.canonical_base64 import encode_padded
from placet_callback.envelope import EnvelopeError, parse_request
from placet_callback.token import VerifiedToken
from placet_policy.chains import abi, addresses, amounts, bech32, bitcoin, derivation, eip712, evm_calls, evm_rlp
from placet_policy.chains.abi import AbiError
from placet_policy.chains.addresses import AddressError
from placet_policy.chains.amounts import AmountError
from placet_policy.chains.bech32 import Bech32Error
from placet_policy.chains.bitcoin import BitcoinError, OutPoint, Transaction, TxInput, TxOutput
from placet_policy.chains.derivation import DerivationError
from placet_policy.chains.eip712 import TypedDataError
from placet_policy.chains.evm_rlp import EvmError
from placet_policy.facts.declared import Declared
from placet_policy.facts.findings import Findings

_ROOT = Path(__file__).resolve().parents[3]
Reader = Callable[[], object]
_TO = "0x" + "11" * 20


class BeyondError(Exception):
    """What is said of a request instead of an exception."""


def _transaction(*, inputs: int = 1, outputs: int = 1, script: int = 22, value: int = 1) -> Reader:
    spent = tuple(TxInput(OutPoint((number + 1).to_bytes(32, "big"), 0), 0) for number in range(inputs))
    paid = (TxOutput(value, bytes(script)),) * outputs
    raw = Transaction(version=2, inputs=spent, outputs=paid, lock_time=0).serialize()
    return lambda: bitcoin.decode_unsigned(raw)


def _signature(types: str, arguments: int = 1) -> Reader:
    return lambda: abi.parse_method(f"f({types})", tuple(f"a{number}" for number in range(arguments)))


def _typed(types: dict[str, Any], message: dict[str, Any], primary: str = "M") -> Reader:
    data: dict[str, Any] = {
        "types": {"EIP712Domain": [], **types},
        "domain": {},
        "primaryType": primary,
        "message": message,
    }
    return lambda: eip712.read_typed_data(data)


def _members(count: int, prefix: str = "m") -> list[dict[str, str]]:
    return [{"name": f"{prefix}{number}", "type": "bool"} for number in range(count)]


def _typed_array(values: int) -> Reader:
    return _typed({"M": [{"name": "v", "type": "bool[]"}]}, {"v": [True] * values})


def _typed_depth(arrays: int) -> Reader:
    value: Any = True
    for _ in range(arrays):
        value = [value]
    return _typed({"M": [{"name": "v", "type": "bool" + "[]" * arrays}]}, {"v": value})


def _typed_types(count: int) -> Reader:
    return _typed({"M": [], **{f"T{number}": [] for number in range(count - 2)}}, {})


def _typed_all_members(count: int) -> Reader:
    full = {f"T{number}": _members(64) for number in range(count // 64)}
    return _typed({"M": [], **full, "Rest": _members(count % 64)}, {})


def _tree(data: bytes) -> Reader:
    """Raises where the calls were not followed to their end."""

    def read() -> object:
        call = evm_calls.Call(sender=None, to=bytes(20), value=0, data=data, operation=evm_calls.Operation.CALL)
        tree = evm_calls.unpack(call, {})
        if not tree.whole:
            raise BeyondError
        return tree.calls

    return read


def _deep_call(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = exec_transaction(_TO, data)
    return data


def _sized_call(size: int) -> bytes:
    """A call of `size` bytes and, inside it, one that is 484 bytes shorter."""
    return exec_transaction(_TO, bytes(size - len(exec_transaction(_TO, b""))))


def _nested_rlp(depth: int) -> bytes:
    item: Any = b"\x01"
    for _ in range(depth):
        item = [item]
    return bytes(rlp.encode(item))


def _package(**members: object) -> Reader:
    raw = json.dumps({"request_id": "r", "request_type": 2, **members}).encode("utf-8")
    token = VerifiedToken(
        compact="", sha256=bytes(32), node="n", key_id="", package_data=encode_padded(raw), issuer=None, expires_at=0
    )
    return lambda: parse_request(token)


def _changed(path: str, value: object, code: str, sample: str = "keysign_eth_legacy_transfer") -> Reader:
    """Raises where the code is among those of the changed sample."""

    def read() -> object:
        if code in codes(changed(sample, {path: value})):
            raise BeyondError(code)
        return True

    return read


def _raw(sample: str, text: str) -> Reader:
    return _changed("extra.transaction.raw_tx_info.unsigned_raw_tx", text, "RAW_TX_TOO_LARGE", sample)


def _records(count: int) -> Reader:
    def read() -> object:
        findings = Findings()
        found = Declared(members={"list": [{}] * count}, path="$", findings=findings).children("list")
        if findings.missing:
            raise BeyondError
        return found

    return read


_LARGE = "DETAIL_TOO_LARGE"
_HASH = "detail.msg_hash_list"
_CHILD = derivation.parse_xpub(ROOT_KEY)
_DEEPEST = derivation.ExtendedKey(
    depth=254,
    parent_fingerprint=bytes(4),
    child_number=0,
    chain_code=_CHILD.chain_code,
    public_key=_CHILD.public_key,
)
LIMITS: dict[str, tuple[Reader, Reader]] = {
    "envelope.MAX_REQUEST_ID_CHARACTERS": (_package(request_id="a" * 256), _package(request_id="a" * 257)),
    "abi.MAX_SIGNATURE_CHARS": (
        _signature("uint8," * 84 + "bytes", 85),
        _signature("uint8," * 84 + "bytes1", 85),
    ),
    "abi.MAX_TYPE_DEPTH": (_signature("bool[][][]"), _signature("bool[][][][]")),
    "abi._MAX_ARRAY": (_signature("bool[64]"), _signature("bool[65]")),
    "addresses.MAX_BASE58CHECK": (
        lambda: addresses.base58check(base58.b58encode_check(b"\xff" * 21).decode()),
        lambda: addresses.base58check(base58.b58encode_check(b"\xff" * 22).decode()),
    ),
    "addresses.MAX_SOLANA": (
        lambda: addresses.SOLANA_FORM.decode(base58.b58encode(b"\xff" * 32).decode()),
        lambda: addresses.SOLANA_FORM.decode(base58.b58encode(b"\xff" * 33).decode()),
    ),
    "amounts.MAX_AMOUNT_CHARS": (
        lambda: amounts.to_base_units("1." + "0" * 158, 18),
        lambda: amounts.to_base_units("1." + "0" * 159, 18),
    ),
    "amounts.MAX_BASE_UNITS": (
        lambda: amounts.to_base_units(str(2**256 - 1), 0),
        lambda: amounts.to_base_units(str(2**256), 0),
    ),
    "bech32.MAX_CHARS": (
        lambda: bech32.decode("bc", bech32.encode("bc", 1, bytes(50))),
        lambda: bech32.decode("bc", bech32.encode("bc", 1, bytes(51))),
    ),
    "bitcoin.MAX_INPUTS": (_transaction(inputs=512), _transaction(inputs=513)),
    "bitcoin.MAX_OUTPUTS": (_transaction(outputs=1024), _transaction(outputs=1025)),
    "bitcoin.MAX_SCRIPT_BYTES": (_transaction(script=10_000), _transaction(script=10_001)),
    "bitcoin.MAX_MONEY": (_transaction(value=2_100_000_000_000_000), _transaction(value=2_100_000_000_000_001)),
    "derivation.MAX_DEPTH": (
        lambda: derivation.parse_path("/".join(["1"] * 16)),
        lambda: derivation.parse_path("/".join(["1"] * 17)),
    ),
    "derivation.MAX_KEY_DEPTH": (lambda: _DEEPEST.child(0), lambda: _DEEPEST.child(0).child(0)),
    "derivation._MAX_TEXT": (
        lambda: derivation.parse_xpub(ROOT_KEY),
        lambda: derivation.parse_xpub(base58.b58encode_check(bytes([255]) * 84).decode()),
    ),
    "eip712.MAX_TYPES": (_typed_types(64), _typed_types(65)),
    "eip712.MAX_MEMBERS": (
        _typed({"M": _members(64)}, {f"m{number}": True for number in range(64)}),
        _typed({"M": _members(65)}, {f"m{number}": True for number in range(65)}),
    ),
    "eip712.MAX_ALL_MEMBERS": (_typed_all_members(512), _typed_all_members(513)),
    "eip712.MAX_DEPTH": (_typed_depth(15), _typed_depth(16)),
    "eip712.MAX_VALUES": (_typed_array(2_047), _typed_array(2_048)),
    "evm_calls.MAX_CALLS": (
        _tree(calldata("multicall(bytes[])", [b""] * 63)),
        _tree(calldata("multicall(bytes[])", [b""] * 64)),
    ),
    "evm_calls.MAX_DEPTH": (_tree(_deep_call(8)), _tree(_deep_call(9))),
    "evm_calls.MAX_CALLDATA": (_tree(_sized_call(196_836)), _tree(_sized_call(196_868))),
    "evm_rlp._MAX_DEPTH": (lambda: evm_rlp.fields(_nested_rlp(4)), lambda: evm_rlp.fields(_nested_rlp(5))),
    "evm_rlp._MAX_ITEMS": (
        lambda: evm_rlp.fields(rlp.encode([b""] * 8_191)),
        lambda: evm_rlp.fields(rlp.encode([b""] * 8_192)),
    ),
    "detail_fields.MAX_LIST": (_changed(_HASH, ["0x00"] * 512, _LARGE), _changed(_HASH, ["0x00"] * 513, _LARGE)),
    "detail_fields.MAX_TEXT": (
        _changed("detail.group_id", "a" * 256, _LARGE),
        _changed("detail.group_id", "a" * 257, _LARGE),
    ),
    "detail_fields.MAX_HEX": (
        _changed(_HASH, ["00" * 32_768], _LARGE),
        _changed(_HASH, ["00" * 32_769], _LARGE),
    ),
    "detail_fields._MAX_COUNT": (
        _changed("detail.threshold", 10_000, "DETAIL_FIELD_INVALID", "keygen_secp256k1"),
        _changed("detail.threshold", 10_001, "DETAIL_FIELD_INVALID", "keygen_secp256k1"),
    ),
    "declared.MAX_RECORDS": (_records(512), _records(513)),
    "bitcoin.MAX_RAW_BYTES": (
        _raw("keysign_btc_segwit_2in", "0x" + "00" * 100_000),
        _raw("keysign_btc_segwit_2in", "00" * 100_001),
    ),
    "evm.MAX_RAW_BYTES": (
        _raw("keysign_eth_legacy_transfer", "0x" + "00" * 131_072),
        _raw("keysign_eth_legacy_transfer", "00" * 131_073),
    ),
    "tron.MAX_RAW_BYTES": (
        _raw("keysign_tron_transfer", "0x" + "00" * 65_536),
        _raw("keysign_tron_transfer", "00" * 65_537),
    ),
}
"""By module and constant: what is read at the limit, and what is refused one beyond. Values are literals."""

_CALLBACK, _CHAINS, _FACTS = "tests/unit/callback", "tests/unit/policy/chains", "tests/unit/policy/facts"
ELSEWHERE: dict[str, str] = {
    "strict_json.MAX_VALUES": f"{_CALLBACK}/test_strict_json.py::test_one_value_more_is_refused",
    "strict_json.MAX_NUMBER_CHARACTERS": f"{_CALLBACK}/test_strict_json.py::test_a_strict_text_is_read",
    "strict_json.MAX_EXPONENT": f"{_CALLBACK}/test_strict_json.py::test_a_strict_text_is_read",
    "token.MAX_TOKEN_BYTES": f"{_CALLBACK}/test_token.py::test_1_a_token_has_at_most_a_mebibyte",
    "token.MAX_HEADER_BYTES": f"{_CALLBACK}/test_token.py::test_1_a_header_has_at_most_a_kibibyte",
    "token._MAX_HEADER_DEPTH": f"{_CALLBACK}/test_token.py::test_2_a_header_is_four_deep_at_most",
    "token._MAX_CLAIMS_DEPTH": f"{_CALLBACK}/test_token_claims.py::test_4_claims_are_eight_deep_at_most",
    "envelope.MAX_UNKNOWN_FIELDS": f"{_CALLBACK}/test_envelope.py::test_unknown_names_are_safe_to_record",
    "solana.MAX_MESSAGE_BYTES": f"{_CHAINS}/test_solana.py::test_the_longest_message_fits_and_one_byte_more_does_not",
    "solana.MAX_RAW_BYTES": f"{_CHAINS}/test_solana.py::test_the_longest_message_fits_and_one_byte_more_does_not",
    "bitcoin_keys.MAX_BRANCHES": f"{_CHAINS}/test_bitcoin_keys.py::test_the_number_of_branches_is_bounded",
    "bitcoin_rebuild.MAX_PARTS": f"{_CHAINS}/test_bitcoin_rebuild.py::test_a_large_transaction_is_not_searched_for",
    "protobuf.MAX_FIELDS": f"{_CHAINS}/test_protobuf.py::test_the_number_of_fields_is_bounded",
    "protobuf._MAX_VARINT_BYTES": f"{_CHAINS}/test_protobuf.py::test_other_encodings_are_refused",
    "bech32._MAX_VERSION": f"{_CHAINS}/test_bech32.py::test_the_invalid_addresses_of_bip_350",
    "signer.MAX_STEPS": f"{_FACTS}/test_signer.py::test_the_number_of_derived_keys_is_bounded",
    "summary.MAX_CHARS": f"{_FACTS}/test_summary.py::test_texts_of_the_request_are_printable_and_bounded",
    "summary.MAX_SENTENCES": f"{_FACTS}/test_summary.py::test_no_part_crowds_out_another",
    "findings.MAX_PER_CODE": "tests/unit/policy/test_codes.py::test_a_code_is_noted_at_most_eight_times",
    "findings.MAX_VALUE_CHARS": "tests/unit/policy/test_codes.py::test_declared_values_are_short_and_printable",
}
"""Limits whose test, on both sides, is another one: its file and how its name begins."""

NO_COUNTERS: frozenset[str] = frozenset(
    {
        "amounts.MAX_DECIMALS",  # Of the registry, not of a request.
        "solana_fee.MAX_UNITS",  # The network's, in a sum.
        "declared._MAX_INDEX",  # The width of a number.
        "evm._MAX_BYTES",  # Typed data; more than the text it is given can have: MAX_TEXT_BYTES.
        "detail.MAX_TEXT_BYTES",  # More than the token around it can have.
        "describe._MAX_MEMO_CHARS",  # How much of a text is shown.
        "printable._MAX_WORD_CHARS",  # How much of a text is shown.
        "spelling._MAX_CHARS",  # Longer texts are compared by nobody.
    }
)


def _constants() -> Iterator[str]:
    """Every constant of the decoders that is named as a limit: module and name."""
    for package in (placet_callback, placet_policy.chains, placet_policy.facts):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module, short = importlib.import_module(found.name), found.name.rpartition(".")[2]
            if package is placet_callback and short not in ("canonical_base64", "strict_json", "token", "envelope"):
                continue
            lines = Path(str(module.__file__)).read_text(encoding="utf-8").splitlines()
            names = (line.split(":")[0].split(" ")[0] for line in lines)
            yield from (f"{short}.{name}" for name in names if name.startswith(("MAX_", "_MAX_")))


def test_every_limit_has_a_test() -> None:
    """A new limit without a test at it and one beyond is noticed."""
    known = LIMITS.keys() | ELSEWHERE.keys() | NO_COUNTERS

    assert [name for name in _constants() if name not in known] == []
    assert known - set(_constants()) == set()


@pytest.mark.parametrize("limit", ELSEWHERE)
def test_the_other_tests_are_there(limit: str) -> None:
    """What is tested elsewhere is: the file has such a test."""
    path, _, name = ELSEWHERE[limit].partition("::")

    assert name
    assert f"def {name}" in (_ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_as_large_as_the_limit_is_read(limit: str) -> None:
    """A limit takes nothing from what it allows."""
    assert LIMITS[limit][0]()


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_one_larger_is_refused(limit: str) -> None:
    """One more is refused by name, or said not to be looked at."""
    errors = (EnvelopeError, AbiError, AddressError, AmountError, Bech32Error, BitcoinError, DerivationError)
    with pytest.raises((*errors, EvmError, TypedDataError, BeyondError)):
        LIMITS[limit][1]()
