# METADATA
# title: Amount limit
# description: What one request moves of one token, all its transfers together, stays within the token's limit.
package placet.rules.amount_limit

import data.placet.lib.amounts
import data.placet.lib.subject

title := {
	"AMOUNT_MAY_BE_ABOVE_LIMIT": "With what may be change, the request moves more of a token than its limit.",
	"AMOUNT_ABOVE_LIMIT": "The request moves more of a token than its limit.",
	"AMOUNT_LIMIT_NOT_CONFIGURED": "No limit is configured for a token of this request.",
	"AMOUNT_NOT_PROVEN": "It is not proven how much moves.",
}

remediation := {
	"AMOUNT_MAY_BE_ABOVE_LIMIT": "If the address is the wallet's, pin the path of its branch in the registry.",
	"AMOUNT_ABOVE_LIMIT": "Split the payment if that is legitimate, or raise the limit in rules/amount_limit.",
	"AMOUNT_LIMIT_NOT_CONFIGURED": "Set the token's limit, in base units as a decimal string, in rules/amount_limit.",
	"AMOUNT_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["AMOUNT_ABOVE_LIMIT"] := sprintf("above the limit of %s", [concat(", ", _exceeding)])

message["AMOUNT_LIMIT_NOT_CONFIGURED"] := sprintf("no limit for %s", [concat(", ", _unlimited)])

# METADATA
# title: It is not proven how much moves.
# description: There is no transfer, call or message, or a transfer whose amount or token is missing or not of the canonical form.
# custom:
#   code: AMOUNT_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "AMOUNT_NOT_PROVEN" if not _proven

# METADATA
# title: No limit is configured for a token of this request.
# description: A token of the request has no limit, or one that is not a canonical decimal string.
# custom:
#   code: AMOUNT_LIMIT_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the token's limit, in base units as a decimal string, in rules/amount_limit.
#   owner: treasury
hold contains "AMOUNT_LIMIT_NOT_CONFIGURED" if {
	_proven
	not _configured
}

# METADATA
# title: The request moves more of a token than its limit.
# description: The sum of the request's transfers of one token is above the token's limit.
# custom:
#   code: AMOUNT_ABOVE_LIMIT
#   severity: high
#   remediation: Split the payment if that is legitimate, or raise the limit in rules/amount_limit.
#   owner: treasury
deny contains "AMOUNT_ABOVE_LIMIT" if {
	_proven
	_configured
	not _payments_within_limits
}

# METADATA
# title: With what may be change, the request moves more of a token than its limit.
# description: The payments alone are within the limit. What may be change is not sure enough to refuse it for ever.
# custom:
#   code: AMOUNT_MAY_BE_ABOVE_LIMIT
#   severity: high
#   remediation: If the address is the wallet's, pin the path of its branch in the registry.
#   owner: treasury
hold contains "AMOUNT_MAY_BE_ABOVE_LIMIT" if {
	_proven
	_configured
	_payments_within_limits
	not _within_limits
}

_proven if {
	is_array(input.facts.transfers)
	_about_something
	every transfer in input.facts.transfers {
		is_string(transfer.asset.token)
		amounts.parse(transfer.amount) >= 0
	}
}

_about_something if count(input.facts.transfers) > 0

# Nothing moves, and what is called or signed is judged by its own rule.
_about_something if subject.call_or_message

_configured if {
	every transfer in input.facts.transfers {
		_limit(transfer.asset.token) >= 0
	}
}

_payments_within_limits if {
	every token in _tokens {
		_total_of_payments(token) <= _limit(token)
	}
}

_within_limits if {
	every token in _tokens {
		_total(token) <= _limit(token)
	}
}

_limit(token) := amounts.parse(data.placet.rules.amount_limit.limits[token].max)

_total(token) := sum([amount |
	some transfer in input.facts.transfers
	transfer.asset.token == token
	amount := amounts.parse(transfer.amount)
])

_total_of_payments(token) := sum([amount |
	some transfer in input.facts.transfers
	transfer.asset.token == token
	not subject.may_be_change(transfer)
	amount := amounts.parse(transfer.amount)
])

_tokens contains transfer.asset.token if some transfer in input.facts.transfers

_exceeding contains token if {
	some token in _tokens
	_total(token) > _limit(token)
}

_unlimited contains token if {
	some token in _tokens
	not _limit(token)
}
