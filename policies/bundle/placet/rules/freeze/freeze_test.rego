package placet.rules.freeze_test

import data.placet.rules.freeze as rule

none := {kind: {} | some kind in ["all", "chains", "initiators", "key_groups", "keys", "nodes", "tokens", "wallets"]}

keys := {
	"xpub1": {"group": "hot", "group_ids": ["g1"], "wallets": ["w1", "w2"]},
	"xpub2": {"group": "cold", "group_ids": ["g2"], "wallets": ["w3"]},
}

tokens := {
	"ETH": {"chain": "ETH"},
	"USDT": {"chain": "ETH"},
	"TRX": {"chain": "TRON"},
}

sign := {
	"node": {"name": "node-1"},
	"request": {
		"type": "KEY_SIGN",
		"detail": {"group_id": "g1", "root_pub_key": "xpub1"},
		"extra": {
			"wallet": {"wallet_id": "w1"},
			"transaction": {"wallet_id": "w1", "initiator": "eve", "chain_id": "ETH", "token_id": "ETH"},
		},
	},
	"facts": {
		"chain": {"id": "ETH", "kind": "evm", "network_proven": true},
		"signer": {"root_key": "xpub1", "group": "hot"},
		"transfers": [{"asset": {"token": "ETH", "chain": "ETH"}}],
		"calls": [], "messages": [],
	},
}

other(type, detail) := {
	"node": {"name": "node-1"},
	"request": {"type": type, "detail": detail, "extra": {}},
	"facts": {"chain": null, "signer": null, "transfers": [], "calls": [], "messages": []},
}

gen := other("KEY_GEN", {"node_ids": ["n1"]})

reshare := other("KEY_RESHARE", {"old_group_id": "g1", "root_pub_key": "xpub1"})

share := other("KEY_SHARE_SIGN", {"node_id": "n1", "details": [{"group_id": "g1"}]})

