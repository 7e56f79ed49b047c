package placet.rules.transaction_type_test

import data.placet.rules.transaction_type as rule

effects := {"legacy": "allow", "eip4844": "deny", "eip7702": "deny", "eip2930": "hold", "unprotected": "deny"}

opened := {"cold": {"ETH": {"eip2930": {"label": "lists"}, "eip4844": {"label": "rollup"}}, "*": {"unprotected": {"label": "old contract"}}}}

request(kind, chain, group) := {"facts": {
	"chain": {"kind": "evm", "id": chain, "transaction_type": kind},
	"signer": {"group": group},
}}

judged(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.effects as effects with rule.opened as opened
	held := rule.hold with input as document with rule.effects as effects with rule.opened as opened
}

silent := {"deny": set(), "hold": set()}

test_silent_for_an_allowed_type if judged(request("legacy", "ETH", "hot")) == silent

test_denies_a_refused_type if {
	every kind in ["eip4844", "eip7702"] {
		judged(request(kind, "ETH", "hot")) == {"deny": {"TRANSACTION_TYPE_DENIED"}, "hold": set()}
	}
	judged(request("unprotected", null, "hot")) == {"deny": {"TRANSACTION_TYPE_DENIED"}, "hold": set()}
	message := rule.message.TRANSACTION_TYPE_DENIED with input as request("eip4844", "ETH", "hot")
	message == "type eip4844"
}

test_denies_a_refused_type_of_an_unpinned_key if {
	document := {"facts": {"chain": {"kind": "evm", "id": "ETH", "transaction_type": "eip7702"}, "signer": null}}
	judged(document) == {"deny": {"TRANSACTION_TYPE_DENIED"}, "hold": set()}
}

test_holds_a_refused_type_of_an_unpinned_key_that_may_be_opened_for_it if {
	every signer in [null, {}, {"group": null}, {"group": 1}] {
		every document in [request("eip4844", "ETH", "hot"), request("unprotected", null, "hot")] {
			unpinned := {"facts": {"chain": document.facts.chain, "signer": signer}}
			judged(unpinned) == {"deny": set(), "hold": {"TRANSACTION_TYPE_GROUP_NOT_PROVEN"}}
		}
		legacy := {"facts": {"chain": request("legacy", "ETH", "hot").facts.chain, "signer": signer}}
		judged(legacy) == silent
		other := {"facts": {"chain": request("eip4844", "SETH", "hot").facts.chain, "signer": signer}}
		judged(other) == {"deny": {"TRANSACTION_TYPE_DENIED"}, "hold": set()}
	}
}

test_a_group_changes_nothing_where_the_type_is_not_refused if {
	unpinned := {"facts": {"chain": {"kind": "evm", "id": "ETH", "transaction_type": "eip2930"}, "signer": null}}
	judged(unpinned) == {"deny": set(), "hold": {"TRANSACTION_TYPE_HELD"}}
	allowed := {"facts": {"chain": {"kind": "evm", "id": "ETH", "transaction_type": "eip4844"}, "signer": null}}
	rule.hold == set() with input as allowed with rule.effects as {"eip4844": "allow"} with rule.opened as opened
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)

test_holds_a_type_that_is_held_or_unknown if {
	every kind in ["eip2930", "eip9999", ""] {
		judged(request(kind, "ETH", "hot")) == {"deny": set(), "hold": {"TRANSACTION_TYPE_HELD"}}
	}
	message := rule.message.TRANSACTION_TYPE_HELD with input as request("eip2930", "ETH", "hot")
	message == "type eip2930"
}

test_opened_for_one_group_on_one_chain if {
	judged(request("eip4844", "ETH", "cold")) == silent
	judged(request("eip2930", "ETH", "cold")) == silent
	judged(request("eip4844", "SETH", "cold")).deny == {"TRANSACTION_TYPE_DENIED"}
	judged(request("eip7702", "ETH", "cold")).deny == {"TRANSACTION_TYPE_DENIED"}
	judged(request("eip4844", "ETH", "hot")).deny == {"TRANSACTION_TYPE_DENIED"}
}

