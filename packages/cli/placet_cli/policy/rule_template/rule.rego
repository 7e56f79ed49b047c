# METADATA
# title: @TITLE@
# description: Transactions are on a chain that the rule's data list. Say here what your rule stops.
# custom:
#   configure: List each chain by its id in registry/chains, with a label that says why it is there.
#   unused: New; no profile names it before its data are there.
package placet.rules.@NAME@

title := {
	"@CODE@_NOT_ALLOWED": "The chain is not on the list.",
	"@CODE@_NOT_CONFIGURED": "The list is empty.",
}

remediation := {
	"@CODE@_NOT_ALLOWED": "Find out why the transaction is on this chain, and list the chain in rules/@NAME@ if it is meant.",
	"@CODE@_NOT_CONFIGURED": "List the chains in rules/@NAME@.",
}

message["@CODE@_NOT_ALLOWED"] := sprintf("chain %s", [_chain])

# METADATA
# title: The list is empty.
# description: The list is empty, missing or not an object.
# custom:
#   code: @CODE@_NOT_CONFIGURED
#   severity: medium
#   remediation: List the chains in rules/@NAME@.
#   owner: security
hold contains "@CODE@_NOT_CONFIGURED" if not _configured

# METADATA
# title: The chain is not on the list.
# description: The chain of the transaction is not on the list, or the facts do not say which it is.
# custom:
#   code: @CODE@_NOT_ALLOWED
#   severity: high
#   remediation: Find out why the transaction is on this chain, and list the chain in rules/@NAME@ if it is meant.
#   owner: security
hold contains "@CODE@_NOT_ALLOWED" if {
	_configured
	not _allowed
}

_configured if {
	is_object(data.placet.rules.@NAME@.allowed)
	count(data.placet.rules.@NAME@.allowed) > 0
}

_allowed if is_object(data.placet.rules.@NAME@.allowed[_chain])

_chain := input.facts.chain.id
