package placet.rules.chain_token_allowlist_test

import data.placet.rules.chain_token_allowlist as rule

tokens := {"ETH": {"chain": "ETH"}, "ETH_USDT": {"chain": "ETH"}, "TRON": {"chain": "TRON"}}

allowed := {"ETH": {"ETH": {}}}

chain := {"id": "ETH", "network_proven": true}

transfer(token) := {"asset": {"chain": "ETH", "token": token}}

facts(transfers) := {"facts": {"chain": chain, "transfers": transfers}}

judged(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.allowed as allowed with data.placet.registry.tokens as tokens
	held := rule.hold with input as document with rule.allowed as allowed with data.placet.registry.tokens as tokens
}

on_chain(changes) := judged(object.union(facts([transfer("ETH")]), {"facts": {"chain": changes}}))

test_silent_for_a_listed_token_of_a_listed_chain if judged(facts([transfer("ETH")])) == {"deny": set(), "hold": set()}

test_denies_a_token_that_is_not_listed if {
	document := facts([transfer("ETH"), transfer("ETH_USDT")])
	judged(document) == {"deny": {"TOKEN_NOT_ALLOWED"}, "hold": set()}
	rule.message.TOKEN_NOT_ALLOWED == "token ETH_USDT" with input as document with rule.allowed as allowed
}

test_denies_a_chain_that_is_not_listed if {
	document := {"facts": {
		"chain": {"id": "TRON", "network_proven": true},
		"transfers": [{"asset": {"chain": "TRON", "token": "TRON"}}],
	}}
	judged(document) == {"deny": {"CHAIN_NOT_ALLOWED"}, "hold": set()}
	rule.message.CHAIN_NOT_ALLOWED == "chain TRON" with input as document
}

test_denies_entries_that_are_no_objects if {
	rule.deny == {"CHAIN_NOT_ALLOWED"} with input as facts([transfer("ETH")]) with rule.allowed as {"ETH": true}
	rule.deny == {"TOKEN_NOT_ALLOWED"} with input as facts([transfer("ETH")])
		with rule.allowed as {"ETH": {"ETH": true}}
		with data.placet.registry.tokens as tokens
}

test_holds_a_chain_that_is_not_proven if {
	every changes in [{"network_proven": false}, {"network_proven": "true"}, {"network_proven": null}, {"id": null}, {"id": 1}] {
		"CHAIN_NOT_PROVEN" in on_chain(changes).hold
		on_chain(changes).deny == set()
	}
}

test_takes_the_network_that_applies_where_bytes_name_none if {
	every kind in ["tron", "solana", "bitcoin"] {
		on_chain({"kind": kind, "network_proven": false}) == {"deny": set(), "hold": set()}
		"CHAIN_NOT_PROVEN" in on_chain({"kind": kind, "network_proven": false, "id": null}).hold
	}
	every kind in ["evm", null, "new", 1] {
		"CHAIN_NOT_PROVEN" in on_chain({"kind": kind, "network_proven": false}).hold
	}
}

test_holds_without_a_chain if {
	every document in [{}, {"facts": null}, {"facts": {"chain": null, "transfers": [transfer("ETH")]}}] {
		judged(document) == {"deny": set(), "hold": {"CHAIN_NOT_PROVEN", "TOKEN_NOT_PROVEN"}}
	}
}

test_holds_a_token_that_the_registry_does_not_know if {
	every token in ["NEW", null, 1] {
		judged(facts([transfer(token)])) == {"deny": set(), "hold": {"TOKEN_NOT_PROVEN"}}
	}
}

test_holds_a_token_of_another_chain if {
	judged(facts([transfer("TRON")])) == {"deny": set(), "hold": {"TOKEN_NOT_PROVEN"}}
	judged(facts([{"asset": {"chain": "TRON", "token": "ETH"}}])) == {"deny": set(), "hold": {"TOKEN_NOT_PROVEN"}}
}

test_holds_without_transfers if {
	every transfers in [[], null, {}, {"a": transfer("ETH")}, [{}], [{"asset": null}]] {
		judged(facts(transfers)) == {"deny": set(), "hold": {"TOKEN_NOT_PROVEN"}}
	}
}

test_holds_when_no_chain_is_configured if {
	every broken in [{}, null, ["ETH"], "ETH"] {
		rule.hold == {"CHAIN_TOKEN_ALLOWLIST_NOT_CONFIGURED"} with input as facts([transfer("ETH")])
			with rule.allowed as broken
			with data.placet.registry.tokens as tokens
		rule.deny == set() with input as facts([transfer("ETH")]) with rule.allowed as broken
	}
}

