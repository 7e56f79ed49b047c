package placet.rules.destination_allowlist_test

import data.placet.rules.contract_call
import data.placet.rules.destination_allowlist as rule

destinations := {"ETH": {"0xa": {"label": "a"}, "0xb": {"label": "b"}, "0xc": true, "0xd": null}, "SOL": {}}

transfer(chain, to) := {"asset": {"chain": chain, "kind": "native"}, "from": "0xs", "to": to, "amount": "1"}

document(transfers) := {"facts": {"chain": {"id": "ETH", "kind": "evm"}, "transfers": transfers, "calls": [], "messages": []}}

judged(transfers) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document(transfers) with rule.destinations as destinations
	held := rule.hold with input as document(transfers) with rule.destinations as destinations
}

test_silent_when_every_destination_is_listed if {
	judged([transfer("ETH", "0xa"), transfer("ETH", "0xb")]) == {"deny": set(), "hold": set()}
}

test_denies_when_one_destination_is_not_listed if {
	transfers := [transfer("ETH", "0xa"), transfer("ETH", "0xe")]
	judged(transfers) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
	rule.message.DESTINATION_NOT_ALLOWED == "not on the list: 0xe" with input as document(transfers)
		with rule.destinations as destinations
}

change(to) := object.union(transfer("ETH", to), {"change": "not_proven"})

test_holds_what_may_be_change_and_is_not_listed if {
	judged([transfer("ETH", "0xa"), change("0xe")]) == {"deny": set(), "hold": {"CHANGE_NOT_LISTED"}}
	judged([change("0xe")]) == {"deny": set(), "hold": {"CHANGE_NOT_LISTED"}}
	judged([transfer("ETH", "0xa"), change("0xb")]) == {"deny": set(), "hold": set()}
}

test_denies_a_payment_beside_what_may_be_change if {
	transfers := [transfer("ETH", "0xf"), change("0xe")]
	judged(transfers) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
	rule.message.DESTINATION_NOT_ALLOWED == "not on the list: 0xf" with input as document(transfers)
		with rule.destinations as destinations
}

test_denies_an_unknown_word_about_change if {
	every word in [null, true, "proven", "NOT_PROVEN", ""] {
		judged([object.union(transfer("ETH", "0xe"), {"change": word})]).deny == {"DESTINATION_NOT_ALLOWED"}
	}
}

test_denies_another_spelling_of_a_listed_address if {
	every to in ["0xA", "0xa ", "a", ""] {
		judged([transfer("ETH", to)]) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
	}
}

test_denies_an_entry_that_is_no_object if {
	every to in ["0xc", "0xd"] {
		judged([transfer("ETH", to)]) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
	}
}

test_holds_a_chain_without_a_list_or_with_an_empty_one if {
	every chain in ["BTC", "SOL"] {
		judged([transfer(chain, "0xa")]) == {"deny": set(), "hold": {"DESTINATIONS_NOT_CONFIGURED"}}
		judged([transfer("ETH", "0xe"), transfer(chain, "0xa")]) == {"deny": set(), "hold": {"DESTINATIONS_NOT_CONFIGURED"}}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, ["0xa"], {"ETH": ["0xa"]}, {"ETH": "0xa"}, {"ETH": null}] {
		rule.deny == set() with input as document([transfer("ETH", "0xa")]) with rule.destinations as broken
		rule.hold == {"DESTINATIONS_NOT_CONFIGURED"} with input as document([transfer("ETH", "0xa")])
			with rule.destinations as broken
	}
}

test_holds_a_transfer_without_an_address if {
	every to in [null, 1, ["0xa"]] {
		judged([transfer("ETH", to)]) == {"deny": set(), "hold": {"DESTINATION_NOT_PROVEN"}}
	}
	judged([{"asset": {"chain": "ETH"}}]) == {"deny": set(), "hold": {"DESTINATION_NOT_PROVEN"}}
}

