package placet.lib.transfers_test

import data.placet.lib.transfers

returning(from, to, address) if {
	transfers.returns({"from": from, "to": to}) with input as {"facts": {"signer": {"address": address}}}
}

test_what_the_signer_pays_to_itself_returns if returning("0xa", "0xa", "0xa")

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
