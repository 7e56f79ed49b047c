package placet.lib.over_time_test

import data.placet.lib.over_time

eth := {"kind": "native", "contract": null, "token": "ETH", "chain": "ETH"}

pay(from, to, amount) := {"asset": eth, "from": from, "to": to, "amount": amount}

moved(transfers) := {"facts": {"transfers": transfers}}

test_what_returns_does_not_leave if {
	transfers := [
		pay("0xa", "0xb", "1"), pay("0xa", "0xb", "1"), pay("0xa", "0xa", "2"), pay(null, null, "3"),
		object.union(pay(null, "bc1q", "4"), {"to_path": "m/44/0/1/1/0"}),
	]
	leaving := over_time.leaving with input as moved(transfers)
	[transfer.amount | some transfer in leaving] == ["1", "1", "3"]
}

test_stated_needs_transfers_that_name_their_token if {
	over_time.stated with input as moved([])
	over_time.stated with input as moved([pay("0xa", "0xb", "1"), {"asset": {"token": null}}])
	every document in [{}, {"facts": null}, moved(null), moved("x"), moved({}), moved([{}]), moved([{"asset": {"token": 1}}])] {
		not over_time.stated with input as document
	}
}

test_tokens_are_those_that_leave if {
	found := over_time.tokens with input as moved([pay("0xa", "0xb", "1"), {"asset": {"token": null}}])
	found == {"ETH", null}
}

test_a_full_limit_holds_or_denies if {
	over_time.effect({}) == "hold"
	over_time.effect({"full": "hold"}) == "hold"
	over_time.effect({"full": "deny"}) == "deny"
	every full in ["allow", null, true] {
		not over_time.effect({"full": full})
	}
}

test_a_full_limit_only_holds_while_something_may_be_change if {
	may_be_change := {"facts": {"transfers": [{"from": "bc1a", "to": "bc1b", "change": "not_proven"}]}}
	over_time.effect({"full": "deny"}) == "hold" with input as may_be_change
	over_time.effect({"full": "hold"}) == "hold" with input as may_be_change
	not over_time.effect({"full": "allow"}) with input as may_be_change
}

series(asset, destination, adds) := {
	"asset": asset, "destination": destination, "adds": adds,
	"windows": [{"name": "day", "amount": "7", "count": 2}],
}

known(transfers, all) := {"facts": {"transfers": transfers}, "history": {"series": all}}

test_the_keys_own_series_is_found_once if {
	own := series(null, null, "0")
	over_time.of_key.adds == "0" with input as {"history": {"series": [own, series(eth, null, "1")]}}
	every document in [{}, {"history": null}, {"history": {"series": []}}, {"history": {"series": [own, own]}}] {
		not over_time.of_key with input as document
	}
}

test_a_series_adds_what_leaves if {
	both := [pay("0xa", "0xb", "1"), pay("0xa", "0xc", "2")]
	all := series(eth, null, "3")
	apart := [series(eth, "0xb", "1"), series(eth, "0xc", "2")]
	document := known(both, array.concat([all], apart))
	over_time.of_asset("ETH").adds == "3" with input as document
	found := over_time.by_destination("ETH") with input as document
	[[each.destination, each.adds] | some each in found] == [["0xb", "1"], ["0xc", "2"]]
}

test_a_series_that_adds_something_else_is_none if {
	one := [pay("0xa", "0xb", "3")]
	every all in [
		[], [series(eth, null, "2")], [series(eth, null, "4")], [series(eth, null, 3)],
		[series(eth, null, "3"), series(eth, null, "3")],
	] {
		not over_time.of_asset("ETH") with input as known(one, all)
		not over_time.by_destination("ETH") with input as known(one, all)
	}
	every apart in [[], [series(eth, "0xb", "2")], [series(eth, "0xb", 3)]] {
		not over_time.by_destination("ETH") with input as known(one, array.concat([series(eth, null, "3")], apart))
	}
	not over_time.of_asset("ETH") with input as known([pay("0xa", "0xb", 3)], [series(eth, null, "3")])
}

test_usage_is_found_by_the_windows_name if {
	over_time.in_window(series(eth, null, "1"), "day").count == 2
	not over_time.in_window(series(eth, null, "1"), "week")
	twice := {"windows": [{"name": "day"}, {"name": "day"}]}
	not over_time.in_window(twice, "day")
}

test_sums_keep_all_digits if {
	sum_after := over_time.amount_after({"adds": "100000000000000000000"}, {"amount": "1"})
	sprintf("%d", [sum_after]) == "100000000000000000001"
	not over_time.amount_after({"adds": "1"}, {"amount": 1})
}

test_a_quota_is_never_negative if {
	over_time.quota(10, 7, 5) == "3 remain of 10, 5 asked"
	over_time.quota(10, 12, 5) == "0 remain of 10, 5 asked"
	over_time.quota_of("ETH", 10000000000000000000, 12000000000000000000, 1) == "0 ETH remain of 10 ETH, 0.000000000000000001 ETH asked"
}
