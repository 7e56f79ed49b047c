# METADATA
# title: The decision
# description: Routes a request to the rules of its profile and combines what they say. Deny beats hold beats allow.
package placet.main

import data.placet.lib.amounts

# METADATA
# title: Decision
# description: The one query of the policy service. Allow needs a known input, every rule of a profile, no objection.
# entrypoint: true
decision := {
	"schema": "placet.decision/v1",
	"effect": _effect,
	"reasons": _ordered,
	"rules_evaluated": sort(_evaluated),
}

default _effect := "hold"

_effect := "deny" if count(_reasons.deny) > 0

# Allow is proven, never left over: every conjunct is a positive statement, so an undefined one gives hold.
_effect := "allow" if {
	_input_known
	_profile_names_rules
	_profile_settled
	_all_present
	_all_judged
	count(_reasons.deny) == 0
	count(_reasons.hold) == 0
}

# Only the reasons of the effect are answered: a hold behind a deny explains nothing about the deny.
_reasons := {"allow": set(), "deny": _denials, "hold": _holds}

# In the order of the profile, which names the general rules first; those that were added come last.
_ordered := [reason |
	some name in array.concat(["main"], _in_order)
	some reason in _reasons[_effect]
	reason.rule == name
]

_in_order := array.concat(
	[name | some name in _profile.rules],
	[name | some name in sort(_added); not name in _profile.rules],
)

_denials contains _reason(name, code) if {
	some name in _evaluated
	some code in data.placet.rules[name].deny
}

_holds contains _reason(name, code) if {
	some name in _evaluated
	some code in data.placet.rules[name].hold
}

_holds contains reason if {
	some code in hold
	reason := {
		"code": code,
		"rule": "main",
		"message": object.get(message, code, object.get(title, code, code)),
		"remediation": object.get(remediation, code, ""),
	}
}

# METADATA
# title: This policy cannot read the version of the input.
# description: The input is not a placet.input/v1 document. No rule is evaluated, because it could misread what it sees.
# custom:
#   code: INPUT_SCHEMA_UNKNOWN
#   severity: high
#   remediation: Deploy a policy release and a policy service that belong together.
#   owner: security
hold contains "INPUT_SCHEMA_UNKNOWN" if not _input_known

# METADATA
# title: No rules are named for this request.
# description: The profile of the request's type, or of the signing key's group, is missing, empty or not of its shape.
# custom:
#   code: PROFILE_EMPTY
#   severity: high
#   remediation: Name the rules of this request type in profiles.
#   owner: security
hold contains "PROFILE_EMPTY" if {
	_input_known
	not _profile_names_rules
}

# METADATA
# title: It is not proven whose profile judges this request.
# description: A key group has a profile of its own for this request type, and no signing key is proven, so that it could be the stricter one.
# custom:
#   code: PROFILE_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: security
hold contains "PROFILE_GROUP_NOT_PROVEN" if {
	_input_known
	_profile_names_rules
	not _profile_settled
}

# METADATA
# title: A rule that must run is not in the bundle.
# description: The profile names a rule that defines neither deny nor hold as a set of codes.
# custom:
#   code: RULE_ABSENT
#   severity: critical
#   remediation: Compare the profiles and the rules of the bundle with the release that was meant to be active.
#   owner: security
hold contains "RULE_ABSENT" if not _all_present

# METADATA
# title: The profile has no rule for a part of this request.
# description: The request makes calls without contract_call in the profile, or signs messages without message_signing.
# custom:
#   code: SUBJECT_NOT_JUDGED
#   severity: high
#   remediation: Name contract_call and message_signing in every profile of KEY_SIGN.
#   owner: security
hold contains "SUBJECT_NOT_JUDGED" if {
	_input_known
	_profile_names_rules
	not _all_judged
}

title := {
	"INPUT_SCHEMA_UNKNOWN": "This policy cannot read the version of the input.",
	"PROFILE_EMPTY": "No rules are named for this request.",
	"PROFILE_GROUP_NOT_PROVEN": "It is not proven whose profile judges this request.",
	"RULE_ABSENT": "A rule that must run is not in the bundle.",
	"SUBJECT_NOT_JUDGED": "The profile has no rule for a part of this request.",
}

