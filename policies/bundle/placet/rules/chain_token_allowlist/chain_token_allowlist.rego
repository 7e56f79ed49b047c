# METADATA
# title: Chains and tokens
# description: Only listed chains are signed for, and on each of them only listed tokens move.
# custom:
#   configure: |
#     A chain or a token that is not listed denies, or holds where `effects` says `hold`. A token is what the bytes name,
#     by the contract in `registry/tokens`, and never what the request calls it.
package placet.rules.chain_token_allowlist

import data.placet.lib.subject

title := {
	"CHAIN_NOT_ALLOWED_HELD": "This chain is not on the list, and the data says that this holds.",
	"TOKEN_NOT_ALLOWED_HELD": "This token is not on the list of its chain, and the data says that this holds.",
	"CHAIN_NOT_ALLOWED": "This chain is not on the list.",
	"CHAIN_NOT_PROVEN": "The bytes do not prove for which network they are.",
	"CHAIN_TOKEN_ALLOWLIST_NOT_CONFIGURED": "No chain is configured.",
	"TOKEN_NOT_ALLOWED": "This token is not on the list of its chain.",
	"TOKEN_NOT_PROVEN": "It is not proven which token moves.",
}

remediation := {
	"CHAIN_NOT_ALLOWED_HELD": "Add the chain to rules/chain_token_allowlist if it is meant to be used.",
	"TOKEN_NOT_ALLOWED_HELD": "Add the token to its chain in rules/chain_token_allowlist if it is meant to be used.",
	"CHAIN_NOT_ALLOWED": "Add the chain to rules/chain_token_allowlist if it is meant to be used.",
	"CHAIN_NOT_PROVEN": "Ask for a transaction that names its network.",
	"CHAIN_TOKEN_ALLOWLIST_NOT_CONFIGURED": "Fill rules/chain_token_allowlist.",
	"TOKEN_NOT_ALLOWED": "Add the token to its chain in rules/chain_token_allowlist if it is meant to be used.",
	"TOKEN_NOT_PROVEN": "Add the contract to registry/tokens once it is verified.",
}

message["CHAIN_NOT_ALLOWED"] := sprintf("chain %s", [input.facts.chain.id])

message["CHAIN_NOT_ALLOWED_HELD"] := sprintf("chain %s", [input.facts.chain.id])

message["TOKEN_NOT_ALLOWED_HELD"] := sprintf("token %s", [concat(", ", _unlisted)])

message["TOKEN_NOT_ALLOWED"] := sprintf("token %s", [concat(", ", _unlisted)])

# METADATA
# title: No chain is configured.
# description: The list is empty, missing or not an object.
# custom:
#   code: CHAIN_TOKEN_ALLOWLIST_NOT_CONFIGURED
#   severity: medium
#   remediation: Fill rules/chain_token_allowlist.
#   owner: treasury
hold contains "CHAIN_TOKEN_ALLOWLIST_NOT_CONFIGURED" if not _configured

# METADATA
# title: The bytes do not prove for which network they are.
# description: The facts carry no chain, or an EVM chain that the bytes do not name.
# custom:
#   code: CHAIN_NOT_PROVEN
#   severity: high
#   remediation: Ask for a transaction that names its network.
#   owner: security
hold contains "CHAIN_NOT_PROVEN" if not _chain_settled

# METADATA
# title: It is not proven which token moves.
# description: There is no transfer, call or message, or a transfer whose asset is not a token of the proven chain in the registry.
# custom:
#   code: TOKEN_NOT_PROVEN
#   severity: high
#   remediation: Add the contract to registry/tokens once it is verified.
#   owner: security
hold contains "TOKEN_NOT_PROVEN" if not _tokens_proven

