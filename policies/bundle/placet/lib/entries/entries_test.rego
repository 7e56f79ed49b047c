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

test_a_request_without_a_signer_has_the_entry_of_every_group if {
	every type in ["KEY_GEN", "KEY_RESHARE", "KEY_SHARE_SIGN"] {
		entries.of_group({"hot": 1, "*": 2}) == 2 with input as {"request": {"type": type}, "facts": {"signer": null}}
		entries.of_token({"hot": {"ETH": 1}, "*": {"*": 4}}, "ETH") == 4 with input as {"request": {"type": type}}
	}
}

test_unchecked_needs_a_reason if {
	entries.unchecked({"unchecked": "why"})
	entries.unchecked({"unchecked": "?"})
	every entry in [{}, null, {"unchecked": ""}, {"unchecked": true}, {"unchecked": ["why"]}] {
		not entries.unchecked(entry)
	}
}
