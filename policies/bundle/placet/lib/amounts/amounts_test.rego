package placet.lib.amounts_test

import data.placet.lib.amounts

test_reads_canonical_decimal_strings if {
	amounts.parse("0") == 0
	amounts.parse("7") == 7
	amounts.parse("100000000000000000000") == 100000000000000000000
}

test_keeps_all_digits_of_256_bits if {
	largest := "115792089237316195423570985008687907853269984665640564039457584007913129639935"
	sprintf("%d", [amounts.parse(largest)]) == largest
	amounts.parse(largest) > amounts.parse("115792089237316195423570985008687907853269984665640564039457584007913129639934")
}

test_reads_nothing_else if {
	every text in [
		"", "00", "01", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "1\n", "1_000", "١", "Infinity",
		1, 0, 1.5, null, true, [], {},
		# One digit more than 2^256 has.
		"1000000000000000000000000000000000000000000000000000000000000000000000000000000",
	] {
		not amounts.parse(text)
	}
}

tokens := {
	"ETH": {"decimals": 18},
	"ETH_USDT": {"decimals": 6},
	"WHOLE": {"decimals": 0},
	"TEXT": {"decimals": "6"},
	"BELOW": {"decimals": -1},
	"NONE": {},
}

test_shows_base_units_in_the_tokens_own_units if {
	every case in [
		["12500000000000000000", "ETH", "12.5 ETH"],
		["1", "ETH", "0.000000000000000001 ETH"],
		["1000000000000000000", "ETH", "1 ETH"],
		["100000000000000000000", "ETH", "100 ETH"],
		["0", "ETH_USDT", "0 ETH_USDT"],
		["1000000", "ETH_USDT", "1 ETH_USDT"],
		["999999", "ETH_USDT", "0.999999 ETH_USDT"],
		["120", "WHOLE", "120 WHOLE"],
		["0", "WHOLE", "0 WHOLE"],
		[
			"115792089237316195423570985008687907853269984665640564039457584007913129639935",
			"ETH", "115792089237316195423570985008687907853269984665640564039457.584007913129639935 ETH",
		],
	] {
		shown := amounts.shown(to_number(case[0]), case[1]) with data.placet.registry.tokens as tokens
		shown == case[2]
	}
}

test_shows_base_units_where_no_decimals_are_registered if {
	every token in ["NEW", "TEXT", "BELOW", "NONE", null, 1] {
		shown := amounts.shown(to_number("12500000000000000001"), token) with data.placet.registry.tokens as tokens
		shown == sprintf("12500000000000000001 base units of %v", [token])
	}
}
