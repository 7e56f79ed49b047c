# METADATA
# title: Contract calls
# description: Every call, also one inside another, is of a listed function of a listed contract, without dangerous features.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: What is found of a restricted argument is counted before it is judged; nothing found is not proven, and holds.
#   configure: |
#     Calls hold until they are opened. A listed function is open for all its arguments but those that its entry
#     restricts, so restrict what no other rule judges, or list functions whose worst use you accept, and give your
#     own methods a signature in `registry/abis`. TRON calls are listed like EVM calls, by contract and selector.
#
#     `arguments` names an argument by its name in the signature; on Solana the part of a known instruction, or the
#     place among the accounts of an unknown one. Several words in one restriction hold together. An argument that the
#     facts do not show, and a restriction of no known form, hold; so does an empty list under `each_one_of`, unless
#     `may_be_empty` stands beside it. Another argument holds, or denies where
#     `effects.ARGUMENT_NOT_ALLOWED` says `deny`.
#
#     On Solana a known program's instruction is listed by its name (`Token.ApproveChecked`), another program's by
#     the first bytes of its data (`0xe445a52e51cb9a1d`; `0x` opens the whole program).
#
#     Hazards hold even what is listed, until `effects` allows them: `AUTHORITY_CHANGED` and `ASSETS_NOT_COUNTED` on
#     Solana, and `BLIND_APPROVAL`, a Safe's `approveHash`, which does not say what it is a signature of. What each
#     of them is: [calls.md](../calls.md).
package placet.rules.contract_call

import data.placet.lib.calls
import data.placet.lib.constraints

title := {
	"CALL_ARGUMENTS_NOT_PROVEN": "It cannot be judged whether an argument of a call is one that is allowed.",
	"CALL_ARGUMENT_DENIED": "An argument of a call is not one that is allowed, and the data says that this denies.",
	"CALL_ARGUMENT_NOT_ALLOWED": "An argument of a call is not one that is allowed.",
	"CALLS_NOT_PROVEN": "It is not proven what is called and how.",
	"CONTRACT_CALLS_NOT_CONFIGURED": "A call is not of a configured function of a configured contract.",
	"CONTRACT_CALL_DENIED": "The transaction uses a feature that is refused.",
	"CONTRACT_CALL_HELD": "The transaction uses a feature that people must look at.",
}

remediation := {
	"CALL_ARGUMENTS_NOT_PROVEN": "Give the method a signature in registry/abis, or correct the restriction in rules/contract_call.",
	"CALL_ARGUMENT_DENIED": "Ask for another call, or verify the value and allow it in rules/contract_call.",
	"CALL_ARGUMENT_NOT_ALLOWED": "Ask for another call, or verify the value and allow it in rules/contract_call.",
	"CALLS_NOT_PROVEN": "Look at the missing facts of this request.",
	"CONTRACT_CALLS_NOT_CONFIGURED": "Verify contract and function, then add them to rules/contract_call.",
	"CONTRACT_CALL_DENIED": "Treat it as an attack until it is explained; rules/contract_call says what is refused.",
	"CONTRACT_CALL_HELD": "Look at the calls; rules/contract_call says what is refused and what is allowed.",
}

message["CONTRACT_CALLS_NOT_CONFIGURED"] := sprintf("not configured: %s", [concat(", ", _unlisted)])

message["CONTRACT_CALL_DENIED"] := sprintf("refused: %s", [concat(", ", _denied)])

message["CONTRACT_CALL_HELD"] := sprintf("used: %s", [concat(", ", _features)])

message["CALL_ARGUMENTS_NOT_PROVEN"] := sprintf("cannot be judged: %s", [concat(", ", _unjudged)])

message["CALL_ARGUMENT_DENIED"] := sprintf("not as listed: %s", [concat(", ", _broken)])

message["CALL_ARGUMENT_NOT_ALLOWED"] := sprintf("not as listed: %s", [concat(", ", _broken)])

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

# METADATA
# title: It cannot be judged whether an argument of a call is one that is allowed.
# description: A restricted argument is not in the facts, as where the method is not decoded, or the restriction has no known form.
# custom:
#   code: CALL_ARGUMENTS_NOT_PROVEN
#   severity: high
#   remediation: Give the method a signature in registry/abis, or correct the restriction in rules/contract_call.
#   owner: security
hold contains "CALL_ARGUMENTS_NOT_PROVEN" if {
	_proven
	not _arguments_judged
}

# METADATA
# title: An argument of a call is not one that is allowed.
# description: The list restricts an argument of the function, or the coins that go along, and the call's is another.
# custom:
#   code: CALL_ARGUMENT_NOT_ALLOWED
#   severity: high
#   remediation: Ask for another call, or verify the value and allow it in rules/contract_call.
#   owner: security
hold contains "CALL_ARGUMENT_NOT_ALLOWED" if {
	_proven
	_arguments_judged
	not _arguments_kept_or_denied
}

