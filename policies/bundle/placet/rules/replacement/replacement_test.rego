package placet.rules.replacement_test

import data.placet.rules.replacement as rule

kinds := {
	"SpeedUp": {"max_fee": {"ETH": "3000000000000000", "SETH": 3, "GAS": "0"}},
	"Drop": {"max_fee": {"ETH": "2000000000000000"}},
	"undeclared": {"max_fee": {"ETH": "1"}},
	"Resend": {},
}

allowed := {"hot": {"kinds": kinds}, "cold": {"kinds": {}}}

eth := {"kind": "native", "contract": null, "token": "ETH", "chain": "ETH"}

pay(to, amount) := {"asset": eth, "from": "0xa", "to": to, "amount": amount}

series(destination, adds, replaces) := {"asset": eth, "destination": destination, "adds": adds, "replaces": replaces}

earlier := {"request_id": "r1", "same_hashes": false}

# What is declared, the fee, what moves, and what the ledger says about it.
request(declared, fee, moved, history) := {
	"request": {"extra": {"transaction": declared}},
	"facts": {
		"signer": {"group": "hot", "address": "0xa"}, "chain": {"id": "ETH", "kind": "evm"},
		"fee": {"max": fee, "asset": {"token": "ETH"}}, "calls": [], "messages": [], "transfers": moved,
	},
	"history": history,
}

declaring(kind) := {"replacement": {"replaced_type": kind}}

paying(kind, fee, amount, replaces) := request(
	declaring(kind), fee, [pay("0xb", amount)],
	{"replaced": earlier, "series": [series(null, amount, replaces), series("0xb", amount, replaces)]},
)

undeclared(fee, amount, replaces) := json.remove(paying("SpeedUp", fee, amount, replaces), ["request/extra/transaction/replacement"])

dropping(fee, moved) := request(declaring("Drop"), fee, moved, {"replaced": earlier, "series": []})

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.allowed as allowed with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.allowed as allowed with rule.on_breach as on_breach
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

breaches(document) if {
	judged(document, "hold") == holds("REPLACEMENT_NOT_ALLOWED")
	judged(document, "deny") == {"deny": {"REPLACEMENT_DENIED"}, "hold": set()}
}

test_silent_about_the_same_payment_at_a_higher_fee if {
	every document in [
		paying("SpeedUp", "3000000000000000", "18446744073709551617", "18446744073709551617"),
		paying("SpeedUp", "0", "1", "2"), dropping("2000000000000000", []), dropping("1", [pay("0xa", "1000")]),
		undeclared("1", "5", "5"),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == silent
		}
	}
}

test_silent_where_nothing_is_replaced if {
	nothing := {"replaced": null, "series": []}
	again := {"replaced": {"request_id": "r1", "same_hashes": true}, "series": []}
	every document in [
		request({}, "9", [pay("0xb", "1")], nothing),
		json.remove(request({}, "9", [], nothing), ["request/extra/transaction"]),
		request({}, "9", [], again), request(declaring("SpeedUp"), "9", [pay("0xb", "1")], again),
	] {
		judged(document, "deny") == silent
	}
}

test_more_or_to_others_holds_or_denies if {
	every document in [
		paying("SpeedUp", "1", "18446744073709551618", "18446744073709551617"), paying("SpeedUp", "1", "1", "0"),
		paying("Drop", "1", "1", "1"),
	] {
		breaches(document)
	}
	both := request(declaring("SpeedUp"), "1", [pay("0xb", "5"), pay("0xc", "5")], {"replaced": earlier, "series": [
		series(null, "10", "10"), series("0xb", "5", "10"), series("0xc", "5", "0"),
	]})
	breaches(both)
}

test_a_fee_above_its_bound_holds_or_denies if {
	every document in [
		paying("SpeedUp", "3000000000000001", "5", "5"), dropping("2000000000000001", []), undeclared("2", "5", "5"),
	] {
		breaches(document)
	}
}

