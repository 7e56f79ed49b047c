"""A decoded Solana message beside its declaration, and what can be said about its token accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_policy.chains.addresses import SOLANA_FORM
from placet_policy.chains.solana import associated_account
from placet_policy.chains.solana_programs import AccountCreation, CoinTransfer, Effect, TokenTransfer

if TYPE_CHECKING:
    from placet_policy.chains.solana import SolanaMessage
    from placet_policy.facts.declared import Declared
    from placet_policy.facts.findings import Findings
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.registry import Chain, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class SolanaMove:
    """Everything that is compared and described.

    Attributes:
        case: The request.
        message: What the bytes say.
        effects: What each instruction does, in order.
        token: The declared token; None if it is not in the registry, and for declared instructions.
        output: extra_info.transaction.destination.account_output; None for declared instructions.
        chain: The network that applies, because the bytes name none; None if the registry has none or several.
    """

    case: KeySignCase
    message: SolanaMessage
    effects: tuple[Effect, ...]
    token: Token | None
    output: Declared | None
    chain: Chain | None

    @property
    def findings(self) -> Findings:
        """Where problems are noted."""
        return self.case.findings

    @property
    def signer(self) -> str:
        """Who signs here: the derived key where it is one of the required signers, else who pays the fee."""
        derived = None if self.case.key.address is None else SOLANA_FORM.encode(self.case.key.address)
        return derived if derived is not None and derived in self.message.signers else self.message.fee_payer

    @property
    def destination(self) -> str | None:
        """The declared destination, if it is an address; base58 has one spelling of it."""
        text = None if self.output is None else self.output.members.get("address")
        return text if isinstance(text, str) and SOLANA_FORM.is_canonical(text) else None

    def payments(self) -> tuple[CoinTransfer | TokenTransfer, ...]:
        """The transfers of the kind that the declared token has."""
        if self.token is None:
            return ()
        kind = CoinTransfer if self.token.contract is None else TokenTransfer
        return tuple(effect for effect in self.effects if isinstance(effect, kind))

    def proven_mint(self, transfer: TokenTransfer) -> str | None:
        """The token that is transferred.

        A plain Transfer does not name it: only when the paying account is the signer's for the declared token is it
        known, because the token program refuses a transfer between accounts of two tokens.
        """
        if transfer.mint is not None:
            return transfer.mint
        declared = None if self.token is None else self.token.contract
        if declared is not None and transfer.source == associated_account(self.signer, declared, transfer.program):
            return declared
        return None

    def proven_sender(self, transfer: TokenTransfer) -> str | None:
        """The owner of the paying account: who signs, if the account is derived from them, and not their delegator."""
        mint = self.proven_mint(transfer)
        if mint is None or transfer.source != associated_account(transfer.authority, mint, transfer.program):
            return None
        return transfer.authority

    def proven_recipient(self, transfer: TokenTransfer) -> str | None:
        """The owner of the account that is paid.

        Only an owner that somebody names can be proven: the declared destination, the owner for whom the same bytes
        create the account, who signs, or the declared source.
        """
        mint = self.proven_mint(transfer)
        created = [effect.owner for effect in self.effects if isinstance(effect, AccountCreation)]
        named = [self.destination, *created, *self.message.signers, self._declared_source]
        for owner in [] if mint is None else named:
            if owner is not None and transfer.destination == associated_account(owner, str(mint), transfer.program):
                return owner
        return None

    @property
    def _declared_source(self) -> str | None:
        """The declared source address, if it is one; whatever else is wrong with it is noted elsewhere."""
        source = self.case.transaction.members.get("source")
        text = source.get("address") if isinstance(source, dict) else None
        return text if isinstance(text, str) and SOLANA_FORM.is_canonical(text) else None
