import re
from collections.abc import Callable
from pathlib import Path

import keys
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from placet_callback.token import (
    KeyFileError,
    Node,
    fingerprint,
    load_private_key,
    load_public_keys,
    node_set,
    sign_token,
    verify_token,
)

CHECKER_ID = "3dd07fe029c879103ce93b64f58e5614a9d0eeb3a1200ca3ea616be841f67246"

PEM = serialization.Encoding.PEM
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PKCS1_PUBLIC = serialization.PublicFormat.PKCS1
PKCS8 = serialization.PrivateFormat.PKCS8
PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL
OPEN = serialization.NoEncryption()
RSA_8192 = Path(keys.__file__).with_name("test-rsa-8192.pem")


def _of_size(bits: int, exponent: int = 65537) -> bytes:
    """The PEM of a number that only looks like a modulus: nothing can be signed with it, and nothing has to be."""
    return RSAPublicNumbers(e=exponent, n=2 ** (bits - 1) + 1).public_key().public_bytes(PEM, SPKI)


def _damaged(pem: bytes) -> bytes:
    """The PEM with one of its lines lost."""
    lines = pem.splitlines(keepends=True)
    return b"".join(lines[:3] + lines[4:])


def _refusal_of_public(pem: bytes) -> str:
    with pytest.raises(KeyFileError) as refused:
        load_public_keys(pem)
    return refused.value.reason


def _refusal_of_private(pem: bytes, passphrase: bytes | None = None) -> str:
    with pytest.raises(KeyFileError) as refused:
        load_private_key(pem, passphrase=passphrase)
    return refused.value.reason


def test_a_key_id_is_the_sha256_of_the_spki_der_form() -> None:
    """The id of the published checker key is what `openssl pkey -pubin -outform DER | sha256sum` prints."""
    assert keys.checker_public().key_id == CHECKER_ID
    assert fingerprint(keys.checker_private()) == CHECKER_ID


@pytest.mark.parametrize("form", [SPKI, PKCS1_PUBLIC])
def test_both_public_forms_give_the_same_key(form: serialization.PublicFormat) -> None:
    """PKCS#1 and SPKI are two texts of one key, with one id."""
    pem = keys.checker_public().rsa.public_bytes(PEM, form)
    assert [key.key_id for key in load_public_keys(pem)] == [CHECKER_ID]


@pytest.mark.parametrize("bits", [2048, 3072, 4096, 8192])
def test_sizes_from_2048_to_8192_bits_are_taken(bits: int) -> None:
    """The smallest and the largest allowed size, and what lies between, can be pinned."""
    assert load_public_keys(_of_size(bits))[0].rsa.key_size == bits


@pytest.mark.parametrize("bits", [1024, 2047, 8193])
def test_other_sizes_are_refused(bits: int) -> None:
    """A key outside the bounds is refused, with its size."""
    assert _refusal_of_public(_of_size(bits)) == f"the RSA key has {bits} bits, not 2048 to 8192"


def test_a_small_exponent_is_refused() -> None:
    """A public exponent of 3 is refused."""
    assert _refusal_of_public(_of_size(2048, exponent=3)) == "the RSA key's public exponent is below 65537"


def test_the_largest_key_signs_and_verifies() -> None:
    """A token signed with RSA-8192 passes the checks."""
    key = load_private_key(RSA_8192.read_bytes())
    node = Node(name="big", keys=load_public_keys(key.public_key().public_bytes(PEM, SPKI)))
    token = sign_token(b"{}", key=key, issuer="", expires_at=1_000_060)
    assert verify_token(token, nodes=(node,), now=1_000_000).node == "big"


def test_several_keys_are_read_in_order() -> None:
    """A file holds the old and the new key while one is rotated; text around the blocks is allowed."""
    pem = b"# old\r\n" + keys.checker_public_pem() + b"\nnew:\n" + keys.server_public_pem() + b"\n\n"
    assert load_public_keys(pem) == (keys.checker_public(), keys.server_public())


PUBLIC_REFUSALS: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file has no public key in PEM form"),
    "text": (lambda: b"not a key", "the file has no public key in PEM form"),
    "private key": (keys.checker_private_pem, "the file has a PEM block that is not an RSA public key"),
    "public and private key": (
        lambda: keys.checker_public_pem() + keys.server_private_pem(),
        "the file has a PEM block that is not an RSA public key",
    ),
    "without end": (lambda: keys.checker_public_pem()[:-30], "the file has an unfinished or damaged PEM block"),
    "second without end": (
        lambda: keys.checker_public_pem() + b"\n" + keys.server_public_pem()[:-30],
        "the file has an unfinished or damaged PEM block",
    ),
    "first without end": (
        lambda: keys.checker_public_pem()[:-30] + b"\n" + keys.server_public_pem(),
        "the file has an unfinished or damaged PEM block",
    ),
    "twice the same": (
        lambda: keys.checker_public_pem() + b"\n" + keys.checker_public().rsa.public_bytes(PEM, PKCS1_PUBLIC),
        "the file has the same key twice",
    ),
    "damaged": (
        lambda: _damaged(keys.checker_public_pem()),
        "a public key in the file cannot be read",
    ),
    "elliptic": (
        lambda: ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(PEM, SPKI),
        "a key in the file is not an RSA key",
    ),
    "too long": (lambda: keys.checker_public_pem() + b" " * 65536, "the file has more than 65536 bytes"),
}


