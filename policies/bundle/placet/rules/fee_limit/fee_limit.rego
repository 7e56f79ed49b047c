# METADATA
# title: Fee limit
# description: The highest fee that the bytes can cost stays within the limit of the token it is paid in, if they bound one.
# custom:
#   configure: |
#     What the bytes let cost anything (`fee.max` is null) holds, as beside every unknown program on Solana.
#     `unbounded` accepts that for a chain, with a reason: `"SOL": {"accepted": "why"}`; an empty text is none. It
#     accepts the loss of everything that the fee payer has in coins, in every transaction of that chain that other
#     rules allow, and on TRON without `tron_prices` and on Bitcoin where no signature binds the amounts spent, too.
#     A fee with a bound is judged as ever. So list the programs one by one in `contract_call`, and pay their fees
#     from accounts with little in them.
package placet.rules.fee_limit

import data.placet.lib.amounts
import data.placet.lib.subject

title := {
	"FEE_ABOVE_LIMIT": "The transaction can cost more in fees than the limit.",
	"FEE_LIMIT_NOT_CONFIGURED": "No fee limit is configured for the token the fee is paid in.",
	"FEE_NOT_BOUNDED": "The bytes do not bound the fee.",
}

remediation := {
	"FEE_ABOVE_LIMIT": "Build the transaction again with a lower gas price, or raise the limit in rules/fee_limit.",
	"FEE_LIMIT_NOT_CONFIGURED": "Set the limit, in base units as a decimal string, in rules/fee_limit.",
	"FEE_NOT_BOUNDED": "Look at the missing facts of this request, or say in rules/fee_limit why the chain's fees need no bound.",
}

message["FEE_ABOVE_LIMIT"] := sprintf(
	"up to %s base units of %s, limit %s",
	[input.facts.fee.max, _token, data.placet.rules.fee_limit.limits[_token].max],
)

# METADATA
# title: The bytes do not bound the fee.
# description: The facts carry no fee, no highest fee that is accepted, or not the token it is paid in.
# custom:
#   code: FEE_NOT_BOUNDED
#   severity: high
#   remediation: Look at the missing facts of this request, or say in rules/fee_limit why the chain's fees need no bound.
#   owner: security
hold contains "FEE_NOT_BOUNDED" if not _bounded

# METADATA
# title: No fee limit is configured for the token the fee is paid in.
# description: The token of the fee has no limit, or one that is not a canonical decimal string.
# custom:
#   code: FEE_LIMIT_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the limit, in base units as a decimal string, in rules/fee_limit.
#   owner: treasury
hold contains "FEE_LIMIT_NOT_CONFIGURED" if {
	_bounded
	not _configured
}

# METADATA
# title: The transaction can cost more in fees than the limit.
# description: The highest fee that the bytes allow is above the limit.
# custom:
#   code: FEE_ABOVE_LIMIT
#   severity: critical
#   remediation: Build the transaction again with a lower gas price, or raise the limit in rules/fee_limit.
#   owner: treasury
deny contains "FEE_ABOVE_LIMIT" if {
	_bounded
	_configured
	not _within_limit
}

_bounded if {
	is_string(_token)
	_fee >= 0
}

_bounded if _free

_bounded if _accepted

_configured if _limit >= 0

_configured if _free

_configured if _accepted

_within_limit if _fee <= _limit

_within_limit if _free

_within_limit if _accepted

# A message is no transaction: nobody pays for it.
_free if {
	is_null(input.facts.fee)
	subject.signed_message
}

# The facts say that the bytes bound no fee; a fee that is absent, or that cannot be read, is another thing.
_accepted if {
	is_null(input.facts.fee.max)
	is_string(_token)
	trim_space(data.placet.rules.fee_limit.unbounded[_chain].accepted) != ""
}

_token := input.facts.fee.asset.token

_chain := input.facts.chain.id

_fee := amounts.parse(input.facts.fee.max)

_limit := amounts.parse(data.placet.rules.fee_limit.limits[_token].max)
