"""Digests of Bitcoin inputs: the vectors of BIP-143 and BIP-341, the official example, and embit's second opinion."""

from collections.abc import Sequence

import pytest
from bitcoin_cases import spent
from embit.script import Script  # type: ignore[import-untyped]
from embit.transaction import Transaction as Oracle  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from placet_policy.chains.bitcoin import OutPoint, Transaction, TxInput, TxOutput, decode_unsigned
from placet_policy.chains.bitcoin_digest import Digests, Spend, SpentOutput, sighash_name

_ALL = {0: "DEFAULT", 1: "ALL", 2: "NONE", 3: "SINGLE"}

# BIP-341, wallet-test-vectors.json, keyPathSpending: nine inputs, every sighash type.
_BIP341_TX = bytes.fromhex(
    "02000000097de20cbff686da83a54981d2b9bab3586f4ca7e48f57f5b55963115f3b334e9c010000000000000000d7b7cab57b1393ace2d064"
    "f4d4a2cb8af6def61273e127517d44759b6dafdd990000000000fffffffff8e1f583384333689228c5d28eac13366be082dc57441760d95727"
    "5419a418420000000000fffffffff0689180aa63b30cb162a73c6d2a38b7eeda2a83ece74310fda0843ad604853b0100000000feffffffaa52"
    "02bdf6d8ccd2ee0f0202afbbb7461d9264a25e5bfd3c5a52ee1239e0ba6c0000000000feffffff956149bdc66faa968eb2be2d2faa29718acb"
    "fe3941215893a2a3446d32acd050000000000000000000e664b9773b88c09c32cb70a2a3e4da0ced63b7ba3b22f848531bbb1d5d5f4c940100"
    "00000000000000e9aa6b8e6c9de67619e6a3924ae25696bb7b694bb677a632a74ef7eadfd4eabf0000000000ffffffffa778eb6a263dc09046"
    "4cd125c466b5a99667720b1c110468831d058aa1b82af10100000000ffffffff0200ca9a3b000000001976a91406afd46bcdfd22ef94ac122a"
    "a11f241244a37ecc88ac807840cb0000000020ac9a87f5594be208f8532db38cff670c450ed2fea8fcdefcc9a663f78bab962b0065cd1d"
)
_BIP341_SPENT = [
    (420000000, "512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343"),
    (462000000, "5120147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3"),
    (294000000, "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"),
    (504000000, "5120e4d810fd50586274face62b8a807eb9719cef49c04177cc6b76a9a4251d5450e"),
    (630000000, "512091b64d5324723a985170e4dc5a0f84c041804f2cd12660fa5dec09fc21783605"),
    (378000000, "00147dd65592d0ab2fe0d0257d571abf032cd9db93dc"),
    (672000000, "512075169f4001aa68f15bbed28b218df1d0a62cbbcf1188c6665110c293c907b831"),
    (546000000, "5120712447206d7a5238acc7ff53fbe94a3b64539ad291c7cdbc490b7577e4b17df5"),
    (588000000, "512077e30a5522dd9f894c3f8b8bd4c4b2cf82ca7da8a3ea6a239655c39c050ab220"),
]


def _types(digests: Digests, index: int) -> dict[str, int]:
    """Every digest of an input as hex, with its sighash type."""
    found = digests.whole(index) | digests.partial(index)
    return {digest.hex(): sighash for digest, sighash in found.items()}


def test_bip143_native_p2wpkh() -> None:
    """BIP-143, "Native P2WPKH": the second input's digest."""
    transaction = decode_unsigned(
        bytes.fromhex(
            "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89"
            "d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378"
            "db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac110000"
            "00"
        )
    )
    spends = spent(600000000, "00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1")

    assert Digests(transaction, [None, spends]).whole(1) == {
        bytes.fromhex("c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670"): 1
    }


def test_bip143_nested_p2wpkh() -> None:
    """BIP-143, "P2SH-P2WPKH": the digest uses the key hash of the redeem script."""
    transaction = decode_unsigned(
        bytes.fromhex(
            "0100000001db6b1b20aa0fd7b23880be2ecbd4a98130974cf4748fb66092ac4d3ceb1a54770100000000feffffff02b8b4eb0b0000"
            "00001976a914a457b684d7f0d539a46a45bbc043f35b59d0d96388ac0008af2f000000001976a914fd270b1ee6abcaea97fea7ad04"
            "02e8bd8ad6d77c88ac92040000"
        )
    )
    spends = SpentOutput(
        output=TxOutput(1000000000, bytes.fromhex("a9144733f37cf4db86fbc2efed2500b4f4e49f31202387")),
        spend=Spend.P2SH_P2WPKH,
        key_hash=bytes.fromhex("79091972186c449eb1ded22b78e40d009bdf0089"),
    )

    assert Digests(transaction, [spends]).whole(0) == {
        bytes.fromhex("64f3b0f4dd2bb3aa1ce8566d220cc74dda9df97d8490cc81d89d735c92e59fb6"): 1
    }


