# METADATA
# title: Provenance
# description: Only proven facts may be judged. What the bytes do not prove holds, unless every missing code is accepted by data.
package placet.rules.provenance

title := {
	"FACTS_NOT_PROVEN": "the facts of this request are not proven",
	"UNPROVABLE": "the request does not carry what a proof needs",
}

remediation := {
	"FACTS_NOT_PROVEN": "Look at the contradictions of the request and at the service that states its facts.",
	"UNPROVABLE": "Complete the request or the registry, or accept the missing codes in data.placet.accept_unprovable.",
}

message["UNPROVABLE"] := sprintf("not accepted: %s", [concat(", ", _unaccepted)])

# METADATA
# title: the facts of this request are not proven
# description: The status is neither PROVEN with nothing missing nor UNPROVABLE with the missing codes named.
# custom:
#   code: FACTS_NOT_PROVEN
#   severity: high
#   remediation: Look at the contradictions of the request and at the service that states its facts.
#   owner: security
hold contains "FACTS_NOT_PROVEN" if not _consistent

# METADATA
# title: the request does not carry what a proof needs
# description: At least one missing code is not accepted by data.
# custom:
#   code: UNPROVABLE
#   severity: medium
#   remediation: Complete the request or the registry, or accept the missing codes in data.placet.accept_unprovable.
#   owner: security
hold contains "UNPROVABLE" if {
	count(_missing) > 0
	not _accepted
}

_consistent if {
	input.facts.status == "PROVEN"
	input.facts.missing == []
	input.contradictions == []
}

_consistent if {
	input.facts.status == "UNPROVABLE"
	is_array(input.facts.missing)
	count(input.facts.missing) > 0
	input.contradictions == []
}

_accepted if {
	every item in input.facts.missing {
		_accepts(item.code)
	}
}

_accepts(code) if is_object(data.placet.accept_unprovable.codes[code])

_missing contains item.code if some item in input.facts.missing

_unaccepted contains code if {
	some code in _missing
	not _accepts(code)
}
