"""How chains write addresses: the protocol's and the BIPs' vectors, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from placet_policy.chains.addresses import EVM_FORM, SOLANA_FORM, TRON_FORM, AddressError, AddressForm
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS, ecdsa_scripts, schnorr_scripts
from placet_policy.chains.derivation import parse_xpub

_MAIN, _TEST = BITCOIN_FORMS[False], BITCOIN_FORMS[True]
_OFFICIAL = [row for row in vectors()["key_derivation"] if row["id"].startswith("addr-")]


@pytest.mark.parametrize("row", _OFFICIAL, ids=lambda row: str(row["id"]))
def test_official_bitcoin_addresses_of_a_key(row: dict[str, str]) -> None:
    """Every address of the provider's recovery kit is one that the key controls under its signature type."""
    key = parse_xpub(row["extended_pubkey"]).public_key
    scripts = schnorr_scripts(key) if "P2TR" in row["kind"] else ecdsa_scripts(key)
    form = _TEST if "testnet" in row["kind"] else _MAIN

    assert row["expected"]["address"] in [form.encode(script) for script in scripts]  # type: ignore[index]  # JSON


def test_there_are_official_addresses() -> None:
    """The parametrized test above has something to run on."""
    assert len(_OFFICIAL) == 6


@pytest.mark.parametrize(
    ("internal", "address"),
    [
        (
            "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115",
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        ),
        (
            "83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145",
            "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
        ),
    ],
)
def test_taproot_with_an_empty_tree(internal: str, address: str) -> None:
    """BIP-86's test vectors: the internal key tweaked by its own hash."""
    assert _MAIN.encode(schnorr_scripts(bytes.fromhex("02" + internal))[1]) == address


@pytest.mark.parametrize(
    ("form", "text", "script"),
    [
        (_MAIN, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
        (
            _TEST,
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        ),
        (
            _MAIN,
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        ),
    ],
)
def test_vectors_of_segwit_addresses(form: AddressForm, text: str, script: str) -> None:
    """BIP-173 and BIP-350: upper case is read, lower case is written."""
    assert form.decode(text).hex() == script
    assert form.encode(bytes.fromhex(script)) == text.lower()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (_MAIN, ""),
        (_MAIN, "bc1"),
        (_MAIN, "bc1gmk9yu"),
        (_MAIN, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        (_TEST, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (_MAIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
        (_MAIN, "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        # BIP-350: version 1 with the checksum of version 0, version 16, and a program of two bytes.
        (_MAIN, "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"),
        (_MAIN, "BC1SW50QGDZ25J"),
        (_MAIN, "bc1pfeessrawgf"),
        (_MAIN, "ms95B9JosWfupRmNREmMZ112DsYCBC2Xu5"),
        (_TEST, "16EwA2beT2AgiipxJBc81527KP2kSogAMw"),
        (_MAIN, "16EwA2beT2AgiipxJBc81527KP2kSogAMx"),
        (_MAIN, "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"),
        (TRON_FORM, ""),
        (TRON_FORM, "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93 "),
        (TRON_FORM, "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV9"),
        (TRON_FORM, "41d8255f99cf82ee74e1ed7f5b310b209a107950fe"),
        (TRON_FORM, "16EwA2beT2AgiipxJBc81527KP2kSogAMw"),
        (TRON_FORM, "T" * 65),
        (SOLANA_FORM, ""),
        (SOLANA_FORM, "6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRi"),
        (SOLANA_FORM, "6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiii0"),
        (SOLANA_FORM, " 6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiiiB"),
        (SOLANA_FORM, "1" * 65),
        (EVM_FORM, "0x7106ffe4bd49426b9bed4052f66115d947e4d2"),
        (EVM_FORM, "0x7106ffe4bd49426b9bed4052f66115d947e4d2bg"),
    ],
)
def test_other_texts_are_no_address(form: AddressForm, text: str) -> None:
    """Another network, a wrong checksum, another length, blanks and versions that nobody can use are refused."""
    assert not form.is_canonical(text)
    with pytest.raises(AddressError):
        form.decode(text)


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (_MAIN, b""),
        (_MAIN, b"\x6a\x04test"),
        (_MAIN, b"\x51\x02\x4e\x73"),
        (_MAIN, b"\x00\x14" + bytes(19)),
        (_MAIN, b"\x76\xa9\x14" + bytes(20) + b"\x88\xac\x00"),
        (TRON_FORM, bytes(21)),
        (TRON_FORM, b"\x41" + bytes(19)),
        (SOLANA_FORM, bytes(31)),
        (EVM_FORM, bytes(21)),
    ],
)
def test_other_bytes_have_no_address(form: AddressForm, data: bytes) -> None:
    """A script without an address, and bytes of another length."""
    with pytest.raises(AddressError):
        form.encode(data)


@settings(max_examples=60, deadline=None)
@given(digest=st.binary(min_size=20, max_size=20), program=st.binary(min_size=32, max_size=32))
def test_writing_and_reading_are_inverse(digest: bytes, program: bytes) -> None:
    """Every address of every form reads back to its bytes and is canonical."""
    cases = [(EVM_FORM, digest), (TRON_FORM, b"\x41" + digest), (SOLANA_FORM, program)]
    for form in (_MAIN, _TEST):
        cases += [(form, b"\x00\x14" + digest), (form, b"\x00\x20" + program), (form, b"\x51\x20" + program)]
        cases += [(form, b"\x76\xa9\x14" + digest + b"\x88\xac"), (form, b"\xa9\x14" + digest + b"\x87")]
    for form, data in cases:
        text = form.encode(data)
        assert form.decode(text) == data
        assert form.is_canonical(text)