# METADATA
# title: An argument of a call is not one that is allowed, and the data says that this denies.
# description: As CALL_ARGUMENT_NOT_ALLOWED, where the effects data say deny.
# custom:
#   code: CALL_ARGUMENT_DENIED
#   severity: critical
#   remediation: Ask for another call, or verify the value and allow it in rules/contract_call.
#   owner: security
deny contains "CALL_ARGUMENT_DENIED" if {
	_proven
	_arguments_judged
	not _arguments_kept_or_held
}

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
	_amount_stated(call.approval)
}

# Null is everything, and what is absent may be nothing, as where an approval is taken back.
_amount_stated(approval) if is_string(approval.amount)

_amount_stated(approval) if is_null(approval.amount)

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

# What has no chain or no address is on no list, and is held as such: none of these words is said of what is not known.
_features contains "DELEGATECALL" if {
	some call in input.facts.calls
	call.operation == "delegatecall"
	is_string(call.to)
	is_string(input.facts.chain.id)
	not _delegate_listed(call)
}

_features contains "UNLIMITED_APPROVAL" if {
	some call in input.facts.calls
	call.approval.unlimited == true
}

_features contains "SPENDER_NOT_LISTED" if {
	some call in input.facts.calls
	is_string(call.approval.spender)
	_amount_stated(call.approval)
	is_string(input.facts.chain.id)
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

_arguments_judged if {
	every call in input.facts.calls {
		_call_judged(call)
	}
}

_call_judged(call) if {
	every entry in calls.entries(call) {
		_restrictions_are_objects(entry)
		every restriction in _restrictions(call, entry) {
			_judged(restriction)
		}
	}
}

_restrictions_are_objects(entry) if is_object(object.get(entry, "arguments", {}))

_judged(restriction) if {
	count(restriction.values) == 1
	constraints.judged(restriction.constraint, restriction.values[0], restriction.caller)
}

_arguments_kept_or_denied if _arguments_kept

_arguments_kept_or_denied if _arguments_deny

_arguments_kept_or_held if _arguments_kept

_arguments_kept_or_held if not _arguments_deny

_arguments_deny if data.placet.rules.contract_call.effects.ARGUMENT_NOT_ALLOWED == "deny"

_arguments_kept if {
	every call in input.facts.calls {
		_call_kept(call)
	}
}

# What is not listed has no arguments to be kept, and is held as such.
_call_kept(call) if not calls.listed(call)

_call_kept(call) if {
	some entry in calls.entries(call)
	every restriction in _restrictions(call, entry) {
		_kept(restriction)
	}
}

_kept(restriction) if constraints.kept(restriction.constraint, restriction.values[0], restriction.caller)

# Each restriction of an entry with the values that it is about: exactly one, unless the facts do not show the argument.
_restrictions(call, entry) := array.concat(_of_arguments(call, entry), _of_value(call, entry))

_of_arguments(call, entry) := [restriction |
	some name, constraint in object.get(entry, "arguments", {})
	restriction := {
		"name": name,
		"constraint": constraint,
		"values": _values(call, name),
		"caller": object.get(call, "from", null),
	}
]

# Whatever stands under `value` restricts the coins: what has no known form must not read as no restriction.
_of_value(call, entry) := [restriction |
	constraint := entry.value
	restriction := {
		"name": "value",
		"constraint": constraint,
		"values": [value | value := call.value],
		"caller": null,
	}
]

_values(call, name) := array.concat(_of_signature(call, name), _of_instruction(call, name))

# EVM and TRON: by the name in the method's signature, which may not be the name of two.
_of_signature(call, name) := [argument.value |
	input.facts.chain.kind in {"evm", "tron"}
	some argument in call.args
	argument.name == name
]

# Solana: by the name of a part of a known instruction, else by the place among the instruction's accounts.
_of_instruction(call, name) := [value |
	input.facts.chain.kind == "solana"
	some place, argument in call.args
	value := object.get(_parts(place, argument), name, null)
	value != null
]

_parts(_, argument) := argument if is_object(argument)

_parts(place, argument) := {format_int(place, 10): argument} if is_string(argument)

_broken contains _told(call, restriction) if {
	some call in input.facts.calls
	not _call_kept(call)
	some entry in calls.entries(call)
	some restriction in _restrictions(call, entry)
	not _kept(restriction)
}

_unjudged contains _told(call, restriction) if {
	some call in input.facts.calls
	some entry in calls.entries(call)
	some restriction in _restrictions(call, entry)
	not _judged(restriction)
}

_told(call, restriction) := sprintf(
	"%s %s of %s of %s (must be: %s)",
	[
		restriction.name, concat(" and ", [sprintf("%v", [value]) | some value in restriction.values]),
		calls.function(call), calls.contract(call), constraints.words(restriction.constraint),
	],
)
