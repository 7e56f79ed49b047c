package placet.rules.rolling_amount_test

import data.placet.rules.rolling_amount as rule

limits := {
	"hot": {
		"ETH": {"windows": {"day": {"max": "100000000000000000000"}, "hour": {"max": "50000000000000000000"}}},
		"USDT": {"windows": {"day": {"max": "10", "max_per_destination": "6", "full": "deny"}, "hour": {"max": "20"}}},
		"EACH": {"windows": {"day": {"max_per_destination": "6"}}},
		"FREE": {"unchecked": "worth nothing"},
		"WEEK": {"windows": {"week": {"max": "10"}}},
	},
	"*": {"*": {"unchecked": "other groups"}},
}

asset(token) := {"kind": "native", "contract": null, "token": token, "chain": "ETH"}

pay(token, to, amount) := {"asset": asset(token), "from": "0xa", "to": to, "amount": amount}

usages(day, hour) := [{"name": "day", "amount": day, "count": 1}, {"name": "hour", "amount": hour, "count": 1}]

whole(token, adds, day, hour) := {
	"asset": asset(token), "destination": null,
	"adds": adds, "windows": usages(day, hour),
}

to(token, destination, adds, day) := {
	"asset": asset(token), "destination": destination,
	"adds": adds, "windows": usages(day, day),
}

request(transfers, series) := {
	"facts": {"chain": {"kind": "evm"}, "signer": {"group": "hot"}, "transfers": transfers},
	"history": {"series": series},
}