judged(document, frozen) := {"deny": denied, "hold": held} if {
	lists := object.union(none, frozen)
	denied := rule.deny with input as document
		with rule.frozen as lists
		with data.placet.registry.keys as keys
		with data.placet.registry.tokens as tokens
	held := rule.hold with input as document
		with rule.frozen as lists
		with data.placet.registry.keys as keys
		with data.placet.registry.tokens as tokens
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

denies := {"deny": {"FROZEN_DENIED"}, "hold": set()}

entry(kind, name) := {kind: {name: {"label": "incident 7"}}}

refusing(kind, name) := {kind: {name: {"label": "incident 7", "effect": "deny"}}}

test_empty_lists_freeze_nothing if {
	every document in [sign, gen, reshare, share, {}] {
		judged(document, {}) == silent
	}
}

test_everything_holds_or_denies_when_all_is_frozen if {
	every document in [sign, gen, reshare, share, {}] {
		judged(document, entry("all", "incident 7")) == holds("FROZEN")
		judged(document, refusing("all", "incident 7")) == denies
	}
}

test_what_a_signature_is_about_holds_or_denies if {
	every kind, name in {"keys": "xpub1", "key_groups": "hot", "chains": "ETH", "tokens": "ETH", "nodes": "node-1"} {
		judged(sign, entry(kind, name)) == holds("FROZEN")
		judged(sign, refusing(kind, name)) == denies
	}
}

test_what_is_only_declared_holds_whatever_its_effect if {
	every kind, name in {"wallets": "w1", "initiators": "eve"} {
		judged(sign, entry(kind, name)) == holds("FROZEN")
		judged(sign, refusing(kind, name)) == holds("FROZEN")
	}
}

test_a_declared_name_is_frozen_in_every_case_and_with_space_around if {
	every written in ["Eve@Example.com", "eve@example.com", "EVE@EXAMPLE.COM", " eve@example.com\t"] {
		asking := object.union(sign, {"request": {"extra": {"transaction": {"initiator": "eVe@example.COM"}}}})
		judged(asking, entry("initiators", written)) == holds("FROZEN")
		padded := object.union(sign, {"request": {"extra": {"transaction": {"initiator": " eve@example.com "}}}})
		judged(padded, entry("initiators", written)) == holds("FROZEN")
	}
	judged(sign, entry("wallets", "W1")) == holds("FROZEN")
	judged(sign, entry("wallets", "W2")) == holds("FROZEN")
	transaction := object.union(sign, {"request": {"extra": {"transaction": {"wallet_id": "W3"}}}})
	judged(transaction, entry("wallets", "w3")) == holds("FROZEN")
	declared := object.union(sign, {"request": {"extra": {"transaction": {"chain_id": "tron", "token_id": "usdt"}}}})
	judged(declared, entry("chains", "TRON")) == holds("FROZEN")
	judged(declared, entry("tokens", "USDT")) == holds("FROZEN")
}

test_each_word_for_a_fact_counts_alone if {
	grouped := object.union(sign, {"facts": {"signer": {"group": "warm"}}})
	judged(grouped, refusing("key_groups", "warm")) == denies
	still := object.union(sign, {"facts": {"transfers": []}, "request": {"extra": {"transaction": {"chain_id": "TRON"}}}})
	judged(still, refusing("chains", "ETH")) == denies
	unproven := object.union(sign, {"facts": {
		"chain": {"network_proven": false},
		"transfers": [{"asset": {"token": "USDT", "chain": "ETH"}}],
	}})
	judged(unproven, refusing("tokens", "USDT")) == holds("FROZEN")
}

test_a_key_in_another_case_is_another_key if judged(sign, refusing("keys", "XPUB1")) == silent

test_a_chain_or_token_of_bytes_without_a_network_only_holds if {
	every proven in [false, null, "true", 1] {
		document := object.union(sign, {"facts": {"chain": {"network_proven": proven}}})
		judged(document, refusing("chains", "ETH")) == holds("FROZEN")
		judged(document, refusing("tokens", "ETH")) == holds("FROZEN")
		paying := object.union(document, {"facts": {"transfers": [{"asset": {"token": "TRX", "chain": "TRON"}}]}})
		judged(paying, refusing("chains", "TRON")) == holds("FROZEN")
		judged(paying, refusing("keys", "xpub1")) == denies
	}
}

test_a_declared_name_that_may_look_like_another_is_not_judged if {
	every name in ["\u0435ve", "eve\u200b", "eve\u0000", "e\nve", "\tmallory", " "] {
		asking := object.union(sign, {"request": {"extra": {"transaction": {"initiator": name}}}})
		judged(asking, entry("initiators", "trent")) == holds("FREEZE_NOT_JUDGED")
		wallet := object.union(sign, {"request": {"extra": {"wallet": {"wallet_id": name}}}})
		judged(wallet, entry("wallets", "w9")) == holds("FREEZE_NOT_JUDGED")
		transaction := object.union(sign, {"request": {"extra": {"transaction": {"wallet_id": name}}}})
		judged(transaction, entry("wallets", "w9")) == holds("FREEZE_NOT_JUDGED")
	}
	app := object.union(sign, {"request": {"extra": {"transaction": {"initiator": "Treasury App"}}}})
	judged(app, entry("initiators", "trent")) == silent
}

test_silent_while_something_else_is_frozen if {
	every kind, name in {
		"keys": "xpub2", "key_groups": "cold", "wallets": "w3", "chains": "TRON", "tokens": "USDT",
		"initiators": "mallory", "nodes": "node-2",
	} {
		judged(sign, entry(kind, name)) == silent
		judged(sign, refusing(kind, name)) == silent
	}
}

test_each_way_in_which_a_key_is_named_counts if {
	every document in [
		object.union(sign, {"facts": {"signer": {"root_key": "xpub2", "group": "cold"}}}),
		object.union(sign, {"request": {"detail": {"root_pub_key": "xpub2"}}}),
		object.union(sign, {"request": {"detail": {"group_id": "g2"}}}),
		other("KEY_RESHARE", {"old_group_id": "g1", "root_pub_key": "xpub2"}),
		other("KEY_RESHARE", {"old_group_id": "g2", "root_pub_key": "xpub1"}),
		other("KEY_SHARE_SIGN", {"node_id": "n1", "details": [{"group_id": "g1"}, {"group_id": "g2"}]}),
	] {
		judged(document, refusing("keys", "xpub2")) == denies
		judged(document, refusing("key_groups", "cold")) == denies
	}
}

test_a_wallet_that_may_be_meant_only_holds if {
	every document in [sign, reshare, share] {
		judged(document, refusing("wallets", "w2")) == holds("FROZEN")
	}
	transaction := object.union(sign, {"request": {"extra": {"transaction": {"wallet_id": "w3"}}}})
	judged(transaction, refusing("wallets", "w3")) == holds("FROZEN")
	judged(gen, refusing("wallets", "w2")) == silent
}

test_a_chain_or_token_that_is_only_declared_only_holds if {
	declared := object.union(sign, {"request": {"extra": {"transaction": {"chain_id": "TRON", "token_id": "USDT"}}}})
	judged(declared, refusing("chains", "TRON")) == holds("FROZEN")
	judged(declared, refusing("tokens", "USDT")) == holds("FROZEN")
}

test_a_chain_that_only_a_transfer_is_on_counts if {
	document := object.union(sign, {"facts": {"transfers": [{"asset": {"token": "TRX", "chain": "TRON"}}]}})
	judged(document, refusing("chains", "TRON")) == denies
}

test_a_token_that_a_call_or_message_could_move_only_holds if {
	calling := object.union(sign, {"facts": {"calls": [{"method": null}]}})
	judged(calling, refusing("tokens", "USDT")) == holds("FROZEN")
	judged(calling, refusing("tokens", "TRX")) == silent
	signing := object.union(sign, {"facts": {"messages": [{}]}})
	judged(signing, refusing("tokens", "TRX")) == holds("FROZEN")
}

test_a_message_without_a_network_is_about_every_frozen_chain if {
	signing := object.union(sign, {"facts": {"messages": [{}], "chain": {"network_proven": false}}})
	judged(signing, refusing("chains", "TRON")) == holds("FROZEN")
	every proven in [false, null, "true", 1] {
		judged(object.union(signing, {"facts": {"chain": {"network_proven": proven}}}), refusing("chains", "TRON")) == holds("FROZEN")
	}
	judged(object.union(signing, {"facts": {"chain": {"network_proven": true}}}), refusing("chains", "TRON")) == silent
}

test_holds_where_it_cannot_tell if {
	every case in [
		["keys", "xpub2", object.union(sign, {"facts": {"signer": null}})],
		["keys", "xpub2", object.union(sign, {"facts": {"signer": {"root_key": 1}}})],
		["keys", "xpub2", other("KEY_RESHARE", {"old_group_id": "g1"})],
		["keys", "xpub2", other("KEY_SHARE_SIGN", {"details": []})],
		["keys", "xpub2", other("KEY_SHARE_SIGN", {"details": [{"group_id": "g1"}, {"group_id": "g9"}]})],
		["keys", "xpub2", other("KEY_SHARE_SIGN", {})],
		["keys", "xpub2", other("PING", {})],
		["keys", "xpub2", object.union(sign, {"request": {"type": "PING"}})],
		["keys", "xpub2", other("PING", {"details": [{"group_id": "g1"}]})],
		["key_groups", "cold", object.union(sign, {"facts": {"signer": null}})],
		["key_groups", "cold", other("KEY_RESHARE", {"old_group_id": "g9", "root_pub_key": "xpub9"})],
		["wallets", "w3", object.union(sign, {"request": {"extra": {"wallet": null}}})],
		["wallets", "w3", object.union(sign, {"request": {"extra": {"wallet": {"wallet_id": 1}}}})],
		["wallets", "w3", object.union(sign, {"request": {"extra": {"transaction": {"wallet_id": 1}}}})],
		["chains", "TRON", object.union(sign, {"facts": {"chain": null}})],
		["chains", "TRON", object.union(sign, {"facts": {"chain": {"id": null}}})],
		["initiators", "mallory", object.union(sign, {"request": {"extra": {"transaction": {"initiator": null}}}})],
		["initiators", "mallory", object.union(sign, {"request": {"extra": {"transaction": {"initiator": ""}}}})],
		["initiators", "mallory", object.union(sign, {"request": {"extra": {"transaction": {"initiator": ["mallory"]}}}})],
		["tokens", "USDT", object.union(sign, {"facts": {"transfers": null}})],
		["tokens", "USDT", object.union(sign, {"facts": {"transfers": {}}})],
		["tokens", "USDT", object.union(sign, {"facts": {"transfers": [{"asset": {"token": "ETH"}}, {"asset": {"token": null}}]}})],
		["tokens", "USDT", object.union(sign, {"facts": {"calls": null}})],
		["tokens", "USDT", object.union(sign, {"facts": {"messages": null}})],
		["tokens", "USDT", object.union(sign, {"facts": {"chain": null}})],
		["tokens", "USDT", object.union(sign, {"facts": {"transfers": [{"asset": {"token": null, "chain": "ETH"}}]}})],
		["nodes", "node-2", object.remove(sign, ["node"])],
		["nodes", "node-2", object.union(sign, {"node": {"name": 2}})],
	] {
		judged(case[2], refusing(case[0], case[1])) == holds("FREEZE_NOT_JUDGED")
	}
	message := rule.message.FREEZE_NOT_JUDGED with input as object.union(sign, {"facts": {"chain": null}})
		with rule.frozen as object.union(none, entry("chains", "TRON"))
	message == "frozen, and not known of this request: chains"
}

test_other_request_types_are_about_no_chain_token_or_initiator if {
	every document in [gen, reshare, share] {
		every kind, name in {"chains": "ETH", "tokens": "ETH", "initiators": "eve", "wallets": "w3"} {
			judged(document, entry(kind, name)) == silent
		}
	}
	judged(share, entry("keys", "xpub2")) == silent
	judged(gen, entry("keys", "xpub1")) == silent
	judged(gen, entry("key_groups", "hot")) == silent
}

test_a_hold_and_a_deny_say_what_they_are_about if {
	frozen := object.union(entry("keys", "xpub1"), {"nodes": {"node-1": {"effect": "deny"}}})
	judged(sign, frozen) == {"deny": {"FROZEN_DENIED"}, "hold": {"FROZEN"}}
	held := rule.message.FROZEN with input as sign with rule.frozen as frozen
	held == "frozen: key xpub1: incident 7"
	denied := rule.message.FROZEN_DENIED with input as sign with rule.frozen as frozen
	denied == "frozen: node node-1: frozen"
}

test_holds_everything_when_a_list_cannot_be_read if {
	broken := array.concat(
		[{}, null, [], "nothing"],
		[object.union(none, change) |
			some change in [
				{"all": null}, {"keys": ["xpub1"]}, {"wallets": {"w9": true}}, {"nodes": {"node-9": {"effect": "allow"}}},
				{"keys": []}, {"keys": ""}, {"keys": set()},
				{"tokens": {"USDC": {"label": "typo"}}}, {"chains": {"Ethereum": {"label": "typo"}}}, {"initiators": "eve"},
			]
		],
	)
	every document in [sign, gen, reshare, share, {}] {
		every frozen in array.concat(broken, [object.remove(none, [kind]) | some kind, _ in none]) {
			rule.deny == set() with input as document with rule.frozen as frozen with data.placet.registry.tokens as tokens
			rule.hold == {"FREEZE_NOT_CONFIGURED"} with input as document
				with rule.frozen as frozen
				with data.placet.registry.tokens as tokens
		}
	}
}

test_a_list_that_cannot_be_read_is_the_only_reason if {
	every found in [entry("keys", "xpub1"), refusing("keys", "xpub1")] {
		judged(sign, object.union(found, {"wallets": []})) == holds("FREEZE_NOT_CONFIGURED")
	}
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
