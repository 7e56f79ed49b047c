"""Typed data of EIP-712: official vectors, eth-account as an independent hasher, and what is refused."""

import copy
import json
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from placet_policy.chains.eip712 import TypedDataError, read_typed_data
from placet_policy.chains.evm import keccak256

_VECTORS = [row for row in vectors()["messages"] if "raw_structured_data" in row]
_OWNER = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
_MAIL: dict[str, Any] = {
    "types": {
        "EIP712Domain": [
            {"name": "name", "type": "string"},
            {"name": "version", "type": "string"},
            {"name": "chainId", "type": "uint256"},
            {"name": "verifyingContract", "type": "address"},
        ],
        "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
        "Mail": [
            {"name": "from", "type": "Person"},
            {"name": "to", "type": "Person[]"},
            {"name": "contents", "type": "string"},
            {"name": "tag", "type": "bytes4"},
            {"name": "offset", "type": "int16"},
            {"name": "urgent", "type": "bool"},
            {"name": "grid", "type": "uint8[2][]"},
        ],
        "Unused": [{"name": "next", "type": "Unused[]"}],
    },
    "domain": {
        "name": "Ether Mail",
        "version": "1",
        "chainId": 1,
        "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
    },
    "primaryType": "Mail",
    "message": {
        "from": {"name": "Cow", "wallet": _OWNER},
        "to": [{"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"}],
        "contents": "Hello, Bob!",
        "tag": "0x01020304",
        "offset": -2,
        "urgent": True,
        "grid": [[1, 2], [3, 4]],
    },
}


def _oracle(data: dict[str, Any]) -> bytes:
    full = copy.deepcopy(data)
    # eth-account finds the primary type as the one that no other uses, so it gets none that is not used.
    kinds = {member["type"].split("[")[0] for member in full["types"][full["primaryType"]]}
    full["types"] = {
        name: members
        for name, members in full["types"].items()
        if name in kinds or name in (full["primaryType"], "EIP712Domain")
    }
    message = encode_typed_data(full_message=full)
    return keccak256(b"\x19" + message.version + message.header + message.body)


def _changed(path: str, value: object) -> dict[str, Any]:
    data = copy.deepcopy(_MAIL)
    place: Any = data
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return data


@pytest.mark.parametrize("row", _VECTORS, ids=lambda row: str(row["id"]))
def test_vectors_have_their_digests(row: dict[str, Any]) -> None:
    """Official Safe transactions: the first one's signature recovers to its signer with this digest."""
    data = read_typed_data(json.loads(row["raw_structured_data"]))

    assert "0x" + data.digest.hex() == row["expected"]["digest"]
    assert "0x" + data.domain_separator.hex() == row["expected"]["domain_separator"]
    assert "0x" + data.struct_hash.hex() == row["expected"]["struct_hash"]


def test_there_are_vectors() -> None:
    """The parametrized test above has something to run on."""
    assert len(_VECTORS) == 2


def test_the_example_of_the_standard() -> None:
    """EIP-712's own example, Example.js, with the digest that stands there."""
    data = copy.deepcopy(_MAIL)
    data["types"]["Mail"] = [
        {"name": "from", "type": "Person"},
        {"name": "to", "type": "Person"},
        {"name": "contents", "type": "string"},
    ]
    data["message"] = {
        "from": _MAIL["message"]["from"],
        "to": _MAIL["message"]["to"][0],
        "contents": "Hello, Bob!",
    }

    digest = read_typed_data(data).digest

    assert digest.hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"


def test_values_have_one_form() -> None:
    """Addresses in lower case, integers as decimal text, and only the types that are used."""
    data = read_typed_data(_MAIL)

    assert data.domain["chainId"] == "1"
    assert data.values["from"] == {"name": "Cow", "wallet": _OWNER.lower()}
    assert (data.values["offset"], data.values["urgent"], data.values["grid"]) == ("-2", True, [["1", "2"], ["3", "4"]])
    assert list(data.types) == ["Mail", "Person"]
    assert (data.network, data.contract) == (1, "0xcccccccccccccccccccccccccccccccccccccccc")


@pytest.mark.parametrize("chain_id", ["1", "0x1", "0x01"])
def test_integers_may_be_texts(chain_id: str) -> None:
    """Decimal and hexadecimal text mean the number (vectors.json, messages)."""
    assert read_typed_data(_changed("domain.chainId", chain_id)) == read_typed_data(_MAIL)


