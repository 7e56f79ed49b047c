package placet.rules.bitcoin_outputs_test

import data.placet.rules.bitcoin_outputs as rule

limits := {"BTC": {"max_inputs": 2, "max_outputs": 3, "max_change": 1, "dust": "546"}}

payment := {"to": "bc1a", "to_path": null, "change": null, "amount": "10000"}

paid(amount) := object.union(payment, {"amount": amount})

unproven := object.union(payment, {"to": "bc1c", "change": "not_proven", "amount": "5000"})

change := {"to": "bc1b", "to_path": "m/44/0/1/1/0", "change": "proven", "amount": "5000"}

script := object.union(paid("0"), {"to": null, "to_script": "0x6a0442424242"})

chain := {"kind": "bitcoin", "id": "BTC", "outpoints": ["a:0", "b:1"]}

paying(transfers) := {"facts": {"chain": chain, "transfers": transfers, "calls": [], "messages": []}}

judged(asked, limited, effects) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked with rule.limits as limited with rule.effects as effects
	held := rule.hold with input as asked with rule.limits as limited with rule.effects as effects
}

codes(asked) := judged(asked, limits, {})

silent := {"deny": set(), "hold": set()}

held := {"deny": set(), "hold": {"BITCOIN_OUTPUTS_HELD"}}

denied := {"deny": {"BITCOIN_OUTPUTS_DENIED"}, "hold": set()}

test_silent_within_the_limits if {
	codes(paying([payment, payment, change])) == silent
	codes(paying([paid("546")])) == silent
}

spending(outpoints) := {"facts": {"chain": object.union(chain, {"outpoints": outpoints}), "transfers": [payment]}}

# What each feature looks like.
outlines := {
	"TOO_MANY_INPUTS": spending(["a:0", "b:1", "c:2"]),
	"TOO_MANY_OUTPUTS": paying([payment, payment, payment, change]),
	"TOO_MUCH_CHANGE": paying([change, change]),
	"DUST_OUTPUT": paying([payment, paid("545")]),
	"SCRIPT_OUTPUT": paying([payment, script]),
	"CHANGE_NOT_OWN": paying([payment, unproven]),
}

test_each_outline_holds_denies_or_is_allowed_as_the_data_say if {
	every feature, asked in outlines {
		judged(asked, limits, {}) == held
		judged(asked, limits, {feature: "hold"}) == held
		judged(asked, limits, {feature: true}) == held
		judged(asked, limits, {feature: "deny"}) == denied
		judged(asked, limits, {feature: "allow"}) == silent
	}
}

test_a_script_without_bytes_is_one if codes(paying([object.union(paid("0"), {"to": null})])) == held

test_unproven_change_counts_as_change if {
	judged(paying([change, unproven]), limits, {"CHANGE_NOT_OWN": "allow", "TOO_MUCH_CHANGE": "deny"}) == denied
}

test_holds_a_chain_without_limits if {
	every broken in [
		{}, null, {"BTC": {}}, {"BTC": null}, {"BTC": {"unchecked": " "}}, {"BTC": {"unchecked": true}},
		{"BTC": object.union(limits.BTC, {"dust": 546})}, {"BTC": object.union(limits.BTC, {"max_inputs": "2"})},
		{"BTC": object.remove(limits.BTC, ["max_change"])}, {"ETH": limits.BTC},
	] {
		judged(paying([payment]), broken, {}) == {"deny": set(), "hold": {"BITCOIN_OUTPUTS_NOT_CONFIGURED"}}
	}
}

test_an_unchecked_chain_is_not_judged if {
	unchecked := {"BTC": {"unchecked": "a test network"}}
	every _, asked in outlines {
		judged(asked, unchecked, {}) == silent
	}
}

test_holds_what_is_not_proven if {
	unknown := {"deny": set(), "hold": {"BITCOIN_OUTPUTS_NOT_PROVEN"}}
	every asked in [
		{}, {"facts": {}}, {"facts": {"chain": {}}}, {"facts": {"chain": {"kind": "dogecoin"}}},
		paying([]), paying(null), paying([object.remove(payment, ["amount"])]), paying([paid(10000)]),
		paying([object.remove(payment, ["to_path"])]), paying([object.remove(payment, ["change"])]),
		paying([object.union(payment, {"to_path": true})]), paying([object.union(payment, {"change": "proven"})]),
		paying([object.union(change, {"change": "not_proven"})]), paying([object.union(change, {"change": true})]),
		{"facts": {"chain": {"kind": "bitcoin", "id": "BTC"}, "transfers": [payment]}},
	] {
		codes(asked) == unknown
	}
}

test_silent_about_what_is_no_bitcoin_transaction if {
	every kind in ["evm", "solana", "tron"] {
		judged({"facts": {"chain": {"kind": kind}, "transfers": []}}, {}, {}) == silent
	}
	judged({"facts": {"chain": null}}, {}, {}) == silent
	judged({"facts": {"chain": {"kind": "bitcoin", "id": "BTC"}, "transfers": [], "calls": [], "messages": [{}]}}, {}, {}) == silent
}

test_messages_name_what_was_found if {
	texts := rule.message with input as paying([payment, payment, script, paid("1")]) with rule.limits as limits
	texts.BITCOIN_OUTPUTS_HELD == concat("", [
		"found: DUST_OUTPUT (1 to bc1a, at least 546), SCRIPT_OUTPUT (0 to the script 0x6a0442424242), ",
		"TOO_MANY_OUTPUTS (4 outputs, limit 3)",
	])
	texts.BITCOIN_OUTPUTS_NOT_CONFIGURED == "chain BTC"
	many := rule.message with input as outlines.TOO_MANY_INPUTS with rule.limits as limits
	many.BITCOIN_OUTPUTS_DENIED == "refused: TOO_MANY_INPUTS (3 inputs, limit 2)"
}
