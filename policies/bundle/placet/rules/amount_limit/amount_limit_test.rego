package placet.rules.amount_limit_test

import data.placet.rules.amount_limit as rule

limits := {
	"ETH": {"max": "100000000000000000000"},
	"USDT": {"max": "10"},
	"NUMBER": {"max": 10},
	"HEX": {"max": "0xff"},
	"NONE": {},
}

transfer(token, amount) := {"asset": {"token": token}, "from": "0xa", "to": "0xb", "amount": amount}

judged(transfers) := {"deny": denied, "hold": held} if {
	document := {"facts": {"chain": {"kind": "evm"}, "transfers": transfers}}
	denied := rule.deny with input as document with rule.limits as limits
	held := rule.hold with input as document with rule.limits as limits
}

test_silent_up_to_the_limit if {
	judged([transfer("ETH", "100000000000000000000"), transfer("USDT", "10")]) == {"deny": set(), "hold": set()}
	judged([transfer("ETH", "0")]) == {"deny": set(), "hold": set()}
}

test_denies_one_unit_above_the_limit_beyond_64_bits if {
	transfers := [transfer("ETH", "100000000000000000001")]
	judged(transfers) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
	text := "100.000000000000000001 ETH is above the limit of 100 ETH for vault treasury"
	document := {"facts": {"transfers": transfers, "signer": {"vault": "treasury"}}}
	rule.message.AMOUNT_ABOVE_LIMIT == text with input as document with rule.limits as limits
	rule.message.AMOUNT_MAY_BE_ABOVE_LIMIT == sprintf("with what may return to the signer, %s", [text]) with input as document
		with rule.limits as limits
}

