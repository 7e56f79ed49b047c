package placet.lib.declared_test

import data.placet.lib.declared

test_the_transaction_is_what_is_declared_or_empty if {
	declared.transaction({"transaction": {"a": 1}}) == {"a": 1}
	every extra in [{}, {"wallet": {}}, {"transaction": {}}] {
		declared.transaction(extra) == {}
		declared.malformed(extra) == set()
	}
}

test_what_is_no_object_has_no_transaction if {
	every extra in ["transaction", "", [], null, 1, false] {
		not declared.transaction(extra)
		declared.malformed(extra) == {"extra_info is no object"}
	}
	every value in ["", "AutoSweep", [], null, false, 0] {
		not declared.transaction({"transaction": value})
		declared.malformed({"transaction": value}) == {"extra_info.transaction is no object"}
	}
}

test_null_is_not_lacking if {
	declared.lacks({"b": 1}, "a")
	not declared.lacks({"a": null}, "a")
	not declared.lacks("b", "a")
	not declared.lacks(null, "a")
}
