"""RIPEMD-160 of SHA-256, by OpenSSL or by pycryptodome."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.chains import hash160 as module
from placet_policy.chains.hash160 import hash160


def test_the_hash_of_the_generator() -> None:
    """BIP-173's example: the key hash of the generator's compressed point."""
    key = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")

    assert hash160(key).hex() == "751e76e8199196d454941c45d1b3a323f1433bd6"


@given(st.binary(max_size=200))
def test_the_one_that_is_always_there_gives_the_same(data: bytes) -> None:
    """Whichever is chosen, pycryptodome's answer is its answer."""
    assert hash160(data) == module._by_pycryptodome(hashlib.sha256(data).digest())


def test_without_openssls_the_other_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An OpenSSL that does not offer the function takes nothing away."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    monkeypatch.setattr(hashlib, "new", refuse)

    assert module._chosen()(b"").hex() == "9c1185a5c5e9fc54612808977ee8f548b2258d31"
