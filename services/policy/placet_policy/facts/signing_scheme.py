"""How the keys of each kind of chain sign: curve, signature types and addresses, as data (protocol d.5, d.19)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from placet_policy.chains.addresses import EVM_FORM, SOLANA_FORM, TRON_FORM, TRON_PREFIX, AddressForm
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS, ecdsa_scripts, schnorr_scripts
from placet_policy.chains.derivation import evm_address, parse_xpub
from placet_policy.chains.ed25519 import parse_cpub
from placet_policy.facts.detail_fields import ECDSA, EDDSA, EDDSA_TSS, GG18, LINDELL, SCHNORR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from placet_policy.registry import Chain


class ExtendedPublicKey(Protocol):
    """A root or child public key of either curve."""

    @property
    def public_key(self) -> bytes:
        """33 bytes compressed on secp256k1, 32 bytes on ed25519."""

    def derive(self, path: tuple[int, ...]) -> ExtendedPublicKey:
        """Walk a path; raises `DerivationError`."""

    def payload(self) -> bytes:
        """The 78 bytes of the serialization."""

    def to_text(self) -> str:
        """The `xpub…` or `cpub…` text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningScheme:
    """What a prover of the signing key needs to know about a chain.

    Attributes:
        curve: `secp256k1` or `ed25519`.
        signature_types: TSSSignatureType values that fit the chain, each with the TSSProtocol values that make it.
        one_signature: A transaction needs exactly one signature, by the one key of the declared source address; on
            Bitcoin each input needs one, and the source address may be absent.
        form: How the chain writes addresses.
        addresses: The addresses, as bytes, that a public key controls under a signature type; the first is the one to
            show when none is declared.
        parse_root: Reads the text of a root key of the curve; raises `DerivationError`.
    """

    curve: str
    signature_types: Mapping[int, frozenset[int]]
    one_signature: bool
    form: AddressForm
    addresses: Callable[[bytes, int], tuple[bytes, ...]]
    parse_root: Callable[[str], ExtendedPublicKey]

    @property
    def signs_whole_message(self) -> bool:
        """Whether what is signed is the message itself and not its hash (Ed25519, protocol d.4)."""
        return EDDSA in self.signature_types


def signing_scheme(chain: Chain) -> SigningScheme:
    """The scheme of a chain of the registry."""
    if chain.kind == "bitcoin":
        return _BITCOIN[chain.testnet]
    return _SCHEMES[chain.kind]


_ECDSA: Final[Mapping[int, frozenset[int]]] = MappingProxyType({ECDSA: frozenset({GG18, LINDELL})})
_EDDSA: Final[Mapping[int, frozenset[int]]] = MappingProxyType({EDDSA: frozenset({EDDSA_TSS})})
# Which protocol makes Schnorr signatures is not documented, so every known one is honest.
_ECDSA_OR_SCHNORR: Final[Mapping[int, frozenset[int]]] = MappingProxyType(
    {**_ECDSA, SCHNORR: frozenset({GG18, LINDELL, EDDSA_TSS})}
)


def _bitcoin_scripts(public_key: bytes, signature_type: int) -> tuple[bytes, ...]:
    return schnorr_scripts(public_key) if signature_type == SCHNORR else ecdsa_scripts(public_key)


_SCHEMES: Final[Mapping[str, SigningScheme]] = MappingProxyType(
    {
        "evm": SigningScheme(
            curve="secp256k1",
            signature_types=_ECDSA,
            one_signature=True,
            form=EVM_FORM,
            addresses=lambda public_key, _: (evm_address(public_key),),
            parse_root=parse_xpub,
        ),
        "tron": SigningScheme(
            curve="secp256k1",
            signature_types=_ECDSA,
            one_signature=True,
            form=TRON_FORM,
            addresses=lambda public_key, _: (TRON_PREFIX + evm_address(public_key),),
            parse_root=parse_xpub,
        ),
        "solana": SigningScheme(
            curve="ed25519",
            signature_types=_EDDSA,
            one_signature=True,
            form=SOLANA_FORM,
            addresses=lambda public_key, _: (public_key,),
            parse_root=parse_cpub,
        ),
    }
)
_BITCOIN: Final[Mapping[bool, SigningScheme]] = MappingProxyType(
    {
        testnet: SigningScheme(
            curve="secp256k1",
            signature_types=_ECDSA_OR_SCHNORR,
            one_signature=False,
            form=form,
            addresses=_bitcoin_scripts,
            parse_root=parse_xpub,
        )
        for testnet, form in BITCOIN_FORMS.items()
    }
)
