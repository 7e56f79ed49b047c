package placet.rules.node_group_test

import data.placet.rules.node_group as rule

nodes := {
	"node-1": {"node_id": "n1", "groups": {
		"g1": {"label": "main", "holders": {"n1": {"label": "server"}, "n2": {"label": "phone"}, "n3": {"label": "provider"}, "n4": true}},
		"g2": {"label": "recovery", "holders": {"n1": {"label": "server"}}},
		"g3": {"label": "broken"},
	}},
	"node-2": {"node_id": 2, "groups": {"g1": {"label": "main", "holders": {"n1": {"label": "server"}}}}},
	"node-3": {"node_id": "n3", "groups": {}},
	"node-4": {"groups": {"g1": {"label": "main", "holders": {"n1": {"label": "server"}}}}},
}

request(type, detail) := {"node": {"name": "node-1"}, "request": {"type": type, "detail": detail}}

sign(group_id, used) := request("KEY_SIGN", {"group_id": group_id, "used_node_ids": used})

reshare(old, used, new) := request("KEY_RESHARE", {"old_group_id": old, "used_node_ids": used, "new_node_ids": new})

gen(node_ids) := request("KEY_GEN", {"node_ids": node_ids})

share(node_id, groups) := request("KEY_SHARE_SIGN", {"node_id": node_id, "details": [{"group_id": group_id} | some group_id in groups]})

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.nodes as nodes with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.nodes as nodes with rule.on_breach as on_breach
}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_for_its_own_share_with_holders_of_the_group if {
	every document in [
		sign("g1", ["n1", "n2"]), sign("g2", ["n1"]), reshare("g1", ["n1", "n3"], ["n8", "n9"]),
		reshare("g1", ["n2", "n3"], ["n1", "n9"]), gen(["n1", "n9"]), share("n1", ["g1", "g2"]),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == {"deny": set(), "hold": set()}
		}
	}
}

test_anything_else_holds_or_denies if {
	every document in [
		sign("g9", ["n1", "n2"]), sign("g1", ["n1", "n9"]), sign("g1", ["n2", "n3"]), sign("g1", ["n1", "n4"]),
		sign("g2", ["n1", "n2"]), sign("g3", ["n1"]), reshare("g9", ["n1", "n3"], ["n1"]),
		reshare("g1", ["n1", "n9"], ["n1"]), reshare("g1", ["n2", "n3"], ["n8"]), gen(["n2", "n9"]),
		share("n2", ["g1"]), share("n1", ["g1", "g9"]),
	] {
		judged(document, "hold") == holds("NODE_GROUP_NOT_ALLOWED")
		judged(document, "deny") == {"deny": {"NODE_GROUP_DENIED"}, "hold": set()}
	}
}

test_the_message_says_who_asked_for_what if {
	every code in ["NODE_GROUP_NOT_ALLOWED", "NODE_GROUP_DENIED"] {
		message := rule.message[code] with input as sign("g9", ["n1", "n2"]) with rule.nodes as nodes
		message == "node node-1 (n1) asks for g9 with n1, n2"
	}
}

test_holds_what_does_not_say_what_it_needs if {
	every document in [
		sign(null, ["n1"]), sign("g1", null), sign("g1", []), sign("g1", ["n1", 2]), sign("g1", ["n1", "n1"]), sign("g1", "n1"),
		request("KEY_SIGN", {}), request("KEY_SIGN", null), reshare("g1", ["n1"], null), reshare("g1", null, ["n1"]),
		reshare("g1", ["n1"], [1]), reshare(1, ["n1"], ["n1"]), reshare("g1", [], []), gen(null), gen([]), gen([1]),
		request("KEY_GEN", {}), share(null, ["g1"]), share(1, ["g1"]), share("n1", []), share("n1", [1]),
		request("KEY_SHARE_SIGN", {"node_id": "n1"}), request("PING", {"node_id": "n1"}), {"node": {"name": "node-1"}},
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("NODE_GROUP_INCOMPLETE")
		}
	}
}

