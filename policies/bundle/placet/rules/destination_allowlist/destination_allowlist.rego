# METADATA
# title: Destinations
# description: Every transfer goes to a listed address. Lists are keyed by address, so that their length costs nothing.
package placet.rules.destination_allowlist

import data.placet.lib.subject

title := {
	"CHANGE_NOT_LISTED": "What may be change goes to an address that is not on the list.",
	"DESTINATIONS_NOT_CONFIGURED": "No destination is configured for this chain.",
	"DESTINATION_NOT_ALLOWED": "A transfer goes to an address that is not on the list.",
	"DESTINATION_NOT_PROVEN": "It is not proven where the assets go.",
}

remediation := {
	"CHANGE_NOT_LISTED": "If the address is the wallet's, pin its branch; never list an address that nobody knows.",
	"DESTINATIONS_NOT_CONFIGURED": "Fill rules/destination_allowlist for the chain.",
	"DESTINATION_NOT_ALLOWED": "Verify the address with its owner, then add it to rules/destination_allowlist.",
	"DESTINATION_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["DESTINATION_NOT_ALLOWED"] := sprintf("not on the list: %s", [concat(", ", _unlisted)])

# METADATA
# title: It is not proven where the assets go.
# description: There is no transfer, call or message, or a transfer without an address or a chain.
# custom:
#   code: DESTINATION_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "DESTINATION_NOT_PROVEN" if not _proven

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
# description: Every chain of the request has a list, and at least one address is not on it.
# custom:
#   code: DESTINATION_NOT_ALLOWED
#   severity: critical
#   remediation: Verify the address with its owner, then add it to rules/destination_allowlist.
#   owner: treasury
deny contains "DESTINATION_NOT_ALLOWED" if {
	_proven
	_configured
	not _payments_listed
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
	not _all_listed
}

_proven if {
	is_array(input.facts.transfers)
	_about_something
	every transfer in input.facts.transfers {
		is_string(transfer.to)
		is_string(transfer.asset.chain)
	}
}

_about_something if count(input.facts.transfers) > 0

# Nothing moves, and what is called or signed is judged by its own rule.
_about_something if subject.call_or_message

_configured if {
	every transfer in input.facts.transfers {
		_chain_configured(transfer.asset.chain)
	}
}

_chain_configured(chain) if {
	is_object(data.placet.rules.destination_allowlist.destinations[chain])
	count(data.placet.rules.destination_allowlist.destinations[chain]) > 0
}

_payments_listed if {
	every transfer in input.facts.transfers {
		_listed_or_change(transfer)
	}
}

_listed_or_change(transfer) if _listed(transfer)

_listed_or_change(transfer) if subject.may_be_change(transfer)

_all_listed if {
	every transfer in input.facts.transfers {
		_listed(transfer)
	}
}

_listed(transfer) if {
	is_object(data.placet.rules.destination_allowlist.destinations[transfer.asset.chain][transfer.to])
}

_unlisted contains transfer.to if {
	some transfer in input.facts.transfers
	not _listed_or_change(transfer)
}
