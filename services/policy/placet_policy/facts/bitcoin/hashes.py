"""Which input each hash of a KeySign signs, and whether its key may sign it (BIP-143, BIP-341).

The order of the hashes is not documented, so a hash is looked for among all inputs: the digest itself says which one it
is. Every hash must bind all inputs and outputs; what another sighash type leaves open, somebody else could fill in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from placet_policy.chains.bitcoin_addresses import schnorr_scripts, taproot_tweak
from placet_policy.chains.bitcoin_digest import Digests, Spend, sighash_name
from placet_policy.chains.strict_hex import decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.facts.comparison import Shape
from placet_policy.facts.detail_fields import SCHNORR
from placet_policy.facts.findings import MAX_PER_CODE
from placet_policy.facts.key_sign_case import HASHES_PATH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.bitcoin import Transaction
    from placet_policy.chains.bitcoin_digest import SpentOutput
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.facts.signer import DerivedKey

_PATHS: Final = "request_detail.bip32_path_list"
_UTXOS: Final = "extra_info.transaction.raw_tx_info.selected_utxos"


def hashes_of(case: KeySignCase) -> list[bytes] | None:
    """What is to be signed; None when it was not well-formed, which was noted."""
    texts = cast("list[str] | None", case.detail.get("msg_hash_list"))
    return None if texts is None else [decode_hex(text) for text in texts]


def compare_hashes(
    case: KeySignCase, transaction: Transaction, spent: Sequence[SpentOutput | None]
) -> tuple[list[dict[str, JSONValue]], frozenset[int]]:
    """Match hashes and inputs one to one, and each input with the key that signs it.

    Args:
        case: The request.
        transaction: What the bytes say.
        spent: For each input the declared output that it spends; None where none is declared.

    Returns:
        The entries of `facts.hashes`, one for each input whose digest is known, and the numbers of the inputs that are
        signed with all that they bind.
    """
    declared = hashes_of(case)
    hashes = declared or []
    digests = Digests(transaction, spent)
    whole = [digests.whole(index) for index in range(len(spent))]
    signed = _match(case, hashes, whole, digests)
    if declared is not None:
        _compare_count(case, len(hashes), len(whole))
    for number, index in signed.items():
        if number < len(case.keys):
            compare_key(case, number, cast("SpentOutput", spent[index]))
    paths = {index: case.keys[number].path_text() for number, index in signed.items() if number < len(case.keys)}
    proven = {index: hashes[number] for number, index in signed.items()}
    entries: list[dict[str, JSONValue]] = []
    for index, known in enumerate(whole):
        if known:
            digest = proven.get(index, next(iter(known)))
            entries.append({"hash": encode_hex(digest), "path": paths.get(index), "source": "bytes"})
    return entries, frozenset(signed.values())


def compare_key(case: KeySignCase, number: int, spent: SpentOutput) -> None:
    """The key of a hash is the one that the input's output pays, with the signature that it asks for."""
    key, signature_type = case.keys[number], case.detail.get("signature_type")
    if signature_type is not None and (signature_type == SCHNORR) != (spent.spend is Spend.P2TR):
        case.findings.contradict(
            Code.SIGNATURE_TYPE_MISMATCH,
            "request_detail.signature_type",
            declared=signature_type,
            proven=f"an input of type {spent.spend}",
        )
    elif spent.output.script in key.under_tree:
        return  # Noted when the source addresses were compared: neither the output nor its tweak can be proven.
    elif key.addresses and spent.output.script not in key.addresses:
        case.findings.contradict(
            Code.DERIVATION_MISMATCH,
            f"{_PATHS}[{number}]",
            declared=case.scheme.form.encode(spent.output.script),
            proven=", ".join(map(case.scheme.form.encode, key.addresses)),
        )
    elif spent.spend is Spend.P2TR and key.tweak is not None and not _tweak_is_of(key, spent.output.script):
        case.findings.miss(Code.TWEAK_NOT_PROVEN, f"request_detail.tweak_list[{number}]")


def _match(case: KeySignCase, hashes: list[bytes], whole: list[dict[bytes, int]], digests: Digests) -> dict[int, int]:
    """The input of each hash that binds everything; the findings name the others."""
    unknown = [index for index, known in enumerate(whole) if not known]
    for index in unknown:
        case.findings.miss(Code.PREVOUT_NOT_PROVEN, f"{_UTXOS} (input {index})")
    index_of = {digest: index for index, known in enumerate(whole) for digest in known}
    signed: dict[int, int] = {}
    unexplained: list[int] = []
    for number, digest in enumerate(hashes):
        found = index_of.get(digest)
        if found is None or found in signed.values():
            unexplained.append(number)
        else:
            signed[number] = found
    # Each input whose digest cannot be made may be what one of the hashes signs; more than that nothing explains.
    excess = max(0, len(unexplained) - len(unknown))
    for number in unexplained[:MAX_PER_CODE]:
        if not _partial(case, number, hashes[number], digests, len(whole)) and excess:
            excess -= 1
            _mismatch(case, number, hashes[number], whole)
    return signed


def _compare_count(case: KeySignCase, hashes: int, inputs: int) -> None:
    """One hash for each input; fewer may be honest, none or more cannot."""
    if hashes > inputs or not hashes:
        case.findings.contradict(Code.HASH_COUNT_MISMATCH, HASHES_PATH, declared=hashes, proven=inputs)
    elif hashes < inputs:
        case.findings.miss(Code.INPUT_NOT_SIGNED, HASHES_PATH)


def _partial(case: KeySignCase, number: int, digest: bytes, digests: Digests, inputs: int) -> bool:
    """Whether a hash leaves inputs or outputs open; looked for in the input of the same number only, being costly."""
    sighash = digests.partial(number).get(digest) if number < inputs else None
    if sighash is None:
        return False
    case.findings.contradict(
        Code.SIGHASH_NOT_ALL, f"{HASHES_PATH}[{number}]", declared=sighash_name(sighash), proven="ALL is what is signed"
    )
    return True


def _mismatch(case: KeySignCase, number: int, digest: bytes, whole: list[dict[bytes, int]]) -> None:
    """A hash that is no input's: wrong, but in an unstake that of a script, whose honest form does not show it."""
    if case.row.shape is Shape.UNSTAKE:
        case.findings.miss(Code.SCRIPT_SPEND_NOT_PROVEN, f"{HASHES_PATH}[{number}]")
        return
    expected = next(iter(whole[number]), None) if number < len(whole) else None
    case.findings.contradict(
        Code.HASH_MISMATCH,
        f"{HASHES_PATH}[{number}]",
        declared=encode_hex(digest),
        proven="the digest of no input" if expected is None else encode_hex(expected),
    )


def _tweak_is_of(key: DerivedKey, script: bytes) -> bool:
    """Whether a tweak is the one of BIP-341 for an empty script tree, and the output is paid to the tweaked key."""
    if key.public_key is None:
        return False
    _, tweaked = schnorr_scripts(key.public_key)
    return key.tweak == taproot_tweak(key.public_key) and script == tweaked
