# METADATA
# title: Amounts
# description: Reads amounts, which travel as decimal strings of base units because JSON numbers lose digits on the way.
package placet.lib.amounts

# METADATA
# title: Amount
# description: The number behind a canonical decimal string of at most 78 digits, as 2^256 has; undefined for all else.
parse(text) := number if {
	is_string(text)
	regex.match(`^(0|[1-9][0-9]{0,77})$`, text)
	number := to_number(text)
}

# METADATA
# title: Shown
# description: |
#   Base units of a token for people: in the token's own units and exact where the registry has its decimals, else as they
#   are. For messages only.
shown(number, token) := sprintf("%s %s", [_in_units(sprintf("%d", [number]), decimals), token]) if {
	decimals := _decimals(token)
} else := sprintf("%d base units of %v", [number, token])

_decimals(token) := decimals if {
	decimals := data.placet.registry.tokens[token].decimals
	decimals >= 0
}

# By digits alone, so that nothing is rounded.
_in_units(digits, decimals) := regex.replace(sprintf("%s.%s", [whole, fraction]), `\.?0*$`, "") if {
	zeros := [digit | some place in numbers.range(0, decimals); place >= count(digits); digit := "0"]
	padded := concat("", array.concat(zeros, [digits]))
	point := count(padded) - decimals
	whole := substring(padded, 0, point)
	fraction := substring(padded, point, -1)
}
