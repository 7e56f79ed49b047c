# METADATA
# title: Auto-sweep
# description: |
#   What calls itself an auto-sweep is a plain payment to the sweep targets of its key group, chain and token, and nothing beside
#   it. The category is the provider's word and proves nothing, so that this rule only takes away.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: A transfer of which it is not certain that it leaves is not refused for good; it holds.
#     DECLARATION_DECIDES: It only takes away; what it lets pass still needs its destination in destination_allowlist.
#   unused: For teams that let the provider sweep deposits; name it in the profile of KEY_SIGN once rules/auto_sweep lists the targets.
#   configure: |
#     A sweep is recognised by `AutoSweep` in `cobo_category` of the transaction. `targets` lists for a key group, by
#     chain, the addresses that may be swept to and the tokens that are. The rule is silent about everything else, and
#     what it lets pass still needs its destination in `destination_allowlist`.
#
#     The category is the provider's word: whoever leaves it away is judged as any payment is, and so is an empty list,
#     which the provider writes for every ordinary transaction. A category that nobody knows holds, as it may be a sweep.
package placet.rules.auto_sweep

import data.placet.lib.calls
import data.placet.lib.declared
import data.placet.lib.entries
import data.placet.lib.transfers

title := {
	"AUTO_SWEEP_GROUP_NOT_PROVEN": "It is not proven for which key group auto_sweep has to be looked up.",
	"AUTO_SWEEP_DENIED": "An auto-sweep pays somebody who is no sweep target, and the data says that this denies.",
	"AUTO_SWEEP_NOT_ALLOWED": "An auto-sweep pays somebody who is no sweep target.",
	"AUTO_SWEEP_NOT_CONFIGURED": "No sweep target is listed for a chain of this sweep.",
	"AUTO_SWEEP_NOT_PLAIN": "The request calls itself an auto-sweep and is not only a proven payment.",
	"AUTO_SWEEP_NOT_STATED": "It cannot be read whether the request is an auto-sweep.",
}

remediation := {
	"AUTO_SWEEP_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"AUTO_SWEEP_DENIED": "Compare the destination with the sweep address in the provider's portal, and list it in rules/auto_sweep if it is meant.",
	"AUTO_SWEEP_NOT_ALLOWED": "Compare the destination with the sweep address in the provider's portal, and list it in rules/auto_sweep if it is meant.",
	"AUTO_SWEEP_NOT_CONFIGURED": "List the targets of the key group by chain in rules/auto_sweep.",
	"AUTO_SWEEP_NOT_PLAIN": "Look at what the request does: an auto-sweep pays one target and does nothing else.",
	"AUTO_SWEEP_NOT_STATED": "Look at the request: extra_info.transaction.cobo_category must be absent or a list of known categories.",
}

message["AUTO_SWEEP_NOT_STATED"] := concat("; ", _malformed)

message["AUTO_SWEEP_NOT_CONFIGURED"] := sprintf("no targets listed: %s", [concat("; ", _others)])

message["AUTO_SWEEP_NOT_ALLOWED"] := sprintf("no sweep target: %s", [concat("; ", _others)])

message["AUTO_SWEEP_DENIED"] := sprintf("no sweep target: %s", [concat("; ", _others)])

# METADATA
# title: It is not proven for which key group auto_sweep has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: AUTO_SWEEP_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: treasury
hold contains "AUTO_SWEEP_GROUP_NOT_PROVEN" if {
	_readable
	_plain_or_no_sweep
	not _group_settled
}

# METADATA
# title: No sweep target is listed for a chain of this sweep.
# description: The key group has no list, or none for the chain, or on_breach is neither hold nor deny.
# custom:
#   code: AUTO_SWEEP_NOT_CONFIGURED
#   severity: medium
#   remediation: List the targets of the key group by chain in rules/auto_sweep.
#   owner: treasury
hold contains "AUTO_SWEEP_NOT_CONFIGURED" if {
	_readable
	_plain_or_no_sweep
	_group_settled
	not _configured
}

# METADATA
# title: It cannot be read whether the request is an auto-sweep.
# description: The categories of the transaction are no list, one of them is none that is known, or the transaction is no object.
# custom:
#   code: AUTO_SWEEP_NOT_STATED
#   severity: medium
#   remediation: "Look at the request: extra_info.transaction.cobo_category must be absent or a list of known categories."
#   owner: security
hold contains "AUTO_SWEEP_NOT_STATED" if not _readable