first(type, node_ids) := {"node": {"name": "node-3"}, "request": {"type": type, "detail": {"node_ids": node_ids}}}

test_a_node_without_a_group_may_take_part_in_a_new_key_only if {
	every on_breach in ["deny", "hold"] {
		judged(first("KEY_GEN", ["n9", "n3"]), on_breach) == {"deny": set(), "hold": set()}
		judged(first("KEY_GEN", []), on_breach) == holds("NODE_GROUP_INCOMPLETE")
		every type in ["KEY_SIGN", "KEY_RESHARE", "KEY_SHARE_SIGN", "KEY_GENERATE", null] {
			judged(first(type, ["n3"]), on_breach) == holds("NODE_GROUP_NOT_CONFIGURED")
		}
	}
	judged(first("KEY_GEN", ["n1", "n2"]), "hold") == holds("NODE_GROUP_NOT_ALLOWED")
	judged(first("KEY_GEN", ["n1", "n2"]), "deny") == {"deny": {"NODE_GROUP_DENIED"}, "hold": set()}
}

test_one_group_is_enough if {
	one := {"node-1": {"node_id": "n1", "groups": {"g2": {"label": "recovery", "holders": {"n1": {"label": "server"}}}}}}
	rule.hold == set() with input as sign("g2", ["n1"]) with rule.nodes as one with rule.on_breach as "deny"
	rule.deny == set() with input as sign("g2", ["n1"]) with rule.nodes as one with rule.on_breach as "deny"
}

test_what_is_only_partly_stated_holds if {
	objects := request("KEY_GEN", {"node_ids": {"a": "n1"}})
	details := {"node_id": "n1", "details": [{"group_id": "g1"}]}
	every document in [
		objects, share("n1", ["g1", 1]), share("n1", ["g1", null]), reshare("g1", [1], ["n1"]), reshare("g1", ["n1", ""], ["n1"]),
		request("PING", details), request("KEY", details),
		request("KEY_SHARE_SIGN", {"node_id": "n1", "details": [{"group_id": "g1"}, {}]}),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("NODE_GROUP_INCOMPLETE")
		}
	}
}

test_a_new_key_needs_a_node_that_is_listed if {
	every broken in [{"node_id": "n1"}, {"node_id": "n1", "groups": null}, {"node_id": "n1", "groups": []}, {"groups": {}}, {"node_id": 1, "groups": {}}] {
		rule.hold == {"NODE_GROUP_NOT_CONFIGURED"} with input as gen(["n1"])
			with rule.nodes as {"node-1": broken}
			with rule.on_breach as "deny"
		rule.deny == set() with input as gen(["n1"]) with rule.nodes as {"node-1": broken} with rule.on_breach as "deny"
	}
}

test_holds_a_node_that_is_not_configured if {
	good := sign("g1", ["n1", "n2"])
	every name in ["node-2", "node-3", "node-4", "node-9", null, 1] {
		judged(object.union(good, {"node": {"name": name}}), "deny") == holds("NODE_GROUP_NOT_CONFIGURED")
	}
	every broken in [{}, null, ["node-1"], {"node-1": "n1"}] {
		rule.deny == set() with input as good with rule.nodes as broken with rule.on_breach as "deny"
		rule.hold == {"NODE_GROUP_NOT_CONFIGURED"} with input as good with rule.nodes as broken with rule.on_breach as "deny"
	}
	every on_breach in ["allow", "", null, true] {
		judged(sign("g9", ["n1"]), on_breach) == holds("NODE_GROUP_NOT_CONFIGURED")
	}
	rule.hold == {"NODE_GROUP_NOT_CONFIGURED"} with input as {}
	message := rule.message.NODE_GROUP_NOT_CONFIGURED with input as good
	message == "no groups for node node-1"
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
