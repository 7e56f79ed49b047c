"""PEM files that are whole but hold something that the libraries do not know: versions and curves of another time."""

import base64
import re

# RFC 5280 section 4.1.2.1: the tagged version, v3 being 2; and the OID of secp256r1 (RFC 5480 section 2.1.1.1).
_VERSION_3 = bytes.fromhex("a003020102")
_VERSION_101 = bytes.fromhex("a003020164")
_SECP256R1 = bytes.fromhex("06082a8648ce3d030107")
_NO_CURVE = bytes.fromhex("06082a8648ce3d030163")
_BLOCK = re.compile(rb"(-----BEGIN [A-Z ]+-----\n)(.*?)(-----END [A-Z ]+-----\n)", re.DOTALL)


def with_unknown_version(certificate: bytes) -> bytes:
    """The same certificate, saying that it is of an X.509 version that does not exist."""
    return _replace(certificate, _VERSION_3, _VERSION_101)


def with_unknown_curve(pem: bytes) -> bytes:
    """The same certificate or private key, on a curve that nobody has named."""
    return _replace(pem, _SECP256R1, _NO_CURVE)


def change_one_byte(pem: bytes, position: int, mask: int) -> bytes:
    """The same file with one byte of the first block's DER changed; the position is taken modulo its length."""
    block = _BLOCK.search(pem)
    if block is None:
        raise ValueError("no block to change")
    der = bytearray(base64.b64decode(block[2]))
    der[position % len(der)] ^= mask
    return pem[: block.start()] + block[1] + base64.encodebytes(der) + block[3] + pem[block.end() :]


def _replace(pem: bytes, old: bytes, new: bytes) -> bytes:
    """Change every block; a block without the bytes to change is an error of the test."""

    def changed(block: re.Match[bytes]) -> bytes:
        der = base64.b64decode(block[2])
        if old not in der:
            raise ValueError("nothing to change in this block")
        return block[1] + base64.encodebytes(der.replace(old, new)) + block[3]

    return _BLOCK.sub(changed, pem)
