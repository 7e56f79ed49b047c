package placet.lib.transfers_certainty_test

import data.placet.lib.transfers

payment := {"asset": {"kind": "native", "chain": "ETH"}, "from": "0xa", "to": "0xb", "amount": "5"}

uncertain(kind, signer, changes) if {
	transfers.may_return(object.union(payment, changes)) with input as {"facts": {"chain": {"kind": kind}, "signer": signer}}
}

signed := {"address": "0xa"}

test_a_payment_to_another_address_leaves if {
	every kind in ["evm", "solana", "tron"] {
		not uncertain(kind, signed, {})
		not uncertain(kind, null, {})
		not uncertain(kind, {"address": null}, {})
		not uncertain(kind, signed, {"from": null})
		not uncertain(kind, signed, {"from": "0xb"})
		not uncertain(kind, signed, {"to": null})
	}
}

test_a_payment_from_or_to_nobody_knows_may_return if {
	every kind in ["evm", "solana", "tron"] {
		uncertain(kind, null, {"from": null})
		uncertain(kind, {"address": null}, {"from": null})
		uncertain(kind, signed, {"from": null, "to": null})
		uncertain(kind, signed, {"from": null, "to": "0xa"})
		uncertain(kind, null, {"from": "0xb"})
		uncertain(kind, signed, {"to": 5})
	}
	absent := object.remove(payment, ["to"])
	transfers.may_return(absent) with input as {"facts": {"chain": {"kind": "evm"}, "signer": signed}}
}

test_what_returns_is_not_certain_to_leave if uncertain("evm", signed, {"to": "0xa"})

test_where_the_chain_is_not_known_everything_may_return if {
	every kind in [null, 5, "dogecoin"] {
		uncertain(kind, signed, {"to_path": null, "change": null})
	}
	transfers.may_return(payment) with input as {}
	transfers.may_return(payment) with input as {"facts": {"chain": null, "signer": signed}}
}

declared := {"to_path": null, "change": null}

test_a_declared_bitcoin_payment_to_no_own_key_leaves if {
	not uncertain("bitcoin", signed, declared)
	not uncertain("bitcoin", {"address": null}, object.union(declared, {"from": null}))
}

test_a_bitcoin_output_without_a_word_on_change_and_own_keys_may_return if {
	uncertain("bitcoin", signed, {})
	uncertain("bitcoin", signed, {"to_path": null})
	uncertain("bitcoin", signed, {"change": null})
	every changes in [{"change": "not_proven"}, {"change": "proven"}, {"to_path": "m/44/0/1/1/0"}, {"to_path": 5}] {
		uncertain("bitcoin", signed, object.union(declared, changes))
	}
}

test_own_bitcoin_keys_are_not_known_without_a_signer if {
	uncertain("bitcoin", null, declared)
	transfers.may_return(object.union(payment, declared)) with input as {"facts": {"chain": {"kind": "bitcoin"}}}
}

test_what_may_be_change_may_return_on_every_chain if {
	every kind in ["evm", "bitcoin"] {
		uncertain(kind, signed, {"to_path": null, "change": "not_proven"})
	}
}

call := {"operation": "call", "from": "0xa", "to": "0xb", "value": "5", "selector": null, "method": null}

along(chain, changes, asked) if {
	transfers.may_go_along(object.union(payment, changes)) with input as {"facts": {"chain": chain, "calls": asked}}
}

ethereum := {"id": "ETH", "kind": "evm"}

test_coins_beside_known_calls_are_told_from_theirs if {
	not along(ethereum, {}, [])
	not along(ethereum, {}, [call, call])
	not along(ethereum, {"from": null}, [])
	not along(ethereum, {}, [object.union(call, {"to": null, "selector": "0x12345678", "method": "a()"})])
}

test_coins_beside_a_call_of_which_a_fact_is_missing_may_be_its_own if {
	every field in ["operation", "from", "to", "value", "selector", "method"] {
		along(ethereum, {}, [call, object.remove(call, [field])])
		along(ethereum, {}, [object.union(call, {field: 5})])
	}
	along(ethereum, {}, [object.union(call, {"from": null})])
	along(ethereum, {"from": null}, [call])
	along(ethereum, {"amount": null}, [call])
	along({"kind": "evm"}, {}, [call])
	along({"id": null}, {}, [call])
	along(ethereum, {}, null)
	transfers.may_go_along(payment) with input as {}
}

test_a_call_of_another_value_does_not_carry_them if {
	every value in ["0", "4", "50"] {
		not along(ethereum, {}, [{"value": value}])
	}
}

test_tokens_go_along_no_call if {
	not along(ethereum, {"asset": {"kind": "erc20"}}, null)
	along(ethereum, {"asset": {"kind": null}}, [{}])
	unnamed := object.remove(payment, ["asset"])
	transfers.may_go_along(unnamed) with input as {"facts": {"chain": ethereum, "calls": []}}
}
