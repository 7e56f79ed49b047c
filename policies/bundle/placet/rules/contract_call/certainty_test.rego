package placet.rules.contract_call_certainty_test

import data.placet.rules.contract_call as rule

call := {"to": "0xa", "selector": "0x01020304", "operation": "call", "approval": null, "hazards": [], "value": "0"}

approving := object.union(call, {"approval": {"spender": "0xd", "amount": "5", "unlimited": false}})

delegating := object.union(call, {"operation": "delegatecall"})

allowed := {"ETH": {"0xa": {"0x01020304": {"label": "a"}}}}

denying := {"DELEGATECALL": "deny", "SPENDER_NOT_LISTED": "deny", "UNLIMITED_APPROVAL": "deny", "ARGUMENT_NOT_ALLOWED": "deny"}

on(chain, asked) := {"facts": {"chain": chain, "calls": asked}}

judged(document, listed) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.allowed as listed with rule.effects as denying
	held := rule.hold with input as document with rule.allowed as listed with rule.effects as denying
}

ethereum := {"kind": "evm", "id": "ETH"}

test_denies_what_is_certain_where_the_data_say_so if {
	every asked in [approving, delegating] {
		judged(on(ethereum, [asked]), allowed) == {"deny": {"CONTRACT_CALL_DENIED"}, "hold": set()}
	}
}

# Delegates and spenders are listed by chain: on a chain that is not known they may be listed.
test_holds_on_a_chain_that_is_not_known if {
	every chain in [null, {}, {"kind": "evm"}, {"kind": "evm", "id": null}] {
		every asked in [approving, delegating] {
			judged(on(chain, [asked]), allowed) == {"deny": set(), "hold": {"CONTRACT_CALLS_NOT_CONFIGURED"}}
		}
	}
}

test_holds_a_delegatecall_to_nobody_knows if {
	judged(on(ethereum, [object.remove(delegating, ["to"])]), allowed) == {"deny": set(), "hold": {"CONTRACT_CALLS_NOT_CONFIGURED"}}
	judged(on(ethereum, [object.union(delegating, {"to": 5})]), allowed).deny == set()
}

test_holds_an_approval_of_which_a_fact_is_missing if {
	every approval in [
		{"spender": "0xd", "unlimited": false}, {"spender": "0xd", "amount": 5, "unlimited": false},
		{"spender": null, "amount": "5", "unlimited": false}, {"spender": 5, "amount": "5", "unlimited": false},
		{"spender": "0xd", "amount": "0", "unlimited": null},
	] {
		broken := object.union(object.remove(call, ["approval"]), {"approval": approval})
		judged(on(ethereum, [broken]), allowed) == {"deny": set(), "hold": {"CALLS_NOT_PROVEN"}}
	}
}

transfer := object.union(call, {"args": [{"name": "to", "value": "0xb"}]})

restricted := {"ETH": {"0xa": {"0x01020304": {"label": "a", "arguments": {"to": {"equals": "0xc"}}}}}}

# Another call of the request is not understood, and with it what the whole does.
test_an_argument_is_not_judged_beside_a_call_that_is_not_proven if {
	judged(on(ethereum, [transfer]), restricted) == {"deny": {"CALL_ARGUMENT_DENIED"}, "hold": set()}
	broken := object.union(transfer, {"hazards": null})
	judged(on(ethereum, [transfer, broken]), restricted) == {"deny": set(), "hold": {"CALLS_NOT_PROVEN"}}
	holding := rule.hold with input as on(ethereum, [transfer, broken]) with rule.allowed as restricted with rule.effects as {}
	holding == {"CALLS_NOT_PROVEN"}
}

# Each chain names arguments in its own way, and a name of another's is none.
test_arguments_are_named_as_on_their_chain if {
	listed := {"TRON": restricted.ETH, "SOL": restricted.ETH}
	judged(on({"kind": "tron", "id": "TRON"}, [transfer]), listed).deny == {"CALL_ARGUMENT_DENIED"}
	judged(on({"kind": "solana", "id": "SOL"}, [transfer]), listed) == {"deny": set(), "hold": {"CALL_ARGUMENTS_NOT_PROVEN"}}
	parts := object.union(call, {"args": [{"to": "0xb"}]})
	judged(on({"kind": "tron", "id": "TRON"}, [parts]), listed) == {"deny": set(), "hold": {"CALL_ARGUMENTS_NOT_PROVEN"}}
}

test_messages_name_only_what_is_meant if {
	other := object.union(transfer, {"to": "0xe"})
	kept := object.union(transfer, {"args": [{"name": "to", "value": "0xc"}]})
	texts := rule.message with input as on(ethereum, [kept, transfer, other]) with rule.allowed as restricted
	texts.CONTRACT_CALLS_NOT_CONFIGURED == "not configured: 0x01020304 of 0xe"
	texts.CALL_ARGUMENT_NOT_ALLOWED == "not as listed: to 0xb of 0x01020304 of 0xa (must be: equals 0xc)"
	texts.CALL_ARGUMENTS_NOT_PROVEN == "cannot be judged: "
}

# Of several entries that begin the call one is kept, and none of them is told as broken.
test_messages_do_not_name_entries_beside_one_that_is_kept if {
	execute := {"to": "Prog", "selector": null, "method": null, "data": "0x0102", "args": ["A"], "operation": "call"}
	entries := {
		"0x01": {"label": "a", "arguments": {"0": {"equals": "A"}}},
		"0x0102": {"label": "b", "arguments": {"0": {"equals": "B"}}},
	}
	text := rule.message.CALL_ARGUMENT_NOT_ALLOWED with input as on({"kind": "solana", "id": "SOL"}, [execute])
		with rule.allowed as {"SOL": {"Prog": entries}}
	text == "not as listed: "
}

test_coins_that_go_along_are_told_by_their_name if {
	listed := {"ETH": {"0xa": {"0x01020304": {"label": "a", "value": {"at_most": "0"}}}}}
	paying := object.union(call, {"value": "1"})
	text := rule.message.CALL_ARGUMENT_NOT_ALLOWED with input as on(ethereum, [paying]) with rule.allowed as listed
	text == "not as listed: value 1 of 0x01020304 of 0xa (must be: at most 0)"
}
