"""RIPEMD-160 of SHA-256, by which Bitcoin and BIP-32 name keys and scripts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from Crypto.Hash import RIPEMD160

if TYPE_CHECKING:
    from collections.abc import Callable


def hash160(data: bytes) -> bytes:
    """20 bytes."""
    return _ripemd160(hashlib.sha256(data).digest())


def _by_openssl(data: bytes) -> bytes:
    return hashlib.new("ripemd160", data).digest()


def _by_pycryptodome(data: bytes) -> bytes:
    return RIPEMD160.new(data).digest()


def _chosen() -> Callable[[bytes], bytes]:
    """OpenSSL's, five times as fast, where it offers the function at all: 3.0.0 to 3.0.6 do not, nor FIPS builds."""
    try:
        hashlib.new("ripemd160")
    except ValueError:
        return _by_pycryptodome
    return _by_openssl


_ripemd160 = _chosen()
