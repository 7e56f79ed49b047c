# METADATA
# title: Transfers
# description: What a transfer is beside where it goes, for rules that judge those that need a listing or a limit.
package placet.lib.transfers

import data.placet.lib.amounts
import data.placet.lib.calls
import data.placet.lib.subject

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

# METADATA
# title: What leaves
# description: Every transfer but those that return to the signer, however much that is.
leaving := [transfer |
	some transfer in input.facts.transfers
	not returns(transfer)
]

# METADATA
# title: Tokens that leave
# description: Each once.
tokens contains transfer.asset.token if some transfer in leaving

# METADATA
# title: Total
# description: Base units of a token that leave, what may be change among them.
total(token) := sum([amount |
	some transfer in leaving
	transfer.asset.token == token
	amount := amounts.parse(transfer.amount)
])

# METADATA
# title: Total of payments
# description: Base units of a token that leave for certain, without what may be change.
total_of_payments(token) := sum([amount |
	some transfer in leaving
	transfer.asset.token == token
	not subject.may_be_change(transfer)
	amount := amounts.parse(transfer.amount)
])
