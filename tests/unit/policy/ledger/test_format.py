"""docs/ledger-format.md: the test vectors, as this program makes them, and as somebody else verifies them.

The verifier below was written from the document alone: it shares no code with the ledger, and has another
implementation of Ed25519.
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from ledger_vectors import make_vectors
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

DOCS = Path(__file__).parents[4] / "docs"
VECTORS: dict[str, Any] = json.loads((DOCS / "ledger-vectors.json").read_text())
# The order of the document's table.
ORDER = [
    line.split("|")[2].strip().strip("`")
    for line in (DOCS / "ledger-format.md").read_text().splitlines()
    if line.startswith("| ") and line.split("|")[1].strip().isdigit()
]


def canonical(value: Any) -> bytes:
    """One field, as the document says."""
    if value is None:
        return b"\x00"
    data = bytes.fromhex(value["hex"]) if isinstance(value, dict) else str(value).encode("utf-8")
    return b"\x01" + struct.pack(">Q", len(data)) + data


def test_the_file_is_what_the_program_makes() -> None:
    """The vectors are the code's own output, byte for byte."""
    assert make_vectors() == VECTORS


def test_the_document_names_every_field_in_order() -> None:
    """The table of the document is the order of the hash."""
    assert list(VECTORS["records"][0]["fields"]) == ORDER


@pytest.mark.parametrize("position", range(1, 7))
def test_a_record_verifies_from_the_document_alone(position: int) -> None:
    """Hash, predecessor, signature and contents of every vector."""
    vector = VECTORS["records"][position - 1]
    fields = vector["fields"]
    data = b"placet.record/v2" + b"".join(canonical(fields[name]) for name in ORDER)
    assert len(data) == vector["canonical_bytes"]
    digest = hashlib.sha256(data).digest()
    assert digest.hex() == vector["record_hash"]
    before = {"hex": VECTORS["records"][position - 2]["record_hash"]} if position > 1 else None
    assert (fields["position"], fields["previous"]) == (position, before)
    head = (VECTORS["ledger"], VECTORS["writer"], position, {"hex": digest.hex()})
    signed = b"placet.head/v1" + b"".join(canonical(value) for value in head)
    key = VerifyKey(bytes.fromhex(VECTORS["public_key"]))
    signature = bytes.fromhex(vector["signature"])
    assert key.verify(signed, signature) == signed
    with pytest.raises(BadSignatureError):
        key.verify(signed + b"\x00", signature)
    for name, text in (vector["contents"] or {}).items():
        expected = None if text is None else {"hex": hashlib.sha256(text.encode()).hexdigest()}
        assert fields[f"{name}_sha256"] == expected


def test_two_hashes_are_as_published() -> None:
    """Literals, so that the file and the program cannot change together unnoticed."""
    hashes = [vector["record_hash"] for vector in VECTORS["records"]]
    assert (hashes[0], hashes[2]) == (
        "c936dc2fd04e7784f130545a620489c5b99d66d60b36c3b626242c1d6355dd19",
        "36122734398f453a42bcf84d40135a567fa0ee8d9720f1fef2ed2b6cbca510cc",
    )
