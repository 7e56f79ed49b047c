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
#
#     A fee above `max` denies, or holds with `"above": "hold"`. `share` limits it beside what the transaction moves of the
#     same token, in basis points (hundredths of a percent); up to `floor` it is free, because a small payment costs as
#     much as a large one. A share holds, or denies with `"above": "deny"` in it. It says nothing about a transaction
#     that moves none of the token, as a transfer of USDT on ETH: amounts of two tokens cannot be compared.
package placet.rules.fee_limit

import data.placet.lib.amounts
import data.placet.lib.subject
import data.placet.lib.transfers

title := {
	"FEE_ABOVE_LIMIT_HELD": "The transaction can cost more in fees than the limit, and the data says that this holds.",
	"FEE_SHARE_ABOVE_LIMIT": "The fee is more than its share of what the transaction moves.",
	"FEE_SHARE_ABOVE_LIMIT_DENIED": "The fee is more than its share of what the transaction moves, and the data says that this denies.",
	"FEE_SHARE_NOT_PROVEN": "It is not proven how much moves beside the fee.",
	"FEE_ABOVE_LIMIT": "The transaction can cost more in fees than the limit.",
	"FEE_LIMIT_NOT_CONFIGURED": "No fee limit is configured for the token the fee is paid in.",
	"FEE_NOT_BOUNDED": "The bytes do not bound the fee.",
}

remediation := {
	"FEE_ABOVE_LIMIT_HELD": "Build the transaction again with a lower gas price, or raise the limit in rules/fee_limit.",
	"FEE_SHARE_ABOVE_LIMIT": "Build the transaction again with a lower fee, or raise share or floor in rules/fee_limit.",
	"FEE_SHARE_ABOVE_LIMIT_DENIED": "Build the transaction again with a lower fee, or raise share or floor in rules/fee_limit.",
	"FEE_SHARE_NOT_PROVEN": "Look at the missing facts of this request.",
	"FEE_ABOVE_LIMIT": "Build the transaction again with a lower gas price, or raise the limit in rules/fee_limit.",
	"FEE_LIMIT_NOT_CONFIGURED": "Set the limit, in base units as a decimal string, in rules/fee_limit.",
	"FEE_NOT_BOUNDED": "Look at the missing facts of this request, or say in rules/fee_limit why the chain's fees need no bound.",
}

message["FEE_ABOVE_LIMIT"] := sprintf(
	"a fee of up to %s is above the limit of %s%s",
	[amounts.shown(_fee, _token), amounts.shown(_limit, _token), subject.for_vault],
)

message["FEE_ABOVE_LIMIT_HELD"] := sprintf(
	"a fee of up to %s is above the limit of %s%s",
	[amounts.shown(_fee, _token), amounts.shown(_limit, _token), subject.for_vault],
)

message["FEE_LIMIT_NOT_CONFIGURED"] := sprintf("no fee limit for %s", [_token])

message["FEE_SHARE_ABOVE_LIMIT"] := sprintf(
	"a fee of up to %s beside %s is more than %d basis points%s",
	[amounts.shown(_fee, _token), amounts.shown(_moved, _token), _share.basis_points, subject.for_vault],
)

message["FEE_SHARE_ABOVE_LIMIT_DENIED"] := sprintf(
	"a fee of up to %s beside %s is more than %d basis points%s",
	[amounts.shown(_fee, _token), amounts.shown(_moved, _token), _share.basis_points, subject.for_vault],
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
	not _within_limit_or_held
}

# METADATA
# title: The transaction can cost more in fees than the limit, and the data says that this holds.
# description: As FEE_ABOVE_LIMIT, for a token whose data say hold.
# custom:
#   code: FEE_ABOVE_LIMIT_HELD
#   severity: high
#   remediation: Build the transaction again with a lower gas price, or raise the limit in rules/fee_limit.
#   owner: treasury
hold contains "FEE_ABOVE_LIMIT_HELD" if {
	_bounded
	_configured
	not _within_limit_or_denied
}

# METADATA
# title: It is not proven how much moves beside the fee.
# description: The fee's share is limited, and a transfer has no token or no amount.
# custom:
#   code: FEE_SHARE_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "FEE_SHARE_NOT_PROVEN" if {
	_bounded
	_configured
	not _share_proven
}

# METADATA
# title: The fee is more than its share of what the transaction moves.
# description: The highest fee is above the floor, and above its share of what leaves in the same token.
# custom:
#   code: FEE_SHARE_ABOVE_LIMIT
#   severity: high
#   remediation: Build the transaction again with a lower fee, or raise share or floor in rules/fee_limit.
#   owner: treasury
hold contains "FEE_SHARE_ABOVE_LIMIT" if {
	_bounded
	_configured
	_share_proven
	not _within_share_or_denied
}

# METADATA
# title: The fee is more than its share of what the transaction moves, and the data says that this denies.
# description: As FEE_SHARE_ABOVE_LIMIT, for a share whose data say deny.
# custom:
#   code: FEE_SHARE_ABOVE_LIMIT_DENIED
#   severity: critical
#   remediation: Build the transaction again with a lower fee, or raise share or floor in rules/fee_limit.
#   owner: treasury
deny contains "FEE_SHARE_ABOVE_LIMIT_DENIED" if {
	_bounded
	_configured
	_share_proven
	not _within_share_or_held
}

_bounded if {
	is_string(_token)
	_fee >= 0
}

_bounded if _free

_bounded if _accepted

_configured if {
	_limit >= 0
	_above in {"deny", "hold"}
	_share_usable
}

_configured if _free

_configured if _accepted

_within_limit_or_held if _within_limit

_within_limit_or_held if _above == "hold"

_within_limit_or_denied if _within_limit

_within_limit_or_denied if _above == "deny"

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

_above := object.get(data.placet.rules.fee_limit.limits[_token], "above", "deny")

# Whatever stands there is a limit: what has no known form must not read as none.
_shares := [share | share := data.placet.rules.fee_limit.limits[_token].share]

_share := _shares[0]

_share_usable if _shares == []

_share_usable if {
	is_number(_share.basis_points)
	_share.basis_points >= 0
	amounts.parse(_share.floor) >= 0
	_share_above in {"deny", "hold"}
}

_share_above := object.get(_share, "above", "hold")

_share_proven if _share_silent

_share_proven if {
	is_array(input.facts.transfers)
	every transfer in input.facts.transfers {
		is_string(transfer.asset.token)
		amounts.parse(transfer.amount) >= 0
	}
}

# There is no share to keep, as beside a message, which has no fee either.
_share_silent if _shares == []

_share_silent if _accepted

_within_share_or_held if _within_share

_within_share_or_held if _share_above == "hold"

_within_share_or_denied if _within_share

_within_share_or_denied if _share_above == "deny"

_within_share if _share_silent

_within_share if _moved == 0

_within_share if _fee <= amounts.parse(_share.floor)

_within_share if _fee * 10000 <= _moved * _share.basis_points

# What returns to the signer is nothing that a fee is paid for.
_moved := transfers.total(_token)
