package placet.rules.contract_call_arguments_test

import data.placet.rules.contract_call as rule

transfer := {
	"from": "0x5", "to": "0xa", "selector": "0xa9059cbb", "operation": "call", "approval": null, "hazards": [], "value": "0",
	"method": "transfer(address,uint256)",
	"args": [{"name": "to", "type": "address", "value": "0xb"}, {"name": "amount", "type": "uint256", "value": "7"}],
}

changed(changes) := object.union(transfer, changes)

entry(restrictions) := {"ETH": {"0xa": {"0xa9059cbb": object.union({"label": "transfers"}, restrictions)}}}

judged(call, restrictions, effect) := {"deny": denied, "hold": held} if {
	asked := {"facts": {"chain": {"kind": "evm", "id": "ETH"}, "calls": [call]}}
	effects := {"ARGUMENT_NOT_ALLOWED": effect}
	listed := entry(restrictions)
	denied := rule.deny with input as asked with rule.allowed as listed with rule.effects as effects
	held := rule.hold with input as asked with rule.allowed as listed with rule.effects as effects
}

silent := {"deny": set(), "hold": set()}

unproven := {"deny": set(), "hold": {"CALL_ARGUMENTS_NOT_PROVEN"}}

limits := {"arguments": {"to": {"one_of": {"0xb": {}}}, "amount": {"at_most": "7"}}}

test_silent_within_every_restriction if {
	judged(transfer, limits, "hold") == silent
	judged(transfer, {"arguments": {"to": {"equals": "0xb"}}, "value": {"equals": "0"}}, "hold") == silent
	judged(changed({"args": [{"name": "to", "type": "address", "value": "0x5"}]}), {"arguments": {"to": {"caller": true}}}, "hold") == silent
}

other := changed({"args": [
	{"name": "to", "type": "address", "value": "0xb"},
	{"name": "amount", "type": "uint256", "value": "8"},
]})

test_holds_another_argument if {
	judged(other, limits, "hold") == {"deny": set(), "hold": {"CALL_ARGUMENT_NOT_ALLOWED"}}
	judged(other, limits, "allow") == {"deny": set(), "hold": {"CALL_ARGUMENT_NOT_ALLOWED"}}
	judged(changed({"value": "1"}), {"value": {"at_most": "0"}}, "hold").hold == {"CALL_ARGUMENT_NOT_ALLOWED"}
	judged(transfer, {"arguments": {"to": {"caller": true}}}, "hold").hold == {"CALL_ARGUMENT_NOT_ALLOWED"}
}

test_denies_another_argument_where_the_data_say_so if {
	judged(other, limits, "deny") == {"deny": {"CALL_ARGUMENT_DENIED"}, "hold": set()}
	judged(transfer, limits, "deny") == silent
}

test_a_restriction_that_cannot_be_judged_holds_and_never_denies if {
	every broken in [
		changed({"args": []}),
		changed({"args": [{"name": "to", "type": "address", "value": "0xb"}]}),
		changed({"args": array.concat(transfer.args, [{"name": "to", "type": "address", "value": "0xb"}])}),
		changed({"args": [{"name": "to", "value": "0xb"}, {"name": "amount", "value": 7}]}),
		changed({"args": null}),
		object.remove(transfer, ["args"]),
	] {
		judged(broken, limits, "deny") == unproven
	}
	every broken in [5, "to", null, ["to"], {"to": {}}, {"to": "0xb"}, {"amount": {"at_most": 7}}, {"to": {"is": "0xb"}}] {
		judged(transfer, {"arguments": broken}, "deny") == unproven
	}
	every broken in [null, false, "0", {}, {"at_most": 0}, [{"equals": "0"}]] {
		judged(transfer, {"value": broken}, "deny") == unproven
	}
	judged(object.remove(transfer, ["value"]), {"value": {"equals": "0"}}, "deny") == unproven
	judged(object.remove(transfer, ["from"]), {"arguments": {"to": {"caller": true}}}, "deny") == unproven
}

test_without_a_chain_nothing_is_listed if {
	codes := rule.hold with input as {"facts": {"chain": null, "calls": [transfer]}} with rule.allowed as entry(limits) with rule.effects as {}
	codes == {"CONTRACT_CALLS_NOT_CONFIGURED"}
}

solana(call, listed) := codes if {
	asked := {"facts": {"chain": {"kind": "solana", "id": "SOL"}, "calls": [object.union(instruction, call)]}}
	codes := rule.hold with input as asked with rule.allowed as {"SOL": {"Prog": listed}} with rule.effects as {}
}

instruction := {"to": "Prog", "selector": null, "operation": "call", "approval": null, "hazards": [], "value": "0"}

owned_by(owner) := {"AssociatedToken.Create": {"label": "a", "arguments": {"owner": {"equals": owner}}}}

with_account(place, account) := {"0x01": {"label": "a", "arguments": {place: {"equals": account}}}}

test_parts_of_a_known_instruction_have_names if {
	creation := {"method": "AssociatedToken.Create", "args": [{"owner": "A", "mint": "M"}]}
	solana(creation, owned_by("A")) == set()
	solana(creation, owned_by("B")) == {"CALL_ARGUMENT_NOT_ALLOWED"}
	solana(object.union(creation, {"args": [{"mint": "M"}]}), owned_by("A")) == {"CALL_ARGUMENTS_NOT_PROVEN"}
}

test_accounts_of_an_unknown_instruction_have_places if {
	execute := {"method": null, "data": "0x0102", "args": ["A", "B"]}
	solana(execute, with_account("0", "A")) == set()
	solana(execute, with_account("1", "B")) == set()
	solana(execute, with_account("1", "A")) == {"CALL_ARGUMENT_NOT_ALLOWED"}
	solana(execute, with_account("2", "A")) == {"CALL_ARGUMENTS_NOT_PROVEN"}
}

test_one_of_several_entries_is_enough if {
	execute := {"method": null, "data": "0x0102", "args": ["A"]}
	kept := {"label": "a", "arguments": {"0": {"equals": "A"}}}
	broken := {"label": "b", "arguments": {"0": {"equals": "B"}}}
	solana(execute, {"0x01": kept, "0x0102": broken}) == set()
	solana(execute, {"0x01": broken, "0x0102": broken}) == {"CALL_ARGUMENT_NOT_ALLOWED"}
}

test_every_call_is_judged if {
	asked := {"facts": {"chain": {"kind": "evm", "id": "ETH"}, "calls": [transfer, other]}}
	codes := rule.hold with input as asked with rule.allowed as entry(limits) with rule.effects as {}
	codes == {"CALL_ARGUMENT_NOT_ALLOWED"}
}

test_messages_name_argument_value_and_restriction if {
	asked := {"facts": {"chain": {"kind": "evm", "id": "ETH"}, "calls": [other]}}
	texts := rule.message with input as asked with rule.allowed as entry(limits)
	texts.CALL_ARGUMENT_NOT_ALLOWED == "not as listed: amount 8 of 0xa9059cbb of 0xa (must be: at most 7)"
	texts.CALL_ARGUMENT_DENIED == texts.CALL_ARGUMENT_NOT_ALLOWED
	unknown := rule.message with input as asked with rule.allowed as entry({"arguments": {"deadline": {"at_most": "7"}}})
	unknown.CALL_ARGUMENTS_NOT_PROVEN == "cannot be judged: deadline  of 0xa9059cbb of 0xa (must be: at most 7)"
}
