# METADATA
# title: Transaction expiry
# description: A transaction whose bytes name their end is signed only while it is valid, and not far ahead.
# custom:
#   configure: |
#     The rule judges `facts.chain.valid_until`, the second in which the network stops accepting the bytes. Only
#     TRON bytes name a time; elsewhere the fact is null and the rule is silent. A chain without an entry holds.
#     `"TRON": {"unchecked": "why"}` switches the rule off for a chain, as the demonstration data does because the
#     samples are old.
package placet.rules.transaction_expiry

import data.placet.lib.amounts

title := {
	"EXPIRY_LIMIT_NOT_CONFIGURED": "No longest validity is configured for this chain.",
	"EXPIRY_NOT_STATED": "The facts do not say until when the transaction is valid.",
	"TRANSACTION_EXPIRED": "The transaction has expired, so it can only be worth something to who collects signatures.",
	"TRANSACTION_VALID_TOO_LONG": "The transaction stays valid for longer than the limit.",
}

remediation := {
	"EXPIRY_LIMIT_NOT_CONFIGURED": "Set max_seconds for the chain in rules/transaction_expiry, or say there why it is unchecked.",
	"EXPIRY_NOT_STATED": "Look at the missing facts of this request.",
	"TRANSACTION_EXPIRED": "Ask for the transaction to be built again, and check this server's clock.",
	"TRANSACTION_VALID_TOO_LONG": "Build the transaction again with an earlier end, or raise max_seconds in rules/transaction_expiry.",
}

message["TRANSACTION_EXPIRED"] := sprintf(
	"valid until %s, decided at %d",
	[input.facts.chain.valid_until, input.decision.unix],
)

message["TRANSACTION_VALID_TOO_LONG"] := sprintf(
	"valid until %s, decided at %d, limit %d seconds",
	[
		input.facts.chain.valid_until, input.decision.unix,
		data.placet.rules.transaction_expiry.limits[_chain].max_seconds,
	],
)

# METADATA
# title: The facts do not say until when the transaction is valid.
# description: The fact is absent or mistyped, or the decision has no time.
# custom:
#   code: EXPIRY_NOT_STATED
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "EXPIRY_NOT_STATED" if not _stated

# METADATA
# title: No longest validity is configured for this chain.
# description: The bytes name their end, and the chain has neither max_seconds nor a reason for being unchecked.
# custom:
#   code: EXPIRY_LIMIT_NOT_CONFIGURED
#   severity: medium
#   remediation: Set max_seconds for the chain in rules/transaction_expiry, or say there why it is unchecked.
#   owner: security
hold contains "EXPIRY_LIMIT_NOT_CONFIGURED" if {
	_stated
	not _configured
}

# METADATA
# title: The transaction has expired, so it can only be worth something to who collects signatures.
# description: The network stopped accepting the bytes before the decision.
# custom:
#   code: TRANSACTION_EXPIRED
#   severity: high
#   remediation: Ask for the transaction to be built again, and check this server's clock.
#   owner: security
hold contains "TRANSACTION_EXPIRED" if {
	_stated
	_configured
	not _valid_now
}

# METADATA
# title: The transaction stays valid for longer than the limit.
# description: The end that the bytes name is further ahead than max_seconds of the chain.
# custom:
#   code: TRANSACTION_VALID_TOO_LONG
#   severity: medium
#   remediation: Build the transaction again with an earlier end, or raise max_seconds in rules/transaction_expiry.
#   owner: treasury
hold contains "TRANSACTION_VALID_TOO_LONG" if {
	_stated
	_configured
	not _soon_over
}

_stated if {
	_until >= 0
	is_number(input.decision.unix)
}

_stated if _endless

_configured if _limit > 0

_configured if _unchecked

_configured if _endless

_valid_now if _until > input.decision.unix

_valid_now if _unchecked

_valid_now if _endless

_soon_over if _until <= input.decision.unix + _limit

_soon_over if _unchecked

_soon_over if _endless

# The bytes name no end.
_endless if is_null(input.facts.chain.valid_until)

# A request that moves nothing that could be decoded has no end either; that nothing was decoded holds it elsewhere.
_endless if is_null(input.facts.chain)

_unchecked if count(data.placet.rules.transaction_expiry.limits[_chain].unchecked) > 0

_chain := input.facts.chain.id

_until := amounts.parse(input.facts.chain.valid_until)

_limit := seconds if {
	seconds := data.placet.rules.transaction_expiry.limits[_chain].max_seconds
	is_number(seconds)
}
