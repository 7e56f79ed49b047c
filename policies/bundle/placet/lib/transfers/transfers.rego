# METADATA
# title: Transfers
# description: What a transfer is beside where it goes, for rules that judge those that need a listing or a limit.
package placet.lib.transfers

import data.placet.lib.calls

# METADATA
# title: Returns to the signer
# description: |
#   From the proven signer's own address back to it, as a drop is on EVM chains, so that nothing but a fee leaves; on Bitcoin
#   to a key of an account that signs, proven by derivation: change, a consolidation, a drop.
returns(transfer) if {
	is_string(transfer.from)
	transfer.from == transfer.to
	transfer.from == input.facts.signer.address
}

returns(transfer) if {
	input.facts.chain.kind == "bitcoin"
	is_string(transfer.to_path)
}

# METADATA
# title: Goes along a listed call
# description: Coins that a call sends to the contract which it calls, where contract and function are on the list.
along_listed_call(transfer) if {
	transfer.asset.kind == "native"
	transfer.asset.chain == input.facts.chain.id
	is_string(transfer.from)

	# Asked first, as a Bitcoin payment has a thousand transfers and no call, and each would be compared with each.
	calls_of_it := count(_carrying(transfer))
	calls_of_it > 0

	# A payment of as much to the same contract is not the call's own, so that there must be a call for each of them.
	count([alike | some alike in input.facts.transfers; _alike(alike, transfer)]) <= calls_of_it
}

_alike(one, other) if {
	one.asset.kind == "native"
	one.from == other.from
	one.to == other.to
	one.amount == other.amount
}

_carrying(transfer) := [call |
	some call in input.facts.calls
	call.operation == "call"
	call.from == transfer.from
	call.to == transfer.to
	call.value == transfer.amount
	calls.listed(call)
]
