package placet.rules.contradictions_test

import data.placet.rules.contradictions

effects := {"A": "deny", "B": "hold", "C": "allow", "D": true}

found(codes) := {"contradictions": [{"code": code} | some code in codes]}

test_silent_without_contradictions if {
	contradictions.deny == set() with input as {"contradictions": []} with contradictions.effects as effects
	contradictions.hold == set() with input as {"contradictions": []} with contradictions.effects as effects
}

test_denies_a_code_that_data_denies if {
	contradictions.deny == {"CONTRADICTION_DENIED"} with input as found(["A"]) with contradictions.effects as effects
	contradictions.hold == set() with input as found(["A"]) with contradictions.effects as effects
	contradictions.message.CONTRADICTION_DENIED == "contradicted: A" with input as found(["A"])
		with contradictions.effects as effects
}

test_holds_a_code_that_data_holds if {
	contradictions.deny == set() with input as found(["B"]) with contradictions.effects as effects
	contradictions.hold == {"CONTRADICTION_HELD"} with input as found(["B"]) with contradictions.effects as effects
	contradictions.message.CONTRADICTION_HELD == "contradicted: B" with input as found(["B"])
		with contradictions.effects as effects
}

test_holds_a_code_that_is_unlisted_or_has_no_known_effect if {
	every code in ["Z", "C", "D", "", null, 1] {
		contradictions.deny == set() with input as found([code]) with contradictions.effects as effects
		contradictions.hold == {"CONTRADICTION_HELD"} with input as found([code]) with contradictions.effects as effects
	}
}

test_one_denied_code_among_others_denies if {
	contradictions.deny == {"CONTRADICTION_DENIED"} with input as found(["Z", "A", "B"])
		with contradictions.effects as effects
}

test_holds_when_the_list_is_missing_or_no_list if {
	every document in [{}, {"contradictions": null}, {"contradictions": {}}, {"contradictions": "A"}] {
		contradictions.hold == {"CONTRADICTION_HELD"} with input as document with contradictions.effects as effects
	}
}

test_holds_when_an_entry_has_no_code if {
	contradictions.hold == {"CONTRADICTION_HELD"} with input as {"contradictions": [{"path": "x"}]}
		with contradictions.effects as effects
}

test_holds_when_the_effects_are_missing if {
	every broken in [{}, null, [], "deny"] {
		contradictions.deny == set() with input as found(["A"]) with contradictions.effects as broken
		contradictions.hold == {"CONTRADICTION_HELD"} with input as found(["A"]) with contradictions.effects as broken
	}
}

# What is final is decided here, one by one: no honest client states one of these, and each moves what was not declared.
test_what_the_shipped_data_refuses_for_good_and_nothing_else if {
	{code | some code, "deny" in contradictions.effects} == {
		"ACCOUNTS_MISMATCH", "AMOUNT_MISMATCH", "CALLDATA_MISMATCH", "CHAIN_ID_MISMATCH", "DERIVATION_MISMATCH",
		"DESTINATION_MISMATCH", "EXTRA_TRANSFER", "HASH_COUNT_MISMATCH", "HASH_MISMATCH", "OWNER_MISMATCH",
		"PATH_COUNT_MISMATCH", "ROOT_KEY_MISMATCH", "SIGHASH_NOT_ALL", "SOURCE_ADDRESS_MISMATCH", "STRUCTURED_DATA_MISMATCH",
		"TOKEN_CONTRACT_MISMATCH",
	}
}