test_compares_numbers_and_not_texts if {
	judged([transfer("USDT", "9")]) == {"deny": set(), "hold": set()}
	judged([transfer("USDT", "11")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
}

test_denies_a_sum_above_the_limit if {
	judged([transfer("USDT", "6"), transfer("USDT", "5")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
	judged([transfer("USDT", "10"), transfer("USDT", "10")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
	judged([transfer("USDT", "6"), transfer("ETH", "5")]) == {"deny": set(), "hold": set()}
}

change(token, amount) := object.union(transfer(token, amount), {"change": "not_proven"})

test_holds_what_may_be_change_above_the_limit if {
	judged([transfer("USDT", "6"), change("USDT", "5")]) == {"deny": set(), "hold": {"AMOUNT_MAY_BE_ABOVE_LIMIT"}}
	judged([transfer("USDT", "6"), change("USDT", "4")]) == {"deny": set(), "hold": set()}
	judged([change("USDT", "11")]) == {"deny": set(), "hold": {"AMOUNT_MAY_BE_ABOVE_LIMIT"}}
	judged([transfer("USDT", "11"), change("USDT", "1")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
}

test_holds_a_token_without_a_usable_limit if {
	every token in ["NEW", "NUMBER", "HEX", "NONE"] {
		judged([transfer(token, "1")]) == {"deny": set(), "hold": {"AMOUNT_LIMIT_NOT_CONFIGURED"}}
	}
	rule.message.AMOUNT_LIMIT_NOT_CONFIGURED == "no limit for NEW" with input as {"facts": {"transfers": [transfer("NEW", "1")]}}
		with rule.limits as limits
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], {"ETH": "10"}] {
		rule.deny == set() with input as {"facts": {"transfers": [transfer("ETH", "1")]}} with rule.limits as broken
		rule.hold == {"AMOUNT_LIMIT_NOT_CONFIGURED"} with input as {"facts": {"transfers": [transfer("ETH", "1")]}}
			with rule.limits as broken
	}
}

test_holds_an_amount_that_is_no_canonical_string if {
	every amount in [1, 0, -1, "-1", "1.0", "01", "1e3", "0x1", "", null, true, []] {
		judged([transfer("ETH", amount)]) == {"deny": set(), "hold": {"AMOUNT_NOT_PROVEN"}}
	}
}

test_holds_a_transfer_without_amount_or_token if {
	judged([{"asset": {"token": "ETH"}}]) == {"deny": set(), "hold": {"AMOUNT_NOT_PROVEN"}}
	every broken in [{"amount": "1"}, transfer(null, "1"), transfer(1, "1"), {"asset": null, "amount": "1"}] {
		judged([broken]).deny == set()
		"AMOUNT_NOT_PROVEN" in judged([broken]).hold
	}
}

test_holds_without_transfers if {
	every document in [{}, {"facts": null}, {"facts": {"transfers": null}}, {"facts": {"transfers": []}}, {"facts": {"transfers": {}}}] {
		"AMOUNT_NOT_PROVEN" in rule.hold with input as document with rule.limits as limits
		rule.deny == set() with input as document with rule.limits as limits
	}
}

test_silent_when_nothing_moves_but_something_is_called_or_signed if {
	every part in ["calls", "messages"] {
		asked := {"facts": {"transfers": [], part: [{}]}}
		rule.hold == set() with input as asked with rule.limits as limits
		rule.deny == set() with input as asked with rule.limits as limits
	}
}

tokens := {
	"T": {"chain": "ETH", "contract": "0xt"},
	"FREE": {"chain": "ETH", "contract": "0xfree"},
	"OWN": {"chain": "ETH", "contract": "0xown"},
	"BROKEN": {"chain": "ETH", "contract": "0xbroken"},
	"ODD": {"chain": "ETH", "contract": "0xodd"},
	"NEW": {"chain": "ETH", "contract": "0xnew"},
	"TWICE": {"chain": "ETH", "contract": "0xtwice"},
	"TWICE2": {"chain": "ETH", "contract": "0xtwice"},
	"ELSEWHERE": {"chain": "TRON", "contract": "0xelsewhere"},
	"ETH": {"chain": "ETH", "contract": null},
}

spending := {
	"T": {"max": "10"},
	"FREE": {"max": "10", "approvals": {"unchecked": "why"}},
	"OWN": {"max": "10", "approvals": {"max": "3", "above": "deny"}},
	"BROKEN": {"max": "10", "approvals": {"max": 3}},
	"ODD": {"max": "10", "approvals": {"above": "allow"}},
	"TWICE": {"max": "10"},
	"ELSEWHERE": {"max": "10"},
	"ETH": {"max": "10"},
}

approve(token, amount) := {"token": token, "amount": amount, "spender": "0xs", "unlimited": false}

# The same approvals, given by calls and by a message.
given(approvals) := [
	{"facts": {"chain": {"id": "ETH"}, "transfers": [], "messages": [], "calls": [{"approval": approval} | some approval in approvals]}},
	{"facts": {"chain": {"id": "ETH"}, "transfers": [], "calls": [], "messages": [{"approvals": approvals}]}},
]

decided(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.limits as spending with data.placet.registry.tokens as tokens
	held := rule.hold with input as document with rule.limits as spending with data.placet.registry.tokens as tokens
}

test_silent_about_approvals_up_to_the_limit if {
	every approvals in [
		[approve("0xt", "10")], [approve("0xt", "0"), approve("0xt", "10")], [approve("0xown", "3")],
		[approve("0xfree", "11")], [approve("0xfree", null)], [approve("0xt", "5"), approve("0xt", "5")],
	] {
		every document in given(approvals) {
			decided(document) == {"deny": set(), "hold": set()}
		}
	}
}

test_holds_an_approval_above_the_limit if {
	every total, approvals in {
		"11": [approve("0xt", "6"), approve("0xt", "5")],
		"12": [approve("0xt", "12")],
		"20": [approve("0xt", "10"), approve("0xt", "10")],
		"1461501637330902918203684832716283019655932542974": [approve("0xt", "1461501637330902918203684832716283019655932542974")],
	} {
		every document in given(approvals) {
			decided(document) == {"deny": set(), "hold": {"APPROVAL_ABOVE_LIMIT"}}
			text := rule.message.APPROVAL_ABOVE_LIMIT with input as document
				with rule.limits as spending
				with data.placet.registry.tokens as tokens
			text == sprintf("what it lets others spend, %s base units of T is above the limit of 10 base units of T", [total])
		}
	}
}

test_denies_it_where_the_data_say_so if {
	every document in given([approve("0xown", "4")]) {
		decided(document) == {"deny": {"APPROVAL_ABOVE_LIMIT_DENIED"}, "hold": set()}
		text := rule.message.APPROVAL_ABOVE_LIMIT_DENIED with input as document
			with rule.limits as spending
			with data.placet.registry.tokens as tokens
		text == "what it lets others spend, 4 base units of OWN is above the limit of 3 base units of OWN"
	}
	every document in given([approve("0xown", "4"), approve("0xt", "11")]) {
		decided(document) == {"deny": {"APPROVAL_ABOVE_LIMIT_DENIED"}, "hold": {"APPROVAL_ABOVE_LIMIT"}}
	}
}

test_holds_an_approval_that_cannot_be_measured if {
	every approval in [
		approve("0xt", null), approve("0xt", 5), approve("0xt", "0x5"), approve("0xunknown", "1"), approve("0xnew", "1"),
		approve("0xbroken", "1"), approve("0xodd", "1"), approve("0xtwice", "1"), approve("0xelsewhere", "1"), approve(null, "1"),
		{"amount": "1"}, {"token": "0xt"}, {}, "0xt", true,
	] {
		every document in given([approval]) {
			decided(document) == {"deny": set(), "hold": {"APPROVAL_LIMIT_NOT_CONFIGURED"}}
		}
		every document in given([approve("0xown", "4"), approval]) {
			decided(document) == {"deny": set(), "hold": {"APPROVAL_LIMIT_NOT_CONFIGURED"}}
		}
	}
	document := given([approve("0xunknown", "1")])[0]
	rule.message.APPROVAL_LIMIT_NOT_CONFIGURED == "no limit for 0xunknown" with input as document with rule.limits as spending
}
