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
