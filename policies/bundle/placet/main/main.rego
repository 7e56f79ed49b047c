# METADATA
# title: The decision
# description: Routes a request to the rules of its profile and combines what they say; deny beats hold, hold beats allow.
package placet.main

# METADATA
# title: Decision
# description: The only query the policy service asks. Allow needs a known input, a profile, every rule of it present, and no objection.
# entrypoint: true
decision := {
	"schema": "placet.decision/v1",
	"effect": _effect,
	"reasons": [reason | some reason in _reasons[_effect]],
	"rules_evaluated": sort(_evaluated),
}

default _effect := "hold"

_effect := "deny" if count(_reasons.deny) > 0

# Allow is proven, never left over: every conjunct is a positive statement, so an undefined one gives hold.
_effect := "allow" if {
	_input_known
	count(_named) > 0
	_evaluated == _named
	count(_reasons.deny) == 0
	count(_reasons.hold) == 0
}

# Only the reasons of the effect are answered: a hold behind a deny explains nothing about the deny.
_reasons := {"allow": set(), "deny": _denials, "hold": _holds}

_denials contains _reason(name, code) if {
	some name in _evaluated
	some code in data.placet.rules[name].deny
}

_holds contains _reason(name, code) if {
	some name in _evaluated
	some code in data.placet.rules[name].hold
}

_holds contains _own_reason("INPUT_SCHEMA_UNKNOWN", "this policy cannot read the input") if not _input_known

_holds contains _own_reason("PROFILE_EMPTY", "no rules are named for this request") if {
	_input_known
	not _profile_names_rules
}

_holds contains _own_reason("RULE_ABSENT", message) if {
	absent := _named - _evaluated
	count(absent) > 0
	message := sprintf("named by the profile, absent from the bundle: %v", [sort(absent)])
}

_input_known if input.schema == "placet.input/v1"

_profile_names_rules if count(_named) > 0

# A document of another version could be misread, and a misread document must not be finally refused: no rule sees it.
_named contains name if {
	_input_known
	is_array(_profile.rules)
	some name in _profile.rules
}

# The profile of the proven signing key's group comes first. A group that has one never falls back to the general profile.
_profile := profile if {
	profile := data.placet.profiles.key_groups[input.facts.signer.group][input.request.type]
} else := profile if {
	profile := data.placet.profiles.request_types[input.request.type]
}

# A rule reports itself by defining `deny` or `hold` as a set. JSON has no sets, so data alone cannot pose as a rule, and an
# outcome of another type (`deny := true`) is an absent rule and not a silent one.
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

_own_reason(code, message) := {
	"code": code,
	"rule": "main",
	"message": message,
	"remediation": "Compare the profiles and the rules of the bundle with the release that was meant to be active.",
}

# METADATA
# title: Arithmetic self-test
# description: Lets the policy service prove at start that this OPA does not round integers above 64 bits. Never part of a decision.
# schemas:
#   - input: {type: object, properties: {selftest: {type: object, properties: {a: {type: number}, b: {type: number}}}}}
selftest := {
	"sum": sprintf("%d", [input.selftest.a + input.selftest.b]),
	"greater": input.selftest.a > input.selftest.b,
}
