"""BIP-32 on secp256k1: the BIP's and the protocol's vectors, an independent derivation, and what is refused."""

import base58
import pytest
from eth_account.hdaccount.deterministic import SoftNode, derive_child_key
from eth_keys.datatypes import PrivateKey
from facts_cases import CPUB, ROOT_KEY
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from placet_policy.chains.derivation import (
    DerivationError,
    ExtendedKey,
    evm_address,
    is_cpub,
    parse_path,
    parse_xpub,
    path_text,
)

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of secp256k1 (SEC 2)."""
_SAMPLES = next(row for row in vectors()["key_derivation"] if row["id"] == "dossier-hd")
_XPUB_ROWS = [row for row in _SAMPLES["expected"] if "xpub" in row]
_OFFICIAL = [row for row in vectors()["key_derivation"] if row["origin"] == "official"]


@pytest.mark.parametrize("row", _XPUB_ROWS, ids=lambda row: str(row["path"]))
def test_children_of_the_samples_root(row: dict[str, str]) -> None:
    """Every xpub row of the protocol's vectors is derived byte for byte, fingerprint included."""
    child = parse_xpub(_SAMPLES["xpub_root"]).derive(parse_path(row["path"]))

    assert child.to_text() == row["xpub"]
    if "evm" in row:
        assert "0x" + child.evm_address().hex() == row["evm"].lower()


def test_there_are_xpub_rows() -> None:
    """The parametrized test above has something to run on."""
    assert len(_XPUB_ROWS) == 4


@pytest.mark.parametrize(
    ("parent", "index", "child"),
    [
        (
            "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw",
            1,
            "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ",
        ),
        (
            "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
            0,
            "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH",
        ),
    ],
)
def test_vectors_of_the_bip(parent: str, index: int, child: str) -> None:
    """BIP-32, test vectors 1 and 2: the steps that need no private key."""
    assert parse_xpub(parent).child(index).to_text() == child


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, _ORDER - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=3),
)
def test_public_children_are_those_of_the_private_key(secret: int, chain_code: bytes, path: list[int]) -> None:
    """The public derivation reaches the key and address that eth-account's private derivation reaches."""
    private = PrivateKey(secret.to_bytes(32, "big"))
    root = ExtendedKey(
        depth=0,
        parent_fingerprint=bytes(4),
        child_number=0,
        chain_code=chain_code,
        public_key=private.public_key.to_compressed_bytes(),
    )
    key, code = private.to_bytes(), chain_code
    for index in path:
        key, code = derive_child_key(key, code, SoftNode(index))

    child = root.derive(tuple(path))

    expected = PrivateKey(key).public_key
    assert child.public_key == expected.to_compressed_bytes()
    assert child.chain_code == code
    assert child.evm_address() == expected.to_canonical_address()


def test_text_and_bytes_go_round() -> None:
    """What is parsed is written back as the same text."""
    assert parse_xpub(ROOT_KEY).to_text() == ROOT_KEY


@pytest.mark.parametrize("row", [row for row in _OFFICIAL if "extended_pubkey" in row], ids=lambda row: str(row["id"]))
def test_official_child_keys_parse(row: dict[str, str]) -> None:
    """The provider's published extended keys are canonical xpub texts."""
    assert parse_xpub(row["extended_pubkey"]).to_text() == row["extended_pubkey"]


def test_the_address_of_both_forms_of_a_key() -> None:
    """Compressed and uncompressed points have one address."""
    public = PrivateKey(b"\x01" * 32).public_key

    assert evm_address(public.to_compressed_bytes()) == evm_address(b"\x04" + public.to_bytes())


def _mutated(offset: int, value: bytes) -> str:
    payload = bytearray(base58.b58decode_check(ROOT_KEY))
    payload[offset : offset + len(value)] = value
    return base58.b58encode_check(bytes(payload)).decode("ascii")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xpub",
        ROOT_KEY[:-1],
        ROOT_KEY + " ",
        " " + ROOT_KEY,
        ROOT_KEY[:-1] + "1",
        "1" + ROOT_KEY,
        ROOT_KEY.replace("x", "0", 1),
        CPUB,
        _mutated(0, bytes.fromhex("043587cf")),
        _mutated(45, b"\x04"),
        _mutated(45, b"\x02" + b"\xff" * 32),
        _mutated(5, b"\x01"),
        _mutated(12, b"\x01"),
        base58.b58encode_check(b"\x04\x88\xb2\x1e").decode("ascii"),
        "1" * 100_000,
    ],
)
def test_other_texts_are_no_xpub(text: str) -> None:
    """Checksum, length, version, curve point and the master key's zeros are all checked (BIP-32, test vector 5)."""
    with pytest.raises(DerivationError):
        parse_xpub(text)


def test_cpub_is_recognized() -> None:
    """The provider's ed25519 keys have their own version bytes."""
    assert is_cpub(CPUB)
    assert not is_cpub(ROOT_KEY)
    assert not is_cpub("cpub")


def test_a_child_that_the_bip_declares_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    """BIP-32: a left half that is not below the order of the curve has no key."""
    monkeypatch.setattr("hmac.digest", lambda _key, _data, _name: b"\xff" * 64)

    with pytest.raises(DerivationError, match="invalid child"):
        parse_xpub(ROOT_KEY).child(0)


@pytest.mark.parametrize("index", [-1, 2**31, 2**32])
def test_hardened_steps_are_refused(index: int) -> None:
    """A hardened child cannot be derived from a public key."""
    with pytest.raises(DerivationError):
        parse_xpub(ROOT_KEY).child(index)


def test_depth_is_one_byte() -> None:
    """BIP-32 has no child below depth 255."""
    with pytest.raises(DerivationError):
        parse_xpub(_mutated(4, b"\xff\x01\x02\x03\x04")).child(0)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("m/44/60/1/0/0", (44, 60, 1, 0, 0)),
        ("44/1/5/0/4", (44, 1, 5, 0, 4)),
        ("0", (0,)),
        ("m/2147483647", (2**31 - 1,)),
    ],
)
def test_paths_are_read_with_and_without_m(text: str, path: tuple[int, ...]) -> None:
    """Both forms of the protocol's examples mean the same."""
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        *["", "m", "m/", "/44", "m//0", "m/44'", "m/44h", "m/-1", "m/+1", "m/01", "m/1 ", "m/\N{FULLWIDTH DIGIT TWO}"],
        *["M/1", "m/m/1", "m/1\n", "m/2147483648", "m/99999999999", "/".join(["0"] * 17)],
    ],
)
def test_other_texts_are_no_path(text: str) -> None:
    """Hardened steps, signs, leading zeros, other digits, no steps and too many of them are refused."""
    with pytest.raises(DerivationError):
        parse_path(text)


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=16).map(tuple))
def test_paths_go_round(path: tuple[int, ...]) -> None:
    """The form Placet writes is read back as the same path."""
    assert parse_path(path_text(path)) == path
