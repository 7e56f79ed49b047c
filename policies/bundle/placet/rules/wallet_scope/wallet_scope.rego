# METADATA
# title: Wallet scope
# description: |
#   The declared wallet is on the list, in the vault that is written beside it, and the key that is proven to sign is of the vault
#   to which the registry's name there refers. Wallet and vault ids are only declared, so that this rule only takes away.
# custom:
#   accepted:
#     DECLARATION_DECIDES: It only takes away; the vault beside the wallet is compared with that of the proven key.
#   unused: Wallet ids are the provider's; name it in the profile of KEY_SIGN once rules/wallet_scope lists them.
#   configure: |
#     Beside each wallet id stand the vault's id, as the request declares it, and the vault's name in `registry/keys`,
#     which is proven by the signing key. So a wallet of one vault cannot be named while a key of another one signs.
package placet.rules.wallet_scope

title := {
	"WALLET_DENIED": "The wallet is not one that may sign here, and the data says that this denies.",
	"WALLET_NOT_STATED": "The request does not say for which wallet and vault it is.",
	"WALLET_OUT_OF_SCOPE": "The wallet is not one that may sign here.",
	"WALLET_SCOPE_NOT_CONFIGURED": "No wallet is listed.",
}

remediation := {
	"WALLET_DENIED": "Compare wallet and vault with the provider's portal, and list them in rules/wallet_scope if they are meant.",
	"WALLET_NOT_STATED": "Look at the request and at the missing facts of its signing key.",
	"WALLET_OUT_OF_SCOPE": "Compare wallet and vault with the provider's portal, and list them in rules/wallet_scope if they are meant.",
	"WALLET_SCOPE_NOT_CONFIGURED": "List the wallets with their vaults in rules/wallet_scope.",
}

message["WALLET_OUT_OF_SCOPE"] := _said

message["WALLET_DENIED"] := _said

# METADATA
# title: No wallet is listed.
# description: The list is empty, missing or not an object, or on_breach is neither hold nor deny.
# custom:
#   code: WALLET_SCOPE_NOT_CONFIGURED
#   severity: medium
#   remediation: List the wallets with their vaults in rules/wallet_scope.
#   owner: security
hold contains "WALLET_SCOPE_NOT_CONFIGURED" if not _configured

# METADATA
# title: The request does not say for which wallet and vault it is.
# description: The wallet id or the vault id is missing or not a text, or no key is proven to sign.
# custom:
#   code: WALLET_NOT_STATED
#   severity: high
#   remediation: Look at the request and at the missing facts of its signing key.
#   owner: security
hold contains "WALLET_NOT_STATED" if {
	_configured
	not _stated
}

# METADATA
# title: The wallet is not one that may sign here.
# description: The wallet is not listed, or it is listed with another vault than the declared one or the one of the proven key.
# custom:
#   code: WALLET_OUT_OF_SCOPE
#   severity: high
#   remediation: Compare wallet and vault with the provider's portal, and list them in rules/wallet_scope if they are meant.
#   owner: security
hold contains "WALLET_OUT_OF_SCOPE" if {
	_configured
	_stated
	not _in_scope_or_denied
}

# METADATA
# title: The wallet is not one that may sign here, and the data says that this denies.
# description: As WALLET_OUT_OF_SCOPE, where on_breach is deny.
# custom:
#   code: WALLET_DENIED
#   severity: high
#   remediation: Compare wallet and vault with the provider's portal, and list them in rules/wallet_scope if they are meant.
#   owner: security
deny contains "WALLET_DENIED" if {
	_configured
	_stated
	not _in_scope_or_held
}

_configured if {
	data.placet.rules.wallet_scope.on_breach in {"deny", "hold"}
	is_object(data.placet.rules.wallet_scope.wallets)
	count(data.placet.rules.wallet_scope.wallets) > 0
}

_stated if {
	_named(_wallet)
	_named(_vault_id)
	is_string(input.facts.signer.vault)
}

# The platform writes an empty text where it has nothing to say.
_named(text) if {
	is_string(text)
	text != ""
}

_in_scope if {
	_entry.vault_id == _vault_id
	_entry.vault == input.facts.signer.vault
}

_in_scope_or_denied if _in_scope

_in_scope_or_denied if data.placet.rules.wallet_scope.on_breach == "deny"

_in_scope_or_held if _in_scope

_in_scope_or_held if data.placet.rules.wallet_scope.on_breach == "hold"

_entry := data.placet.rules.wallet_scope.wallets[_wallet]

_wallet := input.request.extra.wallet.wallet_id

# The provider's id of the vault; the facts have the registry's name of it, by the key that is proven to sign.
_vault_id := input.request.extra.vault.vault_id

_said := sprintf("wallet %s in vault %s, signed by a key of %s", [_wallet, _vault_id, input.facts.signer.vault])
