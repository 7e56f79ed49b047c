# What OPA's own API lets through, given on OPA's command line together with `--authorization=basic`. Everything that is
# not named here is refused: no other document, no ad-hoc query, nothing that writes, nothing that shows the policies.
package system.authz

default allow := false

# The two documents that the policy service asks for; the query string is exactly this one.
documents := {
	["v1", "data", "placet", "main", "decision"],
	["v1", "data", "placet", "main", "selftest"],
}

allow if {
	input.method == "POST"
	input.path in documents
	input.params == {"provenance": ["true"]}
}

# `/health` and `/health?bundles`, for probes.
allow if {
	input.method == "GET"
	input.path == ["health"]
	every name, _ in input.params {
		name == "bundles"
	}
}

allow if {
	input.method == "GET"
	input.path == ["metrics"]
	input.params == {}
}
