package placet.lib.constraints_test

import data.placet.lib.constraints

listed := {"a": {}, "b": {"label": "second"}}

test_equals_is_of_value_and_type if {
	constraints.kept({"equals": "5"}, "5", null)
	constraints.kept({"equals": false}, false, null)
	constraints.kept({"equals": null}, null, null)
	constraints.kept({"equals": ["5", {"a": "6"}]}, ["5", {"a": "6"}], null)
	every value in ["05", ["5"], null, true, {"5": "5"}] {
		constraints.judged({"equals": "5"}, value, null)
		not constraints.kept({"equals": "5"}, value, null)
	}
}

test_one_of_is_a_key_whose_entry_is_an_object if {
	constraints.kept({"one_of": listed}, "b", null)
	not constraints.kept({"one_of": listed}, "c", null)
	not constraints.kept({"one_of": {"a": true}}, "a", null)
	not constraints.kept({"one_of": {}}, "a", null)
}

test_each_one_of_wants_every_element if {
	constraints.kept({"each_one_of": listed}, ["a", "b", "a"], null)
	constraints.kept({"each_one_of": listed}, ["a"], null)
	not constraints.kept({"each_one_of": listed}, ["a", "c"], null)
	not constraints.kept({"each_one_of": listed}, [["a"]], null)
}

# Nothing is denied because data or facts were written with numbers, which no fact is.
test_equals_of_a_number_is_not_judged if {
	every pair in [[5, "5"], [5, 5], ["5", 5], [["5", 5], ["5", "5"]], [{"a": 5}, {"a": "5"}], [["5"], ["5", [5]]], ["5", {"a": {"b": 5}}]] {
		not constraints.judged({"equals": pair[0]}, pair[1], null)
		not constraints.kept({"equals": pair[0]}, pair[1], null)
	}
}

test_an_empty_list_is_judged_where_the_data_say_what_it_is if {
	not constraints.judged({"each_one_of": listed}, [], null)
	not constraints.kept({"each_one_of": listed}, [], null)
	constraints.kept({"each_one_of": listed, "may_be_empty": true}, [], null)
	constraints.kept({"each_one_of": listed, "may_be_empty": true}, ["a"], null)
	constraints.judged({"each_one_of": listed, "may_be_empty": true}, ["c"], null)
	not constraints.kept({"each_one_of": listed, "may_be_empty": true}, ["c"], null)
}

test_may_be_empty_alone_says_nothing if {
	every value in [[], ["a"]] {
		not constraints.judged({"may_be_empty": true}, value, null)
		not constraints.judged({"may_be_empty": true, "equals": value}, value, null)
	}
	every other in [false, null, "true"] {
		not constraints.judged({"each_one_of": listed, "may_be_empty": other}, [], null)
		not constraints.judged({"each_one_of": listed, "may_be_empty": other}, ["a"], null)
	}
}

test_bounds_are_numbers_and_not_texts if {
	constraints.kept({"at_most": "10"}, "9", null)
	constraints.kept({"at_most": "10"}, "0", null)
	constraints.kept({"at_most": "0"}, "0", null)
	constraints.kept({"at_least": "0"}, "0", null)
	constraints.kept({"at_most": "10"}, "10", null)
	not constraints.kept({"at_most": "9"}, "10", null)
	constraints.kept({"at_least": "9"}, "10", null)
	constraints.kept({"at_least": "9"}, "9", null)
	not constraints.kept({"at_least": "10"}, "9", null)
	not constraints.kept({"at_most": "18446744073709551616"}, "18446744073709551617", null)
}

test_several_words_hold_together if {
	constraints.kept({"at_least": "5", "at_most": "9"}, "7", null)
	not constraints.kept({"at_least": "5", "at_most": "9"}, "4", null)
	not constraints.kept({"at_least": "5", "at_most": "9"}, "10", null)
}

test_the_caller_is_who_acts if {
	constraints.kept({"caller": true}, "0xa", "0xa")
	not constraints.kept({"caller": true}, "0xb", "0xa")
	constraints.judged({"caller": true}, "0xb", "0xa")
}

test_what_cannot_be_judged_is_neither_kept_nor_broken if {
	every pair in [
		[{}, "5"], [null, "5"], ["5", "5"], [["5"], "5"], [{"is": "5"}, "5"], [{"equals": "5", "is": "5"}, "5"],
		[{"one_of": ["5"]}, "5"], [{"one_of": {"5": {}}}, 5], [{"one_of": {"5": {}}}, null],
		[{"each_one_of": {"5": {}}}, "5"], [{"each_one_of": ["5"]}, ["5"]],
		[{"at_most": 5}, "5"], [{"at_most": "5"}, 5], [{"at_most": "5"}, "-5"], [{"at_most": "5"}, null],
		[{"at_least": 5}, "5"], [{"at_least": "5"}, "0x5"], [{"at_least": "5"}, ["5"]],
		[{"caller": false}, "5"], [{"caller": true}, "5"], [{"caller": true}, null],
	] {
		not constraints.judged(pair[0], pair[1], null)
		not constraints.kept(pair[0], pair[1], null)
	}
}

test_a_constraint_has_words if {
	constraints.words({"at_most": "5", "one_of": listed}) == "at most 5 and one of"
	constraints.words({"equals": true}) == "equals true"
	constraints.words({"at_least": "7"}) == "at least 7"
	constraints.words({"each_one_of": listed, "may_be_empty": true}) == "each one of and may be empty"
	constraints.words({"caller": true}) == "caller"
}
