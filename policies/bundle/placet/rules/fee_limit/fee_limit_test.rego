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
	message == "up to 100000000000000000001 base units of ETH, limit 100000000000000000000"
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
