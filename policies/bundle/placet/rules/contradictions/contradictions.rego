# METADATA
# title: Contradictions
# description: A declaration and the bytes differ. Whether a code denies or holds is data; one that is not listed holds.
package placet.rules.contradictions

title := {
	"CONTRADICTION_DENIED": "The declaration contradicts the bytes to be signed.",
	"CONTRADICTION_HELD": "The request contradicts itself and people must look.",
}

remediation := {
	"CONTRADICTION_DENIED": "Treat the requester as compromised until the difference is explained.",
	"CONTRADICTION_HELD": "Explain the difference. The data of rules/contradictions says what is refused for good.",
}

message["CONTRADICTION_DENIED"] := sprintf("contradicted: %s", [concat(", ", _denying)])

message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])

# METADATA
# title: The declaration contradicts the bytes to be signed.
# description: At least one contradiction has a code that the effects data refuses for good.
# custom:
#   code: CONTRADICTION_DENIED
#   severity: critical
#   remediation: Treat the requester as compromised until the difference is explained.
#   owner: security
deny contains "CONTRADICTION_DENIED" if not _none_denies

# METADATA
# title: The request contradicts itself and people must look.
# description: A contradiction has a code that is not refused for good, or the list of contradictions is missing.
# custom:
#   code: CONTRADICTION_HELD
#   severity: high
#   remediation: Explain the difference. The data of rules/contradictions says what is refused for good.
#   owner: security
hold contains "CONTRADICTION_HELD" if not _each_denies

_none_denies if count(_denying) == 0

# True for the empty list, which is the ordinary case, and for a list that the deny above answers already.
_each_denies if {
	is_array(input.contradictions)
	every contradiction in input.contradictions {
		data.placet.rules.contradictions.effects[contradiction.code] == "deny"
	}
}

_codes contains contradiction.code if some contradiction in input.contradictions

_denying contains code if {
	some code in _codes
	data.placet.rules.contradictions.effects[code] == "deny"
}