@pytest.mark.parametrize("name", PUBLIC_REFUSALS)
def test_a_file_that_is_not_all_public_keys_is_refused(name: str) -> None:
    """One unusable part makes the whole file unusable, with a reason that quotes nothing from it."""
    make, reason = PUBLIC_REFUSALS[name]
    assert _refusal_of_public(make()) == reason


@pytest.mark.parametrize("form", [PKCS1, PKCS8])
@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
def test_every_private_form_gives_the_same_key(form: serialization.PrivateFormat, passphrase: bytes | None) -> None:
    """PKCS#1 and PKCS#8, encrypted or not, are four texts of one key."""
    protection = OPEN if passphrase is None else serialization.BestAvailableEncryption(passphrase)
    pem = keys.server_private().private_bytes(PEM, form, protection)
    loaded = load_private_key(pem, passphrase=passphrase)
    assert loaded.private_numbers() == keys.server_private().private_numbers()


def _encrypted() -> bytes:
    return keys.server_private().private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"correct horse"))


def _small() -> bytes:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return small.private_bytes(PEM, PKCS8, OPEN)


PRIVATE_REFUSALS: dict[str, tuple[Callable[[], bytes], bytes | None, str]] = {
    "empty": (lambda: b"", None, "the file has no private key in PEM form"),
    "public key": (keys.server_public_pem, None, "the file has a PEM block that is not an RSA private key"),
    "two keys": (
        lambda: keys.server_private_pem() + b"\n" + keys.checker_private_pem(),
        None,
        "the file has more than one private key",
    ),
    "no passphrase": (_encrypted, None, "the private key is encrypted and there is no passphrase"),
    "needless passphrase": (
        keys.server_private_pem,
        b"correct horse",
        "the private key is not encrypted, but there is a passphrase",
    ),
    "wrong passphrase": (
        _encrypted,
        b"wrong",
        "the private key cannot be read: damaged file or wrong passphrase",
    ),
    "damaged": (
        lambda: _damaged(keys.server_private_pem()),
        None,
        "the private key cannot be read: damaged file or wrong passphrase",
    ),
    "elliptic": (
        lambda: ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, OPEN),
        None,
        "the private key is not an RSA key",
    ),
    "small": (_small, None, "the RSA key has 1024 bits, not 2048 to 8192"),
}


@pytest.mark.parametrize("name", PRIVATE_REFUSALS)
def test_a_file_that_is_not_one_private_key_is_refused(name: str) -> None:
    """Anything but one RSA private key with the passphrase that fits it is refused, with its reason."""
    make, passphrase, reason = PRIVATE_REFUSALS[name]
    assert _refusal_of_private(make(), passphrase) == reason


@pytest.mark.parametrize("name", ["a", "node-1", "0.eu_west", "a" * 63])
def test_a_node_has_a_plain_name(name: str) -> None:
    """Names that are safe in files, logs and metrics are taken."""
    assert Node(name=name, keys=(keys.checker_public(),)).name == name


@pytest.mark.parametrize("name", ["", "A", "-a", ".a", "a b", "a/b", "a\n", "ä", "a" * 64])
def test_a_node_with_another_name_is_refused(name: str) -> None:
    """Names that could mean something to a file system or a log are refused."""
    with pytest.raises(ValueError, match="a node's name"):
        Node(name=name, keys=(keys.checker_public(),))


def test_a_node_without_a_key_is_refused() -> None:
    """No keys means no node, not a node that anybody can speak for."""
    with pytest.raises(ValueError, match="node a has no key"):
        Node(name="a", keys=())


def test_a_set_of_nodes_keeps_their_order() -> None:
    """Nodes with names and keys of their own form a set."""
    one = Node(name="one", keys=(keys.checker_public(),))
    two = Node(name="two", keys=(keys.server_public(),))
    assert node_set([one, two]) == (one, two)


def test_a_set_that_cannot_tell_who_signed_is_refused() -> None:
    """No node at all, one name twice and one key twice are refused."""
    one = Node(name="one", keys=(keys.checker_public(),))
    same_key = Node(name="two", keys=(keys.server_public(), keys.checker_public()))
    same_name = Node(name="one", keys=(keys.server_public(),))
    key_twice = Node(name="three", keys=(keys.server_public(), keys.server_public()))
    for nodes, problem in (
        ([], "there is no node"),
        ([one, same_name], "two nodes have the name one"),
        ([one, same_key], "one key is pinned twice, for one and two"),
        ([key_twice], "one key is pinned twice, for three and three"),
    ):
        with pytest.raises(ValueError, match=re.escape(problem)):
            node_set(nodes)
