package placet.rules.key_group_test

import data.placet.rules.key_group as rule

configured := {
	"key_gen": {"main": {"curve": "secp256k1", "threshold": 2, "node_ids": ["n1", "n2", "n3"]}},
	"key_reshare": {"signing": {
		"root_key": "xpub1",
		"curve": "secp256k1",
		"old_group_id": "g1",
		"old_threshold": 2,
		"old_node_ids": ["n1", "n2", "n3"],
		"new_threshold": 2,
		"new_node_ids": ["n1", "n2", "n4"],
	}},
}

key_gen := {"threshold": 2, "node_ids": ["n3", "n1", "n2"], "curve": 0}

key_reshare := {
	"root_pub_key": "xpub1",
	"curve": 0,
	"old_group_id": "g1",
	"used_node_ids": ["n1", "n3"],
	"old_threshold": 2,
	"new_threshold": 2,
	"new_node_ids": ["n4", "n2", "n1"],
}

allowed := {"deny": set(), "hold": set()}

denied := {"deny": {"KEY_GROUP_NOT_ALLOWED"}, "hold": set()}

incomplete := {"deny": set(), "hold": {"KEY_GROUP_INCOMPLETE"}}

judged(type, detail) := {"deny": denials, "hold": holds} if {
	document := {"request": {"type": type, "detail": detail}}
	denials := rule.deny with input as document
		with rule.key_gen as configured.key_gen
		with rule.key_reshare as configured.key_reshare
	holds := rule.hold with input as document
		with rule.key_gen as configured.key_gen
		with rule.key_reshare as configured.key_reshare
}

gen(changes) := judged("KEY_GEN", object.union(key_gen, changes))

reshare(changes) := judged("KEY_RESHARE", object.union(key_reshare, changes))

test_silent_for_a_group_that_was_written_down if {
	gen({}) == allowed
	reshare({}) == allowed
	reshare({"used_node_ids": ["n1", "n2", "n3"]}) == allowed
}

test_denies_another_threshold if {
	gen({"threshold": 1}) == denied
	gen({"threshold": 3}) == denied
	reshare({"old_threshold": 1}) == denied
	reshare({"new_threshold": 1}) == denied
}

test_denies_other_nodes if {
	gen({"node_ids": ["n1", "n2"]}) == denied
	gen({"node_ids": ["n1", "n2", "evil"]}) == denied
	gen({"node_ids": ["n1", "n2", "n3", "evil"]}) == denied
	reshare({"new_node_ids": ["n1", "n2", "evil"]}) == denied
	reshare({"used_node_ids": ["n1", "evil"]}) == denied
	reshare({"used_node_ids": ["n1"]}) == denied
}

test_denies_another_curve if {
	gen({"curve": 2}) == denied
	reshare({"curve": 2}) == denied
}

test_denies_another_origin if {
	reshare({"root_pub_key": "xpub2"}) == denied
	reshare({"old_group_id": "g2"}) == denied
}

test_holds_a_field_of_the_wrong_type if {
	gen({"threshold": "2"}) == incomplete
	gen({"curve": "0"}) == incomplete
	gen({"curve": 1}) == incomplete
	gen({"node_ids": "n1"}) == incomplete
	gen({"node_ids": []}) == incomplete
	gen({"node_ids": ["n1", "n2", 3]}) == incomplete
	reshare({"old_threshold": "2"}) == incomplete
	reshare({"new_threshold": null}) == incomplete
	reshare({"root_pub_key": 1}) == incomplete
	reshare({"old_group_id": null}) == incomplete
	reshare({"used_node_ids": {"a": "n1"}}) == incomplete
}

test_holds_a_node_that_is_named_twice if {
	gen({"node_ids": ["n1", "n2", "n3", "n3"]}) == incomplete
	reshare({"used_node_ids": ["n1", "n1"]}) == incomplete
	reshare({"new_node_ids": ["n1", "n2", "n4", "n4"]}) == incomplete
}

test_holds_a_missing_field if {
	every field, _ in key_gen {
		judged("KEY_GEN", object.remove(key_gen, [field])) == incomplete
	}
	every field, _ in key_reshare {
		judged("KEY_RESHARE", object.remove(key_reshare, [field])) == incomplete
	}
	judged("KEY_GEN", {}) == incomplete
	judged("KEY_GEN", null) == incomplete
}

test_nodes_that_nobody_wrote_down_equal_nothing if {
	broken := {"main": {"curve": "secp256k1", "threshold": 2}}
	rule.deny == {"KEY_GROUP_NOT_ALLOWED"} with input as {"request": {"type": "KEY_GEN", "detail": key_gen}}
		with rule.key_gen as broken
	rule.hold == {"KEY_GROUP_INCOMPLETE"}
		with input as {"request": {"type": "KEY_GEN", "detail": object.union(key_gen, {"node_ids": []})}}
		with rule.key_gen as broken
}

test_holds_another_request_type if {
	every type in ["KEY_SIGN", "KEY_SHARE_SIGN", "", null, 1] {
		judged(type, key_gen) == {"deny": set(), "hold": {"KEY_GROUP_NOT_CONFIGURED", "KEY_GROUP_INCOMPLETE"}}
	}
	rule.hold == {"KEY_GROUP_NOT_CONFIGURED", "KEY_GROUP_INCOMPLETE"} with input as {}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], "main"] {
		rule.hold == {"KEY_GROUP_NOT_CONFIGURED"} with input as {"request": {"type": "KEY_GEN", "detail": key_gen}}
			with rule.key_gen as broken
		rule.hold == {"KEY_GROUP_NOT_CONFIGURED"} with input as {"request": {"type": "KEY_RESHARE", "detail": key_reshare}}
			with rule.key_reshare as broken
		rule.deny == set() with input as {"request": {"type": "KEY_GEN", "detail": key_gen}} with rule.key_gen as broken
	}
}

test_the_data_says_whether_a_breach_denies_or_holds if {
	every on_breach, outcome in {
		"deny": denied,
		"hold": {"deny": set(), "hold": {"KEY_GROUP_HELD"}},
		"allow": {"deny": set(), "hold": {"KEY_GROUP_NOT_CONFIGURED"}},
	} {
		one := judged("KEY_GEN", object.union(key_gen, {"threshold": 1})) with rule.on_breach as on_breach
		one == outcome
		other := judged("KEY_RESHARE", object.union(key_reshare, {"old_group_id": "g2"})) with rule.on_breach as on_breach
		other == outcome
	}
	every on_breach in ["deny", "hold"] {
		same := judged("KEY_GEN", key_gen) with rule.on_breach as on_breach
		same == allowed
	}
}

test_messages_say_what_was_asked_for if {
	every code in ["KEY_GROUP_HELD", "KEY_GROUP_NOT_ALLOWED"] {
		gen_said := rule.message[code] with input as {"request": {"type": "KEY_GEN", "detail": key_gen}}
		gen_said == "not written down: a secp256k1 key, 2 of n3, n1, n2"
		reshare_said := rule.message[code] with input as {"request": {"type": "KEY_RESHARE", "detail": key_reshare}}
		reshare_said == "not written down: xpub1 of group g1 (2 of its nodes, with n1, n3) reshared to 2 of n4, n2, n1"
	}
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
