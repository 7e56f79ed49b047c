# METADATA
# title: Calls
# description: Which entry of rules/contract_call a call needs, and whether it is there.
package placet.lib.calls

# METADATA
# title: Listed
# description: Chain, contract and function of the call are on the list of rules/contract_call.
listed(call) if count(entries(call)) > 0

# METADATA
# title: Entries
# description: |
#   What rules/contract_call lists for the call: one entry, and on Solana, where what a program is told has no name unless the
#   program is known, every one whose first bytes are the call's.
entries(call) := array.concat(_named(call), _begun(call))

_named(call) := [entry |
	entry := data.placet.rules.contract_call.allowed[input.facts.chain.id][contract(call)][function(call)]
	is_object(entry)
]

_begun(call) := [entry |
	input.facts.chain.kind == "solana"
	call.selector == null
	not _has_name(call)
	some start, entry in data.placet.rules.contract_call.allowed[input.facts.chain.id][contract(call)]
	is_object(entry)
	startswith(call.data, start)
]

# METADATA
# title: Contract
# description: The address that is called; `create` for a creation.
contract(call) := call.to if is_string(call.to)

contract(call) := "create" if call.to == null

# METADATA
# title: Function
# description: The selector, the name where functions have names and no selectors (Solana), or `0x`.
function(call) := call.selector if is_string(call.selector)

function(call) := call.method if {
	call.selector == null
	_has_name(call)
}

function(call) := "0x" if {
	call.selector == null
	not _has_name(call)
}

_has_name(call) if is_string(call.method)

# METADATA
# title: Made
# description: |
#   A message is signed, or a call is made that is more than what wallets put beside a payment on Solana. What moves then is
#   an effect of it, which its own rule judges first, and no plain payment.
made if {
	is_array(input.facts.messages)
	count(input.facts.messages) > 0
}

made if {
	is_array(input.facts.calls)
	some call in input.facts.calls
	not _beside_payment(call)
}

_beside_payment(call) if {
	input.facts.chain.kind == "solana"
	call.method in {
		"AssociatedToken.Create",
		"AssociatedToken.CreateIdempotent",
		"Memo",
		"System.AdvanceNonceAccount",
	}
}
