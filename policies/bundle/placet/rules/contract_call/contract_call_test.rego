package placet.rules.contract_call_test

import data.placet.rules.contract_call as rule

allowed := {"ETH": {
	"0xa": {"0x01020304": {"label": "a"}, "0x05060708": true, "0x": {"label": "no selector"}},
	"create": {"0x": {"label": "deploy"}},
}}

delegates := {"ETH": {"0xa": {"label": "multi send"}}}

spenders := {"ETH": {"0xc": {"label": "exchange"}}}

approving(amount, unlimited) := {"approval": {"spender": "0xc", "amount": amount, "unlimited": unlimited}}

effects := {"DELEGATECALL": "deny", "UNLIMITED_APPROVAL": "deny"}

chain := {"kind": "evm", "id": "ETH"}

call := {"to": "0xa", "selector": "0x01020304", "operation": "call", "approval": null, "hazards": []}

changed(changes) := object.union(call, changes)

document(calls) := {"facts": {"chain": chain, "calls": calls}}

judged(asked) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as asked with rule.allowed as allowed with rule.delegates as {} with rule.spenders as spenders with rule.effects as effects
	held := rule.hold with input as asked with rule.allowed as allowed with rule.delegates as {} with rule.spenders as spenders with rule.effects as effects
}

test_silent_for_a_listed_function if judged(document([call])) == {"deny": set(), "hold": set()}

test_silent_without_calls if judged(document([])) == {"deny": set(), "hold": set()}

test_silent_for_a_listed_creation_and_a_listed_call_without_selector if {
	creation := changed({"to": null, "selector": null, "operation": "create"})
	judged(document([creation, changed({"selector": null})])) == {"deny": set(), "hold": set()}
}

test_functions_without_selectors_are_listed_by_name if {
	solana := {"kind": "solana", "id": "SOL"}
	create := changed({"to": "AToken", "selector": null, "method": "AssociatedToken.Create"})
	asked := {"facts": {"chain": solana, "calls": [create]}}
	listed := {"SOL": {"AToken": {"AssociatedToken.Create": {"label": "token account"}}}}
	count(rule.hold) == 0 with input as asked with rule.allowed as listed with rule.effects as effects
	rule.hold == {"CONTRACT_CALLS_NOT_CONFIGURED"} with input as asked with rule.allowed as {} with rule.effects as effects
}

test_functions_without_names_are_listed_by_their_first_bytes if {
	run := changed({"to": "Jup", "selector": null, "method": null, "data": "0x010203"})
	every starts, expected in {
		"0x": set(),
		"0x01": set(),
		"0x010203": set(),
		"0x02": {"CONTRACT_CALLS_NOT_CONFIGURED"},
		"0x01020304": {"CONTRACT_CALLS_NOT_CONFIGURED"},
		"Jup.Run": {"CONTRACT_CALLS_NOT_CONFIGURED"},
	} {
		asked := {"facts": {"chain": {"kind": "solana", "id": "SOL"}, "calls": [run]}}
		listed := {"SOL": {"Jup": {starts: {"label": "swap"}}}}
		rule.hold == expected with input as asked with rule.allowed as listed with rule.effects as effects
	}
}

test_the_first_bytes_list_nothing_else if {
	listed := {
		"ETH": {"create": {"0x60806040": {"label": "deploy"}}, "0xa": {"0x01": {"label": "a"}}},
		"SOL": {"Token": {"0x": true, "0x04": {"label": "approve"}}},
	}
	creation := changed({"to": null, "selector": null, "operation": "create", "data": "0x6080604052"})
	short := changed({"selector": null, "data": "0x0102"})
	named := changed({"to": "Token", "selector": null, "method": "Token.Approve", "data": "0x0407"})
	unlisted := changed({"to": "Token", "selector": null, "method": null, "data": "0x0507"})
	silent := changed({"to": "Token", "selector": null, "method": null})
	every asked in [
		document([creation]),
		document([short]),
		{"facts": {"chain": {"kind": "solana", "id": "SOL"}, "calls": [named]}},
		{"facts": {"chain": {"kind": "solana", "id": "SOL"}, "calls": [unlisted]}},
		{"facts": {"chain": {"kind": "solana", "id": "SOL"}, "calls": [silent]}},
	] {
		rule.hold == {"CONTRACT_CALLS_NOT_CONFIGURED"} with input as asked with rule.allowed as listed
	}
}

test_silent_without_a_chain_or_on_another_kind_of_chain if {
	judged({"facts": {"chain": null, "calls": []}}) == {"deny": set(), "hold": set()}
	every kind in ["tron", "solana", "bitcoin"] {
		judged({"facts": {"chain": {"kind": kind}, "calls": []}}) == {"deny": set(), "hold": set()}
	}
}