def test_a_domain_may_name_nothing() -> None:
    """EIP-712: every member of the domain is optional."""
    data = _changed("types.EIP712Domain", [])
    data["domain"] = {}

    read = read_typed_data(data)

    assert (read.network, read.contract, read.digest) == (None, None, _oracle(data))


_REFUSED: dict[str, Any] = {
    "no object": [],
    "a part is missing": {"types": {}, "domain": {}, "primaryType": "A"},
    "an unknown part": {**_MAIL, "metadata": {}},
    "types are a list": {**_MAIL, "types": []},
    "no domain type": _changed("types.EIP712Domain", None),
    "too many types": _changed("types", {**_MAIL["types"], **{f"T{number}": [] for number in range(64)}}),
    "too many members": _changed("types.Unused", [{"name": f"m{number}", "type": "bool"} for number in range(65)]),
    "too many members in all": _changed(
        "types",
        {
            **_MAIL["types"],
            **{f"T{index}": [{"name": f"m{number}", "type": "bool"} for number in range(60)] for index in range(9)},
        },
    ),
    "a type named like a number": _changed("types.uint7", []),
    "a type named like no name": _changed("types.A B", []),
    "members are no list": _changed("types.Unused", {}),
    "a member is no object": _changed("types.Unused", ["bool"]),
    "a member with more": _changed("types.Unused", [{"name": "a", "type": "bool", "internalType": "bool"}]),
    "a member's name twice": _changed("types.Unused", [{"name": "a", "type": "bool"}] * 2),
    "a member's name is none": _changed("types.Unused", [{"name": "a b", "type": "bool"}]),
    "a member's type is none": _changed("types.Unused", [{"name": "a", "type": 1}]),
    "a member's type is unknown": _changed("types.Unused", [{"name": "a", "type": "Missing"}]),
    "a member's type is an alias": _changed("types.Unused", [{"name": "a", "type": "uint"}]),
    "a width that is none": _changed("types.Unused", [{"name": "a", "type": "uint12"}]),
    "arrays inside arrays without end": _changed("types.Unused", [{"name": "a", "type": "bool" + "[]" * 20}]),
    "the primary type is unknown": {**_MAIL, "primaryType": "Letter"},
    "the primary type is the domain": {**_MAIL, "primaryType": "EIP712Domain"},
    "the primary type is no text": {**_MAIL, "primaryType": ["Mail"]},
    "a domain member of another type": _changed("types.EIP712Domain.2.type", "uint64"),
    "an unknown domain member": _changed("types.EIP712Domain.0.name", "title"),
    "a value is missing": _changed("message.contents", None),
    "a value is not typed": {**_MAIL, "message": {**_MAIL["message"], "more": 1}},
    "a domain value is not typed": {**_MAIL, "domain": {**_MAIL["domain"], "salt": "0x" + "00" * 32}},
    "a struct is a text": _changed("message.from", "Cow"),
    "an array is an object": _changed("message.to", {}),
    "an array of another length": _changed("message.grid", [[1]]),
    "a bool as a number": _changed("message.urgent", 1),
    "a number as a bool": _changed("message.offset", value=True),
    "a number as a fraction text": _changed("message.offset", "1.0"),
    "a number with a leading zero": _changed("message.offset", "01"),
    "a number out of range": _changed("message.offset", 2**15),
    "a number below the range": _changed("message.offset", -(2**15) - 1),
    "a negative number without sign": _changed("domain.chainId", -1),
    "a text as a number": _changed("message.contents", 1),
    "bytes without 0x": _changed("message.tag", "01020304"),
    "bytes of odd length": _changed("message.tag", "0x0102030"),
    "short bytes": _changed("message.tag", "0x010203"),
    "a short address": _changed("message.from.wallet", "0x01"),
    "too many values": _changed("message.grid", [[1, 2]] * 1500),
}


@pytest.mark.parametrize("value", _REFUSED.values(), ids=_REFUSED.keys())
def test_other_forms_are_refused(value: Any) -> None:
    """Where wallets differ, or a person would see something else, nothing is guessed."""
    with pytest.raises(TypedDataError):
        read_typed_data(value)


