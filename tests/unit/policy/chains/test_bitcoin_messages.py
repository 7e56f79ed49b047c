"""BIP-137 and BIP-322: digests and virtual transactions, by the official vectors and by official signatures."""

import base64
import hashlib

import pytest
from coincurve import PublicKey, PublicKeyXOnly
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS, ecdsa_scripts
from placet_policy.chains.bitcoin_digest import Spend, double_sha256
from placet_policy.chains.bitcoin_messages import (
    bip137_digest,
    bip322_digests,
    bip322_to_sign,
    bip322_to_spend,
    challenge_of,
)
from placet_policy.chains.hash160 import hash160

_ADDRESS = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l"
_KEY = bytes.fromhex("02c7f12003196442943d8588e01aee840423cc54fc1521526a3b85c2b0cbd58872")
_TAPROOT = "bc1pss0zhytly75awhm6x2hhvd5lnzv3vssgrf9axfheq8ldyzn88ges79fler"


def _script(address: str) -> bytes:
    return BITCOIN_FORMS[False].decode(address)


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        ("", "80e795d4a4caadd7047af389d9f7f220562feb6196032e2131e10563352c4bcc"),
        ("Vires is Numeris", "f8a5affbef4a3241b19067aa694562f64f513310817297089a8929a930f4f933"),
    ],
)
def test_the_digests_of_signed_messages(message: str, digest: str) -> None:
    """The vectors of bitcoinjs-message, which wallets use."""
    assert bip137_digest(message.encode()).hex() == digest


def test_a_wallets_signature_is_over_the_digest() -> None:
    """A published signature of BIP-137 (bitcoinjs-message) recovers the key of its address."""
    signature = base64.b64decode(
        "H9L5yLFjti0QTHhPyFrZCT1V/MMnBtXKmoiKDZ78NDBjERki6ZTQZdSMCtkgoNmp17By9ItJr8o7ChX0XxY91nk="
    )
    digest = bip137_digest(b"This is an example of a signed message.")
    recovered = PublicKey.from_signature_and_message(signature[1:] + bytes([signature[0] - 31]), digest, hasher=None)

    assert ecdsa_scripts(recovered.format())[2] == _script("1F3sAm6ZtwLAUnj7d38pGFxtP3RVEvtsbV")


@pytest.mark.parametrize("length", [0, 252, 253, 65_535, 65_536])
def test_the_length_is_a_compact_size(length: int) -> None:
    """Each form of the length, up to 4 bytes, written out by hand."""
    size = {252: b"\xfc", 253: b"\xfd\xfd\x00", 65_535: b"\xfd\xff\xff", 65_536: b"\xfe\x00\x00\x01\x00"}
    hashed = b"\x18Bitcoin Signed Message:\n" + size.get(length, b"\x00") + b"a" * length

    assert bip137_digest(b"a" * length) == hashlib.sha256(hashlib.sha256(hashed).digest()).digest()


@pytest.mark.parametrize(
    ("message", "to_spend", "to_sign"),
    [
        (
            "",
            "c5680aa69bb8d860bf82d4e9cd3504b55dde018de765a91bb566283c545a99a7",
            "1e9654e951a5ba44c8604c4de6c67fd78a27e81dcadcfe1edf638ba3aaebaed6",
        ),
        (
            "Hello World",
            "b79d196740ad5217771c1098fc4a4b51e0535c32236c71f1ea4d61a2d603352b",
            "88737ae86f2077145f93cc4b153ae9a1cb8d56afa511988c149c5c8c9d93bddf",
        ),
        (
            "UTF-8 support: öäüéàè 测试文本 \N{SMILING FACE WITH OPEN MOUTH AND SMILING EYES}",
            "c8f4f525fe8afb1bc09b44175bd2096f079c98425e8a1be676b712add1fb62f0",
            "8f488e06b89eafd019ec528109eafaf7f1d1811fd617aa1eeb9658f1c1be6586",
        ),
    ],
)
def test_the_virtual_transactions_of_bip322(message: str, to_spend: str, to_sign: str) -> None:
    """BIP-322, basic-test-vectors.json: the ids of both transactions, byte order as people write it."""
    data, script = message.encode(), _script(_ADDRESS)

    assert double_sha256(bip322_to_spend(data, script))[::-1].hex() == to_spend
    assert double_sha256(bip322_to_sign(data, script).serialize())[::-1].hex() == to_sign


