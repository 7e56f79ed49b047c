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
