"""Calldata by a method's signature: canonical encodings only, and bounded work."""

import time
from typing import Any

import pytest
from eth_abi import encode  # type: ignore[attr-defined]  # the package exports it without __all__
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.abi import AbiError, decode_arguments, parse_method, shown
from placet_policy.chains.abi_methods import STANDARD

_ADDRESS = "0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1"
_TRANSFER = parse_method("transfer(address,uint256)", ("to", "amount"))
_BATCH = parse_method("multicall(bytes[])", ("data",))

# Selectors as the standards and the block explorers print them.
_SELECTORS = {
    "a9059cbb": "transfer(address,uint256)",
    "23b872dd": "transferFrom(address,address,uint256)",
    "095ea7b3": "approve(address,uint256)",
    "39509351": "increaseAllowance(address,uint256)",
    "a457c2d7": "decreaseAllowance(address,uint256)",
    "d73dd623": "increaseApproval(address,uint256)",
    "66188463": "decreaseApproval(address,uint256)",
    "110496e5": "allow(address,bool)",
    "d505accf": "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    "8fcbaf0c": "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)",
    "42842e0e": "safeTransferFrom(address,address,uint256)",
    "b88d4fde": "safeTransferFrom(address,address,uint256,bytes)",
    "f242432a": "safeTransferFrom(address,address,uint256,uint256,bytes)",
    "2eb2c2d6": "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
    "a22cb465": "setApprovalForAll(address,bool)",
    "87517c45": "approve(address,address,uint160,uint48)",
    "ac9650d8": "multicall(bytes[])",
    "5ae401dc": "multicall(uint256,bytes[])",
    "6a761202": "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)",
    "468721a7": "execTransactionFromModule(address,uint256,bytes,uint8)",
    "5229073f": "execTransactionFromModuleReturnData(address,uint256,bytes,uint8)",
    "d4d9bdcd": "approveHash(bytes32)",
    "8d80ff0a": "multiSend(bytes)",
    "3659cfe6": "upgradeTo(address)",
    "4f1ef286": "upgradeToAndCall(address,bytes)",
}


def test_the_standard_methods_have_their_published_selectors() -> None:
    """A typing error in a signature would make another method of it."""
    assert {selector.hex(): method.signature for selector, method in STANDARD.items()} == _SELECTORS


def test_exact_calldata_decodes() -> None:
    """The arguments of a token transfer."""
    data = _TRANSFER.selector + encode(["address", "uint256"], [_ADDRESS, 5])

    assert decode_arguments(_TRANSFER, data) == (_ADDRESS, 5)


def test_a_method_without_arguments_decodes() -> None:
    """Its calldata is the selector and nothing else."""
    pause = parse_method("pause()", ())

    assert (pause.selector.hex(), decode_arguments(pause, pause.selector)) == ("8456cb59", ())
    assert decode_arguments(pause, pause.selector + bytes(32)) is None


_EXACT = _TRANSFER.selector + bytes(12) + bytes.fromhex(_ADDRESS[2:]) + (5).to_bytes(32, "big")
_TWICE = (
    _BATCH.selector
    + b"".join(word.to_bytes(32, "big") for word in (32, 2, 64, 64, 4))
    + b"\x01\x02\x03\x04"
    + bytes(28)
)


@pytest.mark.parametrize(
    ("method", "data"),
    [
        (_TRANSFER, b""),
        (_TRANSFER, _EXACT[:4]),
        (_TRANSFER, _EXACT[:-1]),
        (_TRANSFER, _EXACT + b"\x00"),
        (_TRANSFER, b"\x09" + _EXACT[1:]),
        (_TRANSFER, _EXACT[:4] + b"\x01" + _EXACT[5:]),
        (_BATCH, _TWICE),
        (_BATCH, _BATCH.selector + (2**256 - 1).to_bytes(32, "big")),
        (_BATCH, _BATCH.selector + (32).to_bytes(32, "big") + (2**255).to_bytes(32, "big")),
        (parse_method("note(string)", ("text",)), parse_method("note(string)", ("text",)).selector + _TWICE[4:]),
    ],
    ids=["empty", "no arguments", "short", "tail", "selector", "padding", "shared", "far offset", "endless", "no text"],
)
def test_other_encodings_are_not_decoded(method: Any, data: bytes) -> None:
    """What encoding the arguments again does not give may be read in another way by the contract."""
    assert decode_arguments(method, data) is None


