package placet.rules.amount_limit_exactness_test

import data.placet.rules.amount_limit as rule

limits := {"ETH": {"max": "100"}, "USDT": {"max": "10"}}

transfer(token, amount) := {"asset": {"token": token}, "from": "0xa", "to": "0xb", "amount": amount}

change(token, amount) := object.union(transfer(token, amount), {"change": "not_proven"})

judged(transfers) := {"deny": denied, "hold": held} if {
	document := {"facts": {"chain": {"kind": "evm"}, "transfers": transfers}}
	denied := rule.deny with input as document with rule.limits as limits
	held := rule.hold with input as document with rule.limits as limits
}

# What is not proven is not refused, however much moves beside it.
test_holds_what_is_not_proven_beside_what_is_above_the_limit if {
	judged([transfer("USDT", "11"), transfer("USDT", null)]) == {"deny": set(), "hold": {"AMOUNT_NOT_PROVEN"}}
	judged([change("USDT", "11"), transfer("USDT", null)]) == {"deny": set(), "hold": {"AMOUNT_NOT_PROVEN"}}
	judged({"a": transfer("USDT", "1")}).hold == {"AMOUNT_NOT_PROVEN"}
}

test_messages_are_about_the_tokens_above_their_limits_only if {
	exceeding := {"facts": {"signer": {"vault": "a vault"}, "transfers": [transfer("USDT", "11"), transfer("ETH", "100")]}}
	above := rule.message.AMOUNT_ABOVE_LIMIT with input as exceeding with rule.limits as limits
	contains(above, "USDT")
	not contains(above, "ETH")

	unlimited := {"facts": {"transfers": [transfer("NEW", "1"), transfer("ETH", "1")]}}
	without := rule.message.AMOUNT_LIMIT_NOT_CONFIGURED with input as unlimited with rule.limits as limits
	contains(without, "NEW")
	not contains(without, "ETH")
}

eased := {
	"ETH": {"max": "100"},
	"USDT": {"max": "10", "above": "hold"},
	"DAI": {"max": "10", "above": "deny"},
	"ODD": {"max": "10", "above": "allow"},
	"NULL": {"max": "10", "above": null},
}

paid(transfers) := {"deny": denied, "hold": held} if {
	document := {"facts": {"chain": {"kind": "evm"}, "transfers": transfers}}
	denied := rule.deny with input as document with rule.limits as eased
	held := rule.hold with input as document with rule.limits as eased
}

test_a_payment_above_the_limit_holds_where_the_data_say_so if {
	paid([transfer("USDT", "10")]) == {"deny": set(), "hold": set()}
	paid([transfer("USDT", "11")]) == {"deny": set(), "hold": {"AMOUNT_ABOVE_LIMIT_HELD"}}
	paid([transfer("USDT", "6"), transfer("USDT", "5")]) == {"deny": set(), "hold": {"AMOUNT_ABOVE_LIMIT_HELD"}}
	paid([transfer("DAI", "11")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
	paid([transfer("ETH", "101")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
	document := {"facts": {"signer": {"vault": "a vault"}, "transfers": [transfer("USDT", "11"), transfer("ETH", "100")]}}
	text := rule.message.AMOUNT_ABOVE_LIMIT_HELD with input as document with rule.limits as eased
	text == "11 base units of USDT is above the limit of 10 base units of USDT for vault a vault"
}

test_each_token_has_its_own_effect if {
	paid([transfer("USDT", "11"), transfer("ETH", "100")]) == {"deny": set(), "hold": {"AMOUNT_ABOVE_LIMIT_HELD"}}
	paid([transfer("USDT", "10"), transfer("ETH", "101")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": set()}
	paid([transfer("USDT", "11"), transfer("ETH", "101")]) == {"deny": {"AMOUNT_ABOVE_LIMIT"}, "hold": {"AMOUNT_ABOVE_LIMIT_HELD"}}
	paid([transfer("USDT", "6"), change("USDT", "5")]) == {"deny": set(), "hold": {"AMOUNT_MAY_BE_ABOVE_LIMIT"}}
}

test_an_effect_that_is_neither_holds_whatever_moves if {
	every token in ["ODD", "NULL"] {
		every amount in ["1", "11"] {
			paid([transfer(token, amount)]) == {"deny": set(), "hold": {"AMOUNT_LIMIT_NOT_CONFIGURED"}}
		}
		document := {"facts": {"transfers": [transfer(token, "1"), transfer("USDT", "1")]}}
		text := rule.message.AMOUNT_LIMIT_NOT_CONFIGURED with input as document with rule.limits as eased
		text == sprintf("no limit for %s", [token])
	}
	paid([transfer("USDT", "11"), transfer("USDT", null)]) == {"deny": set(), "hold": {"AMOUNT_NOT_PROVEN"}}
}

tokens := {name: {"chain": "ETH", "contract": sprintf("0x%s", [lower(name)])} |
	some name in ["T", "OWN", "NOTHING", "LETTER", "SILENT", "LIST"]
}

spending := {
	"T": {"max": "10"},
	"OWN": {"max": "10", "approvals": {"max": "3", "above": "deny"}},
	"NOTHING": {"max": "0"},
	"LETTER": {"max": "10", "approvals": {"unchecked": "x"}},
	"SILENT": {"max": "10", "approvals": {"unchecked": ""}},
	"LIST": {"max": "10", "approvals": {"unchecked": ["why"]}},
}

asked(approvals) := {"facts": {
	"chain": {"id": "ETH"},
	"signer": {"vault": "a vault"},
	"transfers": [],
	"messages": [],
	"calls": [{"approval": {"token": token, "amount": amount, "spender": "0xs", "unlimited": false}} | some [token, amount] in approvals],
}}

decided(approvals) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked(approvals) with rule.limits as spending with data.placet.registry.tokens as tokens
	held := rule.hold with input as asked(approvals) with rule.limits as spending with data.placet.registry.tokens as tokens
}

test_what_takes_an_approval_back_needs_no_limit if {
	decided([["0xunknown", "0"]]) == {"deny": set(), "hold": set()}
}

test_holds_whatever_is_approved_where_the_limit_is_nothing if {
	decided([["0xnothing", "1"]]) == {"deny": set(), "hold": {"APPROVAL_ABOVE_LIMIT"}}
}

test_a_reason_of_one_letter_is_one_and_an_empty_one_is_none if {
	decided([["0xletter", "11"]]) == {"deny": set(), "hold": set()}
	decided([["0xsilent", "11"]]) == {"deny": set(), "hold": {"APPROVAL_ABOVE_LIMIT"}}
	decided([["0xlist", "11"]]) == {"deny": set(), "hold": {"APPROVAL_ABOVE_LIMIT"}}
}

test_messages_are_about_the_approvals_above_their_limits_only if {
	above := rule.message.APPROVAL_ABOVE_LIMIT with input as asked([["0xt", "11"], ["0xown", "3"]])
		with rule.limits as spending
		with data.placet.registry.tokens as tokens
	contains(above, "T")
	not contains(above, "OWN")

	unmeasured := rule.message.APPROVAL_LIMIT_NOT_CONFIGURED with input as asked([["0xunknown", "1"], ["0xown", "1"]])
		with rule.limits as spending
		with data.placet.registry.tokens as tokens
	contains(unmeasured, "0xunknown")
	not contains(unmeasured, "0xown")
}
