# METADATA
# title: Destinations
# description: |
#   Every transfer goes to a listed address, back to the signer, or along a listed call. Lists are keyed by address, so that
#   their length costs nothing.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: What cannot be told to stand beside a payment is a call, which is judged for itself; names of a scope are counted before they are judged.
#   configure: |
#     A payment to an address that is not listed is denied, or holds where `effects.UNLISTED` says `hold`. What a call or a message moves there holds, or denies
#     where `effects.UNLISTED_BY_CALL` says `deny`; coins that a call sends to its own contract need no second
#     listing when contract and function are listed in `contract_call`. On Solana a token account, a memo or a nonce
#     beside a payment does not make it a call. What the signer pays to its own address needs no listing.
#
#     Addresses are in canonical form: EVM in lower case, Bitcoin bech32 in lower case, the others in base58. The
#     build refuses one that is not.
#
#     `tokens`, `groups` and `vaults` of an address say for which tokens, key groups and vaults it is listed; without them
#     it is for all. `tags` sort addresses, and `tags_of_groups` says which of them a key group pays: a group that is
#     there pays only addresses with one of its tags. What is listed for something else holds, or denies where
#     `effects.OUT_OF_SCOPE` says `deny`. Group and vault are those of the proven key, whatever the request declares.
package placet.rules.destination_allowlist

import data.placet.lib.calls
import data.placet.lib.scopes
import data.placet.lib.subject
import data.placet.lib.transfers

title := {
	"DESTINATION_OUT_OF_SCOPE": "An address is on the list, but not for this token, key group or vault.",
	"DESTINATION_OUT_OF_SCOPE_DENIED": "An address is listed for something else, and the data says that this denies.",
	"DESTINATION_SCOPE_NOT_PROVEN": "It cannot be judged whether an address is listed for this token, key group or vault.",
	"CHANGE_NOT_LISTED": "What may be change goes to an address that is not on the list.",
	"CALL_DESTINATION_DENIED": "A call or message moves assets to an address that is not on the list, and the data says that this denies.",
	"CALL_DESTINATION_HELD": "A call or message moves assets to an address that is not on the list.",
	"DESTINATIONS_NOT_CONFIGURED": "No destination is configured for this chain.",
	"DESTINATION_NOT_ALLOWED": "A transfer goes to an address that is not on the list.",
	"DESTINATION_NOT_ALLOWED_HELD": "A transfer goes to an address that is not on the list, and the data says that this holds.",
	"DESTINATION_NOT_PROVEN": "It is not proven where the assets go.",
}

