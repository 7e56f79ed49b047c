package placet.rules.message_signing_test

import data.placet.rules.message_signing as rule

typed := {"1": {"0xa": {"Order": {"label": "orders"}, "Permit": true}}}

texts := {"treasury": {"label": "logins"}}

spenders := {"1": {"0xc": {"label": "exchange"}}}

approval(amount, unlimited) := {"spender": "0xc", "amount": amount, "unlimited": unlimited}

effects := {"MAY_BE_HASH": "hold", "RAW_HASH": "deny", "UNLIMITED_APPROVAL": "deny"}

order := {
	"scheme": "eip712",
	"network": "1",
	"contract": "0xa",
	"primary_type": "Order",
	"may_be_hash": false,
	"approvals": [],
	"hazards": [],
}

text := {
	"scheme": "eip191",
	"network": null,
	"contract": null,
	"primary_type": null,
	"may_be_hash": false,
	"approvals": [],
	"hazards": [],
}

document(messages) := {"facts": {"messages": messages, "signer": {"vault": "treasury"}}}

judged(asked) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked with rule.typed as typed with rule.texts as texts with rule.spenders as spenders with rule.effects as effects
	held := rule.hold with input as asked with rule.typed as typed with rule.texts as texts with rule.spenders as spenders with rule.effects as effects
}

test_silent_for_listed_messages if judged(document([order, text])) == {"deny": set(), "hold": set()}

test_the_texts_of_bitcoin_are_judged_like_those_of_evm if {
	every scheme in {"bip137", "bip322"} {
		signed := object.union(text, {"scheme": scheme})
		judged(document([signed])) == {"deny": set(), "hold": set()}
		judged(document([object.union(signed, {"may_be_hash": true})])) == {"deny": set(), "hold": {"MESSAGE_HELD"}}
		rule.hold == {"MESSAGES_NOT_CONFIGURED"} with input as document([signed]) with rule.texts as {"other": {"label": "logins"}}
	}
}

test_silent_without_messages if judged(document([])) == {"deny": set(), "hold": set()}

test_holds_typed_data_that_is_not_listed if {
	every changes in [{"network": "5"}, {"network": null}, {"contract": "0xb"}, {"contract": null}, {"primary_type": "Permit"}] {
		judged(document([order, object.union(order, changes)])) == {"deny": set(), "hold": {"MESSAGES_NOT_CONFIGURED"}}
	}
}

test_holds_a_text_of_another_vault_or_of_no_proven_key if {
	every signer in [{"vault": "other"}, null] {
		asked := {"facts": {"messages": [text], "signer": signer}}
		judged(asked) == {"deny": set(), "hold": {"MESSAGES_NOT_CONFIGURED"}}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], {"1": {}}, {"treasury": true}] {
		rule.hold == {"MESSAGES_NOT_CONFIGURED"} with input as document([order]) with rule.typed as broken
		rule.hold == {"MESSAGES_NOT_CONFIGURED"} with input as document([text]) with rule.texts as broken
	}
}

test_denies_a_bare_hash if {
	asked := document([object.union(text, {"scheme": "raw", "may_be_hash": true})])
	judged(asked) == {"deny": {"MESSAGE_DENIED"}, "hold": {"MESSAGES_NOT_CONFIGURED"}}
	message := rule.message.MESSAGE_DENIED with input as asked with rule.effects as effects
	message == "refused: RAW_HASH"
}

test_denies_an_unlimited_approval if {
	unlimited := object.union(order, {"approvals": [approval("5", false), approval(null, true)]})
	judged(document([unlimited])) == {"deny": {"MESSAGE_DENIED"}, "hold": set()}
	judged(document([object.union(order, {"approvals": [approval("5", false)]})])) == {"deny": set(), "hold": set()}
}

test_holds_a_text_that_may_be_a_hash if {
	asked := document([object.union(text, {"may_be_hash": true})])
	judged(asked) == {"deny": set(), "hold": {"MESSAGE_HELD"}}
	message := rule.message.MESSAGE_HELD with input as asked
	message == "has: MAY_BE_HASH"
}

test_holds_typed_data_whose_content_may_be_a_hash if {
	asked := document([object.union(order, {"may_be_hash": true})])
	judged(asked) == {"deny": set(), "hold": {"MESSAGE_HELD"}}
	rule.deny == {"MESSAGE_DENIED"} with input as asked with rule.typed as typed with rule.effects as {"MAY_BE_HASH": "deny"}
}

test_an_effect_that_is_missing_holds_and_an_allowed_feature_is_silent if {
	asked := document([object.union(text, {"may_be_hash": true})])
	every broken in [{}, null, {"MAY_BE_HASH": true}] {
		rule.hold == {"MESSAGE_HELD"} with input as asked with rule.texts as texts with rule.effects as broken
	}
	rule.hold == set() with input as asked with rule.texts as texts with rule.effects as {"MAY_BE_HASH": "allow"}
}

test_holds_messages_that_are_not_proven if {
	every changes in [{"scheme": "other"}, {"scheme": null}, {"may_be_hash": null}, {"approvals": null}, {"approvals": [{}]}, {"approvals": [{"unlimited": true}]}, {"hazards": null}] {
		judged(document([object.union(order, changes)])).hold == {"MESSAGES_NOT_PROVEN"}
	}
	every asked in [{}, {"facts": null}, {"facts": {"messages": null}}, {"facts": {"messages": [{}]}}] {
		judged(asked) == {"deny": set(), "hold": {"MESSAGES_NOT_PROVEN"}}
	}
}

test_holds_an_approval_for_a_spender_that_is_not_listed if {
	asked := document([object.union(order, {"approvals": [{"spender": "0xd", "amount": "5", "unlimited": false}]})])
	judged(asked) == {"deny": set(), "hold": {"MESSAGE_HELD"}}
}

test_silent_when_an_approval_is_taken_back if {
	asked := document([object.union(order, {"approvals": [{"spender": "0xd", "amount": "0", "unlimited": false}]})])
	judged(asked) == {"deny": set(), "hold": set()}
}

test_a_hazard_of_a_message_has_its_effect if {
	asked := document([object.union(order, {"hazards": ["SAFE_REFUND"]})])
	rule.deny == {"MESSAGE_DENIED"} with input as asked with rule.typed as typed
	judged(asked) == {"deny": set(), "hold": {"MESSAGE_HELD"}}
}