test_silent_for_a_call_on_a_listed_chain if {
	document := object.union(facts([]), {"facts": {"calls": [{}]}})
	judged(document) == {"deny": set(), "hold": set()}
}

test_silent_for_a_message_on_no_network if {
	document := {"facts": {"chain": {"id": "ETH", "network_proven": false}, "transfers": [], "calls": [], "messages": [{}]}}
	judged(document) == {"deny": set(), "hold": set()}
}

test_holds_a_message_that_calls_on_no_network if {
	document := {"facts": {"chain": {"id": "ETH", "network_proven": false}, "transfers": [], "calls": [{}], "messages": [{}]}}
	judged(document) == {"deny": set(), "hold": {"CHAIN_NOT_PROVEN"}}
}

elsewhere := {"facts": {
	"chain": {"id": "TRON", "network_proven": true},
	"transfers": [{"asset": {"chain": "TRON", "token": "TRON"}}],
}}

with_effects(document, effects) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.allowed as allowed with rule.effects as effects
		with data.placet.registry.tokens as tokens
	held := rule.hold with input as document with rule.allowed as allowed with rule.effects as effects
		with data.placet.registry.tokens as tokens
}

test_what_is_not_listed_holds_where_the_data_say_so if {
	unlisted := facts([transfer("ETH_USDT")])
	with_effects(elsewhere, {"CHAIN": "hold"}) == {"deny": set(), "hold": {"CHAIN_NOT_ALLOWED_HELD"}}
	with_effects(unlisted, {"TOKEN": "hold"}) == {"deny": set(), "hold": {"TOKEN_NOT_ALLOWED_HELD"}}
	every effects in [{}, null, {"CHAIN": "deny", "TOKEN": "deny"}, {"CHAIN": "allow", "TOKEN": true}] {
		with_effects(elsewhere, effects) == {"deny": {"CHAIN_NOT_ALLOWED"}, "hold": set()}
		with_effects(unlisted, effects) == {"deny": {"TOKEN_NOT_ALLOWED"}, "hold": set()}
	}
	with_effects(facts([transfer("ETH")]), {"CHAIN": "hold", "TOKEN": "hold"}) == {"deny": set(), "hold": set()}
	texts := rule.message with input as unlisted with rule.allowed as allowed
	texts.TOKEN_NOT_ALLOWED_HELD == "token ETH_USDT"
	texts.CHAIN_NOT_ALLOWED_HELD == "chain ETH"
}

# Of chains and tokens that are not listed, where the data says that both hold.
held_of(document, listed) := {"deny": denied, "hold": held} if {
	effects := {"CHAIN": "hold", "TOKEN": "hold"}
	denied := rule.deny with input as document
		with rule.allowed as listed
		with rule.effects as effects
		with data.placet.registry.tokens as tokens
	held := rule.hold with input as document
		with rule.allowed as listed
		with rule.effects as effects
		with data.placet.registry.tokens as tokens
}

only(code) := {"deny": set(), "hold": {code}}

test_what_holds_by_data_is_judged_in_the_same_order if {
	held_of(facts([transfer("ETH_USDT")]), allowed) == only("TOKEN_NOT_ALLOWED_HELD")
	held_of(facts([transfer("ETH_USDT")]), {"TRON": {"TRON": {}}}) == only("CHAIN_NOT_ALLOWED_HELD")
	held_of(facts([transfer("ETH_USDT")]), {}) == only("CHAIN_TOKEN_ALLOWLIST_NOT_CONFIGURED")
	held_of(facts([transfer(null)]), allowed) == only("TOKEN_NOT_PROVEN")
	unproven := object.union(facts([transfer("ETH_USDT")]), {"facts": {"chain": {"network_proven": false}}})
	held_of(unproven, {"TRON": {"TRON": {}}}) == only("CHAIN_NOT_PROVEN")
	held_of(unproven, allowed) == only("CHAIN_NOT_PROVEN")
}

test_a_token_denies_nothing_on_a_chain_that_is_not_proven if {
	unproven := object.union(facts([transfer("ETH_USDT")]), {"facts": {"chain": {"network_proven": false}}})
	judged(unproven) == only("CHAIN_NOT_PROVEN")
}