test_what_may_be_change_only_holds if {
	change := object.union(pay("0xb", "9"), {"change": "not_proven"})
	document := object.union(paying("SpeedUp", "1", "9", "5"), {"facts": {"transfers": [change]}})
	judged(document, "deny") == holds("REPLACEMENT_NOT_ALLOWED")
}

test_holds_a_kind_without_bounds if {
	every document in [
		paying("Resend", "1", "5", "5"),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"fee": {"asset": {"token": "SETH"}}}}),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"fee": {"asset": {"token": "BTC"}}}}),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"fee": {"max": null}}}),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"fee": {"max": 1}}}),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"fee": null}}),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"signer": {"group": "cold"}}}),
		object.union(paying("SpeedUp", "1", "5", "5"), {"facts": {"signer": {"group": "warm"}}}),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("REPLACEMENT_NOT_CONFIGURED")
		}
	}
	message := rule.message.REPLACEMENT_NOT_CONFIGURED with input as paying("Resend", "1", "5", "5")
	message == "no bounds for Resend"
}

test_holds_what_the_ledger_does_not_know if {
	nothing := {"replaced": null, "series": []}
	good := paying("SpeedUp", "1", "5", "5")
	every document in [
		request(declaring("SpeedUp"), "1", [], nothing), request(declaring("Drop"), "1", [], nothing), request(declaring("Resend"), "1", [], nothing),
		request(declaring("SpeedUp"), "1", [], null), request({}, "1", [], null), request({}, "1", [], {"series": []}),
		request({}, "1", [], {"replaced": {"request_id": "r1"}, "series": []}),
		request({}, "1", [], {"replaced": {"request_id": 1, "same_hashes": false}, "series": []}),
		paying("SpeedUp", "1", "5", null), paying("SpeedUp", "1", "5", 5), paying("SpeedUp", "1", "5", "-5"),
		request(declaring("SpeedUp"), "1", [pay("0xb", "5")], {"replaced": earlier, "series": [series(null, "5", "5")]}),
		request(declaring("SpeedUp"), "1", [pay("0xb", "5")], {"replaced": earlier, "series": []}),
		object.union(good, {"facts": {"calls": [{"method": null}]}}), object.union(good, {"facts": {"messages": [{}]}}),
		object.union(good, {"facts": {"calls": null}}), object.union(good, {"facts": {"messages": null}}),
		object.union(good, {"facts": {"transfers": null}}),
		object.union(request({}, "1", [], null), {"facts": {"messages": [{}]}}),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("REPLACEMENT_NOT_KNOWN")
		}
	}
	message := rule.message.REPLACEMENT_NOT_KNOWN with input as request(declaring("Drop"), "1", [], nothing)
	message == "declared: Drop"
}

# A second destination, to which nothing is declared to be paid.
beside(adds) := request(declaring("SpeedUp"), "1", [pay("0xb", "5")], {"replaced": earlier, "series": [
	series(null, "5", "5"), series("0xb", "5", "5"), series("0xc", adds, "0"),
]})

test_each_destination_must_be_known if {
	judged(beside("0"), "deny") == silent
	every adds in [null, 7, "-7", "7 "] {
		judged(beside(adds), "deny") == holds("REPLACEMENT_NOT_KNOWN")
	}
}

test_each_token_is_compared if {
	usdt := {"kind": "erc20", "contract": "0xd", "token": "USDT", "chain": "ETH"}
	in_usdt := {"asset": usdt, "from": "0xa", "to": "0xb", "amount": "9"}
	breaches(request(declaring("SpeedUp"), "1", [pay("0xb", "5"), in_usdt], {"replaced": earlier, "series": [
		series(null, "5", "5"), series("0xb", "5", "5"),
		object.union(series(null, "9", "8"), {"asset": usdt}), object.union(series("0xb", "9", "8"), {"asset": usdt}),
	]}))
}

