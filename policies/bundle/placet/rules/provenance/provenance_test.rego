package placet.rules.provenance_test

import data.placet.rules.provenance

facts(status, missing) := {
	"facts": {"status": status, "missing": [{"code": code, "path": "x"} | some code in missing]},
	"contradictions": [],
}

accepted := {"codes": {"RAW_TX_MISSING": {"reason": "a test"}, "CHAIN_UNKNOWN": true}}

held(document) := codes if {
	codes := provenance.hold with input as document with data.placet.accept_unprovable as accepted
}

test_silent_when_proven if held(facts("PROVEN", [])) == set()

test_silent_when_every_missing_code_is_accepted if held(facts("UNPROVABLE", ["RAW_TX_MISSING"])) == set()

test_holds_when_one_missing_code_is_not_accepted if {
	document := facts("UNPROVABLE", ["RAW_TX_MISSING", "TOKEN_UNKNOWN"])
	held(document) == {"UNPROVABLE"}
	message := provenance.message.UNPROVABLE with input as document with data.placet.accept_unprovable as accepted
	message == "not accepted: TOKEN_UNKNOWN"
}

test_an_acceptance_without_a_reason_accepts_nothing if held(facts("UNPROVABLE", ["CHAIN_UNKNOWN"])) == {"UNPROVABLE"}

test_holds_unprovable_facts_when_nothing_is_configured if {
	every broken in [{}, {"codes": {}}, {"codes": null}, {"codes": ["RAW_TX_MISSING"]}, null] {
		provenance.hold == {"UNPROVABLE"} with input as facts("UNPROVABLE", ["RAW_TX_MISSING"])
			with data.placet.accept_unprovable as broken
	}
}

test_holds_a_status_that_does_not_fit_what_is_missing if {
	held(facts("PROVEN", ["TOKEN_UNKNOWN"])) == {"FACTS_NOT_PROVEN", "UNPROVABLE"}
	held(facts("PROVEN", ["RAW_TX_MISSING"])) == {"FACTS_NOT_PROVEN"}
	held(facts("UNPROVABLE", [])) == {"FACTS_NOT_PROVEN"}
}

test_holds_every_other_status if {
	every status in ["CONTRADICTED", "proven", "", null, true, 1] {
		held(facts(status, [])) == {"FACTS_NOT_PROVEN"}
	}
}

test_holds_facts_beside_contradictions if {
	every status in ["PROVEN", "UNPROVABLE"] {
		document := object.union(facts(status, []), {"contradictions": [{"code": "A"}]})
		held(document) == {"FACTS_NOT_PROVEN"}
	}
}

test_holds_when_facts_are_missing_or_of_another_type if {
	every document in [
		{},
		{"facts": null, "contradictions": []},
		{"facts": {"status": "PROVEN"}, "contradictions": []},
		{"facts": {"status": "PROVEN", "missing": null}, "contradictions": []},
		{"facts": {"status": "PROVEN", "missing": []}},
		{"facts": {"status": "UNPROVABLE", "missing": {"a": {"code": "RAW_TX_MISSING"}}}, "contradictions": []},
	] {
		"FACTS_NOT_PROVEN" in held(document)
	}
}

test_holds_a_missing_entry_without_a_code if {
	document := {"facts": {"status": "UNPROVABLE", "missing": [{"path": "x"}]}, "contradictions": []}
	held(document) == {"UNPROVABLE"}
}