def test_offsets_that_share_one_tail_cost_little() -> None:
    """Two thousand elements that all point at one long text are given up, not copied two thousand times."""
    count, tail = 2_000, 64_000
    offsets = (32 * count).to_bytes(32, "big") * count
    data = _BATCH.selector + (32).to_bytes(32, "big") + count.to_bytes(32, "big") + offsets
    data += tail.to_bytes(32, "big") + bytes(tail)
    started = time.process_time()

    assert decode_arguments(_BATCH, data) is None
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "transfer",
        "transfer()x",
        "1transfer()",
        "transfer(uint)",
        "transfer(uint257)",
        "transfer(uint08)",
        "transfer(uint256 amount)",
        "transfer(uint256, address)",
        "transfer(function)",
        "transfer(fixed128x18)",
        "transfer(foo)",
        "transfer(uint8[0])",
        "transfer(uint8[65])",
        "transfer(()[])",
        "transfer((((((uint8))))))",
        "transfer(uint8[][][][][])",
        "transfer(uint256)[]",
        "transfer(uint256",
        "transfer(" + "uint8," * 200 + "uint8)",
    ],
)
def test_signatures_that_are_not_canonical_are_refused(signature: str) -> None:
    """An alias would give another selector, and elements without size would let a length alone make work."""
    with pytest.raises(AbiError):
        parse_method(signature, ("amount",))


def test_each_argument_has_a_name() -> None:
    """A signature with two arguments and one name is refused."""
    with pytest.raises(AbiError):
        parse_method("transfer(address,uint256)", ("to",))


def test_arguments_become_texts_and_lists() -> None:
    """Integers lose no digits in JSON as decimal text."""
    value = (2**256 - 1, -1, True, b"\x01", "text", (((1,),),), "0x0a")
    kind = "(uint256,int8,bool,bytes,string,(uint8[])[],string)"

    assert shown(value, kind, str.upper) == [
        "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        "-1",
        True,
        "0x01",
        "text",
        [[["1"]]],
        "0x0a",
    ]


def test_addresses_are_written_by_their_type() -> None:
    """A text that looks like an address stays a text, and an address deep inside is still one."""
    value = ("0xaa", ("0xbb", "0xcc"), (("0xdd", "0xee"),))

    assert shown(value, "(address,address[2],(address,string)[])", str.upper) == [
        "0XAA",
        ["0XBB", "0XCC"],
        [["0XDD", "0xee"]],
    ]


_METHODS = st.sampled_from(sorted(STANDARD.values(), key=lambda method: method.signature))


@settings(max_examples=150, deadline=None)
@given(_METHODS, st.data())
def test_every_standard_method_decodes_what_the_library_encodes(method: Any, data: st.DataObject) -> None:
    """Arguments of each type come back as they were."""
    arguments = tuple(data.draw(_ARGUMENTS[kind]) for kind in method.types)

    assert decode_arguments(method, method.selector + encode(method.types, arguments)) == arguments


_OCTETS = st.binary(max_size=70)
_ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "address": st.binary(min_size=20, max_size=20).map(lambda octets: "0x" + octets.hex()),
    "bool": st.booleans(),
    "bytes": _OCTETS,
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes[]": st.lists(_OCTETS, max_size=3).map(tuple),
    "uint256[]": st.lists(st.integers(0, 2**256 - 1), max_size=3).map(tuple),
    "uint8": st.integers(0, 255),
    "uint48": st.integers(0, 2**48 - 1),
    "uint160": st.integers(0, 2**160 - 1),
    "uint256": st.integers(0, 2**256 - 1),
}


@settings(max_examples=150, deadline=None)
@given(_METHODS, st.binary(max_size=300))
def test_random_arguments_raise_nothing(method: Any, encoded: bytes) -> None:
    """Whatever stands behind the selector decodes or does not, and what decodes encodes back."""
    arguments = decode_arguments(method, method.selector + encoded)

    assert arguments is None or encode(method.types, arguments) == encoded
