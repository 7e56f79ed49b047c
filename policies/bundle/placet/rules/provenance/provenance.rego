# METADATA
# title: Provenance
# description: Only proven facts are judged. What the bytes do not prove holds, unless data accepts every missing code.
package placet.rules.provenance

title := {
	"FACTS_NOT_PROVEN": "The facts of this request are not proven.",
	"UNPROVABLE": "The request does not carry what a proof needs.",
}

remediation := {
	"FACTS_NOT_PROVEN": "Look at the contradictions of the request and at the service that states its facts.",
	"UNPROVABLE": "Complete the request or the registry, or accept the missing codes in accept_unprovable.",
}

message["UNPROVABLE"] := sprintf("not accepted: %s", [concat(", ", _unaccepted)])

# METADATA
# title: The facts of this request are not proven.
# description: The status is neither PROVEN with nothing missing nor UNPROVABLE with the missing codes named.
# custom:
#   code: FACTS_NOT_PROVEN
#   severity: high
#   remediation: Look at the contradictions of the request and at the service that states its facts.
#   owner: security
hold contains "FACTS_NOT_PROVEN" if not _consistent

# METADATA
# title: The request does not carry what a proof needs.
# description: At least one missing code is not accepted by data, or what is missing is not said.
# custom:
#   code: UNPROVABLE
#   severity: medium
#   remediation: Complete the request or the registry, or accept the missing codes in accept_unprovable.
#   owner: security
hold contains "UNPROVABLE" if not _all_accepted

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

_all_accepted if {
	every item in input.facts.missing {
		_accepted(item.code)
	}
}

# An entry says why it is accepted; anything but such an object accepts nothing.
_accepted(code) if is_object(data.placet.accept_unprovable.codes[code])

_unaccepted contains item.code if {
	some item in input.facts.missing
	not _accepted(item.code)
}
