# METADATA
# title: Limits over time
# description: What leaves by this request, what was approved before it, and which entry of a rule's data is meant for it.
package placet.lib.over_time

import data.placet.lib.amounts
import data.placet.lib.transfers

# METADATA
# title: What leaves
# description: Every transfer but those back to who pays, and to an own Bitcoin key. A list, as two may be equal.
leaving := [transfer |
	some transfer in input.facts.transfers
	not _returns(transfer)
]

_returns(transfer) if {
	is_string(transfer.from)
	transfer.from == transfer.to
}

_returns(transfer) if is_string(transfer.to_path)

# METADATA
# title: Stated
# description: The facts say what moves, and of each transfer which token, or that nobody registered it.
stated if {
	is_array(input.facts.transfers)
	every transfer in leaving {
		_named(transfer.asset.token)
	}
}

_named(token) if is_string(token)

_named(token) if is_null(token)

# METADATA
# title: Tokens that leave
# description: Each once; null for those that the registry does not know.
tokens contains transfer.asset.token if some transfer in leaving

# METADATA
# title: What a full limit does
# description: |
#   It holds, unless its data says that it denies; undefined for anything else. It only holds while something counts that
#   may return to the signer, because a refusal is final and what returns does not leave.
effect(limit) := "hold" if {
	_full(limit) == "deny"
	_may_return
} else := _full(limit) if _full(limit) in {"deny", "hold"}

_full(limit) := object.get(limit, "full", "hold")

_may_return if {
	some transfer in leaving
	transfers.may_return(transfer)
}

# METADATA
# title: The key's own series
# description: Every approval of the signing key, whatever it signs.
of_key := series if {
	found := [each | some each in input.history.series; is_null(each.asset)]
	count(found) == 1
	series := found[0]
}

# METADATA
# title: Series of a token
# description: Undefined unless it adds exactly what the facts say that leaves.
of_asset(token) := series if {
	found := [each | some each in input.history.series; each.asset.token == token; is_null(each.destination)]
	count(found) == 1
	series := found[0]
	amounts.parse(series.adds) == sum([amount |
		some transfer in leaving
		transfer.asset.token == token
		amount := amounts.parse(transfer.amount)
	])
}

# METADATA
# title: Series of a token by destination
# description: Undefined unless they add together what the token's series adds.
by_destination(token) := found if {
	found := [each | some each in input.history.series; each.asset.token == token; is_string(each.destination)]
	sum([amount | some each in found; amount := amounts.parse(each.adds)]) == amounts.parse(of_asset(token).adds)
}

# METADATA
# title: Usage in a window
# description: What counts in a series in the window of this name.
in_window(series, name) := usage if {
	found := [each | some each in series.windows; each.name == name]
	count(found) == 1
	usage := found[0]
}

# METADATA
# title: After this request
# description: Base units that would count in a series after an ALLOW, of a usage that it has now.
amount_after(series, usage) := amounts.parse(usage.amount) + amounts.parse(series.adds)

# METADATA
# title: Quota
# description: What is left of a limit and what the request asks, for people.
quota(limit, used, asked) := sprintf("%d remain of %d, %d asked", [max([0, limit - used]), limit, asked])

# METADATA
# title: Quota of a token
# description: The same in the token's own units.
quota_of(token, limit, used, asked) := sprintf("%s remain of %s, %s asked", [
	amounts.shown(max([0, limit - used]), token),
	amounts.shown(limit, token),
	amounts.shown(asked, token),
])
