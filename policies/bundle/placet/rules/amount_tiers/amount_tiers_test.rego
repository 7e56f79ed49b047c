package placet.rules.amount_tiers_test

import data.placet.rules.amount_tiers as rule

tiers := {
	"hot": {
		"ETH": {"allow_up_to": "10000000000000000000", "hold_up_to": "100000000000000000000"},
		"USDT": {"allow_up_to": "10"},
		"EVEN": {"allow_up_to": "10", "hold_up_to": "10"},
		"FREE": {"unchecked": "play money"},
		"TURNED": {"allow_up_to": "10", "hold_up_to": "9"},
		"NUMBER": {"allow_up_to": 10},
		"HALF": {"hold_up_to": "10"},
		"MIXED": {"allow_up_to": "10", "hold_up_to": 100},
		"NULL": {"allow_up_to": "10", "hold_up_to": null},
		"EMPTY": {},
		"WRONG": "10",
	},
	"*": {"ETH": {"allow_up_to": "0"}},
}

request(group, moved) := {"facts": {
	"chain": {"kind": "evm"},
	"signer": {"group": group, "vault": "treasury", "address": "0xa"},
	"transfers": moved,
}}

pay(token, amount) := {"asset": {"token": token}, "from": "0xa", "to": "0xb", "amount": amount}

judged(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.tiers as tiers
	held := rule.hold with input as document with rule.tiers as tiers
}

hot(moved) := judged(request("hot", moved))

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

denies := {"deny": {"AMOUNT_TIER_DENIED"}, "hold": {"AMOUNT_TIER_HELD"}}

test_silent_up_to_the_first_bound if {
	every moved in [
		[], [pay("ETH", "0")], [pay("ETH", "10000000000000000000")], [pay("ETH", "9")], [pay("USDT", "10")],
		[pay("USDT", "4"), pay("USDT", "6"), pay("ETH", "1")], [pay("EVEN", "10")], [pay("FREE", "1000000")],
	] {
		hot(moved) == silent
	}
}

test_holds_between_the_bounds if {
	every moved in [
		[pay("ETH", "10000000000000000001")], [pay("ETH", "100000000000000000000")], [pay("USDT", "11")],
		[pay("USDT", "6"), pay("USDT", "6")], [pay("USDT", "99999999999999999999999999999")],
	] {
		hot(moved) == holds("AMOUNT_TIER_HELD")
	}
}

test_denies_above_the_second_bound if {
	every moved in [
		[pay("ETH", "100000000000000000001")], [pay("ETH", "60000000000000000000"), pay("ETH", "60000000000000000000")],
		[pay("EVEN", "11")], [pay("USDT", "1"), pay("ETH", "100000000000000000001")],
	] {
		hot(moved) == denies
	}
}

test_what_returns_does_not_leave if hot([object.union(pay("USDT", "1000"), {"to": "0xa"})]) == silent

test_what_may_be_change_only_holds if {
	change := object.union(pay("EVEN", "100"), {"change": "not_proven"})
	hot([pay("EVEN", "1"), change]) == holds("AMOUNT_TIER_HELD")
	hot([pay("EVEN", "11"), change]) == denies
}

test_groups_have_tiers_of_their_own if {
	judged(request("cold", [pay("ETH", "0")])) == silent
	judged(request("cold", [pay("ETH", "1")])) == holds("AMOUNT_TIER_HELD")
	judged(request("cold", [pay("USDT", "1")])) == holds("AMOUNT_TIERS_NOT_CONFIGURED")
}

test_messages_say_amounts_bound_and_vault if {
	held := rule.message.AMOUNT_TIER_HELD with input as request("hot", [pay("ETH", "12500000000000000000")]) with rule.tiers as tiers
	held == "people look first: 12.5 ETH is over 10 ETH for vault treasury"
	denied := rule.message.AMOUNT_TIER_DENIED with input as request("hot", [pay("ETH", "100500000000000000000")])
		with rule.tiers as tiers
	denied == "100.5 ETH is over 100 ETH for vault treasury"
	one := rule.message.AMOUNT_TIER_HELD with input as request("hot", [pay("ETH", "10000000000000000000"), pay("USDT", "11")])
		with rule.tiers as tiers
	one == "people look first: 11 base units of USDT is over 10 base units of USDT for vault treasury"
	far := [pay("ETH", "100000000000000000000"), pay("EVEN", "11")]
	only := rule.message.AMOUNT_TIER_DENIED with input as request("hot", far) with rule.tiers as tiers
	only == "11 base units of EVEN is over 10 base units of EVEN for vault treasury"
	missing := rule.message.AMOUNT_TIERS_NOT_CONFIGURED with input as request("hot", [pay("NEW", "1"), pay("ETH", "1")])
		with rule.tiers as tiers
	missing == "no tiers for NEW"
}

test_holds_a_token_without_usable_tiers if {
	every token in ["NEW", "TURNED", "NUMBER", "HALF", "MIXED", "NULL", "EMPTY", "WRONG"] {
		hot([pay(token, "1")]) == holds("AMOUNT_TIERS_NOT_CONFIGURED")
		hot([pay("ETH", "100000000000000000001"), pay(token, "1")]) == holds("AMOUNT_TIERS_NOT_CONFIGURED")
	}
	every broken in [{}, null, ["hot"], {"hot": null}] {
		rule.deny == set() with input as request("hot", [pay("ETH", "1")]) with rule.tiers as broken
		rule.hold == {"AMOUNT_TIERS_NOT_CONFIGURED"} with input as request("hot", [pay("ETH", "1")]) with rule.tiers as broken
	}
}

test_holds_what_is_not_proven if {
	every moved in [
		null, {}, "ETH", [{}], [pay(null, "1")], [pay(1, "1")], [pay("ETH", null)], [pay("ETH", 1)], [pay("ETH", "-1")],
		[pay("ETH", "01")], [pay("ETH", "1.5")], [pay("USDT", "1"), pay("ETH", "")],
	] {
		hot(moved) == holds("AMOUNT_TIER_NOT_PROVEN")
	}
	judged({}) == holds("AMOUNT_TIER_NOT_PROVEN")
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
