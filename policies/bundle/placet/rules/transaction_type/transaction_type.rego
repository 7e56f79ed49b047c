# METADATA
# title: Transaction types
# description: EVM transactions are of a type that data allows; blobs, hand-overs and missing chain ids are refused.
# custom:
#   accepted:
#     NOT_CONFIGURED_MISSING: The list opened holds exceptions only; what it lacks has the effect that data give its type.
package placet.rules.transaction_type

import data.placet.lib.subject

title := {
	"TRANSACTION_TYPE_DENIED": "Transactions of this type are refused.",
	"TRANSACTION_TYPE_HELD": "People must look at transactions of this type.",
	"TRANSACTION_TYPE_NOT_PROVEN": "It is not proven of which type the transaction is.",
}

remediation := {
	"TRANSACTION_TYPE_DENIED": "Ask for a transaction of EIP-1559, or open the type in rules/transaction_type.",
	"TRANSACTION_TYPE_HELD": "Look at the transaction; rules/transaction_type says what is refused and what is allowed.",
	"TRANSACTION_TYPE_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["TRANSACTION_TYPE_DENIED"] := sprintf("type %s", [input.facts.chain.transaction_type])

message["TRANSACTION_TYPE_HELD"] := sprintf("type %s", [input.facts.chain.transaction_type])

# METADATA
# title: It is not proven of which type the transaction is.
# description: The facts have an EVM chain without a transaction type and without a message, or no word on the chain.
# custom:
#   code: TRANSACTION_TYPE_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "TRANSACTION_TYPE_NOT_PROVEN" if not _proven

# METADATA
# title: Transactions of this type are refused.
# description: The effects data refuses the type, and it is not opened for the signing key's group on this chain.
# custom:
#   code: TRANSACTION_TYPE_DENIED
#   severity: critical
#   remediation: Ask for a transaction of EIP-1559, or open the type in rules/transaction_type.
#   owner: security
deny contains "TRANSACTION_TYPE_DENIED" if not _none_denied

# METADATA
# title: People must look at transactions of this type.
# description: The effects data neither refuses nor allows the type, and it is not opened.
# custom:
#   code: TRANSACTION_TYPE_HELD
#   severity: high
#   remediation: Look at the transaction; rules/transaction_type says what is refused and what is allowed.
#   owner: security
hold contains "TRANSACTION_TYPE_HELD" if {
	_proven
	not _settled
}

_proven if is_string(input.facts.chain.transaction_type)

_proven if _without_type

# Nothing was decoded, the chain's transactions have no types, or a message is signed.
_without_type if is_null(input.facts.chain)

_without_type if input.facts.chain.kind in {"bitcoin", "solana", "tron"}

_without_type if {
	is_null(object.get(input.facts.chain, "transaction_type", null))
	subject.signed_message
}

_none_denied if count(_denied) == 0

_denied contains kind if {
	kind := input.facts.chain.transaction_type
	data.placet.rules.transaction_type.effects[kind] == "deny"
	not _opened
}

_settled if data.placet.rules.transaction_type.effects[input.facts.chain.transaction_type] in {"allow", "deny"}

_settled if _opened

_settled if _without_type

_opened if {
	group := data.placet.rules.transaction_type.opened[input.facts.signer.group]
	is_object(group[_chain][input.facts.chain.transaction_type])
}

# A transaction that names no network is valid on every one.
_chain := input.facts.chain.id if is_string(input.facts.chain.id)

_chain := "*" if is_null(input.facts.chain.id)
