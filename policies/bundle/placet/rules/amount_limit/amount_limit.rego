# METADATA
# title: Amount limit
# description: |
#   What one request moves of one token, all its transfers but those back to the signer together, stays within the token's
#   limit, and so does what it lets others spend: an approval is measured, however it calls itself.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: Where it is not certain that coins leave they are not refused; the hold counts them all the same.
#   configure: |
#     Amounts are base units as decimal strings. What the signer pays to its own address needs no limit.
#
#     A payment above `max` denies, which is final, or holds with `"above": "hold"` beside it.
#
#     Approvals are measured too, those of one token in one request together: against the token's `max`, or
#     `approvals.max` beside it. Above it they hold, or deny with `"above": "deny"`; everything (no amount), a token
#     that the registry does not know, and a Solana `Approve` that names no mint hold as not configured.
#     `"approvals": {"unchecked": "why"}` switches this off for a token. An unlimited approval is measured like any
#     other, whatever the effects of `contract_call` and `message_signing` say about it.
package placet.rules.amount_limit

import data.placet.lib.amounts
import data.placet.lib.subject
import data.placet.lib.transfers

title := {
	"AMOUNT_MAY_BE_ABOVE_LIMIT": "With what may return to the signer, the request moves more of a token than its limit.",
	"APPROVAL_ABOVE_LIMIT": "The request lets others spend more of a token than its limit.",
	"APPROVAL_ABOVE_LIMIT_DENIED": "The request lets others spend more of a token than its limit, and the data says that this denies.",
	"APPROVAL_LIMIT_NOT_CONFIGURED": "An approval has no amount, or one of a token without a limit.",
	"AMOUNT_ABOVE_LIMIT": "The request moves more of a token than its limit.",
	"AMOUNT_ABOVE_LIMIT_HELD": "The request moves more of a token than its limit, and the data says that this holds.",
	"AMOUNT_LIMIT_NOT_CONFIGURED": "No limit is configured for a token of this request.",
	"AMOUNT_NOT_PROVEN": "It is not proven how much moves.",
}