test_a_bound_of_nothing_is_a_bound if {
	free := object.union(paying("SpeedUp", "0", "5", "5"), {"facts": {"fee": {"asset": {"token": "GAS"}}}})
	judged(free, "deny") == silent
	breaches(object.union(free, {"facts": {"fee": {"max": "1"}}}))
}

test_holds_a_declaration_that_cannot_be_read if {
	ledger := [
		{"replaced": null, "series": []}, {"replaced": {"request_id": "r1", "same_hashes": true}, "series": []},
		{"replaced": earlier, "series": []}, null,
	]
	transactions := [
		null, "SpeedUp", [], {"replacement": null}, {"replacement": {}}, {"replacement": "SpeedUp"}, {"replacement": []},
		{"replacement": {"replaced_by_type": "SpeedUp"}}, declaring("Sideways"), declaring("undeclared"), declaring("speedup"),
		declaring(""), declaring(1), declaring(null), declaring(false), declaring(["SpeedUp"]),
	]
	every transaction in transactions {
		every history in ledger {
			judged(request(transaction, "1", [], history), "deny") == holds("REPLACEMENT_NOT_STATED")
		}
	}
	every extra in ["SpeedUp", [], null, 1] {
		document := object.union(json.remove(request({}, "1", [], null), ["request"]), {"request": {"extra": extra}})
		judged(document, "deny") == holds("REPLACEMENT_NOT_STATED")
	}
	judged({}, "deny") == holds("REPLACEMENT_NOT_STATED")
}

test_the_message_names_the_malformed_field if {
	without := "extra_info.transaction.replacement is no object with a replaced_type"
	every case in [
		["SpeedUp", "extra_info.transaction is no object"], [{"replacement": null}, without], [{"replacement": {}}, without],
		[{"replacement": "SpeedUp"}, without],
		[declaring("Sideways"), `extra_info.transaction.replacement.replaced_type is "Sideways"`],
		[declaring(false), "extra_info.transaction.replacement.replaced_type is false"],
		[declaring(""), `extra_info.transaction.replacement.replaced_type is ""`],
	] {
		said := rule.message.REPLACEMENT_NOT_STATED with input as request(case[0], "1", [], null)
		said == case[1]
	}
}

test_holds_when_nothing_is_configured if {
	document := paying("SpeedUp", "1", "6", "5")
	every broken in [{}, null, ["hot"], {"hot": {}}, {"hot": {"kinds": ["SpeedUp"]}}, {"hot": {"kinds": {"SpeedUp": {"max_fee": "1"}}}}] {
		rule.deny == set() with input as document with rule.allowed as broken with rule.on_breach as "deny"
		rule.hold == {"REPLACEMENT_NOT_CONFIGURED"} with input as document with rule.allowed as broken with rule.on_breach as "deny"
	}
	every on_breach in ["allow", "", null, true] {
		judged(document, on_breach) == holds("REPLACEMENT_NOT_CONFIGURED")
	}
}

test_messages_say_what_differs if {
	every code in ["REPLACEMENT_NOT_ALLOWED", "REPLACEMENT_DENIED"] {
		more := rule.message[code] with input as paying("SpeedUp", "1", "2000000000000000000", "1500000000000000000")
			with rule.allowed as allowed
		more == "SpeedUp of request r1: 2 ETH to 0xb, which was paid 1.5 ETH"
		dearer := rule.message[code] with input as dropping("2500000000000000", [pay("0xa", "1")]) with rule.allowed as allowed
		dearer == "Drop of request r1: a fee of up to 0.0025 ETH is over 0.002 ETH"
		moving := rule.message[code] with input as object.union(
			dropping("1", [pay("0xb", "1")]),
			{"history": {"series": [series(null, "1", "1"), series("0xb", "1", "1")]}},
		)
			with rule.allowed as allowed
		moving == "Drop of request r1: a drop that moves something"
	}
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
