package placet.rules.auto_sweep_test

import data.placet.rules.auto_sweep as rule

targets := {
	"hot": {
		"ETH": {"0xcold": {"label": "cold vault", "tokens": {"USDT": {}, "DAI": true}}, "0xtrue": true},
		"SOL": {"8bJa": {"label": "cold vault", "tokens": {"USDC": {}}}},
		"BTC": {"bc1qcold": {"label": "cold vault", "tokens": {"BTC": {}}}},
	},
	"*": {"ETH": {"0xall": {"label": "treasury", "tokens": {"USDT": {}}}}},
}

request(group, categories, facts) := {
	"request": {"extra": {"transaction": {"cobo_category": categories}}},
	"facts": object.union(
		{"signer": {"group": group, "address": "0xa"}, "chain": {"id": "ETH", "kind": "evm"}, "calls": [], "messages": []},
		facts,
	),
}

pay(chain, token, to) := {"asset": {"chain": chain, "token": token}, "from": "0xa", "to": to, "amount": "1"}

sweep(moved) := request("hot", ["AutoSweep"], {"transfers": moved})

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.targets as targets with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.targets as targets with rule.on_breach as on_breach
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_about_a_sweep_to_its_target if {
	every document in [
		sweep([pay("ETH", "USDT", "0xcold")]), sweep([pay("ETH", "USDT", "0xcold"), pay("SOL", "USDC", "8bJa")]),
		request("hot", ["Tokenization", "AutoSweep"], {"transfers": [pay("ETH", "USDT", "0xcold")]}),
		request("warm", ["AutoSweep"], {"transfers": [pay("ETH", "USDT", "0xall")]}),
		sweep([pay("ETH", "USDT", "0xcold"), pay("ETH", "USDT", "0xa")]),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == silent
		}
	}
}

test_silent_about_what_is_no_sweep if {
	every document in [
		request("hot", [], {"transfers": [pay("ETH", "USDT", "0xeve")]}),
		request("hot", ["AutoFueling"], {"transfers": [pay("ETH", "USDT", "0xeve")], "calls": [{"method": null}]}),
		{"request": {"extra": {}}}, {"request": {"extra": {"transaction": {}}}},
	] {
		judged(document, "deny") == silent
	}
}

test_another_destination_holds_or_denies if {
	every document in [
		sweep([pay("ETH", "USDT", "0xeve")]), sweep([pay("ETH", "USDT", "0xtrue")]), sweep([pay("ETH", "ETH", "0xcold")]), sweep([pay("ETH", "DAI", "0xcold")]),
		sweep([pay("ETH", "USDT", "0xcold"), pay("ETH", "USDT", "0xeve")]),
		request("warm", ["AutoSweep"], {"transfers": [pay("ETH", "USDT", "0xcold")]}),
	] {
		judged(document, "hold") == holds("AUTO_SWEEP_NOT_ALLOWED")
		judged(document, "deny") == {"deny": {"AUTO_SWEEP_DENIED"}, "hold": set()}
	}
}

test_what_may_be_change_only_holds if {
	change := object.union(pay("BTC", "BTC", "bc1qother"), {"change": "not_proven"})
	judged(sweep([pay("BTC", "BTC", "bc1qcold"), change]), "deny") == holds("AUTO_SWEEP_NOT_ALLOWED")
	listed := object.union(pay("BTC", "BTC", "bc1qcold"), {"change": "not_proven"})
	judged(sweep([pay("BTC", "BTC", "bc1qeve"), listed]), "deny") == {"deny": {"AUTO_SWEEP_DENIED"}, "hold": set()}
	both := {"deny": {"AUTO_SWEEP_DENIED"}, "hold": {"AUTO_SWEEP_NOT_ALLOWED"}}
	judged(sweep([pay("BTC", "BTC", "bc1qeve"), change]), "deny") == both
}

test_a_token_account_beside_a_payment_is_part_of_it if {
	document := request("hot", ["AutoSweep"], {
		"chain": {"id": "SOL", "kind": "solana"},
		"calls": [{"method": "AssociatedToken.CreateIdempotent"}],
		"transfers": [pay("SOL", "USDC", "8bJa")],
	})
	judged(document, "deny") == silent
}

test_holds_a_sweep_that_does_something_else if {
	payment := [pay("ETH", "USDT", "0xcold")]
	every facts in [
		{"transfers": []}, {"transfers": null}, {"transfers": [pay("ETH", "USDT", "0xa")]},
		{"transfers": payment, "calls": [{"method": null}]}, {"transfers": payment, "calls": null},
		{"transfers": payment, "messages": [{}]}, {"transfers": payment, "messages": null},
		{"transfers": [pay("ETH", "USDT", "0xcold"), pay("ETH", "USDT", null)]},
		{"transfers": [pay(null, "USDT", "0xcold")]}, {"transfers": [pay("ETH", null, "0xcold")]},
		{"transfers": [pay("ETH", "USDT", null)]}, {"transfers": [pay("ETH", "USDT", 1)]},
	] {
		every on_breach in ["deny", "hold"] {
			judged(request("hot", ["AutoSweep"], facts), on_breach) == holds("AUTO_SWEEP_NOT_PLAIN")
		}
	}
}