# METADATA
# title: This chain is not on the list.
# description: The proven chain is not on the configured list.
# custom:
#   code: CHAIN_NOT_ALLOWED
#   severity: high
#   remediation: Add the chain to rules/chain_token_allowlist if it is meant to be used.
#   owner: treasury
deny contains "CHAIN_NOT_ALLOWED" if {
	_configured
	_chain_proven
	not _chain_listed_or_held
}

# METADATA
# title: This chain is not on the list, and the data says that this holds.
# description: As CHAIN_NOT_ALLOWED, where the effects data say hold.
# custom:
#   code: CHAIN_NOT_ALLOWED_HELD
#   severity: high
#   remediation: Add the chain to rules/chain_token_allowlist if it is meant to be used.
#   owner: treasury
hold contains "CHAIN_NOT_ALLOWED_HELD" if {
	_configured
	_chain_proven
	not _chain_listed_or_denied
}

# METADATA
# title: This token is not on the list of its chain.
# description: A transfer moves a token of the proven chain that is not on the chain's list.
# custom:
#   code: TOKEN_NOT_ALLOWED
#   severity: high
#   remediation: Add the token to its chain in rules/chain_token_allowlist if it is meant to be used.
#   owner: treasury
deny contains "TOKEN_NOT_ALLOWED" if {
	_chain_listed
	_tokens_proven
	not _tokens_listed_or_held
}

# METADATA
# title: This token is not on the list of its chain, and the data says that this holds.
# description: As TOKEN_NOT_ALLOWED, where the effects data say hold.
# custom:
#   code: TOKEN_NOT_ALLOWED_HELD
#   severity: high
#   remediation: Add the token to its chain in rules/chain_token_allowlist if it is meant to be used.
#   owner: treasury
hold contains "TOKEN_NOT_ALLOWED_HELD" if {
	_chain_listed
	_tokens_proven
	not _tokens_listed_or_denied
}

_configured if {
	is_object(data.placet.rules.chain_token_allowlist.allowed)
	count(data.placet.rules.chain_token_allowlist.allowed) > 0
}

_chain_proven if {
	is_string(input.facts.chain.id)
	input.facts.chain.network_proven == true
}

# Bytes of these kinds never name a network: the facts carry the strictest one that they can be meant for.
_chain_proven if {
	is_string(input.facts.chain.id)
	input.facts.chain.kind in {"tron", "solana", "bitcoin"}
}

_chain_settled if _chain_proven

# A message may be valid on every network; for which one it is signed is judged by its own rule.
_chain_settled if subject.message_only

_chain_listed_or_held if _chain_listed

_chain_listed_or_held if _chain_holds

_chain_listed_or_denied if _chain_listed

_chain_listed_or_denied if not _chain_holds

_chain_holds if data.placet.rules.chain_token_allowlist.effects.CHAIN == "hold"

_chain_listed if {
	_chain_proven
	is_object(data.placet.rules.chain_token_allowlist.allowed[input.facts.chain.id])
}

_tokens_proven if {
	is_array(input.facts.transfers)
	_about_something
	every transfer in input.facts.transfers {
		transfer.asset.chain == input.facts.chain.id
		data.placet.registry.tokens[transfer.asset.token].chain == input.facts.chain.id
	}
}

_about_something if count(input.facts.transfers) > 0

# Nothing moves, and what is called or signed is judged by its own rule.
_about_something if subject.call_or_message

_tokens_listed_or_held if _tokens_listed

_tokens_listed_or_held if _token_holds

_tokens_listed_or_denied if _tokens_listed

_tokens_listed_or_denied if not _token_holds

_token_holds if data.placet.rules.chain_token_allowlist.effects.TOKEN == "hold"

_tokens_listed if {
	every transfer in input.facts.transfers {
		_token_listed(transfer.asset.token)
	}
}

_token_listed(token) if is_object(data.placet.rules.chain_token_allowlist.allowed[input.facts.chain.id][token])

_unlisted contains transfer.asset.token if {
	some transfer in input.facts.transfers
	not _token_listed(transfer.asset.token)
}
