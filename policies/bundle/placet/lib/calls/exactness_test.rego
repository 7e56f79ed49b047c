package placet.lib.calls_exactness_test

import data.placet.lib.calls
import data.placet.rules.contract_call

listed(call, entries) if {
	calls.listed(call) with input as {"facts": {"chain": {"id": "SOL", "kind": "solana"}}}
		with contract_call.allowed as {"SOL": {"Prog": entries}}
}

# One entry is enough, whatever else is listed of the program.
test_first_bytes_are_those_of_any_entry if {
	call := {"to": "Prog", "selector": null, "method": null, "data": "0x010203"}
	listed(call, {"0x0102": {}, "0x0909": {}})
	not listed(call, {"0x0909": {}})
	not listed(call, {})
}

test_first_bytes_are_no_selector if {
	not listed({"to": "Prog", "selector": "0x01020304", "method": null, "data": "0x0102"}, {"0x0102": {}})
}
