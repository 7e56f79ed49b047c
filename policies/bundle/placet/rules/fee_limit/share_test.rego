package placet.rules.fee_limit_share_test

import data.placet.rules.fee_limit as rule

share := {"basis_points": 100, "floor": "10"}

moving(transfers, fee) := {"facts": {
	"chain": {"id": "BTC", "kind": "bitcoin"}, "transfers": transfers,
	"fee": {"max": fee, "asset": {"token": "BTC"}},
}}

payment(amount) := {"asset": {"token": "BTC"}, "amount": amount, "to": "bc1a"}

judged(asked, limit) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked with rule.limits as {"BTC": limit} with rule.unbounded as {}
	held := rule.hold with input as asked with rule.limits as {"BTC": limit} with rule.unbounded as {}
}

shared(transfers, fee, changes) := judged(moving(transfers, fee), {"max": "1000", "share": object.union(share, changes)})

silent := {"deny": set(), "hold": set()}

outside := {"deny": set(), "hold": {"FEE_SHARE_ABOVE_LIMIT"}}

test_silent_up_to_the_share if {
	shared([payment("10000")], "100", {}) == silent
	shared([payment("4000"), payment("6000")], "100", {}) == silent
	shared([payment("10000")], "100", {"above": "deny"}) == silent
}

test_holds_or_denies_one_unit_above_the_share if {
	shared([payment("10000")], "101", {}) == outside
	shared([payment("10000")], "101", {"above": "hold"}) == outside
	shared([payment("10000")], "101", {"above": "deny"}) == {"deny": {"FEE_SHARE_ABOVE_LIMIT_DENIED"}, "hold": set()}
}

test_shares_are_exact_beyond_64_bits if {
	limit := {"max": "1000000000000000000000000", "share": {"basis_points": 1, "floor": "0"}}
	judged(moving([payment("184467440737095516170000")], "18446744073709551617"), limit) == silent
	judged(moving([payment("184467440737095516170000")], "18446744073709551618"), limit) == outside
}

test_a_small_payment_has_the_floor if {
	shared([payment("1")], "10", {}) == silent
	shared([payment("1")], "11", {}) == outside
}

test_what_returns_is_nothing_that_a_fee_is_paid_for if {
	change := object.union(payment("10000"), {"to_path": "m/44/0/1/1/0"})
	shared([payment("100"), change], "11", {}) == outside
	shared([change], "11", {}) == silent
}

test_another_token_has_no_share if {
	shared([{"asset": {"token": "ETH_USDT"}, "amount": "1"}], "900", {}) == silent
	shared([], "900", {}) == silent
}

test_holds_a_share_that_is_not_proven if {
	every transfers in [null, "x", {}, [payment(5)], [payment(null)], [{"amount": "5"}], [{"asset": {"token": null}, "amount": "5"}]] {
		shared(transfers, "1", {"above": "deny"}) == {"deny": set(), "hold": {"FEE_SHARE_NOT_PROVEN"}}
	}
}

test_a_share_or_effect_of_another_form_is_not_configured if {
	every broken in [
		null, false, "100", {}, {"basis_points": "100", "floor": "10"}, {"basis_points": 100}, {"basis_points": -1, "floor": "10"},
		{"basis_points": 100, "floor": 10}, object.union(share, {"above": "allow"}),
	] {
		judged(moving([payment("1")], "5"), {"max": "1000", "share": broken}) == {"deny": set(), "hold": {"FEE_LIMIT_NOT_CONFIGURED"}}
	}
	judged(moving([payment("1")], "5"), {"max": "1", "above": "allow"}) == {"deny": set(), "hold": {"FEE_LIMIT_NOT_CONFIGURED"}}
}

test_a_fee_above_the_limit_holds_where_the_data_say_so if {
	judged(moving([payment("1")], "5"), {"max": "4", "above": "hold"}) == {"deny": set(), "hold": {"FEE_ABOVE_LIMIT_HELD"}}
	judged(moving([payment("1")], "5"), {"max": "4", "above": "deny"}) == {"deny": {"FEE_ABOVE_LIMIT"}, "hold": set()}
	judged(moving([payment("1")], "5"), {"max": "4"}) == {"deny": {"FEE_ABOVE_LIMIT"}, "hold": set()}
	judged(moving([payment("1")], "5"), {"max": "5", "above": "hold"}) == silent
}

test_a_fee_that_is_accepted_without_a_bound_has_no_share if {
	asked := moving([payment("1")], null)
	codes := rule.hold with input as asked with rule.limits as {"BTC": {"max": "1", "share": share}} with rule.unbounded as {"BTC": {"accepted": "why"}}
	codes == set()
}

test_messages_name_fee_and_amount if {
	texts := rule.message with input as moving([payment("10000")], "101") with rule.limits as {"BTC": {"max": "4", "share": share}}
	texts.FEE_SHARE_ABOVE_LIMIT == "a fee of up to 0.00000101 BTC beside 0.0001 BTC is more than 100 basis points"
	texts.FEE_SHARE_ABOVE_LIMIT_DENIED == texts.FEE_SHARE_ABOVE_LIMIT
	texts.FEE_ABOVE_LIMIT_HELD == "a fee of up to 0.00000101 BTC is above the limit of 0.00000004 BTC"
}
