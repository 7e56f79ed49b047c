"""The provider's ed25519 derivation: its official vectors, an independent computation, and what is refused."""

import base58
import pytest
from facts_cases import CPUB, ROOT_KEY
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from nacl.signing import SigningKey
from placet_policy.chains.addresses import SOLANA_FORM
from placet_policy.chains.derivation import DerivationError, parse_path
from placet_policy.chains.ed25519 import Ed25519Key, parse_cpub

_ROWS = [row for row in vectors()["key_derivation"] if row["id"].startswith("cpub")]
_SAMPLES = next(row for row in vectors()["key_derivation"] if row["id"] == "dossier-hd")
_IDENTITY = bytes([1]) + bytes(31)
"""The neutral element: a point, but nobody's key (RFC 8032, section 5.1.2)."""
_ORDER_TWO = bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")


def _text(key: bytes, *, depth: int = 0, parent: bytes = bytes(4), child: int = 0, version: str = "02e8de90") -> str:
    payload = bytes.fromhex(version) + bytes([depth]) + parent + child.to_bytes(4, "big") + bytes(32) + key
    return base58.b58encode_check(payload).decode("ascii")


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: str(row["id"]))
def test_official_children(row: dict[str, object]) -> None:
    """Every key on the way of the provider's own test is derived byte for byte, fingerprints included."""
    key, derived = parse_cpub(str(row["root"])), []
    for index in row["path_fragments"]:  # type: ignore[attr-defined]  # a JSON list
        key = key.child(index)
        derived.append(key.to_text())

    assert derived == row["expected_chain"]
    assert parse_cpub(str(row["root"])).derive(parse_path(str(row["final_path"]))) == key


def test_there_are_official_children() -> None:
    """The parametrized test above has something to run on."""
    assert sum(len(row["expected_chain"]) for row in _ROWS) >= 5


def test_the_samples_solana_address() -> None:
    """A Solana address is the point itself in base58."""
    row = next(row for row in _SAMPLES["expected"] if "solana" in row)
    child = parse_cpub(_SAMPLES["cpub_root"]).derive(parse_path(row["path"]))

    assert (child.to_text(), SOLANA_FORM.encode(child.public_key)) == (row["cpub"], row["solana"])


@given(seed=st.binary(min_size=32, max_size=32), index=st.integers(min_value=0, max_value=2**31 - 1))
@settings(max_examples=50)
def test_parsing_and_writing_are_inverse(seed: bytes, index: int) -> None:
    """Every child is a key of the curve that can be written and read again."""
    point = SigningKey(seed).verify_key.encode()
    child = parse_cpub(_text(b"\x00" + point)).child(index)

    assert parse_cpub(child.to_text()) == child
    assert child.public_key != point


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cpub",
        ROOT_KEY,
        CPUB + " ",
        _text(b"\x02" + bytes(32)),
        _text(b"\x00" + _IDENTITY),
        _text(b"\x00" + _ORDER_TWO),
        _text(b"\x00" + b"\xff" * 32),
        _text(b"\x00" + SigningKey(bytes(32)).verify_key.encode(), parent=b"\x01" * 4),
        _text(b"\x00" + SigningKey(bytes(32)).verify_key.encode(), child=1),
        _text(b"\x00" + SigningKey(bytes(32)).verify_key.encode(), version="0488b21e"),
    ],
)
def test_other_texts_are_no_key(text: str) -> None:
    """Another version, a small or foreign point, and a master key with a parent are refused."""
    with pytest.raises(DerivationError):
        parse_cpub(text)


@pytest.mark.parametrize("index", [-1, 2**31, 2**32])
def test_hardened_steps_are_refused(index: int) -> None:
    """A hardened step needs the private key."""
    with pytest.raises(DerivationError):
        parse_cpub(CPUB).child(index)


def test_the_depth_ends_at_one_byte() -> None:
    """A key at depth 255 has no children."""
    key = parse_cpub(CPUB)
    deepest = Ed25519Key(
        depth=255, parent_fingerprint=bytes(4), child_number=0, chain_code=key.chain_code, public_key=key.public_key
    )
    with pytest.raises(DerivationError):
        deepest.child(0)
