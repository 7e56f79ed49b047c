package placet.rules.destination_allowlist_certainty_test

import data.placet.rules.contract_call
import data.placet.rules.destination_allowlist as rule

payment := {"asset": {"chain": "ETH", "kind": "native", "token": "ETH"}, "from": "0xs", "to": "0xe", "amount": "1"}

calling := {"operation": "call", "from": "0xs", "to": "0xf", "value": "1", "selector": "0x12345678", "method": null}

facts(transfers, calls) := {
	"chain": {"id": "ETH", "kind": "evm"}, "signer": {"address": "0xs", "group": "hot", "vault": "treasury"},
	"transfers": transfers, "calls": calls, "messages": [],
}

listed := {"ETH": {"0xa": {"label": "a", "tokens": {"USDT": {}}}}, "BTC": {"bc1a": {"label": "b"}}}

denying := {"UNLISTED": "deny", "UNLISTED_BY_CALL": "deny", "OUT_OF_SCOPE": "deny"}

judged(asked, effects) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as {"facts": asked} with rule.destinations as listed with rule.effects as effects
	held := rule.hold with input as {"facts": asked} with rule.destinations as listed with rule.effects as effects
}

unproven := {"deny": set(), "hold": {"DESTINATION_NOT_PROVEN"}}

test_denies_what_certainly_goes_to_an_unlisted_address if {
	judged(facts([payment], []), denying) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
	judged(facts([payment], [calling]), denying) == {"deny": {"CALL_DESTINATION_DENIED"}, "hold": set()}
}

# Without them nobody knows whether a call moves it, and what a call moves need not deny.
test_holds_without_a_word_on_calls_or_messages if {
	every part in ["calls", "messages"] {
		judged(object.remove(facts([payment], []), [part]), denying) == unproven
		every broken in [null, {"a": calling}, "x"] {
			judged(object.union(facts([payment], []), {part: broken}), denying) == unproven
		}
	}
}

own := object.union(payment, {"to": "0xs"})

test_holds_a_payment_to_oneself_while_the_signer_is_not_proven if {
	every signer in [null, {"address": null}, {}] {
		asked := object.union(object.remove(facts([own], []), ["signer"]), {"signer": signer})
		judged(asked, denying) == unproven
	}
	judged(object.remove(facts([own], []), ["signer"]), denying) == unproven
	judged(facts([object.remove(own, ["from"])], []), denying) == unproven
}

test_a_listed_address_needs_no_proof_of_who_signs if {
	asked := object.union(facts([object.union(payment, {"to": "bc1a", "from": null, "asset": {"chain": "BTC"}})], []), {"signer": null})
	judged(asked, denying) == {"deny": set(), "hold": set()}
}

# What is certain is refused, whatever else is not known.
test_denies_a_certain_payment_beside_an_uncertain_one if {
	asked := facts([payment, object.remove(own, ["from"])], [])
	judged(asked, denying) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": {"DESTINATION_NOT_PROVEN"}}
	text := rule.message.DESTINATION_NOT_ALLOWED with input as {"facts": asked} with rule.destinations as listed
	text == "not on the list: 0xe"
}

along := object.union(payment, {"to": "0xf"})

# `deny` of the data is for what a call certainly moves elsewhere.
test_holds_coins_of_a_call_of_which_a_fact_is_missing if {
	held := {"deny": set(), "hold": {"CALL_DESTINATION_HELD", "DESTINATION_NOT_PROVEN"}}
	every field in ["operation", "from", "to", "value", "selector", "method"] {
		judged(facts([along], [object.remove(calling, [field])]), denying) == held
	}
	silent := judged(facts([along], [calling]), denying) with contract_call.allowed as {"ETH": {"0xf": {"0x12345678": {"label": "f"}}}}
	silent == {"deny": set(), "hold": set()}
}

test_denies_what_a_call_certainly_moves_beside_what_it_may_move if {
	asked := facts([payment, object.union(own, {"from": null})], [calling])
	judged(asked, denying) == {"deny": {"CALL_DESTINATION_DENIED"}, "hold": {"DESTINATION_NOT_PROVEN"}}
	judged(asked, {}) == {"deny": set(), "hold": {"CALL_DESTINATION_HELD", "DESTINATION_NOT_PROVEN"}}
}

test_another_scope_denies_only_what_certainly_leaves if {
	certain := object.union(payment, {"to": "0xa"})
	judged(facts([certain], []), denying) == {"deny": {"DESTINATION_OUT_OF_SCOPE_DENIED"}, "hold": set()}
	uncertain := object.union(certain, {"change": "not_proven"})
	judged(facts([uncertain], []), denying) == {"deny": set(), "hold": {"DESTINATION_OUT_OF_SCOPE"}}
	judged(facts([certain, uncertain], []), denying) == {"deny": {"DESTINATION_OUT_OF_SCOPE_DENIED"}, "hold": set()}
	judged(facts([uncertain], []), {}) == {"deny": set(), "hold": {"DESTINATION_OUT_OF_SCOPE"}}
}
