# METADATA
# title: Transaction types
# description: EVM transactions are of a type that data allows; blobs, hand-overs and missing chain ids are refused.
# custom:
#   accepted:
#     NOT_CONFIGURED_MISSING: Its lists hold exceptions only; what they lack has the effect that data give its type.
#   configure: |
#     As it ships, transactions with blobs (EIP-4844), those that hand accounts over to a contract's code
#     (EIP-7702), and legacy ones without a chain id (`unprotected`), which are valid on every network, are refused.
#     `opened` makes exceptions by key group, chain and type. Opening `unprotected`, under the chain `*`, turns the
#     refusal into a hold and no more: what names no network is not decoded further. While no signing key is proven, what
#     any group has opened on the chain is held and not refused.
#
#     A transaction that hands accounts over (EIP-7702), where it is opened, may do so to the contracts of `delegates`
#     only, by chain; under the chain `*` to those that get accounts on every network at once.
package placet.rules.transaction_type

import data.placet.lib.subject

title := {
	"AUTHORIZATION_NOT_LISTED": "The transaction hands an account over to a contract that is not on the list.",
	"TRANSACTION_TYPE_DENIED": "Transactions of this type are refused.",
	"TRANSACTION_TYPE_GROUP_NOT_PROVEN": "It is not proven whether the type is opened for the signing key's group.",
	"TRANSACTION_TYPE_HELD": "People must look at transactions of this type.",
	"TRANSACTION_TYPE_NOT_PROVEN": "It is not proven of which type the transaction is.",
}

remediation := {
	"AUTHORIZATION_NOT_LISTED": "Verify the contract's code, then add it to the delegates in rules/transaction_type.",
	"TRANSACTION_TYPE_DENIED": "Ask for a transaction of EIP-1559, or open the type in rules/transaction_type.",
	"TRANSACTION_TYPE_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"TRANSACTION_TYPE_HELD": "Look at the transaction; rules/transaction_type says what is refused and what is allowed.",
	"TRANSACTION_TYPE_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["TRANSACTION_TYPE_DENIED"] := sprintf("type %s", [input.facts.chain.transaction_type])

message["TRANSACTION_TYPE_HELD"] := sprintf("type %s", [input.facts.chain.transaction_type])

message["AUTHORIZATION_NOT_LISTED"] := sprintf("not on the list: %s", [concat(", ", _unlisted)])

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
deny contains "TRANSACTION_TYPE_DENIED" if {
	_group_settled
	not _none_denied
}

# METADATA
# title: It is not proven whether the type is opened for the signing key's group.
# description: The effects data refuses the type, a key group has it opened on this chain, and no signing key is proven.
# custom:
#   code: TRANSACTION_TYPE_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: security
hold contains "TRANSACTION_TYPE_GROUP_NOT_PROVEN" if not _group_settled

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

# METADATA
# title: The transaction hands an account over to a contract that is not on the list.
# description: The type is not refused, and an authorization (EIP-7702) names another contract or another network, or none is in the facts.
# custom:
#   code: AUTHORIZATION_NOT_LISTED
#   severity: critical
#   remediation: Verify the contract's code, then add it to the delegates in rules/transaction_type.
#   owner: security
hold contains "AUTHORIZATION_NOT_LISTED" if {
	_proven
	_none_denied
	not _authorizations_listed
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

# A refusal is final, and an unproven key may be of a group for which the type is opened.
_group_settled if is_string(input.facts.signer.group)

_group_settled if _none_denied

_group_settled if count(_opening) == 0

_opening contains group if {
	some group, chains in data.placet.rules.transaction_type.opened
	is_object(chains[_chain][input.facts.chain.transaction_type])
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

_authorizations_listed if _without_type

_authorizations_listed if input.facts.chain.transaction_type != "eip7702"

_authorizations_listed if {
	is_array(input.facts.chain.authorizations)
	count(input.facts.chain.authorizations) > 0
	every authorization in input.facts.chain.authorizations {
		_authorization_listed(authorization)
	}
}

_authorization_listed(authorization) if {
	authorization.network == input.facts.chain.network
	is_object(data.placet.rules.transaction_type.delegates[input.facts.chain.id][authorization.address])
}

# Such an authorization is valid on every network.
_authorization_listed(authorization) if {
	authorization.network == "0"
	is_object(data.placet.rules.transaction_type.delegates["*"][authorization.address])
}

_unlisted contains sprintf("%v on network %v", [authorization.address, authorization.network]) if {
	some authorization in input.facts.chain.authorizations
	not _authorization_listed(authorization)
}