remediation := {
	"INPUT_SCHEMA_UNKNOWN": "Deploy a policy release and a policy service that belong together.",
	"PROFILE_EMPTY": "Name the rules of this request type in profiles.",
	"PROFILE_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"RULE_ABSENT": "Compare the profiles and the rules of the bundle with the release that was meant to be active.",
	"SUBJECT_NOT_JUDGED": "Name contract_call and message_signing in every profile of KEY_SIGN.",
}

message["RULE_ABSENT"] := sprintf("absent: %s", [concat(", ", _named - _evaluated)])

_all_present if _evaluated == _named

# Rules for payments are silent about a call or a message that moves nothing, so that another rule must have judged it.
_all_judged if {
	_judged("calls", "contract_call")
	_judged("messages", "message_signing")
}

_judged(_, rule) if rule in _evaluated

_judged(part, _) if input.facts[part] == []

_input_known if input.schema == "placet.input/v1"

_profile_names_rules if {
	is_array(_profile.rules)
	count(_profile.rules) > 0
	is_object(object.get(_profile, "also", {}))
}

_profile_settled if is_string(input.facts.signer.group)

_profile_settled if count(_groups_with_a_profile) == 0

_groups_with_a_profile contains group if {
	some group, profiles in data.placet.profiles.key_groups
	profiles[input.request.type]
}

# A document of another version could be misread, and what is misread must not be finally refused: no rule sees it.
_named contains name if {
	_input_known
	is_array(_profile.rules)
	some name in _profile.rules
}

_named contains name if {
	_input_known
	some name in _added
}

# An object and not a list, so that a layer of data can add rules without repeating the others.
_added contains name if some name, _ in _profile.also

# The profile of the proven signing key's group comes first. A group that has one never falls back to the general one.
_profile := profile if {
	profile := data.placet.profiles.key_groups[input.facts.signer.group][input.request.type]
} else := profile if {
	profile := data.placet.profiles.request_types[input.request.type]
}

# A rule reports itself by defining `deny` or `hold` as a set. JSON has no sets, so data alone cannot pose as a rule,
# and an outcome of another type (`deny := true`) is an absent rule and not a silent one.
_evaluated contains name if {
	some name in _named
	name in _reporting
	not name in _malformed
}

_reporting contains name if {
	some name in _named
	is_set(data.placet.rules[name].deny)
}

_reporting contains name if {
	some name in _named
	is_set(data.placet.rules[name].hold)
}

_malformed contains name if {
	some name in _named
	outcome := data.placet.rules[name].deny
	not is_set(outcome)
}

_malformed contains name if {
	some name in _named
	outcome := data.placet.rules[name].hold
	not is_set(outcome)
}

_reason(name, code) := {
	"code": code,
	"rule": name,
	"message": _text(name, code),
	"remediation": _remedy(name, code),
}

# What the request adds, else the constant title, else the code itself: a text that cannot be built costs only the text.
_text(name, code) := text if {
	text := data.placet.rules[name].message[code]
	is_string(text)
} else := text if {
	text := data.placet.rules[name].title[code]
	is_string(text)
} else := code

_remedy(name, code) := text if {
	text := data.placet.rules[name].remediation[code]
	is_string(text)
} else := ""

# METADATA
# title: Arithmetic self-test
# description: |
#   Proves to the policy service, at its start, that this OPA does not round integers above 64 bits: not when it adds and
#   compares numbers, and not where rules do it, from decimal strings and with the builtin sum.
# schemas:
#   - input: {properties: {selftest: {properties: {a: {type: number}, b: {type: number}}}}}
selftest := {
	"sum": sprintf("%d", [input.selftest.a + input.selftest.b]),
	"greater": input.selftest.a > input.selftest.b,
	"total": sprintf("%d", [sum([amounts.parse(sprintf("%d", [number])) |
		some number in [input.selftest.a, input.selftest.b]
	])]),
}
