package placet.rules.fee_limit_test

import data.placet.rules.fee_limit as rule

limits := {"ETH": {"max": "100000000000000000000"}, "NUMBER": {"max": 10}, "NONE": {}}

fee(token, highest) := {"max": highest, "asset": {"token": token}}

judged(value) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as {"facts": {"fee": value}} with rule.limits as limits
	held := rule.hold with input as {"facts": {"fee": value}} with rule.limits as limits
}

test_silent_up_to_the_limit if {
	judged(fee("ETH", "100000000000000000000")) == {"deny": set(), "hold": set()}
	judged(fee("ETH", "9")) == {"deny": set(), "hold": set()}
}

test_denies_one_unit_above_the_limit_beyond_64_bits if {
	value := fee("ETH", "100000000000000000001")
	judged(value) == {"deny": {"FEE_ABOVE_LIMIT"}, "hold": set()}
	message := rule.message.FEE_ABOVE_LIMIT with input as {"facts": {"fee": value}} with rule.limits as limits
	message == "a fee of up to 100.000000000000000001 ETH is above the limit of 100 ETH"
}

test_holds_a_fee_that_the_bytes_do_not_bound if {
	every highest in [null, 1, "", "-1", "1.5", "01", true] {
		judged(fee("ETH", highest)) == {"deny": set(), "hold": {"FEE_NOT_BOUNDED"}}
	}
}

test_holds_a_token_without_a_usable_limit if {
	every token in ["NEW", "NUMBER", "NONE"] {
		judged(fee(token, "1")) == {"deny": set(), "hold": {"FEE_LIMIT_NOT_CONFIGURED"}}
	}
}

test_holds_when_the_token_of_the_fee_is_unknown if {
	every value in [fee(null, "1"), fee(1, "1"), {"max": "1"}, {"max": "1", "asset": null}] {
		judged(value) == {"deny": set(), "hold": {"FEE_NOT_BOUNDED"}}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], {"ETH": "10"}] {
		rule.deny == set() with input as {"facts": {"fee": fee("ETH", "1")}} with rule.limits as broken
		rule.hold == {"FEE_LIMIT_NOT_CONFIGURED"} with input as {"facts": {"fee": fee("ETH", "1")}}
			with rule.limits as broken
	}
}

test_holds_without_a_fee if {
	every document in [{}, {"facts": null}, {"facts": {}}, {"facts": {"fee": null}}, {"facts": {"fee": "1"}}] {
		rule.deny == set() with input as document with rule.limits as limits
		rule.hold == {"FEE_NOT_BOUNDED"} with input as document with rule.limits as limits
	}
}

test_silent_for_a_message_without_a_fee if {
	document := {"facts": {"fee": null, "messages": [{}]}}
	rule.deny == set() with input as document with rule.limits as limits
	rule.hold == set() with input as document with rule.limits as limits
}

test_a_fee_beside_a_message_is_judged if {
	document := {"facts": {"fee": fee("ETH", "100000000000000000001"), "messages": [{}]}}
	rule.deny == {"FEE_ABOVE_LIMIT"} with input as document with rule.limits as limits
}

unbounded := {
	"SOL": {"accepted": "rare calls from an account with little in it"},
	"EMPTY": {"accepted": ""},
	"BLANK": {"accepted": " \n"},
	"NONE": {},
	"TEXT": "why",
	"TRUE": {"accepted": true},
	"LIST": {"accepted": ["why"]},
}

held_on(chain, value) := codes if {
	codes := rule.hold with input as {"facts": {"chain": {"id": chain}, "fee": value}}
		with rule.limits as limits
		with rule.unbounded as unbounded
}

test_silent_where_a_reason_accepts_a_fee_without_a_bound if {
	held_on("SOL", fee("SOL", null)) == set()
	document := {"facts": {"chain": {"id": "SOL"}, "fee": fee("SOL", null)}}
	rule.deny == set() with input as document with rule.unbounded as unbounded
}

test_holds_a_fee_without_a_bound_where_no_reason_accepts_it if {
	every chain in ["TRON", "EMPTY", "BLANK", "NONE", "TEXT", "TRUE", "LIST", null, 1] {
		held_on(chain, fee("SOL", null)) == {"FEE_NOT_BOUNDED"}
	}
	every broken in [{}, null, [], "SOL", {"SOL": "why"}] {
		document := {"facts": {"chain": {"id": "SOL"}, "fee": fee("SOL", null)}}
		rule.hold == {"FEE_NOT_BOUNDED"} with input as document with rule.limits as limits with rule.unbounded as broken
	}
}

test_a_reason_accepts_no_fee_that_is_absent_or_mistyped if {
	every value in [null, {}, "1", {"asset": {"token": "SOL"}}, fee("SOL", ""), fee("SOL", 1), fee(null, null)] {
		held_on("SOL", value) == {"FEE_NOT_BOUNDED"}
	}
}

test_a_fee_with_a_bound_is_judged_where_a_reason_accepts_one_without if {
	held_on("SOL", fee("SOL", "1")) == {"FEE_LIMIT_NOT_CONFIGURED"}
	document := {"facts": {"chain": {"id": "SOL"}, "fee": fee("ETH", "100000000000000000001")}}
	rule.deny == {"FEE_ABOVE_LIMIT"} with input as document with rule.limits as limits with rule.unbounded as unbounded
}

test_says_which_token_has_no_limit if {
	message := rule.message.FEE_LIMIT_NOT_CONFIGURED with input as {"facts": {"fee": fee("NEW", "1")}}
	message == "no fee limit for NEW"
}
