package placet.rules.lifetime_cap_test

import data.placet.rules.lifetime_cap as rule

caps := {
	"hot": {"ETH": {"max": "100000000000000000000"}, "USDT": {"max": "10", "full": "deny"}, "FREE": {"unchecked": "why"}},
	"*": {"*": {"unchecked": "other groups"}},
}

asset(token) := {"kind": "native", "contract": null, "token": token, "chain": "ETH"}

asked(token, adds, ever) := {
	"facts": {
		"chain": {"kind": "evm"},
		"signer": {"group": "hot"},
		"transfers": [{"asset": asset(token), "from": "0xa", "to": "0xb", "amount": adds}],
	},
	"history": {"series": [{
		"asset": asset(token), "destination": null, "adds": adds,
		"lifetime": {"amount": ever, "count": 1},
	}]},
}

judged(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.caps as caps
	held := rule.hold with input as document with rule.caps as caps
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_up_to_the_last_unit if {
	judged(asked("ETH", "1", "99999999999999999999")) == silent
	judged(asked("USDT", "10", "0")) == silent
}

test_holds_one_unit_above_beyond_64_bits if {
	document := asked("ETH", "1", "100000000000000000000")
	judged(document) == holds("LIFETIME_CAP_REACHED")
	message := rule.message.LIFETIME_CAP_REACHED with input as document with rule.caps as caps
	message == "ETH: 0 ETH remain of 100 ETH, 0.000000000000000001 ETH asked"
}

test_denies_where_the_data_says_so if {
	document := asked("USDT", "4", "7")
	judged(document) == {"deny": {"LIFETIME_CAP_DENIED"}, "hold": set()}
	message := rule.message.LIFETIME_CAP_DENIED with input as document with rule.caps as caps
	message == "USDT: 3 base units of USDT remain of 10 base units of USDT, 4 base units of USDT asked"
}

test_silent_where_a_reason_says_unchecked if {
	judged(object.union(asked("FREE", "4", "7"), {"history": null})) == silent
	judged(object.union(asked("ETH", "4", "7"), {"facts": {"signer": {"group": "cold"}}, "history": null})) == silent
}

test_silent_when_nothing_leaves if judged({"facts": {"transfers": []}, "history": null}) == silent

test_holds_a_token_without_a_usable_cap if {
	every entry in [null, {}, {"max": 5}, {"max": "1.5"}, {"max": "5", "full": "allow"}, {"unchecked": ""}] {
		codes := rule.hold with input as asked("ETH", "1", "0") with rule.caps as {"hot": {"ETH": entry}}
		codes == {"LIFETIME_CAP_NOT_CONFIGURED"}
	}
	message := rule.message.LIFETIME_CAP_NOT_CONFIGURED with input as asked("ETH", "1", "0") with rule.caps as {}
	message == "no cap for ETH"
}

test_holds_facts_that_do_not_say_what_moves if {
	every moved in [null, [{}]] {
		judged({"facts": {"signer": {"group": "hot"}, "transfers": moved}}) == holds("LIFETIME_CAP_NOT_CONFIGURED")
	}
	judged({"facts": {"signer": {"group": "hot"}}}) == holds("LIFETIME_CAP_NOT_CONFIGURED")
}

test_holds_while_no_group_is_proven_unless_nothing_leaves if {
	every document in [{}, {"facts": null}, {"facts": {"transfers": null}}, {"facts": {"transfers": [{}]}}] {
		judged(document) == holds("LIFETIME_CAP_GROUP_NOT_PROVEN")
	}
	judged({"facts": {"transfers": []}, "history": null}) == silent
}

test_holds_without_a_history_that_fits if {
	judged(object.union(asked("ETH", "4", "7"), {"history": null})) == holds("LIFETIME_CAP_NOT_KNOWN")
	judged(object.union(asked("ETH", "4", "7"), {"history": {"series": []}})) == holds("LIFETIME_CAP_NOT_KNOWN")
	judged(asked("ETH", "4", 7)) == holds("LIFETIME_CAP_NOT_KNOWN")
	other := object.union(asked("ETH", "4", "7"), {"history": asked("ETH", "5", "7").history})
	judged(other) == holds("LIFETIME_CAP_NOT_KNOWN")
}

test_a_cap_of_nothing_is_a_cap if {
	nothing := {"hot": {"ETH": {"max": "0"}}}
	held := rule.hold with input as asked("ETH", "1", "0") with rule.caps as nothing
	held == {"LIFETIME_CAP_REACHED"}
	none := rule.hold with input as asked("ETH", "0", "0") with rule.caps as nothing
	none == set()
}

test_an_unknown_history_never_denies if {
	judged(object.union(asked("USDT", "4", "7"), {"history": null})) == holds("LIFETIME_CAP_NOT_KNOWN")
}

test_without_a_cap_the_history_does_not_matter if {
	every history in [null, {"series": []}] {
		codes := rule.hold with input as object.union(asked("ETH", "4", "7"), {"history": history})
			with rule.caps as {"hot": {"ETH": {"max": 5}}}
		codes == {"LIFETIME_CAP_NOT_CONFIGURED"}
	}
}

both := {
	"facts": {
		"signer": {"group": "hot"},
		"transfers": array.concat(asked("ETH", "1", "0").facts.transfers, asked("DAI", "6", "0").facts.transfers),
	},
	"history": {"series": array.concat(asked("ETH", "1", "0").history.series, asked("DAI", "6", "0").history.series)},
}

test_messages_name_the_tokens_concerned_only if {
	reached := rule.message.LIFETIME_CAP_REACHED with input as both
		with rule.caps as {"hot": {"ETH": {"max": "5"}, "DAI": {"max": "5"}}}
	reached == "DAI: 5 base units of DAI remain of 5 base units of DAI, 6 base units of DAI asked"
	missing := rule.message.LIFETIME_CAP_NOT_CONFIGURED with input as both with rule.caps as {"hot": {"ETH": {"max": "5"}}}
	missing == "no cap for DAI"
}
