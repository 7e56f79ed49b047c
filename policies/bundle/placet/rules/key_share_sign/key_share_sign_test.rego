package placet.rules.key_share_sign_test

import data.placet.rules.key_share_sign as rule

allowed := {"n1": {"g1": {}, "g2": {}, "g3": true}}

judged(detail) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as {"request": {"detail": detail}} with rule.allowed as allowed
	held := rule.hold with input as {"request": {"detail": detail}} with rule.allowed as allowed
}

detail(node_id, group_ids) := {
	"node_id": node_id,
	"details": [{"group_id": group_id, "message": "0x00"} | some group_id in group_ids],
}

test_silent_for_listed_groups_of_a_listed_node if {
	judged(detail("n1", ["g1", "g2"])) == {"deny": set(), "hold": set()}
}

test_denies_a_group_that_is_not_listed if {
	judged(detail("n1", ["g1", "g9"])) == {"deny": {"KEY_SHARE_SIGN_NOT_ALLOWED"}, "hold": set()}
	judged(detail("n1", ["g3"])) == {"deny": {"KEY_SHARE_SIGN_NOT_ALLOWED"}, "hold": set()}
	message := rule.message.KEY_SHARE_SIGN_NOT_ALLOWED with input as {"request": {"detail": detail("n1", ["g1", "g9"])}}
		with rule.allowed as allowed
	message == "node n1, groups g9"
}

test_denies_a_node_that_is_not_listed if {
	judged(detail("n2", ["g1"])) == {"deny": {"KEY_SHARE_SIGN_NOT_ALLOWED"}, "hold": set()}
}

test_holds_an_incomplete_request if {
	every broken in [
		{},
		null,
		detail("n1", []),
		detail(1, ["g1"]),
		detail(null, ["g1"]),
		detail("n1", [1]),
		detail("n1", [null]),
		detail("n1", ["g1", null]),
		{"details": [{"group_id": "g1"}]},
		{"node_id": "n1"},
		{"node_id": "n1", "details": null},
		{"node_id": "n1", "details": {"a": {"group_id": "g1"}}},
		{"node_id": "n1", "details": [{"message": "0x00"}]},
	] {
		judged(broken) == {"deny": set(), "hold": {"KEY_SHARE_SIGN_INCOMPLETE"}}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], "n1"] {
		rule.deny == set() with input as {"request": {"detail": detail("n1", ["g1"])}} with rule.allowed as broken
		rule.hold == {"KEY_SHARE_SIGN_NOT_CONFIGURED"} with input as {"request": {"detail": detail("n1", ["g1"])}}
			with rule.allowed as broken
	}
}

decided(detail, on_breach) := {"deny": denied, "hold": held} if {
	document := {"request": {"detail": detail}}
	denied := rule.deny with input as document with rule.allowed as allowed with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.allowed as allowed with rule.on_breach as on_breach
}

test_a_breach_denies_or_holds_by_data if {
	every asked in [detail("n1", ["g1", "g9"]), detail("n1", ["g3"]), detail("n2", ["g1"])] {
		decided(asked, "deny") == {"deny": {"KEY_SHARE_SIGN_NOT_ALLOWED"}, "hold": set()}
		decided(asked, "hold") == {"deny": set(), "hold": {"KEY_SHARE_SIGN_HELD"}}
		decided(asked, "allow") == {"deny": set(), "hold": {"KEY_SHARE_SIGN_NOT_CONFIGURED"}}
		decided(asked, null) == {"deny": set(), "hold": {"KEY_SHARE_SIGN_NOT_CONFIGURED"}}
	}
	message := rule.message.KEY_SHARE_SIGN_HELD with input as {"request": {"detail": detail("n1", ["g1", "g9"])}}
		with rule.allowed as allowed
	message == "node n1, groups g9"
}

test_where_a_breach_holds_the_rest_is_as_ever if {
	decided(detail("n1", ["g1", "g2"]), "hold") == {"deny": set(), "hold": set()}
	decided(detail("n1", [null]), "hold") == {"deny": set(), "hold": {"KEY_SHARE_SIGN_INCOMPLETE"}}
	rule.hold == {"KEY_SHARE_SIGN_NOT_CONFIGURED"} with input as {"request": {"detail": detail("n1", ["g1"])}}
		with rule.allowed as {}
		with rule.on_breach as "hold"
}
