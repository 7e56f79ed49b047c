package placet.rules.bitcoin_outputs_guards_test

import data.placet.rules.bitcoin_outputs as rule
import data.placet.rules.bitcoin_outputs_test as shape

limit := {"max_inputs": 2, "max_outputs": 3, "max_change": 1, "dust": "546"}

only(code) := {"deny": set(), "hold": {code}}

# Each has too many inputs, which would deny or hold if something else were not wrong first.
crowded(changes) := {"facts": object.union(
	{"chain": {"kind": "bitcoin", "id": "BTC", "outpoints": ["a:0", "b:1", "c:2"]}, "transfers": [shape.payment]},
	changes,
)}

effects := [{}, {"TOO_MANY_INPUTS": "hold"}, {"TOO_MANY_INPUTS": "deny"}]

test_what_is_not_proven_is_all_that_is_said if {
	every effect in effects {
		every changes in [
			{"transfers": [object.remove(shape.payment, ["change"])]}, {"transfers": {"a": shape.payment}}, {"transfers": []},
			{"transfers": [shape.paid("1.5")]}, {"chain": {"kind": "another"}}, {"chain": {"kind": null}},
		] {
			shape.judged(crowded(changes), {"BTC": limit}, effect) == only("BITCOIN_OUTPUTS_NOT_PROVEN")
		}
	}
}

test_limits_that_cannot_be_read_are_all_that_is_said if {
	every effect in effects {
		every broken in [{"dust": 546}, {"max_change": -1}, {"max_outputs": "3"}, {"max_inputs": -1}] {
			asked := shape.judged(crowded({}), {"BTC": object.union(limit, broken)}, effect)
			asked == only("BITCOIN_OUTPUTS_NOT_CONFIGURED")
		}
	}
}

test_nothing_is_a_limit if {
	none := object.union(limit, {"max_change": 0, "dust": "0"})
	shape.judged(shape.paying([shape.payment]), {"BTC": none}, {}) == shape.silent
	shape.judged(shape.paying([shape.change]), {"BTC": none}, {}) == shape.held
}

test_other_chains_are_not_judged_whatever_they_are_called if {
	every kind in ["evm", "solana", "tron"] {
		every effect in effects {
			shape.judged(crowded({"chain": {"kind": kind}}), {"BTC": limit}, effect) == shape.silent
		}
	}
}

test_the_shipped_data_denies_no_outline if {
	{feature | some feature, "hold" in rule.effects} == {
		"CHANGE_NOT_OWN", "DUST_OUTPUT", "SCRIPT_OUTPUT", "TOO_MANY_INPUTS", "TOO_MANY_OUTPUTS", "TOO_MUCH_CHANGE",
	}
}

told(transfers) := text if {
	text := rule.message.BITCOIN_OUTPUTS_HELD with input as shape.paying(transfers) with rule.limits as {"BTC": limit}
}

test_messages_say_what_was_found if {
	contains(told([shape.change, shape.change]), "TOO_MUCH_CHANGE (2 outputs of change, limit 1)")
	contains(told([shape.payment, shape.unproven]), "CHANGE_NOT_OWN (5000 to bc1c)")
	contains(told([object.remove(shape.script, ["to_script"])]), "SCRIPT_OUTPUT (0 to the script unknown)")
	long := object.union(shape.script, {"to_script": concat("", ["0x", sprintf("%090d", [7])])})
	contains(told([long]), sprintf("SCRIPT_OUTPUT (0 to the script 0x%078d)", [0]))
}
