# METADATA
# title: Replacements
# description: |
#   A speed-up, a resend or a drop (RBF) replaces an earlier ALLOW that the ledger knows, pays nobody else and nothing more, and
#   costs at most what is set for it. Judged is what the ledger says is replaced; a declaration without that holds.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: A series counts only where its amounts add up to what the ledger says.
#     DECLARATION_DECIDES: Whether something is replaced is the ledger's word; the declared kind only chooses what must be proven then.
#   unused: For teams that replace transactions; name it in the profile of KEY_SIGN once rules/replacement says which kinds and fees.
#   configure: |
#     `allowed` lists for a key group the kinds of replacement and, by token that fees are paid in, the highest fee of
#     each (`max_fee`): `SpeedUp`, `Drop`, `Resend` as the request declares them, and `undeclared` for what uses the
#     nonce or an outpoint of an earlier ALLOW without saying so.
#
#     Whether a request replaces something, and what the earlier ALLOW paid whom, is the ledger's word
#     (`input.history`). A drop moves nothing; any other replacement pays each destination at most what the earlier
#     one did. What the earlier transaction cost is not in the ledger, so that `max_fee` is absolute. A contract call
#     cannot be compared with an earlier one, and TRON and Solana know no replacement: both hold as not known. The
#     same bytes again are no replacement.
package placet.rules.replacement

import data.placet.lib.amounts
import data.placet.lib.calls
import data.placet.lib.declared
import data.placet.lib.entries
import data.placet.lib.over_time
import data.placet.lib.transfers

title := {
	"REPLACEMENT_DENIED": "The replacement pays more or others than what it replaces, or costs too much, and the data says that this denies.",
	"REPLACEMENT_NOT_ALLOWED": "The replacement pays more or others than what it replaces, or costs too much.",
	"REPLACEMENT_NOT_CONFIGURED": "No usable bounds are configured for this kind of replacement.",
	"REPLACEMENT_NOT_KNOWN": "It is not known what the request replaces.",
	"REPLACEMENT_NOT_STATED": "It cannot be read whether the request declares a replacement.",
}

remediation := {
	"REPLACEMENT_DENIED": "Compare the request with the transaction that it replaces, and ask the initiator why it differs.",
	"REPLACEMENT_NOT_ALLOWED": "Compare the request with the transaction that it replaces, and ask the initiator why it differs.",
	"REPLACEMENT_NOT_CONFIGURED": "Set max_fee of the kind for the key group in rules/replacement; what replaces without saying so is the kind undeclared.",
	"REPLACEMENT_NOT_KNOWN": "Look for the earlier transaction and compare the two. Only payments and drops can be compared here.",
	"REPLACEMENT_NOT_STATED": "Look at the request: extra_info.transaction.replacement must be absent, or name SpeedUp, Drop or Resend in replaced_type.",
}

message["REPLACEMENT_NOT_CONFIGURED"] := sprintf("no bounds for %s", [_kind])

message["REPLACEMENT_NOT_KNOWN"] := sprintf("declared: %s", [_kind])

message["REPLACEMENT_NOT_STATED"] := concat("; ", _malformed)

message["REPLACEMENT_NOT_ALLOWED"] := _said

message["REPLACEMENT_DENIED"] := _said

# METADATA
# title: No usable bounds are configured for this kind of replacement.
# description: The key group has no entry for the kind, one without max_fee in the token of the fee, or on_breach is neither hold nor deny.
# custom:
#   code: REPLACEMENT_NOT_CONFIGURED
#   severity: medium
#   remediation: Set max_fee of the kind for the key group in rules/replacement; what replaces without saying so is the kind undeclared.
#   owner: treasury
hold contains "REPLACEMENT_NOT_CONFIGURED" if {
	_known
	not _configured
}

# METADATA
# title: It is not known what the request replaces.
# description: The ledger knows no earlier ALLOW that it would replace, or not what that one paid, or the request calls or signs something beside.
# custom:
#   code: REPLACEMENT_NOT_KNOWN
#   severity: high
#   remediation: Look for the earlier transaction and compare the two. Only payments and drops can be compared here.
#   owner: security
hold contains "REPLACEMENT_NOT_KNOWN" if {
	_stated
	not _known
}

# METADATA
# title: It cannot be read whether the request declares a replacement.
# description: The declared replacement is no object, its replaced_type is missing or no kind that is known, or the transaction is no object.
# custom:
#   code: REPLACEMENT_NOT_STATED
#   severity: medium
#   remediation: "Look at the request: extra_info.transaction.replacement must be absent, or name SpeedUp, Drop or Resend in replaced_type."
#   owner: security
hold contains "REPLACEMENT_NOT_STATED" if not _stated

