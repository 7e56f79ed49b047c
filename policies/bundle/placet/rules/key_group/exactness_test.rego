package placet.rules.key_group_exactness_test

import data.placet.rules.key_group as rule

gen := {"threshold": 2, "node_ids": ["n1", "n2", "n3"], "curve": 2}

reshare := {
	"root_pub_key": "xpub1", "curve": 2, "old_group_id": "g1", "used_node_ids": ["n1", "n3"], "old_threshold": 2,
	"new_threshold": 2, "new_node_ids": ["n1", "n2", "n4"],
}

reshared := {
	"root_key": "xpub1", "curve": "ed25519", "old_group_id": "g1", "old_threshold": 2, "old_node_ids": ["n1", "n2", "n3"],
	"new_threshold": 2, "new_node_ids": ["n1", "n2", "n4"],
}

judged(type, detail, groups) := codes if {
	codes := rule.deny | rule.hold with input as {"request": {"type": type, "detail": detail}}
		with rule.key_gen as groups
		with rule.key_reshare as groups
}

# One group of several that are planned is the one that is asked for.
test_any_planned_group_is_enough if {
	judged("KEY_GEN", gen, {
		"a": {"curve": "secp256k1", "threshold": 2, "node_ids": ["n1", "n2", "n3"]},
		"b": {"curve": "ed25519", "threshold": 2, "node_ids": ["n1", "n2", "n3"]},
	}) == set()
	judged("KEY_RESHARE", reshare, {"a": object.union(reshared, {"old_group_id": "g2"}), "b": reshared}) == set()
}

# The details of one type do not stand in for those of the other.
test_details_of_another_type_are_incomplete if {
	both := object.union(gen, reshare)
	judged("KEY_RESHARE", gen, {"b": reshared}) == {"KEY_GROUP_INCOMPLETE"}
	judged("KEY_GEN", reshare, {"b": {"curve": "ed25519", "threshold": 2, "node_ids": ["n1", "n2", "n3"]}}) == {"KEY_GROUP_INCOMPLETE"}
	judged("KEY_GEN", both, {"b": reshared}) == {"KEY_GROUP_NOT_ALLOWED"}
	judged("KEY_RESHARE", both, {"b": {"curve": "ed25519", "threshold": 2, "node_ids": ["n1", "n2", "n3"]}}) == {"KEY_GROUP_NOT_ALLOWED"}
}