test_an_unprotected_transaction_is_opened_for_every_network if {
	judged(request("unprotected", null, "cold")) == silent
	judged(request("unprotected", null, "hot")).deny == {"TRANSACTION_TYPE_DENIED"}
}

test_silent_where_transactions_have_no_type if {
	every kind in ["bitcoin", "solana", "tron"] {
		judged({"facts": {"chain": {"kind": kind}}}) == silent
	}
	judged({"facts": {"chain": null}}) == silent
	judged({"facts": {"chain": {"kind": "evm", "id": "ETH"}, "messages": [{}]}}) == silent
}

test_a_type_beside_a_message_is_judged if {
	facts := object.union(request("eip7702", "ETH", "hot").facts, {"messages": [{}]})
	judged({"facts": facts}).deny == {"TRANSACTION_TYPE_DENIED"}
}

test_holds_without_a_type if {
	every facts in [{}, {"chain": {}}, {"chain": {"kind": "evm"}}, {"chain": {"kind": "evm", "transaction_type": 3}}] {
		judged({"facts": facts}) == {"deny": set(), "hold": {"TRANSACTION_TYPE_NOT_PROVEN"}}
	}
	judged({}) == {"deny": set(), "hold": {"TRANSACTION_TYPE_NOT_PROVEN"}}
	judged({"facts": {"chain": {"kind": "evm", "transaction_type": 3}, "messages": [{}]}}).hold == {"TRANSACTION_TYPE_NOT_PROVEN"}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], "deny"] {
		document := request("legacy", "ETH", "hot")
		rule.hold == {"TRANSACTION_TYPE_HELD"} with input as document
			with rule.effects as broken
			with rule.opened as broken
		rule.deny == set() with input as document with rule.effects as broken with rule.opened as broken
	}
}

handing_over(authorizations) := {"facts": {"signer": {"group": "hot"}, "chain": {
	"kind": "evm", "id": "ETH", "network": "1", "transaction_type": "eip7702", "authorizations": authorizations,
}}}

held_with(document, delegates) := codes if {
	codes := rule.hold with input as document with rule.effects as {"eip7702": "allow"} with rule.delegates as delegates
}

delegates := {"ETH": {"0xa": {"label": "audited"}, "0xb": true}, "*": {"0xc": {"label": "everywhere"}}}

test_accounts_are_handed_over_to_listed_contracts_only if {
	held_with(handing_over([{"network": "1", "address": "0xa"}, {"network": "0", "address": "0xc"}]), delegates) == set()
	every authorization in [
		{"network": "1", "address": "0xb"}, {"network": "1", "address": "0xc"}, {"network": "0", "address": "0xa"},
		{"network": "5", "address": "0xa"}, {"network": null, "address": "0xa"}, {"address": "0xa"}, {"network": "1"}, null,
	] {
		held_with(handing_over([{"network": "1", "address": "0xa"}, authorization]), delegates) == {"AUTHORIZATION_NOT_LISTED"}
	}
	every broken in [null, {}, "0xa"] {
		held_with(handing_over(broken), delegates) == {"AUTHORIZATION_NOT_LISTED"}
	}
	every broken in [{}, null, [], "0xa", {"ETH": null}] {
		held_with(handing_over([{"network": "1", "address": "0xa"}]), broken) == {"AUTHORIZATION_NOT_LISTED"}
	}
	message := rule.message.AUTHORIZATION_NOT_LISTED with input as handing_over([{"network": "5", "address": "0xa"}])
	message == "not on the list: 0xa on network 5"
}

test_what_is_refused_is_not_held_too if {
	document := handing_over([{"network": "1", "address": "0xd"}])
	judged(document) == {"deny": {"TRANSACTION_TYPE_DENIED"}, "hold": set()}
}