test_holds_categories_that_cannot_be_read if {
	every categories in [
		"AutoSweep", "absent", "", {"AutoSweep": true}, {}, [1], ["AutoSweep", null], null, true, 0,
		[""], ["autosweep"], [" AutoSweep"], ["AutoSweep", "Other"], [["AutoSweep"]],
	] {
		document := request("hot", categories, {"transfers": [pay("ETH", "USDT", "0xeve")]})
		judged(document, "deny") == holds("AUTO_SWEEP_NOT_STATED")
	}
	every document in [
		{}, {"request": {}}, {"request": {"extra": "AutoSweep"}}, {"request": {"extra": ["AutoSweep"]}}, {"request": {"extra": null}},
		{"request": {"extra": {"transaction": "AutoSweep"}}}, {"request": {"extra": {"transaction": null}}},
		{"request": {"extra": {"transaction": []}}},
	] {
		judged(document, "deny") == holds("AUTO_SWEEP_NOT_STATED")
	}
}

test_categories_that_cannot_be_read_are_the_only_reason if {
	every facts in [
		{"transfers": [pay("ETH", "USDT", "0xeve")]}, {"transfers": [pay("TRON", "USDT", "0xcold")]},
		{"transfers": [pay("ETH", "USDT", "0xcold")], "calls": null},
	] {
		every on_breach in ["deny", "hold"] {
			judged(request("hot", ["AutoSweep", "Other"], facts), on_breach) == holds("AUTO_SWEEP_NOT_STATED")
		}
	}
}

test_each_category_that_is_known_is_read if {
	every category in [
		"AutoFueling", "AutoFuelingRefund", "BillPayment", "BillRefund", "CommissionFeeCharge", "CommissionFeeRefund",
		"SafeTxMessage", "StakingBabylonStake", "StakingBabylonWithdraw", "Tokenization",
	] {
		judged(request("hot", [category], {"transfers": [pay("ETH", "USDT", "0xeve")]}), "deny") == silent
	}
}

test_the_message_names_the_malformed_field if {
	every categories, text in {
		"AutoSweep": "extra_info.transaction.cobo_category is no list",
		["", "AutoSweep"]: `extra_info.transaction.cobo_category has "", which is no known category`,
		[7]: "extra_info.transaction.cobo_category has 7, which is no known category",
		null: "extra_info.transaction.cobo_category is no list",
		{"AutoSweep": true}: "extra_info.transaction.cobo_category is no list",
	} {
		said := rule.message.AUTO_SWEEP_NOT_STATED with input as request("hot", categories, {})
		said == text
	}
	parent := rule.message.AUTO_SWEEP_NOT_STATED with input as {"request": {"extra": {"transaction": "AutoSweep"}}}
	parent == "extra_info.transaction is no object"
}

test_holds_when_nothing_is_configured if {
	document := sweep([pay("ETH", "USDT", "0xcold")])
	every broken in [{}, null, ["hot"], {"hot": {}}, {"hot": {"ETH": {}}}, {"hot": {"ETH": ["0xcold"]}}, {"cold": {}}] {
		rule.deny == set() with input as document with rule.targets as broken with rule.on_breach as "deny"
		rule.hold == {"AUTO_SWEEP_NOT_CONFIGURED"} with input as document with rule.targets as broken with rule.on_breach as "deny"
	}
	every on_breach in ["allow", "", null, true] {
		judged(sweep([pay("ETH", "USDT", "0xeve")]), on_breach) == holds("AUTO_SWEEP_NOT_CONFIGURED")
	}
	every moved in [[pay("TRON", "USDT", "0xcold")], [pay("ETH", "USDT", "0xcold"), pay("TRON", "USDT", "0xcold")]] {
		judged(sweep(moved), "deny") == holds("AUTO_SWEEP_NOT_CONFIGURED")
	}
}

test_messages_say_who_would_be_paid if {
	document := sweep([pay("ETH", "USDT", "0xeve"), pay("ETH", "USDT", "0xcold")])
	every code, text in {
		"AUTO_SWEEP_NOT_CONFIGURED": "no targets listed: 0xeve on ETH, for USDT",
		"AUTO_SWEEP_NOT_ALLOWED": "no sweep target: 0xeve on ETH, for USDT",
		"AUTO_SWEEP_DENIED": "no sweep target: 0xeve on ETH, for USDT",
	} {
		message := rule.message[code] with input as document with rule.targets as targets
		message == text
	}
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)

test_holds_a_sweep_while_no_group_is_proven_but_groups_are_named if {
	moved := {"transfers": [pay("ETH", "USDT", "0xall")]}
	every on_breach in ["deny", "hold"] {
		judged(request(null, ["AutoSweep"], moved), on_breach) == holds("AUTO_SWEEP_GROUP_NOT_PROVEN")
		judged(request(null, ["BillPayment"], moved), on_breach) == silent
		judged(request(null, "AutoSweep", moved), on_breach) == holds("AUTO_SWEEP_NOT_STATED")
		judged(request(null, ["AutoSweep", 1], moved), on_breach) == holds("AUTO_SWEEP_NOT_STATED")
		judged(request(null, ["AutoSweep"], {"transfers": []}), on_breach) == holds("AUTO_SWEEP_NOT_PLAIN")
	}
}
