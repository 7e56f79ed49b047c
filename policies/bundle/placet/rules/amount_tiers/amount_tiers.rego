# METADATA
# title: Amount tiers
# description: |
#   What one request moves of one token, all its transfers but those back to the signer together, is small enough to pass, so
#   large that people look, or so large that it is refused: by key group and token. Approvals are measured by amount_limit alone.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: Where it is not certain that coins leave they are not refused; the hold counts them all the same.
#   unused: amount_limit is in the profile; name this rule beside it or instead of it where amounts between two bounds are for people.
#   configure: |
#     `tiers` lists for a key group, by token, up to which amount a request passes (`allow_up_to`) and up to which it
#     holds, so that people look (`hold_up_to`); above that it denies. Without `hold_up_to` nothing denies. The group
#     `*` is every other one; `{"unchecked": "why"}` for a token, or for the token `*`, switches the rule off.
#
#     What may be change counts for holding and not for denying. `amount_limit` denies above one bound and measures
#     approvals, which this rule does not.
package placet.rules.amount_tiers

import data.placet.lib.amounts
import data.placet.lib.entries
import data.placet.lib.subject
import data.placet.lib.transfers

title := {
	"AMOUNT_TIERS_NOT_CONFIGURED": "No usable tiers are configured for a token of this request.",
	"AMOUNT_TIER_DENIED": "The request moves more of a token than anybody may approve here.",
	"AMOUNT_TIER_HELD": "The request moves so much of a token that people look first.",
	"AMOUNT_TIER_NOT_PROVEN": "It is not proven in which tier the amounts are.",
}

remediation := {
	"AMOUNT_TIERS_NOT_CONFIGURED": "Set the token's tiers, in base units as decimal strings, in rules/amount_tiers, or say there why it is unchecked.",
	"AMOUNT_TIER_DENIED": "Ask for smaller payments, or raise hold_up_to in rules/amount_tiers and ask again.",
	"AMOUNT_TIER_HELD": "Look at payment and destination. If it is meant, ask for smaller payments, or raise allow_up_to in rules/amount_tiers.",
	"AMOUNT_TIER_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["AMOUNT_TIERS_NOT_CONFIGURED"] := sprintf("no tiers for %s", [concat(", ", _without_tiers)])

message["AMOUNT_TIER_HELD"] := sprintf("people look first: %s%s", [concat("; ", _over), subject.for_vault])

message["AMOUNT_TIER_DENIED"] := sprintf("%s%s", [concat("; ", _far_over), subject.for_vault])

# METADATA
# title: No usable tiers are configured for a token of this request.
# description: A token has neither allow_up_to with a hold_up_to that is not below it, both canonical decimal strings, nor a reason for being unchecked.
# custom:
#   code: AMOUNT_TIERS_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the token's tiers, in base units as decimal strings, in rules/amount_tiers, or say there why it is unchecked.
#   owner: treasury
hold contains "AMOUNT_TIERS_NOT_CONFIGURED" if {
	_stated
	not _configured
}

# METADATA
# title: It is not proven in which tier the amounts are.
# description: There is no list of transfers, or a transfer whose amount or token is missing or not of the canonical form.
# custom:
#   code: AMOUNT_TIER_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "AMOUNT_TIER_NOT_PROVEN" if not _stated

# METADATA
# title: The request moves so much of a token that people look first.
# description: The sum of the transfers of a token, with what may be change, is above allow_up_to of its tiers.
# custom:
#   code: AMOUNT_TIER_HELD
#   severity: medium
#   remediation: Look at payment and destination. If it is meant, ask for smaller payments, or raise allow_up_to in rules/amount_tiers.
#   owner: treasury
hold contains "AMOUNT_TIER_HELD" if {
	_stated
	_configured
	not _small
}

# METADATA
# title: The request moves more of a token than anybody may approve here.
# description: The sum of the payments of a token, without what may be change, is above hold_up_to of its tiers.
# custom:
#   code: AMOUNT_TIER_DENIED
#   severity: high
#   remediation: Ask for smaller payments, or raise hold_up_to in rules/amount_tiers and ask again.
#   owner: treasury
deny contains "AMOUNT_TIER_DENIED" if {
	_stated
	_configured
	not _within_reach
}

# Without a proven key the entry of every group would judge, and what it denies is denied for good.
_stated if {
	is_string(input.facts.signer.group)
	is_array(input.facts.transfers)
	every transfer in input.facts.transfers {
		is_string(transfer.asset.token)
		amounts.parse(transfer.amount) >= 0
	}
}

_configured if {
	every token in transfers.tokens {
		_readable(token)
	}
}

_readable(token) if _unchecked(token)

_readable(token) if _hold_up_to(token) >= _allow_up_to(token)

_readable(token) if {
	_allow_up_to(token) >= 0
	_never_denies(token)
}

_small if {
	every token in transfers.tokens {
		_is_small(token)
	}
}

_is_small(token) if transfers.total(token) <= _allow_up_to(token)

_is_small(token) if _unchecked(token)

_within_reach if {
	every token in transfers.tokens {
		_is_within_reach(token)
	}
}

# A refusal is final, and what may be change may not leave at all.
_is_within_reach(token) if transfers.total_of_payments(token) <= _hold_up_to(token)

_is_within_reach(token) if _never_denies(token)

_allow_up_to(token) := amounts.parse(_entry(token).allow_up_to)

_hold_up_to(token) := amounts.parse(_entry(token).hold_up_to)

_never_denies(token) if object.get(_entry(token), "hold_up_to", "absent") == "absent"

_unchecked(token) if entries.unchecked(_entry(token))

_entry(token) := entries.of_token(data.placet.rules.amount_tiers.tiers, token)

# For people only.
_over contains text if {
	some token in transfers.tokens
	transfers.total(token) > _allow_up_to(token)
	text := _over_bound(transfers.total(token), _allow_up_to(token), token)
}

_far_over contains text if {
	some token in transfers.tokens
	transfers.total_of_payments(token) > _hold_up_to(token)
	text := _over_bound(transfers.total_of_payments(token), _hold_up_to(token), token)
}

_over_bound(number, bound, token) := sprintf("%s is over %s", [amounts.shown(number, token), amounts.shown(bound, token)])

_without_tiers contains token if {
	some token in transfers.tokens
	not _readable(token)
}