judged(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.limits as limits
	held := rule.hold with input as document with rule.limits as limits
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

eth(adds, day, hour) := request(
	[pay("ETH", "0xb", adds)],
	[whole("ETH", adds, day, hour), to("ETH", "0xb", adds, "0")],
)

usdt(adds, day, of_destination) := request(
	[pay("USDT", "0xb", adds)],
	[whole("USDT", adds, day, "0"), to("USDT", "0xb", adds, of_destination)],
)

test_silent_up_to_the_last_unit if {
	judged(eth("1", "99999999999999999999", "49999999999999999999")) == silent
	judged(usdt("3", "7", "3")) == silent
	judged(eth("0", "100000000000000000000", "50000000000000000000")) == silent
}

test_holds_one_unit_above_beyond_64_bits if {
	document := eth("2", "99999999999999999999", "0")
	judged(document) == holds("ROLLING_AMOUNT_FULL")
	message := rule.message.ROLLING_AMOUNT_FULL with input as document with rule.limits as limits
	message == "ETH in day: 0.000000000000000001 ETH remain of 100 ETH, 0.000000000000000002 ETH asked"
}

test_every_window_has_its_own_limit if judged(eth("1", "0", "50000000000000000000")) == holds("ROLLING_AMOUNT_FULL")

test_denies_where_the_data_says_so if {
	document := usdt("4", "7", "0")
	judged(document) == {"deny": {"ROLLING_AMOUNT_DENIED"}, "hold": set()}
	message := rule.message.ROLLING_AMOUNT_DENIED with input as document with rule.limits as limits
	message == "USDT in day: 3 base units of USDT remain of 10 base units of USDT, 4 base units of USDT asked"
}

test_a_destination_has_its_own_limit if {
	document := usdt("4", "5", "3")
	judged(document) == {"deny": {"ROLLING_AMOUNT_DENIED"}, "hold": set()}
	message := rule.message.ROLLING_AMOUNT_DENIED with input as document with rule.limits as limits
	message == "USDT to 0xb in day: 3 base units of USDT remain of 6 base units of USDT, 4 base units of USDT asked"
	transfers := [pay("EACH", "0xb", "6"), pay("EACH", "0xc", "6")]
	both := [whole("EACH", "12", "90", "0"), to("EACH", "0xb", "6", "0"), to("EACH", "0xc", "6", "0")]
	judged(request(transfers, both)) == silent
	full := [whole("EACH", "12", "90", "0"), to("EACH", "0xb", "6", "0"), to("EACH", "0xc", "6", "1")]
	judged(request(transfers, full)) == holds("ROLLING_AMOUNT_FULL")
}

test_a_full_window_that_holds_and_one_that_denies_say_both if {
	document := request(
		[pay("ETH", "0xb", "1"), pay("USDT", "0xb", "5")],
		[
			whole("ETH", "1", "100000000000000000000", "0"), to("ETH", "0xb", "1", "0"),
			whole("USDT", "5", "10", "0"), to("USDT", "0xb", "5", "0"),
		],
	)
	judged(document) == {"deny": {"ROLLING_AMOUNT_DENIED"}, "hold": {"ROLLING_AMOUNT_FULL"}}
}

test_silent_where_a_reason_says_unchecked if {
	judged(request([pay("FREE", "0xb", "9")], [])) == silent
	other := {"facts": {"signer": {"group": "cold"}, "transfers": [pay("ETH", "0xb", "9")]}, "history": null}
	judged(other) == silent
}

test_silent_when_nothing_leaves if {
	judged(request([], [])) == silent
	judged(request([pay("ETH", "0xa", "9")], [])) == silent
}

test_holds_a_token_without_a_usable_limit if {
	every entry in [
		null, {}, {"windows": {}}, {"windows": null}, {"windows": {"day": {}}}, {"windows": {"day": {"max": 5}}},
		{"windows": {"day": {"max": "5", "max_per_destination": 5}}}, {"windows": {"day": {"max": "5", "full": "allow"}}},
		{"unchecked": ""},
	] {
		codes := rule.hold with input as eth("1", "0", "0") with rule.limits as {"hot": {"ETH": entry}}
		codes == {"ROLLING_AMOUNT_NOT_CONFIGURED"}
	}
	message := rule.message.ROLLING_AMOUNT_NOT_CONFIGURED with input as eth("1", "0", "0") with rule.limits as {}
	message == "no limit for ETH"
}

test_holds_a_token_that_nobody_registered if {
	codes := rule.hold with input as request([pay(null, "0xb", "1")], []) with rule.limits as {"hot": {"ETH": {"unchecked": "x"}}}
	codes == {"ROLLING_AMOUNT_NOT_CONFIGURED"}
}

test_holds_facts_that_do_not_say_what_moves if {
	every moved in [null, [{}]] {
		judged({"facts": {"signer": {"group": "hot"}, "transfers": moved}}) == holds("ROLLING_AMOUNT_NOT_CONFIGURED")
	}
	judged({"facts": {"signer": {"group": "hot"}}}) == holds("ROLLING_AMOUNT_NOT_CONFIGURED")
}

test_holds_while_no_group_is_proven_unless_nothing_leaves if {
	every document in [{}, {"facts": null}, {"facts": {"transfers": null}}, {"facts": {"transfers": [{}]}}] {
		judged(document) == holds("ROLLING_AMOUNT_GROUP_NOT_PROVEN")
	}
	judged({"facts": {"transfers": []}, "history": null}) == silent
}

test_holds_without_a_history_that_fits if {
	transfers := [pay("ETH", "0xb", "5")]
	every series in [
		null, [], [whole("ETH", "5", "0", "0")], [to("ETH", "0xb", "5", "0")],
		[whole("ETH", "4", "0", "0"), to("ETH", "0xb", "4", "0")],
		[whole("ETH", "5", 0, "0"), to("ETH", "0xb", "5", "0")],
		[whole("ETH", "5", "0", "0"), to("ETH", "0xb", "5", null)],
		[whole("ETH", "5", "0", "0"), to("ETH", "0xb", "4", "0")],
	] {
		judged(request(transfers, series)) == holds("ROLLING_AMOUNT_NOT_KNOWN")
	}
	judged({"facts": {"chain": {"kind": "evm"}, "signer": {"group": "hot"}, "transfers": transfers}, "history": null}) == holds("ROLLING_AMOUNT_NOT_KNOWN")
}

test_holds_a_window_that_the_bundle_does_not_have if {
	week := request([pay("WEEK", "0xb", "1")], [whole("WEEK", "1", "0", "0"), to("WEEK", "0xb", "1", "0")])
	judged(week) == holds("ROLLING_AMOUNT_NOT_KNOWN")
}

of_hot(entry, document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.limits as {"hot": entry}
	held := rule.hold with input as document with rule.limits as {"hot": entry}
}

test_every_window_must_be_usable if {
	windows := {"day": {"max": "5"}, "hour": {"max": 5}}
	of_hot({"ETH": {"windows": windows}}, eth("1", "0", "0")) == holds("ROLLING_AMOUNT_NOT_CONFIGURED")
}

test_what_cannot_be_judged_never_denies if {
	every broken in [{"max": 5, "full": "deny"}, {"max": "-5", "full": "deny"}] {
		of_hot({"ETH": {"windows": {"day": broken}}}, eth("1", "9", "9")) == holds("ROLLING_AMOUNT_NOT_CONFIGURED")
	}
	judged(object.union(usdt("4", "7", "3"), {"history": null})) == holds("ROLLING_AMOUNT_NOT_KNOWN")
}

test_a_limit_of_nothing_is_a_limit if {
	windows := {"day": {"max": "0"}}
	of_hot({"ETH": {"windows": windows}}, eth("1", "0", "0")) == holds("ROLLING_AMOUNT_FULL")
	of_hot({"ETH": {"windows": windows}}, eth("0", "0", "0")) == silent
}

test_messages_name_what_they_are_about_only if {
	windows := {"day": {"max": "10", "full": "deny"}, "hour": {"max": "20"}}
	document := request([pay("USDT", "0xb", "1")], [whole("USDT", "1", "10", "20"), to("USDT", "0xb", "1", "0")])
	full := rule.message.ROLLING_AMOUNT_FULL with input as document with rule.limits as {"hot": {"USDT": {"windows": windows}}}
	full == "USDT in hour: 0 base units of USDT remain of 20 base units of USDT, 1 base units of USDT asked"
	two := request([pay("USDT", "0xb", "1"), pay("NEW", "0xb", "1")], [])
	missing := rule.message.ROLLING_AMOUNT_NOT_CONFIGURED with input as two with rule.limits as {"hot": limits.hot}
	missing == "no limit for NEW"
}
