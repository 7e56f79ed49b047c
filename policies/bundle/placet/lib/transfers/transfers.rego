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
# title: May return to the signer
# description: |
#   It is not certain that the coins leave: what may be change, and every transfer that lacks a fact which tells what returns.
#   Nobody refuses it for ever.
may_return(transfer) if subject.may_be_change(transfer)

may_return(transfer) if not _leaves(transfer)

_leaves(transfer) if {
	input.facts.chain.kind in {"evm", "solana", "tron"}
	_to_another(transfer)
}

# Own keys are looked for under the pinned root key only.
_leaves(transfer) if {
	input.facts.chain.kind == "bitcoin"
	is_object(input.facts.signer)
	is_null(transfer.to_path)
	is_null(transfer.change)
}

_to_another(transfer) if {
	is_string(transfer.to)
	is_string(input.facts.signer.address)
	transfer.to != input.facts.signer.address
}

_to_another(transfer) if {
	is_string(transfer.from)
	_is_stated(transfer.to)
	transfer.from != transfer.to
}

# Null says something too: a contract is created, or nobody's address is paid.
_is_stated(address) if is_string(address)

_is_stated(address) if is_null(address)

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
# title: May go along a listed call
# description: A call lacks a fact that tells whether these coins are its own, so that nobody refuses them for ever.
may_go_along(transfer) if not _goes_alone(transfer)

_goes_alone(transfer) if {
	is_string(transfer.asset.kind)
	transfer.asset.kind != "native"
}

_goes_alone(transfer) if {
	is_string(transfer.asset.kind)
	every call in input.facts.calls {
		_compared(call, transfer)
	}
}

_compared(call, transfer) if {
	is_string(call.value)
	is_string(transfer.amount)
	call.value != transfer.amount
}

_compared(call, transfer) if {
	is_string(input.facts.chain.id)
	is_string(transfer.from)
	is_string(call.from)
	is_string(call.operation)
	_is_stated(call.to)
	_is_stated(call.selector)
	_is_stated(call.method)
	call.value == transfer.amount
}

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
# description: Base units of a token that leave, what may return among them.
total(token) := sum([amount |
	some transfer in leaving
	transfer.asset.token == token
	amount := amounts.parse(transfer.amount)
])

# METADATA
# title: Total of payments
# description: Base units of a token that leave for certain, without what may return.
total_of_payments(token) := sum([amount |
	some transfer in leaving
	transfer.asset.token == token
	not may_return(transfer)
	amount := amounts.parse(transfer.amount)
])