@pytest.mark.parametrize(
    ("message", "message_hash"),
    [
        ("", "c90c269c4f8fcbe6880f72a721ddfbf1914268a794cbb21cfafee13770ae19f1"),
        ("Hello World", "f0eb03b1a75ac6d9847f55c624a99169b5dccba2a31f5b23bea77ba270de0a7a"),
    ],
)
def test_the_message_hashes_of_bip322(message: str, message_hash: str) -> None:
    """BIP-322, basic-test-vectors.json: the tagged hash is what `to_spend` pushes."""
    assert bip322_to_spend(message.encode(), _script(_ADDRESS))[42:76].hex() == "0020" + message_hash


@pytest.mark.parametrize(
    ("message", "signature"),
    [
        (
            "",
            (
                "AkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxFSeEA2ba9YOixpX8z46TSDtS40ASECx/Eg"
                "AxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI="
            ),
        ),
        (
            "Hello World",
            (
                "AkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/sASECx/Eg"
                "AxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI="
            ),
        ),
    ],
)
def test_the_official_signatures_of_p2wpkh_are_over_the_digest(message: str, signature: str) -> None:
    """BIP-322, "simple" vectors: the witness's signature verifies the one digest, and no other message's."""
    witness = base64.b64decode(signature)
    der, key = witness[2 : 1 + witness[1]], witness[-33:]
    challenge = challenge_of(_script(_ADDRESS), _KEY)

    assert (key, witness[1 + witness[1]]) == (_KEY, 0x01)
    assert challenge is not None
    (digest,) = bip322_digests(message.encode(), challenge)
    (other,) = bip322_digests(b"other", challenge)
    assert PublicKey(key).verify(der, digest, hasher=None)
    assert not PublicKey(key).verify(der, other, hasher=None)


@pytest.mark.parametrize(
    ("address", "message", "signature"),
    [
        (
            _TAPROOT,
            "No prefix fallback",
            "AUCJYOwOjxYAvatTAGYaVlNXBVyFuc4MwNQkOuK2tl8xhfKDONd0NjfYyNSYcRqeCp8hsAnCEPHAVEkO9h6vbQ/R",
        ),
        (
            "bc1pcquvhrqv0q68t4m0hfq6tpn006qrskyc7yrqnp2uyrf2emg3wynsdjyk38",
            "PURVOQ544B6HUATVBJZN5EZJUU",
            "AUB6B2Rbupzua8LTQIF06516wzl+cwKy1be8RgoiW0riyXdKwe6GTz/5Hnb37m67pJwIKCh+D5jDueG6KpvYpmu8",
        ),
    ],
)
def test_the_official_signatures_of_p2tr_are_over_the_digest(address: str, message: str, signature: str) -> None:
    """BIP-322, "simple" vectors of taproot's key path: 64 bytes, so DEFAULT, by the output key."""
    script = _script(address)
    challenge = challenge_of(script, _KEY)

    assert challenge is not None
    default, every = bip322_digests(message.encode(), challenge)
    schnorr, key = base64.b64decode(signature)[2:], PublicKeyXOnly(script[2:])
    assert len(schnorr) == 64
    assert key.verify(schnorr, default)
    assert not key.verify(schnorr, every)


def test_the_digests_of_p2pkh() -> None:
    """The virtual transaction's old digest, and BIP-137's, which BIP-322 calls legacy and opens to P2PKH alone."""
    _, nested, legacy = ecdsa_scripts(_KEY)
    challenge, other = challenge_of(legacy, _KEY), challenge_of(nested, _KEY)
    assert challenge is not None
    assert other is not None
    to_sign = bip322_to_sign(b"Hello World", legacy).serialize()
    # The old digest hashes the transaction with the spent script in its input, and the type of signature.
    hashed = to_sign[:41] + b"\x19" + legacy + to_sign[42:] + b"\x01\x00\x00\x00"

    assert bip322_digests(b"Hello World", challenge) == (double_sha256(hashed), bip137_digest(b"Hello World"))
    assert bip137_digest(b"Hello World") not in bip322_digests(b"Hello World", other)


def test_what_a_key_can_sign_for() -> None:
    """Its own three ECDSA addresses and any taproot address; no other script has a digest here."""
    own = [challenge_of(script, _KEY) for script in ecdsa_scripts(_KEY)]

    assert [(one.spend, one.key_hash) for one in own if one is not None] == [
        (Spend.P2WPKH, hash160(_KEY)),
        (Spend.P2SH_P2WPKH, hash160(_KEY)),
        (Spend.P2PKH, hash160(_KEY)),
    ]
    assert challenge_of(_script("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), _KEY) is None
    assert challenge_of(b"", _KEY) is None
