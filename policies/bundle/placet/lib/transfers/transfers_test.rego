package placet.lib.transfers_test

import data.placet.lib.transfers
import data.placet.rules.contract_call

returning(from, to, address) if {
	transfers.returns({"from": from, "to": to}) with input as {"facts": {"signer": {"address": address}}}
}

test_what_the_signer_pays_to_itself_returns if returning("0xa", "0xa", "0xa")

test_what_pays_an_own_bitcoin_key_returns if {
	own := {"from": null, "to": "bc1q", "to_path": "m/44/0/1/1/0"}
	transfers.returns(own) with input as {"facts": {"chain": {"kind": "bitcoin"}}}
	not transfers.returns(own) with input as {"facts": {"chain": {"kind": "evm"}}}
	not transfers.returns(own) with input as {"facts": {"chain": null}}
	every path in [null, true, {}] {
		not transfers.returns(object.union(own, {"to_path": path})) with input as {"facts": {"chain": {"kind": "bitcoin"}}}
	}
}

test_nothing_else_returns if {
	not returning("0xa", "0xb", "0xa")
	not returning("0xb", "0xa", "0xa")
	not returning("0xb", "0xb", "0xa")
	not returning(null, null, null)
	every document in [{}, {"facts": null}, {"facts": {"signer": null}}, {"facts": {"signer": {}}}] {
		not transfers.returns({"from": "0xa", "to": "0xa"}) with input as document
	}
	every transfer in [{}, {"from": "0xa"}, {"to": "0xa"}] {
		not transfers.returns(transfer) with input as {"facts": {"signer": {"address": "0xa"}}}
	}
}

coins := {"asset": {"kind": "native", "chain": "ETH"}, "from": "0xa", "to": "0xc", "amount": "1"}

paying := {"operation": "call", "from": "0xa", "to": "0xc", "value": "1", "selector": "0x12345678", "method": null}

along(transfer, moved, asked) if {
	transfers.along_listed_call(transfer) with input as {"facts": {"chain": {"id": "ETH", "kind": "evm"}, "transfers": moved, "calls": asked}}
		with contract_call.allowed as {"ETH": {"0xc": {"0x12345678": {"label": "deposit"}}}}
}

test_coins_of_a_listed_call_go_along_it if {
	along(coins, [coins], [paying])
	along(coins, [coins, coins], [paying, paying])
	along(coins, [coins, object.union(coins, {"amount": "2"})], [paying])
}

test_other_coins_do_not if {
	every change in [
		{"selector": "0x87654321"}, {"selector": null}, {"operation": "delegatecall"}, {"from": "0xb"}, {"from": null},
		{"to": "0xd"}, {"value": "2"},
	] {
		not along(coins, [coins], [object.union(paying, change)])
	}
	not along(coins, [coins], [])
	not along(coins, [coins], null)

	# As much is paid to the same contract a second time.
	not along(coins, [coins, coins], [paying])
	not along(object.union(coins, {"from": null}), [object.union(coins, {"from": null})], [object.union(paying, {"from": null})])
	every asset in [{"kind": "erc20", "chain": "ETH"}, {"kind": "native", "chain": "SETH"}, {"kind": "native", "chain": null}] {
		other := object.union(coins, {"asset": asset})
		not along(other, [other], [paying])
	}
}

moving := {"facts": {"chain": {"kind": "evm"}, "signer": {"address": "0xa"}, "transfers": [
	{"asset": {"token": "ETH"}, "from": "0xa", "to": "0xb", "amount": "7"},
	{"asset": {"token": "ETH"}, "from": "0xa", "to": "0xb", "amount": "7"},
	{"asset": {"token": "ETH"}, "from": "0xa", "to": "0xa", "amount": "100"},
	{"asset": {"token": "ETH"}, "from": "0xa", "to": "0xc", "amount": "10", "change": "not_proven"},
	{"asset": {"token": "USDT"}, "from": "0xa", "to": "0xb", "amount": "18446744073709551617"},
]}}

test_totals_are_of_what_leaves if {
	transfers.tokens == {"ETH", "USDT"} with input as moving
	transfers.total("ETH") == 24 with input as moving
	transfers.total_of_payments("ETH") == 14 with input as moving
	transfers.total("USDT") == 18446744073709551617 with input as moving
	transfers.total("BTC") == 0 with input as moving
}