# METADATA
# title: The replacement pays more or others than what it replaces, or costs too much.
# description: An amount of an asset for a destination is above what the replaced ALLOW counts there, a drop moves something, or the fee is above max_fee.
# custom:
#   code: REPLACEMENT_NOT_ALLOWED
#   severity: critical
#   remediation: Compare the request with the transaction that it replaces, and ask the initiator why it differs.
#   owner: treasury
hold contains "REPLACEMENT_NOT_ALLOWED" if {
	_known
	_configured
	not _alike_or_denied
}

# METADATA
# title: The replacement pays more or others than what it replaces, or costs too much, and the data says that this denies.
# description: As REPLACEMENT_NOT_ALLOWED, where on_breach is deny and nothing that leaves may be change.
# custom:
#   code: REPLACEMENT_DENIED
#   severity: critical
#   remediation: Compare the request with the transaction that it replaces, and ask the initiator why it differs.
#   owner: treasury
deny contains "REPLACEMENT_DENIED" if {
	_known
	_configured
	not _alike_or_held
}

_known if _nothing_replaced

_known if {
	_stated
	_replaces
	_comparable
}

# The same bytes again, or neither a declaration nor an earlier ALLOW.
_nothing_replaced if input.history.replaced.same_hashes == true

_nothing_replaced if {
	is_null(input.history.replaced)
	_kind == "undeclared"
}

_replaces if {
	is_string(input.history.replaced.request_id)
	input.history.replaced.same_hashes == false
}

_stated if is_string(_kind)

_kind := "undeclared" if declared.lacks(_transaction, "replacement")

# SpeedUp, Drop or Resend (protocol d.19).
_kind := _declared if _declared in {"Drop", "Resend", "SpeedUp"}

_declared := _transaction.replacement.replaced_type

# What a call does is not in the ledger, so that two of them cannot be compared.
_comparable if {
	is_array(input.facts.calls)
	is_array(input.facts.messages)
	not calls.made
	over_time.stated
	every token in over_time.tokens {
		every series in over_time.by_destination(token) {
			_counted(series) >= 0
			amounts.parse(series.adds) >= 0
		}
	}
}

_counted(series) := amounts.parse(series.replaces)

_configured if _nothing_replaced

_configured if {
	data.placet.rules.replacement.on_breach in {"deny", "hold"}
	_max_fee >= 0
	amounts.parse(input.facts.fee.max) >= 0
}

_max_fee := amounts.parse(_entry.kinds[_kind].max_fee[input.facts.fee.asset.token])

_entry := entries.of_group(data.placet.rules.replacement.allowed)

_alike if _nothing_replaced

_alike if {
	_pays_no_more
	_costs_no_more
}

_costs_no_more if amounts.parse(input.facts.fee.max) <= _max_fee

_pays_no_more if over_time.leaving == []

_pays_no_more if {
	_kind != "Drop"
	every token in over_time.tokens {
		every series in over_time.by_destination(token) {
			_fits(series)
		}
	}
}

_fits(series) if amounts.parse(series.adds) <= _counted(series)

_alike_or_denied if _alike

_alike_or_denied if {
	data.placet.rules.replacement.on_breach == "deny"
	not _may_be_change
}

_alike_or_held if _alike

_alike_or_held if data.placet.rules.replacement.on_breach == "hold"

_alike_or_held if _may_be_change

# A refusal is final, and change does not leave.
_may_be_change if {
	some transfer in over_time.leaving
	transfers.may_return(transfer)
}

_transaction := declared.transaction(input.request.extra)

# For people only.
_extra := object.get(input, ["request", "extra"], null)

_malformed contains text if some text in declared.malformed(_extra)

_malformed contains "extra_info.transaction.replacement is no object with a replaced_type" if {
	"replacement" in object.keys(_transaction)
	not _has_type
}

_malformed contains sprintf("extra_info.transaction.replacement.replaced_type is %s", [json.marshal(_declared)]) if {
	not _stated
}

_has_type if "replaced_type" in object.keys(_transaction.replacement)

_differs contains sprintf("%s to %s, which was paid %s", [
	amounts.shown(amounts.parse(series.adds), token), series.destination,
	amounts.shown(_counted(series), token),
]) if {
	some token in over_time.tokens
	some series in over_time.by_destination(token)
	not _fits(series)
}

_differs contains "a drop that moves something" if {
	_kind == "Drop"
	over_time.leaving != []
}

_differs contains sprintf("a fee of up to %s is over %s", [
	amounts.shown(amounts.parse(input.facts.fee.max), token),
	amounts.shown(_max_fee, token),
]) if {
	token := input.facts.fee.asset.token
	not _costs_no_more
}

_said := sprintf("%s of request %s: %s", [_kind, input.history.replaced.request_id, concat("; ", _differs)])