test_holds_what_is_not_listed if {
	every changes in [{"to": "0xb"}, {"to": "0xA"}, {"selector": "0x05060708"}, {"selector": "0x0a0b0c0d"}, {"to": null}] {
		judged(document([call, changed(changes)])) == {"deny": set(), "hold": {"CONTRACT_CALLS_NOT_CONFIGURED"}}
	}
	asked := document([changed({"to": "0xb"})])
	message := rule.message.CONTRACT_CALLS_NOT_CONFIGURED with input as asked with rule.allowed as allowed
	message == "not configured: 0x01020304 of 0xb"
}

test_holds_on_a_chain_that_is_not_listed_or_not_known if {
	every id in ["TRON", null] {
		asked := {"facts": {"chain": object.union(chain, {"id": id}), "calls": [call]}}
		judged(asked) == {"deny": set(), "hold": {"CONTRACT_CALLS_NOT_CONFIGURED"}}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, [], {"ETH": {"0xa": {"0x01020304": null}}}] {
		rule.hold == {"CONTRACT_CALLS_NOT_CONFIGURED"} with input as document([call]) with rule.allowed as broken
		rule.deny == set() with input as document([call]) with rule.allowed as broken
	}
}

test_denies_a_delegatecall_even_of_a_listed_function if {
	asked := document([changed({"operation": "delegatecall"})])
	judged(asked).deny == {"CONTRACT_CALL_DENIED"}
	message := rule.message.CONTRACT_CALL_DENIED with input as asked with rule.delegates as {} with rule.effects as effects
	message == "refused: DELEGATECALL"
}

test_silent_for_a_delegatecall_to_a_listed_delegate if {
	asked := document([changed({"operation": "delegatecall"})])
	rule.deny == set() with input as asked with rule.allowed as allowed with rule.delegates as delegates with rule.effects as effects
	rule.hold == set() with input as asked with rule.allowed as allowed with rule.delegates as delegates with rule.effects as effects
}

test_denies_an_unlimited_approval if {
	judged(document([changed(approving(null, true))])).deny == {"CONTRACT_CALL_DENIED"}
	judged(document([changed(approving("5", false))])) == {"deny": set(), "hold": set()}
}

test_an_effect_that_is_neither_holds if {
	asked := document([changed(approving(null, true))])
	every broken in [{}, null, {"UNLIMITED_APPROVAL": "hold"}, {"UNLIMITED_APPROVAL": true}] {
		rule.hold == {"CONTRACT_CALL_HELD"} with input as asked with rule.allowed as allowed with rule.spenders as spenders with rule.effects as broken
		rule.deny == set() with input as asked with rule.allowed as allowed with rule.effects as broken
	}
	message := rule.message.CONTRACT_CALL_HELD with input as asked with rule.spenders as spenders
	message == "used: UNLIMITED_APPROVAL"
}

test_an_allowed_feature_is_silent if {
	asked := document([changed(approving(null, true))])
	allowing := {"UNLIMITED_APPROVAL": "allow"}
	rule.hold == set() with input as asked with rule.allowed as allowed with rule.spenders as spenders with rule.effects as allowing
	rule.deny == set() with input as asked with rule.allowed as allowed with rule.effects as allowing
}

test_holds_calls_that_are_not_proven if {
	every calls in [null, {}, "x", [{}], [changed({"operation": "run"})], [changed({"operation": null})], [changed({"approval": {}})], [changed({"hazards": null})], [changed({"approval": {"unlimited": true}})]] {
		judged(document(calls)).hold == {"CALLS_NOT_PROVEN"}
	}
	every asked in [{}, {"facts": null}, {"facts": {"chain": chain}}] {
		judged(asked).hold == {"CALLS_NOT_PROVEN"}
	}
}

test_holds_an_approval_for_a_spender_that_is_not_listed if {
	asked := document([changed({"approval": {"spender": "0xd", "amount": "5", "unlimited": false}})])
	judged(asked) == {"deny": set(), "hold": {"CONTRACT_CALL_HELD"}}
	every broken in [{}, null, {"ETH": {"0xd": true}}, {"TRON": {"0xd": {"label": "d"}}}] {
		rule.hold == {"CONTRACT_CALL_HELD"} with input as asked with rule.allowed as allowed with rule.spenders as broken
	}
}

test_silent_when_an_approval_is_taken_back if {
	asked := document([changed({"approval": {"spender": "0xd", "amount": "0", "unlimited": false}})])
	judged(asked) == {"deny": set(), "hold": set()}
}

test_a_hazard_of_a_call_has_its_effect if {
	every hazard, effect in {"INEXACT_CALLDATA": "hold", "SAFE_REFUND": "deny", "NEW_HAZARD": "hold"} {
		asked := document([changed({"hazards": [hazard]})])
		answers := {
			"deny": {"deny": {"CONTRACT_CALL_DENIED"}, "hold": set()},
			"hold": {"deny": set(), "hold": {"CONTRACT_CALL_HELD"}},
		}
		denied := rule.deny with input as asked with rule.allowed as allowed
		held := rule.hold with input as asked with rule.allowed as allowed
		{"deny": denied, "hold": held} == answers[effect]
	}
}
