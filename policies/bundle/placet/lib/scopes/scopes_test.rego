package placet.lib.scopes_test

import data.placet.lib.scopes

signed_by(group) := {"facts": {"signer": {"group": group, "vault": "treasury"}}}

eth := {"asset": {"token": "ETH"}}

test_an_entry_has_the_scopes_that_it_names if {
	found := scopes.of_entry({"label": "x", "groups": {"hot": {}}, "tokens": {"ETH": {}}}, eth) with input as signed_by("hot")
	found == [
		{"kind": "tokens", "names": {"ETH": {}}, "values": ["ETH"]},
		{"kind": "groups", "names": {"hot": {}}, "values": ["hot"]},
	]
}

test_what_is_not_proven_cannot_be_judged if {
	scopes.readable({"groups": {"hot": {}}}, eth) with input as signed_by("hot")
	every document in [{}, signed_by(null), signed_by(1)] {
		not scopes.readable({"groups": {"hot": {}}}, eth) with input as document
		scopes.readable({"tokens": {"ETH": {}}}, eth) with input as document
	}
	every names in [null, [], "hot", true] {
		not scopes.readable({"groups": names}, eth) with input as signed_by("hot")
	}
}

test_a_transfer_is_in_a_scope_that_names_it_with_an_object if {
	scopes.has({"names": {"ETH": {}}, "values": ["ETH"]})
	every names in [{}, {"ETH": null}, {"ETH": true}, {"BTC": {}}] {
		not scopes.has({"names": names, "values": ["ETH"]})
	}
	not scopes.has({"names": {"ETH": {}}, "values": []})
}

test_a_group_with_tags_pays_what_has_one_of_them if {
	tags := [{"hot": {"exchange": {}}}]
	scopes.tagged({"tags": {"exchange": {}, "old": {}}}, tags) with input as signed_by("hot")
	not scopes.tagged({"tags": {"old": {}}}, tags) with input as signed_by("hot")
	not scopes.tagged({}, tags) with input as signed_by("hot")
	scopes.tagged({}, tags) with input as signed_by("cold")
	scopes.tagged({}, []) with input as signed_by("hot")
}