test_holds_a_transfer_without_a_chain if {
	every broken in [{"to": "0xa"}, {"asset": null, "to": "0xa"}, transfer(null, "0xa"), transfer(1, "0xa")] {
		judged([broken]).deny == set()
		"DESTINATION_NOT_PROVEN" in judged([broken]).hold
	}
}

test_holds_without_transfers if {
	every transfers in [[], {}, {"a": transfer("ETH", "0xa")}] {
		judged(transfers) == {"deny": set(), "hold": {"DESTINATION_NOT_PROVEN"}}
	}
	every asked in [{}, {"facts": null}, {"facts": {"transfers": null}}, {"facts": {"transfers": "x"}}] {
		"DESTINATION_NOT_PROVEN" in rule.hold with input as asked with rule.destinations as destinations
		rule.deny == set() with input as asked with rule.destinations as destinations
	}
}

test_silent_when_nothing_moves_but_something_is_called_or_signed if {
	every part in ["calls", "messages"] {
		asked := object.union(document([]), {"facts": {part: [{}]}})
		rule.hold == set() with input as asked with rule.destinations as destinations
		rule.deny == set() with input as asked with rule.destinations as destinations
	}
}

called := {"asset": {"kind": "native", "chain": "ETH"}, "from": "0xs", "to": "0xe", "amount": "1"}

calling := {"operation": "call", "from": "0xs", "to": "0xe", "value": "1", "selector": "0x12345678", "method": null}

facts(part, transfers) := object.union(document(transfers), {"facts": {part: [calling]}})

effects(effect, asked) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked with rule.destinations as destinations with rule.effects as effect
	held := rule.hold with input as asked with rule.destinations as destinations with rule.effects as effect
}

test_holds_what_a_call_or_a_message_moves_to_an_unlisted_address if {
	every part in ["calls", "messages"] {
		every effect in [{"UNLISTED_BY_CALL": "hold"}, {"UNLISTED_BY_CALL": "allow"}, {"UNLISTED_BY_CALL": null}, {}, null] {
			effects(effect, facts(part, [called])) == {"deny": set(), "hold": {"CALL_DESTINATION_HELD"}}
		}
		effects({}, facts(part, [called, transfer("BTC", "0xa")])) == {"deny": set(), "hold": {"DESTINATIONS_NOT_CONFIGURED"}}
		rule.message.CALL_DESTINATION_HELD == "not on the list: 0xe" with input as facts(part, [called]) with rule.destinations as destinations
	}
}

test_denies_it_where_the_data_say_so if {
	every part in ["calls", "messages"] {
		effects({"UNLISTED_BY_CALL": "deny"}, facts(part, [called])) == {"deny": {"CALL_DESTINATION_DENIED"}, "hold": set()}
		rule.message.CALL_DESTINATION_DENIED == "not on the list: 0xe" with input as facts(part, [called])
			with rule.destinations as destinations
	}
}

test_silent_where_a_call_moves_to_a_listed_address if {
	every effect in [{"UNLISTED_BY_CALL": "hold"}, {"UNLISTED_BY_CALL": "deny"}] {
		effects(effect, facts("calls", [transfer("ETH", "0xa")])) == {"deny": set(), "hold": set()}
	}
}

test_coins_along_a_listed_call_need_no_listing if {
	silent := effects({"UNLISTED_BY_CALL": "deny"}, facts("calls", [called])) with contract_call.allowed as {"ETH": {"0xe": {"0x12345678": {}}}}
	silent == {"deny": set(), "hold": set()}
}

test_what_returns_to_the_signer_needs_no_listing if {
	own := {"asset": {"chain": "BNB", "kind": "native"}, "from": "0xs", "to": "0xs"}
	signed := {"facts": {"signer": {"address": "0xs"}}}
	effects({}, object.union(document([own]), signed)) == {"deny": set(), "hold": set()}
	effects({}, object.union(document([own, called]), signed)) == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
}
