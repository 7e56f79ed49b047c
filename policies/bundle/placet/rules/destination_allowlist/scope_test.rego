package placet.rules.destination_allowlist_scope_test

import data.placet.rules.destination_allowlist as rule

signer := {"group": "hot", "vault": "treasury", "address": "0x5"}

payment := {"asset": {"chain": "ETH", "token": "ETH", "kind": "native"}, "from": "0x5", "to": "0xa", "amount": "1"}

document(transfers, who) := {"facts": {"chain": {"id": "ETH", "kind": "evm"}, "transfers": transfers, "calls": [], "messages": [], "signer": who}}

judged(asked, entry, tags, effect) := {"deny": denied, "hold": held} if {
	listed := {"ETH": {"0xa": entry, "0xb": {"label": "b"}}}
	effects := {"OUT_OF_SCOPE": effect}
	denied := rule.deny with input as asked with rule.destinations as listed with rule.tags_of_groups as tags with rule.effects as effects
	held := rule.hold with input as asked with rule.destinations as listed with rule.tags_of_groups as tags with rule.effects as effects
}

paid(entry, tags, effect) := judged(document([payment], signer), entry, tags, effect)

silent := {"deny": set(), "hold": set()}

outside := {"deny": set(), "hold": {"DESTINATION_OUT_OF_SCOPE"}}

unproven := {"deny": set(), "hold": {"DESTINATION_SCOPE_NOT_PROVEN"}}

test_silent_within_every_scope if {
	paid({"tokens": {"ETH": {}, "ETH_USDT": {}}, "groups": {"hot": {}}, "vaults": {"treasury": {}}}, {}, "hold") == silent
	paid({}, {}, "hold") == silent
}

wrong_scopes := [
	{"tokens": {"ETH_USDT": {}}}, {"groups": {"cold": {}}}, {"vaults": {"other": {}}}, {"tokens": {"ETH": true}},
	{"tokens": {}}, {"tokens": {"ETH": {}}, "groups": {"cold": {}}},
]

test_another_scope_holds_or_denies_as_the_data_say if {
	every entry in wrong_scopes {
		paid(entry, {}, "hold") == outside
		paid(entry, {}, "allow") == outside
		paid(entry, {}, "deny") == {"deny": {"DESTINATION_OUT_OF_SCOPE_DENIED"}, "hold": set()}
	}
}

test_a_key_group_with_tags_pays_only_addresses_that_have_one if {
	paid({"tags": {"supplier": {}, "old": {}}}, {"hot": {"supplier": {}, "own": {}}}, "hold") == silent
	paid({"tags": {"supplier": {}}}, {"cold": {"own": {}}}, "hold") == silent
	every entry in [{}, {"tags": {}}, {"tags": {"supplier": {}}}, {"tags": {"own": true}}] {
		paid(entry, {"hot": {"own": {}}}, "hold") == outside
		paid(entry, {"hot": {"own": {}}}, "deny").deny == {"DESTINATION_OUT_OF_SCOPE_DENIED"}
	}
	paid({"tags": {"own": {}}}, {"hot": {"own": true}}, "hold") == outside
	paid({"tags": {"own": {}}}, {"hot": {}}, "hold") == outside
}

test_what_cannot_be_judged_holds_and_never_denies if {
	every kind in ["tokens", "groups", "vaults", "tags"] {
		every names in [null, false, "ETH", ["ETH"], 5] {
			paid({kind: names}, {}, "deny") == unproven
		}
	}
	every tags in [null, false, "hot", ["hot"], {"hot": null}, {"hot": ["own"]}] {
		paid({}, tags, "deny") == unproven
	}
	every who in [null, {}, {"group": null, "vault": null}] {
		asked := document([payment], who)
		judged(asked, {"groups": {"hot": {}}}, {}, "deny") == unproven
		judged(asked, {"vaults": {"treasury": {}}}, {}, "deny") == unproven
		judged(asked, {}, {"hot": {"own": {}}}, "deny") == unproven
	}
	every token in [null, 5] {
		asked := document([object.union(payment, {"asset": {"token": token}})], signer)
		judged(asked, {"tokens": {"ETH": {}}}, {}, "deny") == unproven
	}
}

test_every_transfer_is_judged if {
	asked := document([object.union(payment, {"to": "0xb"}), payment], signer)
	judged(asked, {"tokens": {"ETH_USDT": {}}}, {}, "hold") == outside
}

test_what_is_not_listed_has_no_scope if {
	asked := document([object.union(payment, {"to": "0xc"})], signer)
	judged(asked, {"tokens": {"ETH_USDT": {}}}, {"hot": {"own": {}}}, "deny") == {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()}
}

test_an_address_that_is_not_listed_denies_or_holds_as_the_data_say if {
	asked := document([object.union(payment, {"to": "0xc"})], signer)
	every effects, expected in {
		{}: {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()},
		{"UNLISTED": "deny"}: {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()},
		{"UNLISTED": "allow"}: {"deny": {"DESTINATION_NOT_ALLOWED"}, "hold": set()},
		{"UNLISTED": "hold"}: {"deny": set(), "hold": {"DESTINATION_NOT_ALLOWED_HELD"}},
	} {
		listed := {"ETH": {"0xa": {"label": "a"}}}
		denied := rule.deny with input as asked with rule.destinations as listed with rule.effects as effects
		held := rule.hold with input as asked with rule.destinations as listed with rule.effects as effects
		{"deny": denied, "hold": held} == expected
	}
	text := rule.message.DESTINATION_NOT_ALLOWED_HELD with input as asked with rule.destinations as {"ETH": {"0xa": {}}}
	text == "not on the list: 0xc"
}

test_what_returns_to_the_signer_has_no_scope if {
	asked := document([object.union(payment, {"from": "0x5", "to": "0x5"})], signer)
	judged(asked, {}, {"hot": {"own": {}}}, "deny") == silent
}

test_messages_name_the_scope if {
	listed := {"ETH": {"0xa": {"tokens": {"ETH_USDT": {}}}}}
	texts := rule.message with input as document([payment], signer) with rule.destinations as listed with rule.tags_of_groups as {"hot": {"own": {}}}
	texts.DESTINATION_OUT_OF_SCOPE == "listed, but not for tags: those that hot pays (0xa), tokens: ETH (0xa)"
	texts.DESTINATION_OUT_OF_SCOPE_DENIED == texts.DESTINATION_OUT_OF_SCOPE
}
