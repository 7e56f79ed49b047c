"""Bitcoin addresses: the vectors of BIP-173, BIP-350 and BIP-341, and what is refused."""

import pytest
from coincurve import PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.addresses import AddressError, AddressForm
from placet_policy.chains.bitcoin_addresses import (
    BITCOIN_FORMS,
    ecdsa_scripts,
    schnorr_scripts,
    taproot_output_key,
    taproot_tweak,
)

MAINNET, TESTNET = BITCOIN_FORMS[False], BITCOIN_FORMS[True]
_GENERATOR = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")


@pytest.mark.parametrize(
    ("address", "form", "script"),
    [
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", MAINNET, "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            TESTNET,
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        ),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            MAINNET,
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        ),
        (
            "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
            TESTNET,
            "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        ("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", MAINNET, "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"),
        ("mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r", TESTNET, "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"),
        ("3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", MAINNET, "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487"),
        ("2NAUYAHhujozruyzpsFRP63mbrdaU5wnEpN", TESTNET, "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487"),
    ],
)
def test_addresses_and_scripts(address: str, form: AddressForm, script: str) -> None:
    """An address of each kind and network stands for its script and is written back."""
    assert form.decode(address).hex() == script
    assert form.encode(bytes.fromhex(script)) == address


def test_an_upper_case_address_is_the_same() -> None:
    """BIP-173 allows all upper case, for QR codes; the canonical form is lower."""
    script = MAINNET.decode("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")

    assert MAINNET.encode(script) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("", MAINNET),
        ("bc1", MAINNET),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", MAINNET),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3T4", MAINNET),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", TESTNET),
        ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7", MAINNET),
        # BIP-350: version 1 with the checksum of BIP-173, version 0 with that of BIP-350, lengths, padding.
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", MAINNET),
        ("bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq54kaaf", MAINNET),
        ("bc1pw5dgrnzv", MAINNET),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", MAINNET),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", MAINNET),
        ("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMI", MAINNET),
        (" 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", MAINNET),
        ("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH ", MAINNET),
        ("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", TESTNET),
        ("mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r", MAINNET),
        ("1" * 91, MAINNET),
        ("bc1\u212a", MAINNET),
    ],
)
def test_what_is_no_address_of_the_network_is_refused(address: str, form: AddressForm) -> None:
    """Wrong checksums, networks, versions and lengths, and texts that are not the one way to write an address."""
    with pytest.raises(AddressError):
        form.decode(address)


@pytest.mark.parametrize(
    "script", ["", "6a0401020304", "51", "5114" + "11" * 20, "0014" + "11" * 19, "5220" + "11" * 32]
)
def test_a_script_without_an_address(script: str) -> None:
    """Data outputs, unknown witness versions and odd lengths have no address."""
    with pytest.raises(AddressError):
        MAINNET.encode(bytes.fromhex(script))


def test_addresses_of_a_key() -> None:
    """The addresses of the generator point, as every wallet shows them; taproot without and with the tweak."""
    assert [MAINNET.encode(script) for script in ecdsa_scripts(_GENERATOR)] == [
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN",
        "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
    ]
    assert [MAINNET.encode(script) for script in schnorr_scripts(_GENERATOR)] == [
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "bc1pmfr3p9j00pfxjh0zmgp99y8zftmd3s5pmedqhyptwy6lm87hf5sspknck9",
    ]


def test_bip341_tweak_without_a_script_tree() -> None:
    """BIP-341, wallet test vectors, scriptPubKey[0]: internal key, tweak, output key, address."""
    internal = bytes.fromhex("02d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d")

    assert taproot_tweak(internal).hex() == "b86e7be8f39bab32a6f2c0443abbc210f0edac0e2c53d501b36b64437d9c6c70"
    output_key = taproot_output_key(internal)
    assert output_key.hex() == "53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343"
    assert MAINNET.encode(b"\x51\x20" + output_key) == "bc1p2wsldez5mud2yam29q22wgfh9439spgduvct83k3pm50fcxa5dps59h4z5"


def test_bip341_tweak_with_a_script_tree() -> None:
    """BIP-341, wallet test vectors, scriptPubKey[1]: a tree of one leaf."""
    internal = bytes.fromhex("02187791b6f712a8ea41c8ecdd0ee77fab3e85263b37e1ec18a3651926b3a6cf27")
    tree = bytes.fromhex("5b75adecf53548f3ec6ad7d78383bf84cc57b55a3127c72b9a2481752dd88b21")

    assert (
        taproot_output_key(internal, tree).hex() == "147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3"
    )


def test_the_parity_of_the_internal_key_does_not_count() -> None:
    """BIP-340 keys are x only: both points of one x have the same taproot addresses."""
    assert schnorr_scripts(b"\x03" + _GENERATOR[1:]) == schnorr_scripts(_GENERATOR)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 2**255).map(lambda secret: PublicKey.from_secret(secret.to_bytes(32, "big")).format()),
    st.sampled_from([MAINNET, TESTNET]),
)
def test_addresses_of_keys_are_read_back(public_key: bytes, form: AddressForm) -> None:
    """Whatever a key can be paid by is written as an address and read as the same script."""
    for script in ecdsa_scripts(public_key) + schnorr_scripts(public_key):
        assert form.decode(form.encode(script)) == script


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100), st.sampled_from([MAINNET, TESTNET]))
def test_arbitrary_text_raises_only_our_error(text: str, form: AddressForm) -> None:
    """Nothing but AddressError leaves the reader, whatever the requester declares."""
    try:
        script = form.decode(text)
    except AddressError:
        return
    assert form.encode(script) in (text, text.lower())


def test_what_is_remembered_belongs_to_one_network() -> None:
    """A script has an address on each network, and what one network refuses stays refused however often it is asked."""
    script = MAINNET.decode("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")

    for _ in range(2):
        assert MAINNET.encode(script) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
        assert TESTNET.encode(script) == "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"
        with pytest.raises(AddressError):
            TESTNET.decode("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
        with pytest.raises(AddressError):
            MAINNET.encode(script + b"\x00")