def test_values_nested_without_end_are_refused() -> None:
    """A type may contain itself, and its values are followed to a bounded depth only."""
    value: dict[str, Any] = {"next": []}
    for _ in range(20):
        value = {"next": [value]}

    with pytest.raises(TypedDataError):
        read_typed_data({**_MAIL, "primaryType": "Unused", "message": value})


_ELEMENTARY: dict[str, st.SearchStrategy[Any]] = {
    "address": st.binary(min_size=20, max_size=20).map(lambda octets: "0x" + octets.hex()),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=40).map(lambda octets: "0x" + octets.hex()),
    "bytes1": st.binary(min_size=1, max_size=1).map(lambda octets: "0x" + octets.hex()),
    "bytes32": st.binary(min_size=32, max_size=32).map(lambda octets: "0x" + octets.hex()),
    "int8": st.integers(-128, 127),
    "int256": st.integers(-(2**255), 2**255 - 1),
    "string": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    "uint8": st.integers(0, 255),
    "uint256": st.integers(0, 2**256 - 1),
}


@st.composite
def _typed_data(draw: st.DrawFn) -> dict[str, Any]:
    """Random typed data: two structs, of which the first may use the second, alone and in arrays."""
    names = draw(st.lists(st.from_regex(r"\A[a-z]{1,6}\Z"), min_size=1, max_size=5, unique=True))
    inner = {name: draw(st.sampled_from(sorted(_ELEMENTARY))) for name in names}
    kinds = [*sorted(_ELEMENTARY), "Inner", "Inner[]", "uint8[]", "string[2]", "bytes[][]"]
    outer = {name: draw(st.sampled_from(kinds)) for name in names}

    def struct(members: dict[str, str]) -> dict[str, Any]:
        return {name: value(kind) for name, kind in members.items()}

    def value(kind: str) -> Any:
        if kind.endswith("[]"):
            return [value(kind[:-2]) for _ in range(draw(st.integers(0, 2)))]
        if kind.endswith("[2]"):
            return [value(kind[:-3]) for _ in range(2)]
        return struct(inner) if kind == "Inner" else draw(_ELEMENTARY[kind])

    return {
        **_MAIL,
        "types": {
            "EIP712Domain": _MAIL["types"]["EIP712Domain"],
            "Outer": [{"name": name, "type": kind} for name, kind in outer.items()],
            "Inner": [{"name": name, "type": kind} for name, kind in inner.items()],
        },
        "primaryType": "Outer",
        "message": struct(outer),
    }


@settings(max_examples=150, deadline=None)
@given(_typed_data())
def test_digests_are_those_of_eth_account(data: dict[str, Any]) -> None:
    """Another implementation hashes random typed data to the same digest."""
    assert read_typed_data(data).digest == _oracle(data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["types", "domain", "primaryType", "message"]), _JSON)
def test_random_json_raises_nothing_else(part: str, value: Any) -> None:
    """Whatever stands in a part, the data is read or refused by name."""
    try:
        read_typed_data({**_MAIL, part: value})
    except TypedDataError:
        return
    assert part == "domain" or value == _MAIL[part]


def test_types_that_use_each_other_are_hashed_like_eth_account() -> None:
    """The type of every struct names all types that it reaches, whichever was hashed before."""
    types = {
        "EIP712Domain": [{"name": "name", "type": "string"}],
        "Main": [{"name": "third", "type": "Third"}, {"name": "first", "type": "First[]"}],
        "First": [{"name": "second", "type": "Second[]"}, {"name": "third", "type": "Third[]"}],
        "Second": [{"name": "first", "type": "First[][2]"}],
        "Third": [{"name": "last", "type": "Last"}, {"name": "second", "type": "Second[]"}],
        "Last": [{"name": "number", "type": "uint256"}],
    }
    third: dict[str, Any] = {"last": {"number": 7}, "second": []}
    second: dict[str, Any] = {"first": [[{"second": [], "third": []}], []]}
    message = {"third": third, "first": [{"second": [second], "third": [third]}]}
    data: dict[str, Any] = {"types": types, "domain": {"name": "Entangled"}, "primaryType": "Main", "message": message}

    signable = encode_typed_data(full_message=copy.deepcopy(data))
    assert read_typed_data(data).struct_hash == signable.body
    assert read_typed_data(data).domain_separator == signable.header
