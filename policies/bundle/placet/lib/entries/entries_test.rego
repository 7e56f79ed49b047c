package placet.lib.entries_test

import data.placet.lib.entries

of(group) := {"facts": {"signer": {"group": group}}}

test_the_most_specific_entry_counts if {
	listed := {"hot": {"ETH": 1, "*": 2}, "*": {"ETH": 3, "*": 4}}
	entries.of_token(listed, "ETH") == 1 with input as of("hot")
	entries.of_token(listed, "BTC") == 2 with input as of("hot")
	entries.of_token(listed, null) == 2 with input as of("hot")
	entries.of_token(listed, "ETH") == 3 with input as of("cold")
	entries.of_token(listed, "BTC") == 4 with input as of("cold")
	entries.of_group({"hot": 1, "*": 2}) == 1 with input as of("hot")
	entries.of_group({"hot": 1, "*": 2}) == 2 with input as of("cold")
	not entries.of_token({"hot": {"ETH": 1}}, "BTC") with input as of("hot")
	not entries.of_group({"hot": 1}) with input as of("cold")
}

unproven := [{}, {"facts": {"signer": null}}, of(null), of(1), {"request": {"type": "KEY_SIGN"}}, {"request": {"type": "KEY"}}]

test_no_entry_counts_for_a_group_that_is_not_proven if {
	every document in unproven {
		not entries.of_token({"hot": {"ETH": 1, "*": 2}, "*": {"ETH": 3, "*": 4}}, "ETH") with input as document
		not entries.of_token({"hot": {"ETH": 1}, "*": {"*": 4}}, "ETH") with input as document
		not entries.of_group({"hot": 1, "*": 2}) with input as document
		not entries.settled({"hot": 1, "*": 2}) with input as document
		not entries.settled({"hot": 1}) with input as document
		not entries.settled(null) with input as document
		not entries.settled(["*"]) with input as document
		not entries.settled([]) with input as document
	}
}

test_the_entry_of_every_group_counts_where_none_is_named if {
	every document in unproven {
		entries.of_token({"*": {"ETH": 3, "*": 4}}, "ETH") == 3 with input as document
		entries.of_token({"*": {"ETH": 3, "*": 4}}, "BTC") == 4 with input as document
		entries.of_group({"*": 2}) == 2 with input as document
		entries.settled({}) with input as document
	}
}

test_a_key_that_is_yet_to_be_made_has_the_entry_of_every_group if {
	entries.of_group({"hot": 1, "*": 2}) == 2 with input as {"request": {"type": "KEY_GEN"}, "facts": {"signer": null}}
	entries.of_token({"hot": {"ETH": 1}, "*": {"*": 4}}, "ETH") == 4 with input as {"request": {"type": "KEY_GEN"}}
}

keys := {
	"xpub-a": {"group": "hot", "group_ids": ["a", "a-later"]},
	"xpub-b": {"group": "hot", "group_ids": ["b"]},
	"xpub-c": {"group": "cold", "group_ids": ["c"]},
	"xpub-d": {"group": "small", "group_ids": ["d"]},
}

reshare(old_group_id, root_pub_key) := {
	"request": {"type": "KEY_RESHARE", "detail": {"old_group_id": old_group_id, "root_pub_key": root_pub_key}},
	"facts": {"signer": null},
}

share_sign(details) := {"request": {"type": "KEY_SHARE_SIGN", "detail": {"details": details}}, "facts": {"signer": null}}

test_shares_have_the_entry_of_the_group_of_their_pinned_keys if {
	listed := {"hot": 1, "cold": 2, "*": 3}
	every document, expected in {
		reshare("a", "xpub-a"): 1,
		reshare("a-later", "xpub-a"): 1,
		reshare("c", "xpub-c"): 2,
		reshare("d", "xpub-d"): 3,
		share_sign([{"group_id": "a"}]): 1,
		share_sign([{"group_id": "a"}, {"group_id": "b"}]): 1,
		share_sign([{"group_id": "d"}]): 3,
	} {
		entries.of_group(listed) == expected with input as document with data.placet.registry.keys as keys
		entries.settled(listed) with input as document with data.placet.registry.keys as keys
	}
	entries.of_token({"hot": {"ETH": 1}, "*": {"*": 4}}, "ETH") == 1 with input as reshare("a", "xpub-a") with data.placet.registry.keys as keys
}

test_shares_of_no_one_pinned_group_have_no_entry_where_groups_are_named if {
	every document in [
		reshare("nobody's", "xpub-d"), reshare("a", "xpub-nobody's"), reshare("c", "xpub-d"), reshare("d", null), reshare(null, "xpub-d"),
		{"request": {"type": "KEY_RESHARE", "detail": {"root_pub_key": "xpub-d"}}},
		{"request": {"type": "KEY_RESHARE", "detail": {"old_group_id": "d"}}},
		{"request": {"type": "KEY_RESHARE", "detail": {"root_pub_key": "xpub-d", "details": [{"group_id": "d"}]}}},
		share_sign([{"group_id": "d"}, {"group_id": "a"}]), share_sign([{"group_id": "d"}, {"group_id": "nobody's"}]),
		share_sign([{"group_id": "d"}, {}]), share_sign([{"group_id": "d"}, {"group_id": null}]), share_sign([]), share_sign(null),
		share_sign("d"), {"request": {"type": "KEY_SHARE_SIGN", "detail": {"old_group_id": "d", "root_pub_key": "xpub-d"}}},
		{"request": {"type": "KEY_SHARE_SIGN"}}, {"request": {"type": "KEY_RESHARE"}},
		{"request": {"type": "KEY_SIGN", "detail": {"old_group_id": "d", "root_pub_key": "xpub-d", "details": [{"group_id": "d"}]}}},
	] {
		not entries.of_group({"hot": 1, "*": 3}) with input as document with data.placet.registry.keys as keys
		not entries.settled({"hot": 1, "*": 3}) with input as document with data.placet.registry.keys as keys
		entries.of_group({"*": 3}) == 3 with input as document with data.placet.registry.keys as keys
	}
}

test_a_pinned_key_without_a_group_settles_nothing if {
	every pinned in [{"group_ids": ["d"]}, {"group": null, "group_ids": ["d"]}, {"group": "small"}, {"group": "small", "group_ids": "d"}, null] {
		every document in [reshare("d", "xpub-d"), share_sign([{"group_id": "d"}])] {
			not entries.settled({"hot": 1, "*": 3}) with input as document with data.placet.registry.keys as {"xpub-d": pinned}
		}
	}
}

test_unchecked_needs_a_reason if {
	entries.unchecked({"unchecked": "why"})
	entries.unchecked({"unchecked": "?"})
	every entry in [{}, null, {"unchecked": ""}, {"unchecked": true}, {"unchecked": ["why"]}] {
		not entries.unchecked(entry)
	}
}
