package placet.rules.message_signing_values_test

import data.placet.rules.message_signing as rule

permit := {
	"scheme": "eip712", "network": "1", "contract": "0xa", "primary_type": "Permit", "may_be_hash": false, "approvals": [],
	"hazards": [], "domain": {"name": "Tether USD", "version": "1", "chainId": "1", "verifyingContract": "0xa"},
	"values": {"owner": "0x5", "value": "7", "details": {"token": "0xb"}},
}

changed(changes) := object.union(permit, changes)

silent := {"deny": set(), "hold": set()}

unlisted := {"deny": set(), "hold": {"MESSAGES_NOT_CONFIGURED"}}

unproven := {"deny": set(), "hold": {"MESSAGE_VALUES_NOT_PROVEN"}}

document(signed) := {"facts": {"messages": [signed], "signer": {"vault": "treasury", "address": "0x5"}}}

listing(contract, entry) := {"1": {contract: {"Permit": entry}}}

judged(asked, typed, effect) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked with rule.typed as typed with rule.effects as {"VALUE_NOT_ALLOWED": effect}
	held := rule.hold with input as asked with rule.typed as typed with rule.effects as {"VALUE_NOT_ALLOWED": effect}
}

test_a_domain_is_listed_with_its_name_and_version if {
	every domain in [{}, {"name": "Tether USD"}, {"name": "Tether USD", "version": "1"}] {
		judged(document(permit), listing("0xa", {"domain": domain}), "hold") == silent
	}
	every domain in [{"name": "Tether"}, {"version": "2"}, {"name": null}, {"salt": "0x00"}, null, "Tether USD", [], false] {
		judged(document(permit), listing("0xa", {"domain": domain}), "hold") == unlisted
	}
	judged(document(object.remove(permit, ["domain"])), listing("0xa", {"domain": {"version": "1"}}), "hold") == unlisted
}

test_a_domain_without_a_contract_is_listed_by_name_only if {
	nameless := document(changed({"contract": null}))
	judged(nameless, listing("none", {"domain": {"name": "Tether USD"}}), "hold") == silent
	every entry in [{}, {"domain": {"version": "1"}}, {"domain": {"name": null}}, {"domain": {"name": "Other"}}] {
		judged(nameless, listing("none", entry), "hold") == unlisted
	}
	judged(document(permit), listing("none", {"domain": {"name": "Tether USD"}}), "hold") == unlisted
}

limits := listing("0xa", {"values": {
	"owner": {"caller": true}, "value": {"at_most": "7"}, "details.token": {"one_of": {"0xb": {}}},
}})

test_silent_within_every_restriction if judged(document(permit), limits, "hold") == silent

broken_values := [{"value": "8"}, {"owner": "0x6"}, {"details": {"token": "0xc"}}]

test_another_value_holds_or_denies_as_the_data_say if {
	every values in broken_values {
		asked := document(changed({"values": object.union(permit.values, values)}))
		judged(asked, limits, "hold") == {"deny": set(), "hold": {"MESSAGE_VALUE_NOT_ALLOWED"}}
		judged(asked, limits, "allow") == {"deny": set(), "hold": {"MESSAGE_VALUE_NOT_ALLOWED"}}
		judged(asked, limits, "deny") == {"deny": {"MESSAGE_VALUE_DENIED"}, "hold": set()}
	}
}

test_what_cannot_be_judged_holds_and_never_denies if {
	every values in [null, [], {}, {"owner": "0x5", "value": "7"}, object.union(permit.values, {"value": 7}), object.union(permit.values, {"details": "0xb"})] {
		signed := object.union(object.remove(permit, ["values"]), {"values": values})
		judged(document(signed), limits, "deny") == unproven
	}
	every values in [null, "owner", 5, {"value": {}}, {"value": "7"}, {"value": {"at_most": 7}}] {
		judged(document(permit), listing("0xa", {"values": values}), "deny") == unproven
	}
	without_signer := {"facts": {"messages": [permit], "signer": null}}
	judged(without_signer, limits, "deny") == unproven
}

text := {"scheme": "eip191", "text": "Log in with 123456", "may_be_hash": false, "approvals": [], "hazards": []}

signing(signed, entry) := codes if codes := rule.hold with input as document(signed) with rule.texts as {"treasury": entry}

test_a_text_is_listed_as_a_whole if {
	signing(text, {"matches": "Log in with [0-9]{6}"}) == set()
	signing(text, {}) == set()
	every entry in [
		{"matches": "Log in"}, {"matches": "[0-9]{6}"}, {"matches": ""}, {"matches": "("}, {"matches": null}, {"matches": 5},
		{"matches": false}, {"matches": "Log in with [0-9]{5}"}, {"matches": "Log in|with [0-9]{6}"}, true, null,
	] {
		signing(text, entry) == {"MESSAGES_NOT_CONFIGURED"}
	}
	every other in ["Log in with 123456\n", "Log in with 123456\nand pay", "\nLog in with 123456", null, 123456] {
		signing(object.union(text, {"text": other}), {"matches": "Log in with [0-9]{6}"}) == {"MESSAGES_NOT_CONFIGURED"}
	}
}

test_messages_name_what_is_meant if {
	asked := document(changed({"values": object.union(permit.values, {"value": "8"})}))
	texts := rule.message with input as asked with rule.typed as limits
	texts.MESSAGE_VALUE_NOT_ALLOWED == "not as listed: value 8 (must be: at most 7)"
	texts.MESSAGE_VALUE_DENIED == texts.MESSAGE_VALUE_NOT_ALLOWED
	unknown := rule.message with input as asked with rule.typed as listing("0xa", {"values": {"nonce": {"at_most": "7"}}})
	unknown.MESSAGE_VALUES_NOT_PROVEN == "cannot be judged: nonce  (must be: at most 7)"
	typed := rule.message.MESSAGES_NOT_CONFIGURED with input as document(permit) with rule.typed as {}
	typed == "not configured: Permit of the contract 0xa on network 1"
	personal := rule.message.MESSAGES_NOT_CONFIGURED with input as document(text) with rule.texts as {}
	personal == "not configured: a message of eip191"
}