# METADATA
# title: The request calls itself an auto-sweep and is not only a proven payment.
# description: It calls a contract, signs a message, moves nothing, or pays somebody who is not proven.
# custom:
#   code: AUTO_SWEEP_NOT_PLAIN
#   severity: high
#   remediation: "Look at what the request does: an auto-sweep pays one target and does nothing else."
#   owner: security
hold contains "AUTO_SWEEP_NOT_PLAIN" if {
	_readable
	not _plain_or_no_sweep
}

# METADATA
# title: An auto-sweep pays somebody who is no sweep target.
# description: A destination is not listed under key group and chain, or not for the token of its transfer.
# custom:
#   code: AUTO_SWEEP_NOT_ALLOWED
#   severity: critical
#   remediation: Compare the destination with the sweep address in the provider's portal, and list it in rules/auto_sweep if it is meant.
#   owner: security
hold contains "AUTO_SWEEP_NOT_ALLOWED" if {
	_readable
	_plain_or_no_sweep
	_configured
	not _allowed_or_denied
}

# METADATA
# title: An auto-sweep pays somebody who is no sweep target, and the data says that this denies.
# description: As AUTO_SWEEP_NOT_ALLOWED, where on_breach is deny, for what is certainly a payment.
# custom:
#   code: AUTO_SWEEP_DENIED
#   severity: critical
#   remediation: Compare the destination with the sweep address in the provider's portal, and list it in rules/auto_sweep if it is meant.
#   owner: security
deny contains "AUTO_SWEEP_DENIED" if {
	_readable
	_plain_or_no_sweep
	_configured
	not _allowed_or_held
}

_readable if declared.lacks(_transaction, "cobo_category")

_readable if {
	is_array(_categories)
	every category in _categories {
		category in _known_categories
	}
}

_categories := _transaction.cobo_category

# What the provider documents or has sent (protocol d.3).
_known_categories := {
	"AutoFueling", "AutoFuelingRefund", "AutoSweep", "BillPayment", "BillRefund", "CommissionFeeCharge",
	"CommissionFeeRefund", "SafeTxMessage", "StakingBabylonStake", "StakingBabylonWithdraw", "Tokenization",
}

_sweep if "AutoSweep" in _categories

_no_sweep if not _sweep

_plain_or_no_sweep if _no_sweep

_plain_or_no_sweep if {
	is_array(input.facts.calls)
	is_array(input.facts.messages)
	not calls.made
	count(transfers.leaving) > 0
	every transfer in transfers.leaving {
		is_string(transfer.asset.chain)
		is_string(transfer.asset.token)
		is_string(transfer.to)
	}
}

_group_settled if _no_sweep

_group_settled if entries.settled(data.placet.rules.auto_sweep.targets)

_configured if _no_sweep

_configured if {
	data.placet.rules.auto_sweep.on_breach in {"deny", "hold"}
	every transfer in transfers.leaving {
		is_object(_targets(transfer))
		count(_targets(transfer)) > 0
	}
}

_targets(transfer) := entries.of_group(data.placet.rules.auto_sweep.targets)[transfer.asset.chain]

_is_target(transfer) if is_object(_targets(transfer)[transfer.to].tokens[transfer.asset.token])

_allowed if _no_sweep

_allowed if {
	every transfer in transfers.leaving {
		_is_target(transfer)
	}
}

_allowed_or_denied if _allowed

_allowed_or_denied if {
	data.placet.rules.auto_sweep.on_breach == "deny"
	every transfer in transfers.leaving {
		_target_or_payment(transfer)
	}
}

_target_or_payment(transfer) if _is_target(transfer)

_target_or_payment(transfer) if not transfers.may_return(transfer)

_allowed_or_held if _allowed

_allowed_or_held if data.placet.rules.auto_sweep.on_breach == "hold"

# Only what is certainly a payment is refused for good.
_allowed_or_held if {
	every transfer in transfers.leaving {
		_target_or_change(transfer)
	}
}

_target_or_change(transfer) if _is_target(transfer)

_target_or_change(transfer) if transfers.may_return(transfer)

_transaction := declared.transaction(input.request.extra)

# For people only.
_extra := object.get(input, ["request", "extra"], null)

_malformed contains text if some text in declared.malformed(_extra)

_malformed contains "extra_info.transaction.cobo_category is no list" if {
	categories := _categories
	not is_array(categories)
}

_malformed contains sprintf("extra_info.transaction.cobo_category has %s, which is no known category", [json.marshal(category)]) if {
	is_array(_categories)
	some category in _categories
	not category in _known_categories
}

_others contains sprintf("%s on %s, for %s", [transfer.to, transfer.asset.chain, transfer.asset.token]) if {
	some transfer in transfers.leaving
	not _is_target(transfer)
}
