package placet.lib.transfers_exactness_test

import data.placet.lib.transfers
import data.placet.rules.contract_call

coins := {"asset": {"kind": "native", "chain": "ETH"}, "from": "0xa", "to": "0xc", "amount": "1"}

paying := {"operation": "call", "from": "0xa", "to": "0xc", "value": "1", "selector": "0x12345678", "method": null}

along(transfer, moved, asked) if {
	transfers.along_listed_call(transfer) with input as {"facts": {"chain": {"id": "ETH", "kind": "evm"}, "transfers": moved, "calls": asked}}
		with contract_call.allowed as {"ETH": {"0xc": {"0x12345678": {"label": "deposit"}}}}
}

# Listed is the contract that is called, and what goes elsewhere has to be listed itself.
test_coins_to_somebody_else_do_not_go_along_a_listed_call if {
	elsewhere := object.union(coins, {"to": "0xd"})
	not along(elsewhere, [elsewhere], [paying])
	not along(elsewhere, [coins, elsewhere], [paying, paying])
}

test_only_coins_of_the_same_payer_to_the_same_contract_are_alike if {
	every other in [{"from": "0xb"}, {"to": "0xd"}, {"asset": {"kind": "erc20", "chain": "ETH"}}] {
		along(coins, [coins, object.union(coins, other)], [paying])
	}
}

test_coins_that_no_transfer_states_do_not_go_along if {
	not along(coins, [], [])
}