@pytest.mark.parametrize(
    ("index", "sighash", "digest"),
    [
        (0, 0x03, "2514a6272f85cfa0f45eb907fcb0d121b808ed37c6ea160a5a9046ed5526d555"),
        (1, 0x83, "325a644af47e8a5a2591cda0ab0723978537318f10e6a63d4eed783b96a71a4d"),
        (3, 0x01, "bf013ea93474aa67815b1b6cc441d23b64fa310911d991e713cd34c7f5d46669"),
        (4, 0x00, "4f900a0bae3f1446fd48490c2958b5a023228f01661cda3496a11da502a7f7ef"),
        (6, 0x02, "15f25c298eb5cdc7eb1d638dd2d45c97c4c59dcaec6679cfc16ad84f30876b85"),
        (7, 0x82, "cd292de50313804dabe4685e83f923d2969577191a3e1d2882220dca88cbeb10"),
        (8, 0x81, "cccb739eca6c13a8a89e6e5cd317ffe55669bbda23f2fd37b0f18755e008edd2"),
    ],
)
def test_bip341_key_path_spending(index: int, sighash: int, digest: str) -> None:
    """BIP-341, wallet test vectors: the digest of each taproot input, and its sighash type."""
    digests = Digests(decode_unsigned(_BIP341_TX), [spent(value, script) for value, script in _BIP341_SPENT])

    assert _types(digests, index)[digest] == sighash


def test_a_taproot_digest_needs_every_spent_output() -> None:
    """BIP-341 hashes all amounts and scripts; without one of them only ANYONECANPAY can be known."""
    known = [spent(value, script) for value, script in _BIP341_SPENT]
    digests = Digests(decode_unsigned(_BIP341_TX), [*known[:8], None])

    assert digests.whole(0) == {}
    assert sorted(digests.partial(0).values()) == [0x81, 0x82, 0x83]
    assert (digests.whole(8), digests.partial(8)) == ({}, {})


def test_the_official_taproot_digest() -> None:
    """The provider's example: the digest that its signature on the chain proves."""
    (vector,) = vectors()["bitcoin"]
    raw = "0200000001e549d679837f1674271464d129c5cafd9eff596bd7c4c3af179ff27dcb4a8561000000000000000000"
    raw += "0122c4000000000000225120d6ff0e95cfb7fe71762b8185decc04ba9b2996ca550a520578c5a0ed75db169600000000"
    digests = Digests(decode_unsigned(bytes.fromhex(raw)), [spent(51660, "5120" + vector["expected"]["x_only_pubkey"])])

    assert {"0x" + digest: kind for digest, kind in _types(digests, 0).items() if kind == 0} == {
        vector["expected"]["msg_hash_list"][0]: 0
    }


def test_a_single_without_its_output_signs_the_number_one() -> None:
    """The old digest's well-known defect is recognised, and BIP-341 refuses the case."""
    transaction = Transaction(
        version=1,
        inputs=tuple(TxInput(OutPoint(bytes([number]) * 32, 0), 0xFFFFFFFF) for number in (1, 2)),
        outputs=(TxOutput(1, b"\x51"),),
        lock_time=0,
    )
    legacy = Digests(transaction, [spent(5, "76a914" + "11" * 20 + "88ac")] * 2)
    taproot = Digests(transaction, [spent(5, "5120" + "11" * 32)] * 2)

    assert legacy.partial(1)[(1).to_bytes(32, "little")] in (0x03, 0x83)
    assert sorted(taproot.partial(1).values()) == [0x02, 0x81, 0x82]


@pytest.mark.parametrize(
    ("sighash", "name"), [(0x00, "DEFAULT"), (0x01, "ALL"), (0x82, "NONE|ANYONECANPAY"), (0x03, "SINGLE")]
)
def test_sighash_names(sighash: int, name: str) -> None:
    """People read the name of a sighash type and not its number."""
    assert sighash_name(sighash) == name


_SCRIPTS = st.one_of(
    st.binary(min_size=20, max_size=20).map(lambda program: "0014" + program.hex()),
    st.binary(min_size=20, max_size=20).map(lambda program: "76a914" + program.hex() + "88ac"),
    st.binary(min_size=32, max_size=32).map(lambda program: "5120" + program.hex()),
)
_OUTPUTS = st.builds(TxOutput, st.integers(0, 10**12), st.binary(max_size=300))


@st.composite
def _transactions(draw: st.DrawFn) -> tuple[Transaction, list[SpentOutput]]:
    outpoints = draw(st.lists(st.binary(min_size=32, max_size=32).filter(any), min_size=1, max_size=5, unique=True))
    inputs = tuple(
        TxInput(OutPoint(txid, draw(st.integers(0, 2**32 - 1))), draw(st.integers(0, 2**32 - 1))) for txid in outpoints
    )
    transaction = Transaction(
        version=draw(st.sampled_from([1, 2])),
        inputs=inputs,
        outputs=tuple(draw(st.lists(_OUTPUTS, min_size=1, max_size=5))),
        lock_time=draw(st.integers(0, 2**32 - 1)),
    )
    return transaction, [spent(draw(st.integers(0, 10**12)), draw(_SCRIPTS)) for _ in inputs]


def _embit(transaction: Transaction, spends: Sequence[SpentOutput], index: int, sighash: int) -> bytes:
    """The same digest by embit."""
    oracle = Oracle.parse(transaction.serialize())
    own = spends[index]
    if own.spend is Spend.P2TR:
        scripts = [Script(one.output.script) for one in spends]
        return bytes(oracle.sighash_taproot(index, scripts, [one.output.value for one in spends], sighash))
    code = Script(b"\x76\xa9\x14" + own.key_hash + b"\x88\xac")
    if own.spend is Spend.P2PKH:
        return bytes(oracle.sighash_legacy(index, code, sighash))
    return bytes(oracle.sighash_segwit(index, code, own.output.value, sighash))


@settings(max_examples=60, deadline=None)
@given(_transactions())
def test_whole_digests_agree_with_embit(case: tuple[Transaction, list[SpentOutput]]) -> None:
    """Two implementations agree on the digests that bind everything, for every kind of input and mixed ones."""
    transaction, spends = case
    digests = Digests(transaction, spends)

    for index in range(len(transaction.inputs)):
        for digest, sighash in digests.whole(index).items():
            assert digest == _embit(transaction, spends, index, sighash)
