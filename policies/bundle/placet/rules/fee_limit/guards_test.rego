package placet.rules.fee_limit_guards_test

import data.placet.rules.fee_limit as rule

# Every limit and share is exceeded by the fee of this request, so that only what comes first may speak.
request(changes) := object.union(
	{"facts": {
		"chain": {"id": "ETH"},
		"fee": {"max": "9", "asset": {"token": "ETH"}},
		"transfers": [{"asset": {"token": "ETH"}, "from": "0xa", "to": "0xb", "amount": "9"}],
	}},
	{"facts": changes},
)

share(above) := {"basis_points": 1, "floor": "0", "above": above}

judged(document, limit) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.limits as {"ETH": limit}
	held := rule.hold with input as document with rule.limits as {"ETH": limit}
}

only(code) := {"deny": set(), "hold": {code}}

silent := {"deny": set(), "hold": set()}

effects := ["deny", "hold"]

test_a_fee_without_a_bound_is_all_that_is_said_of_it if {
	unbounded := {"fee": {"max": null, "asset": {"token": "ETH"}}}
	every above in effects {
		limit := {"max": "1", "above": above, "share": share(above)}
		judged(request(unbounded), limit) == only("FEE_NOT_BOUNDED")
		judged(request(object.union(unbounded, {"transfers": null})), limit) == only("FEE_NOT_BOUNDED")
	}
}

test_a_limit_that_cannot_be_read_is_all_that_is_said_of_it if {
	every above in effects {
		limit := {"max": 1, "above": above, "share": share(above)}
		judged(request({}), limit) == only("FEE_LIMIT_NOT_CONFIGURED")
		judged(request({"transfers": null}), limit) == only("FEE_LIMIT_NOT_CONFIGURED")
	}
}

test_a_share_of_what_is_not_known_is_never_above if {
	every above in effects {
		limit := {"max": "9", "share": share(above)}
		every moved in [null, {}, [{}], [{"asset": {"token": "ETH"}}]] {
			judged(request({"transfers": moved}), limit) == only("FEE_SHARE_NOT_PROVEN")
		}
	}
}

test_nothing_is_an_amount if {
	free := {"fee": {"max": "0", "asset": {"token": "ETH"}}}
	judged(request(free), {"max": "0"}) == silent
	judged(request({}), {"max": "0"}) == {"deny": {"FEE_ABOVE_LIMIT"}, "hold": set()}
	judged(request(free), {"max": "0", "share": {"basis_points": 0, "floor": "0"}}) == silent
	judged(request({}), {"max": "9", "share": {"basis_points": 0, "floor": "0"}}) == only("FEE_SHARE_ABOVE_LIMIT")
	moved := [{"asset": {"token": "ETH"}, "from": "0xa", "to": "0xb", "amount": "0"}]
	judged(request({"transfers": moved}), {"max": "9", "share": share("hold")}) == silent
}
