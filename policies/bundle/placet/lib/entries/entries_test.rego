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
	entries.of_token(listed, "ETH") == 3 with input as {}
	entries.of_group({"hot": 1, "*": 2}) == 1 with input as of("hot")
	entries.of_group({"hot": 1, "*": 2}) == 2 with input as of("cold")
	not entries.of_token({"hot": {"ETH": 1}}, "BTC") with input as of("hot")
	not entries.of_group({"hot": 1}) with input as of("cold")
}

test_unchecked_needs_a_reason if {
	entries.unchecked({"unchecked": "why"})
	entries.unchecked({"unchecked": "?"})
	every entry in [{}, null, {"unchecked": ""}, {"unchecked": true}, {"unchecked": ["why"]}] {
		not entries.unchecked(entry)
	}
}
