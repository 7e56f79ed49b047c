# METADATA
# title: Contract calls
# description: Every call, also one inside another, is of a listed function of a listed contract, without dangerous features.
# custom:
#   configure: |
#     Calls hold until they are opened. A listed function is open for all its arguments, so list functions whose
#     arguments other rules judge, or whose worst use you accept, and give your own methods a signature in
#     `registry/abis`. TRON calls are listed like EVM calls, by contract and selector.
#
#     On Solana a known program's instruction is listed by its name (`Token.ApproveChecked`), another program's by
#     the first bytes of its data (`0xe445a52e51cb9a1d`; `0x` opens the whole program).
#
#     Hazards hold even what is listed, until `effects` allows them: `AUTHORITY_CHANGED` and `ASSETS_NOT_COUNTED` on
#     Solana, and `BLIND_APPROVAL`, a Safe's `approveHash`, which does not say what it is a signature of. What each
#     of them is: [calls.md](../calls.md).
package placet.rules.contract_call

import data.placet.lib.calls

title := {
	"CALLS_NOT_PROVEN": "It is not proven what is called and how.",
	"CONTRACT_CALLS_NOT_CONFIGURED": "A call is not of a configured function of a configured contract.",
	"CONTRACT_CALL_DENIED": "The transaction uses a feature that is refused.",
	"CONTRACT_CALL_HELD": "The transaction uses a feature that people must look at.",
}

remediation := {
	"CALLS_NOT_PROVEN": "Look at the missing facts of this request.",
	"CONTRACT_CALLS_NOT_CONFIGURED": "Verify contract and function, then add them to rules/contract_call.",
	"CONTRACT_CALL_DENIED": "Treat it as an attack until it is explained; rules/contract_call says what is refused.",
	"CONTRACT_CALL_HELD": "Look at the calls; rules/contract_call says what is refused and what is allowed.",
}

message["CONTRACT_CALLS_NOT_CONFIGURED"] := sprintf("not configured: %s", [concat(", ", _unlisted)])

message["CONTRACT_CALL_DENIED"] := sprintf("refused: %s", [concat(", ", _denied)])

message["CONTRACT_CALL_HELD"] := sprintf("used: %s", [concat(", ", _features)])

# METADATA
# title: It is not proven what is called and how.
# description: The facts have no list of calls, or one where the operation or the approval is not said.
# custom:
#   code: CALLS_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "CALLS_NOT_PROVEN" if not _proven

# METADATA
# title: A call is not of a configured function of a configured contract.
# description: Chain, contract and selector of a call are not on the list; a creation is the contract "create"; on Solana program and instruction count.
# custom:
#   code: CONTRACT_CALLS_NOT_CONFIGURED
#   severity: high
#   remediation: Verify contract and function, then add them to rules/contract_call.
#   owner: security
hold contains "CONTRACT_CALLS_NOT_CONFIGURED" if {
	_proven
	not _all_listed
}

# METADATA
# title: The transaction uses a feature that is refused.
# description: The effects data refuses a delegatecall, an unlimited approval, or a hazard.
# custom:
#   code: CONTRACT_CALL_DENIED
#   severity: critical
#   remediation: Treat it as an attack until it is explained; rules/contract_call says what is refused.
#   owner: security
deny contains "CONTRACT_CALL_DENIED" if not _none_denied

# METADATA
# title: The transaction uses a feature that people must look at.
# description: The effects data neither refuses nor allows a dangerous feature that the transaction uses.
# custom:
#   code: CONTRACT_CALL_HELD
#   severity: high
#   remediation: Look at the calls; rules/contract_call says what is refused and what is allowed.
#   owner: security
hold contains "CONTRACT_CALL_HELD" if not _each_settled

_proven if {
	is_array(input.facts.calls)
	every call in input.facts.calls {
		call.operation in {"call", "create", "delegatecall"}
		_approval_proven(call)
		is_array(call.hazards)
	}
}

_approval_proven(call) if call.approval == null

_approval_proven(call) if {
	is_boolean(call.approval.unlimited)
	is_string(call.approval.spender)
}

_all_listed if {
	every call in input.facts.calls {
		calls.listed(call)
	}
}

# A contract whose code may run as ours is listed apart from those that may be called.
_delegate_listed(call) if {
	is_object(data.placet.rules.contract_call.delegates[input.facts.chain.id][call.to])
}

_spender_listed(spender) if {
	is_object(data.placet.rules.contract_call.spenders[input.facts.chain.id][spender])
}

_takes_back(approval) if approval.amount == "0"

_unlisted contains sprintf("%s of %s", [calls.function(call), calls.contract(call)]) if {
	some call in input.facts.calls
	not calls.listed(call)
}

_features contains "DELEGATECALL" if {
	some call in input.facts.calls
	call.operation == "delegatecall"
	not _delegate_listed(call)
}

_features contains "UNLIMITED_APPROVAL" if {
	some call in input.facts.calls
	call.approval.unlimited == true
}

_features contains "SPENDER_NOT_LISTED" if {
	some call in input.facts.calls
	is_string(call.approval.spender)
	not _takes_back(call.approval)
	not _spender_listed(call.approval.spender)
}

_features contains hazard if {
	some call in input.facts.calls
	some hazard in call.hazards
}

_denied contains feature if {
	some feature in _features
	data.placet.rules.contract_call.effects[feature] == "deny"
}

_none_denied if count(_denied) == 0

_each_settled if {
	every feature in _features {
		data.placet.rules.contract_call.effects[feature] in {"allow", "deny"}
	}
}
