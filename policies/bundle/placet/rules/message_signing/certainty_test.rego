package placet.rules.message_signing_certainty_test

import data.placet.rules.message_signing as rule

approval := {"spender": "0xd", "amount": "5", "unlimited": false}

permit := {
	"scheme": "eip712", "network": "1", "contract": "0xa", "primary_type": "Permit", "may_be_hash": false,
	"approvals": [approval], "hazards": [], "values": {"value": "5"},
}

listed := {"1": {"0xa": {"Permit": {"label": "permits"}}}}

denying := {"SPENDER_NOT_LISTED": "deny", "VALUE_NOT_ALLOWED": "deny", "MAY_BE_HASH": "deny"}

judged(asked, typed) := {"deny": denied, "hold": held} if {
	document := {"facts": {"messages": asked, "signer": {"vault": "treasury", "address": "0x5"}}}
	denied := rule.deny with input as document with rule.typed as typed with rule.effects as denying
	held := rule.hold with input as document with rule.typed as typed with rule.effects as denying
}

test_denies_what_is_certain_where_the_data_say_so if {
	judged([permit], listed) == {"deny": {"MESSAGE_DENIED"}, "hold": set()}
}

# Spenders are listed by network: on one that is not known they may be listed.
test_holds_a_spender_on_no_network if {
	unknown := {"deny": set(), "hold": {"MESSAGES_NOT_CONFIGURED"}}
	judged([object.union(permit, {"network": null})], listed) == unknown
	judged([object.remove(permit, ["network"])], listed) == unknown
}

test_holds_an_approval_of_which_a_fact_is_missing if {
	every broken in [
		object.remove(approval, ["amount"]), object.union(approval, {"amount": 5}), object.remove(approval, ["spender"]),
		object.union(approval, {"spender": null}), object.union(approval, {"spender": 5}),
		object.union(approval, {"amount": "0", "unlimited": null}),
	] {
		judged([object.union(permit, {"approvals": [broken]})], listed) == {"deny": set(), "hold": {"MESSAGES_NOT_PROVEN"}}
	}
}

restricted := {"1": {"0xa": {"Permit": {"label": "permits", "values": {"value": {"at_most": "4"}}}}}}

# Another message of the request is not understood, and with it what the whole does.
test_a_value_is_not_judged_beside_a_message_that_is_not_proven if {
	plain := object.union(permit, {"approvals": []})
	judged([plain], restricted) == {"deny": {"MESSAGE_VALUE_DENIED"}, "hold": set()}
	mixed := [plain, object.union(plain, {"hazards": null})]
	judged(mixed, restricted) == {"deny": set(), "hold": {"MESSAGES_NOT_PROVEN"}}
	held := rule.hold with input as {"facts": {"messages": mixed}} with rule.typed as restricted with rule.effects as {}
	held == {"MESSAGES_NOT_PROVEN"}
}

test_holds_messages_or_approvals_that_are_no_lists if {
	unproven := {"deny": set(), "hold": {"MESSAGES_NOT_PROVEN"}}
	plain := object.union(permit, {"approvals": []})
	judged({"a": plain}, listed) == unproven
	judged([object.union(plain, {"approvals": {"a": object.union(approval, {"amount": "0"})}})], listed).hold == {"MESSAGES_NOT_PROVEN"}
}

# A text has no contract and no type, whatever stands in its facts.
test_a_text_is_not_listed_as_typed_data if {
	every scheme in ["eip191", "bip137"] {
		text := object.union(permit, {"scheme": scheme, "approvals": []})
		judged([text], listed).hold == {"MESSAGES_NOT_CONFIGURED"}
	}
}

test_a_value_that_is_kept_is_silent_whatever_the_data_say if {
	kept := object.union(permit, {"approvals": [], "values": {"value": "4"}})
	judged([kept], restricted) == {"deny": set(), "hold": set()}
}

test_messages_name_only_what_is_meant if {
	unlisted := object.union(permit, {"primary_type": "Order"})
	broken := object.union(permit, {"values": {"value": "5"}})
	texts := rule.message with input as {"facts": {"messages": [unlisted, broken]}} with rule.typed as restricted
	texts.MESSAGES_NOT_CONFIGURED == "not configured: Order of the contract 0xa on network 1"
	texts.MESSAGE_VALUE_NOT_ALLOWED == "not as listed: value 5 (must be: at most 4)"
	texts.MESSAGE_VALUES_NOT_PROVEN == "cannot be judged: "
}