remediation := {
	"DESTINATION_OUT_OF_SCOPE": "Ask for another payment, or widen the address's entry in rules/destination_allowlist.",
	"DESTINATION_OUT_OF_SCOPE_DENIED": "Ask for another payment, or widen the address's entry in rules/destination_allowlist.",
	"DESTINATION_SCOPE_NOT_PROVEN": "Look at the missing facts of this request, and at the address's entry in rules/destination_allowlist.",
	"CHANGE_NOT_LISTED": "If the address is the wallet's, pin its branch; never list an address that nobody knows.",
	"CALL_DESTINATION_DENIED": "Verify what the call is for, then list it in rules/contract_call or the address in rules/destination_allowlist.",
	"CALL_DESTINATION_HELD": "Verify what the call is for, then list it in rules/contract_call or the address in rules/destination_allowlist.",
	"DESTINATIONS_NOT_CONFIGURED": "Fill rules/destination_allowlist for the chain.",
	"DESTINATION_NOT_ALLOWED": "Verify the address with its owner, then add it to rules/destination_allowlist.",
	"DESTINATION_NOT_ALLOWED_HELD": "Verify the address with its owner, then add it to rules/destination_allowlist.",
	"DESTINATION_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["DESTINATION_NOT_ALLOWED"] := sprintf("not on the list: %s", [concat(", ", _unlisted_payments)])

message["DESTINATION_NOT_ALLOWED_HELD"] := sprintf("not on the list: %s", [concat(", ", _unlisted_payments)])

message["CALL_DESTINATION_DENIED"] := sprintf("not on the list: %s", [concat(", ", _unlisted)])

message["CALL_DESTINATION_HELD"] := sprintf("not on the list: %s", [concat(", ", _unlisted)])

message["DESTINATION_OUT_OF_SCOPE"] := sprintf("listed, but not for %s", [concat(", ", _out_of_scope)])

message["DESTINATION_OUT_OF_SCOPE_DENIED"] := sprintf("listed, but not for %s", [concat(", ", _out_of_scope)])

# METADATA
# title: It is not proven where the assets go.
# description: |
#   There is no transfer, call or message, or a transfer without an address or a chain. Or of what goes to an address that
#   is not on the list a fact is missing that tells whether it returns to the signer or goes along a listed call.
# custom:
#   code: DESTINATION_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "DESTINATION_NOT_PROVEN" if not _destinations_proven

# METADATA
# title: No destination is configured for this chain.
# description: The chain of a transfer has no list, or an empty one.
# custom:
#   code: DESTINATIONS_NOT_CONFIGURED
#   severity: medium
#   remediation: Fill rules/destination_allowlist for the chain.
#   owner: treasury
hold contains "DESTINATIONS_NOT_CONFIGURED" if {
	_proven
	not _configured
}

# METADATA
# title: A transfer goes to an address that is not on the list.
# description: Every chain of the payment has a list, and at least one address is not on it.
# custom:
#   code: DESTINATION_NOT_ALLOWED
#   severity: critical
#   remediation: Verify the address with its owner, then add it to rules/destination_allowlist.
#   owner: treasury
deny contains "DESTINATION_NOT_ALLOWED" if {
	_proven
	_configured
	not _payments_listed_or_held
}

# METADATA
# title: A transfer goes to an address that is not on the list, and the data says that this holds.
# description: As DESTINATION_NOT_ALLOWED, where the effects data say hold.
# custom:
#   code: DESTINATION_NOT_ALLOWED_HELD
#   severity: critical
#   remediation: Verify the address with its owner, then add it to rules/destination_allowlist.
#   owner: treasury
hold contains "DESTINATION_NOT_ALLOWED_HELD" if {
	_proven
	_configured
	not _payments_listed_or_denied
}

# METADATA
# title: A call or message moves assets to an address that is not on the list.
# description: "As DESTINATION_NOT_ALLOWED, where a call or a message causes the transfer: people open it or look."
# custom:
#   code: CALL_DESTINATION_HELD
#   severity: high
#   remediation: Verify what the call is for, then list it in rules/contract_call or the address in rules/destination_allowlist.
#   owner: security
hold contains "CALL_DESTINATION_HELD" if {
	_proven
	_configured
	calls.made
	not _listed_or_denied
}

# METADATA
# title: A call or message moves assets to an address that is not on the list, and the data says that this denies.
# description: As CALL_DESTINATION_HELD, where the effects data say deny.
# custom:
#   code: CALL_DESTINATION_DENIED
#   severity: critical
#   remediation: Verify what the call is for, then list it in rules/contract_call or the address in rules/destination_allowlist.
#   owner: security
deny contains "CALL_DESTINATION_DENIED" if {
	_proven
	_configured
	calls.made
	not _listed_or_held
}

# METADATA
# title: What may be change goes to an address that is not on the list.
# description: Nobody declared it as a payment, and it was not found among own keys. That is not sure enough to refuse it for ever.
# custom:
#   code: CHANGE_NOT_LISTED
#   severity: high
#   remediation: If the address is the wallet's, pin its branch; never list an address that nobody knows.
#   owner: treasury
hold contains "CHANGE_NOT_LISTED" if {
	_proven
	_configured
	_payments_listed
	not _change_listed
}

# METADATA
# title: It cannot be judged whether an address is listed for this token, key group or vault.
# description: The token or the signing key is not proven, or the scope of the entry is of no known form.
# custom:
#   code: DESTINATION_SCOPE_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request, and at the address's entry in rules/destination_allowlist.
#   owner: security
hold contains "DESTINATION_SCOPE_NOT_PROVEN" if {
	_proven
	not _scopes_judged
}

# METADATA
# title: An address is on the list, but not for this token, key group or vault.
# description: The entry has a scope that the transfer is not in, or none of the tags that the key group pays.
# custom:
#   code: DESTINATION_OUT_OF_SCOPE
#   severity: high
#   remediation: Ask for another payment, or widen the address's entry in rules/destination_allowlist.
#   owner: treasury
hold contains "DESTINATION_OUT_OF_SCOPE" if {
	_proven
	_scopes_judged
	not _in_scope_or_denied
}

# METADATA
# title: An address is listed for something else, and the data says that this denies.
# description: As DESTINATION_OUT_OF_SCOPE, where the effects data say deny.
# custom:
#   code: DESTINATION_OUT_OF_SCOPE_DENIED
#   severity: critical
#   remediation: Ask for another payment, or widen the address's entry in rules/destination_allowlist.
#   owner: treasury
deny contains "DESTINATION_OUT_OF_SCOPE_DENIED" if {
	_proven
	_scopes_judged
	not _in_scope_or_held
}

_proven if {
	is_array(input.facts.transfers)
	is_array(input.facts.calls)
	is_array(input.facts.messages)
	_about_something
	every transfer in input.facts.transfers {
		is_string(transfer.to)
		is_string(transfer.asset.chain)
	}
}

_about_something if count(input.facts.transfers) > 0

# Nothing moves, and what is called or signed is judged by its own rule.
_about_something if subject.call_or_message

_destinations_proven if {
	_proven
	every transfer in _leaving {
		_is_known(transfer)
	}
}

_is_known(transfer) if _listed(transfer)

# It has a code of its own.
_is_known(transfer) if subject.may_be_change(transfer)

_is_known(transfer) if not _is_uncertain(transfer)

# Only what certainly goes where it seems to go is refused for good.
_is_uncertain(transfer) if transfers.may_return(transfer)

_is_uncertain(transfer) if transfers.may_go_along(transfer)

# What returns to the signer has no destination that anybody could list, and a listed call is listed with its contract.
_leaving := [transfer |
	some transfer in input.facts.transfers
	not transfers.returns(transfer)
	not transfers.along_listed_call(transfer)
]

_configured if {
	every transfer in _leaving {
		_chain_configured(transfer.asset.chain)
	}
}

_chain_configured(chain) if {
	is_object(data.placet.rules.destination_allowlist.destinations[chain])
	count(data.placet.rules.destination_allowlist.destinations[chain]) > 0
}

_payments_listed_or_held if _payments_listed

_payments_listed_or_held if _unlisted_holds

_payments_listed_or_denied if _payments_listed

_payments_listed_or_denied if not _unlisted_holds

_unlisted_holds if data.placet.rules.destination_allowlist.effects.UNLISTED == "hold"

_payments_listed if calls.made

_payments_listed if _certain_ones_listed

_certain_ones_listed if {
	every transfer in _leaving {
		_listed_or_uncertain(transfer)
	}
}

_change_listed if calls.made

_change_listed if {
	every transfer in _leaving {
		_listed_or_no_change(transfer)
	}
}

_listed_or_uncertain(transfer) if _listed(transfer)

_listed_or_uncertain(transfer) if _is_uncertain(transfer)

_listed_or_no_change(transfer) if _listed(transfer)

_listed_or_no_change(transfer) if not subject.may_be_change(transfer)

_listed_or_denied if _all_listed

_listed_or_denied if {
	_denies
	not _certain_ones_listed
}

_listed_or_held if _certain_ones_listed

_listed_or_held if not _denies

_denies if data.placet.rules.destination_allowlist.effects.UNLISTED_BY_CALL == "deny"

_all_listed if {
	every transfer in _leaving {
		_listed(transfer)
	}
}

_listed(transfer) if {
	is_object(data.placet.rules.destination_allowlist.destinations[transfer.asset.chain][transfer.to])
}

_unlisted contains transfer.to if {
	some transfer in _leaving
	not _listed(transfer)
}

_unlisted_payments contains transfer.to if {
	some transfer in _leaving
	not _listed_or_uncertain(transfer)
}

_scopes_judged if {
	every transfer in _leaving {
		_judged(transfer)
	}
}

_judged(transfer) if not _listed(transfer)

_judged(transfer) if {
	scopes.readable(_entry(transfer), transfer)
	scopes.tags_readable(_tags_of_groups)
}

_in_scope_or_denied if _in_scope

_in_scope_or_denied if {
	_scope_denies
	not _certain_ones_in_scope
}

_in_scope_or_held if _certain_ones_in_scope

_in_scope_or_held if not _scope_denies

_scope_denies if data.placet.rules.destination_allowlist.effects.OUT_OF_SCOPE == "deny"

_in_scope if {
	every transfer in _leaving {
		_within(transfer)
	}
}

_certain_ones_in_scope if {
	every transfer in _leaving {
		_within_or_uncertain(transfer)
	}
}

_within_or_uncertain(transfer) if _within(transfer)

_within_or_uncertain(transfer) if _is_uncertain(transfer)

# What is not listed has no scope, and is judged as such.
_within(transfer) if not _listed(transfer)

_within(transfer) if {
	every scope in scopes.of_entry(_entry(transfer), transfer) {
		scopes.has(scope)
	}
	scopes.tagged(_entry(transfer), _tags_of_groups)
}

# Whatever stands there restricts: what has no known form must not read as no restriction.
_tags_of_groups := [tags | tags := data.placet.rules.destination_allowlist.tags_of_groups]

_entry(transfer) := data.placet.rules.destination_allowlist.destinations[transfer.asset.chain][transfer.to]

_out_of_scope contains sprintf("%s: %s (%s)", [scope.kind, concat(", ", scope.values), transfer.to]) if {
	some transfer in _leaving
	_listed(transfer)
	some scope in scopes.of_entry(_entry(transfer), transfer)
	not scopes.has(scope)
}

_out_of_scope contains sprintf("tags: those that %s pays (%s)", [input.facts.signer.group, transfer.to]) if {
	some transfer in _leaving
	_listed(transfer)
	not scopes.tagged(_entry(transfer), _tags_of_groups)
}
