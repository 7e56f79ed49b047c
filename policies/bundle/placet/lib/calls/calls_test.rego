package placet.lib.calls_test

import data.placet.lib.calls
import data.placet.rules.contract_call

allowed := {
	"ETH": {"0xc": {"0xa9059cbb": {"label": "a"}, "0x": {"label": "b"}, "0x00000000": true}, "create": {"0x": {"label": "c"}}},
	"SOL": {"Prog": {"0x0102": {"label": "d"}}, "Token": {"Token.Approve": {"label": "e"}}},
}

listed(chain, kind, call) if {
	calls.listed(call) with input as {"facts": {"chain": {"id": chain, "kind": kind}}} with contract_call.allowed as allowed
}

test_a_listed_function_of_a_listed_contract_is_listed if {
	listed("ETH", "evm", {"to": "0xc", "selector": "0xa9059cbb", "method": null})
	listed("ETH", "evm", {"to": "0xc", "selector": null, "method": null})
	listed("ETH", "evm", {"to": null, "selector": null, "method": null})
	listed("SOL", "solana", {"to": "Token", "selector": null, "method": "Token.Approve"})
	listed("SOL", "solana", {"to": "Prog", "selector": null, "method": null, "data": "0x010203"})
}

test_nothing_else_is_listed if {
	not listed("ETH", "evm", {"to": "0xc", "selector": "0x095ea7b3", "method": null})
	not listed("ETH", "evm", {"to": "0xc", "selector": "0x00000000", "method": null})
	not listed("ETH", "evm", {"to": "0xd", "selector": "0xa9059cbb", "method": null})
	not listed("TRON", "tron", {"to": "0xc", "selector": "0xa9059cbb", "method": null})
	not listed("SOL", "solana", {"to": "Prog", "selector": null, "method": null, "data": "0x0202"})
	not listed("ETH", "evm", {"to": 1, "selector": 1, "method": null})
	not listed("ETH", "evm", {})
}

made(kind, asked, messages) if {
	calls.made with input as {"facts": {"chain": {"kind": kind}, "calls": asked, "messages": messages}}
}

test_a_call_or_a_message_is_made if {
	made("evm", [{}], [])
	made("solana", [{"method": "Memo"}, {"method": "Token.Approve"}], [])
	made("solana", [{"method": null}], [])
	made("evm", [{"method": "Memo"}], [])
	made("evm", [], [{}])
}

test_a_payment_is_no_call if {
	not made("evm", [], [])
	not made("solana", [{"method": "Memo"}, {"method": "System.AdvanceNonceAccount"}], [])
	not made("solana", [{"method": "AssociatedToken.Create"}, {"method": "AssociatedToken.CreateIdempotent"}], [])
	not made("evm", null, "x")
	not made("evm", {"a": {}}, {"a": {}})
	not calls.made with input as {}
}