remediation := {
	"AMOUNT_MAY_BE_ABOVE_LIMIT": "Look at the missing facts; if the address is the wallet's, pin the path of its branch in the registry.",
	"APPROVAL_ABOVE_LIMIT": "Ask for an approval of what is needed, or raise the limit for approvals in rules/amount_limit.",
	"APPROVAL_ABOVE_LIMIT_DENIED": "Ask for an approval of what is needed, or raise the limit for approvals in rules/amount_limit.",
	"APPROVAL_LIMIT_NOT_CONFIGURED": "Register the token and set its limit in rules/amount_limit, or say there why its approvals are unchecked.",
	"AMOUNT_ABOVE_LIMIT": "Split the payment if that is legitimate, or raise the limit in rules/amount_limit.",
	"AMOUNT_ABOVE_LIMIT_HELD": "Split the payment if that is legitimate, or raise the limit in rules/amount_limit.",
	"AMOUNT_LIMIT_NOT_CONFIGURED": "Set the token's limit, in base units as a decimal string, in rules/amount_limit.",
	"AMOUNT_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["AMOUNT_ABOVE_LIMIT"] := _above_for_vault

message["AMOUNT_ABOVE_LIMIT_HELD"] := _above_for_vault

message["AMOUNT_MAY_BE_ABOVE_LIMIT"] := sprintf("with what may return to the signer, %s", [_above_for_vault])

message["APPROVAL_ABOVE_LIMIT"] := sprintf("what it lets others spend, %s%s", [concat("; ", _overspending), subject.for_vault])

message["APPROVAL_ABOVE_LIMIT_DENIED"] := sprintf("what it lets others spend, %s%s", [concat("; ", _overspending), subject.for_vault])

message["APPROVAL_LIMIT_NOT_CONFIGURED"] := sprintf("no limit for %s", [concat(", ", _unmeasured)])

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
# description: A token has no limit, one that is no canonical decimal string, or an `above` that is neither hold nor deny.
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
# description: The sum of the request's transfers of one token, but for those back to the signer, is above the token's limit.
# custom:
#   code: AMOUNT_ABOVE_LIMIT
#   severity: high
#   remediation: Split the payment if that is legitimate, or raise the limit in rules/amount_limit.
#   owner: treasury
deny contains "AMOUNT_ABOVE_LIMIT" if {
	_proven
	_configured
	not _payments_within_limits_or_held
}

# METADATA
# title: The request moves more of a token than its limit, and the data says that this holds.
# description: As AMOUNT_ABOVE_LIMIT, for a token whose data say hold.
# custom:
#   code: AMOUNT_ABOVE_LIMIT_HELD
#   severity: high
#   remediation: Split the payment if that is legitimate, or raise the limit in rules/amount_limit.
#   owner: treasury
hold contains "AMOUNT_ABOVE_LIMIT_HELD" if {
	_proven
	_configured
	not _payments_within_limits_or_denied
}

# METADATA
# title: With what may return to the signer, the request moves more of a token than its limit.
# description: What leaves for certain is within the limit. Change, a payer or a signer that is not proven is not sure enough to refuse it for ever.
# custom:
#   code: AMOUNT_MAY_BE_ABOVE_LIMIT
#   severity: high
#   remediation: Look at the missing facts; if the address is the wallet's, pin the path of its branch in the registry.
#   owner: treasury
hold contains "AMOUNT_MAY_BE_ABOVE_LIMIT" if {
	_proven
	_configured
	_payments_within_limits
	not _within_limits
}

# METADATA
# title: An approval has no amount, or one of a token without a limit.
# description: The approval is of everything, or the registry has no such token, or the token no usable limit.
# custom:
#   code: APPROVAL_LIMIT_NOT_CONFIGURED
#   severity: high
#   remediation: Register the token and set its limit in rules/amount_limit, or say there why its approvals are unchecked.
#   owner: treasury
hold contains "APPROVAL_LIMIT_NOT_CONFIGURED" if not _all_measured

# METADATA
# title: The request lets others spend more of a token than its limit.
# description: The sum of the request's approvals of one token is above the token's limit for approvals.
# custom:
#   code: APPROVAL_ABOVE_LIMIT
#   severity: high
#   remediation: Ask for an approval of what is needed, or raise the limit for approvals in rules/amount_limit.
#   owner: treasury
hold contains "APPROVAL_ABOVE_LIMIT" if {
	_all_measured
	not _spendable_or_denied
}

# METADATA
# title: The request lets others spend more of a token than its limit, and the data says that this denies.
# description: As APPROVAL_ABOVE_LIMIT, for a token whose data say deny.
# custom:
#   code: APPROVAL_ABOVE_LIMIT_DENIED
#   severity: critical
#   remediation: Ask for an approval of what is needed, or raise the limit for approvals in rules/amount_limit.
#   owner: treasury
deny contains "APPROVAL_ABOVE_LIMIT_DENIED" if {
	_all_measured
	not _spendable_or_held
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
	every transfer in transfers.leaving {
		_limited(transfer.asset.token)
	}
}

_limited(token) if {
	_limit(token) >= 0
	_above_of_payments(token) in {"deny", "hold"}
}

_payments_within_limits if {
	every token in transfers.tokens {
		_payments_within_limit(token)
	}
}

_payments_within_limit(token) if transfers.total_of_payments(token) <= _limit(token)

_payments_within_limits_or_denied if _payments_pass("deny")

_payments_within_limits_or_held if _payments_pass("hold")

# The payments of every token are within its limit, but for tokens with this effect.
_payments_pass(effect) if {
	every token in transfers.tokens {
		_payment_passes(token, effect)
	}
}

_payment_passes(token, _) if _payments_within_limit(token)

_payment_passes(token, effect) if _above_of_payments(token) == effect

_within_limits if {
	every token in transfers.tokens {
		transfers.total(token) <= _limit(token)
	}
}

_limit(token) := amounts.parse(data.placet.rules.amount_limit.limits[token].max)

_above_of_payments(token) := object.get(data.placet.rules.amount_limit.limits[token], "above", "deny")

# For people only.
_above_for_vault := sprintf("%s%s", [concat("; ", _exceeding), subject.for_vault])

_exceeding contains _above_limit(transfers.total(token), _limit(token), token) if {
	some token in transfers.tokens
	transfers.total(token) > _limit(token)
}

_unlimited contains token if {
	some token in transfers.tokens
	not _limited(token)
}

# What takes an approval back lets nobody spend anything.
_approvals := [approval |
	some approval in array.concat(_of_calls, _of_messages)
	not _takes_back(approval)
]

_of_calls := [call.approval |
	some call in input.facts.calls
	call.approval != null
]

_of_messages := [approval |
	some signed in input.facts.messages
	some approval in signed.approvals
]

_takes_back(approval) if approval.amount == "0"

_all_measured if {
	every approval in _approvals {
		_measured(approval)
	}
}

_measured(approval) if _unchecked(_registered(approval))

_measured(approval) if {
	amounts.parse(approval.amount) >= 0
	_approval_limit(_registered(approval)) >= 0
	_above(_registered(approval)) in {"deny", "hold"}
}

# The approval names a contract or mint; the registry says which token that is.
_registered(approval) := found[0] if {
	is_string(approval.token)
	found := [id |
		some id, token in data.placet.registry.tokens
		token.contract == approval.token
		token.chain == input.facts.chain.id
	]
	count(found) == 1
}

_settings(token) := object.get(data.placet.rules.amount_limit.limits[token], "approvals", {})

_unchecked(token) if {
	is_string(_settings(token).unchecked)
	count(_settings(token).unchecked) > 0
}

# Without a limit of their own, approvals have that of payments.
_approval_limit(token) := amounts.parse(object.get(_settings(token), "max", data.placet.rules.amount_limit.limits[token].max))

_above(token) := object.get(_settings(token), "above", "hold")

_spendable_or_denied if _spendable("deny")

_spendable_or_held if _spendable("hold")

# Every token has room, but for those with this effect.
_spendable(effect) if {
	every token in _approved {
		_passes(token, effect)
	}
}

_passes(token, _) if _approved_total(token) <= _approval_limit(token)

_passes(token, effect) if _above(token) == effect

_approved contains token if {
	some approval in _approvals
	token := _registered(approval)
	not _unchecked(token)
}

# Several approvals of one spender may replace each other or add up; together they are never less than what can be spent.
_approved_total(token) := sum([amount |
	some approval in _approvals
	_registered(approval) == token
	amount := amounts.parse(approval.amount)
])

_overspending contains _above_limit(_approved_total(token), _approval_limit(token), token) if {
	some token in _approved
	_approved_total(token) > _approval_limit(token)
}

_above_limit(number, limit, token) := sprintf(
	"%s is above the limit of %s",
	[amounts.shown(number, token), amounts.shown(limit, token)],
)

_unmeasured contains sprintf("%v", [object.get(approval, "token", null)]) if {
	some approval in _approvals
	not _measured(approval)
}
