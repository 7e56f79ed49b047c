# METADATA
# title: Constraints
# description: |
#   What data may ask of one value of a request, an argument of a call or a member of typed data: `equals`, `one_of`,
#   `each_one_of` (and `may_be_empty` beside it), `at_most`, `at_least`, `caller`. Several words in one constraint hold together.
# custom:
#   accepted:
#     WALK_USED: It looks for numbers anywhere in a value, and no name that it passes decides anything.
package placet.lib.constraints

import data.placet.lib.amounts

# METADATA
# title: Can be judged
# description: |
#   The constraint is of the known words only, and the value is of a kind that each of them can be asked of. What cannot be
#   judged is neither kept nor broken, so that nobody refuses it for ever. `caller` is who acts, null where that is not known.
judged(constraint, value, caller) if {
	is_object(constraint)
	count(constraint) > 0
	every word, expected in constraint {
		_judged(word, expected, value, caller)
	}
	_says_of_empty(constraint, value)
}

# METADATA
# title: Is kept
# description: Every word of a constraint that can be judged is true of the value.
kept(constraint, value, caller) if {
	judged(constraint, value, caller)
	every word, expected in constraint {
		_kept(word, expected, value, caller)
	}
}

# METADATA
# title: In words
# description: What a constraint asks for, for people; a list of many values is named and not written.
words(constraint) := concat(" and ", [text |
	some word, expected in constraint
	text := _words(word, expected)
])

# Facts are text: a number in the data would be unlike every fact, and one in the facts is none.
_judged("equals", expected, value, _) if {
	not _has_number(expected)
	not _has_number(value)
}

_judged("one_of", listed, value, _) if {
	is_object(listed)
	is_string(value)
}

_judged("each_one_of", listed, value, _) if {
	is_object(listed)
	is_array(value)
}

_judged("may_be_empty", true, value, _) if is_array(value)

_judged("at_most", limit, value, _) if {
	amounts.parse(limit) >= 0
	amounts.parse(value) >= 0
}

_judged("at_least", limit, value, _) if {
	amounts.parse(limit) >= 0
	amounts.parse(value) >= 0
}

_judged("caller", true, value, caller) if {
	is_string(value)
	is_string(caller)
}

# Every element of an empty list is whatever one likes, so that the data has to say what an empty list is.
_says_of_empty(constraint, _) if not _of_elements(constraint)

_says_of_empty(constraint, value) if {
	"each_one_of" in object.keys(constraint)
	count(value) > 0
}

_says_of_empty(constraint, _) if {
	"each_one_of" in object.keys(constraint)
	"may_be_empty" in object.keys(constraint)
}

_of_elements(constraint) if {
	some word in ["each_one_of", "may_be_empty"]
	word in object.keys(constraint)
}

_has_number(value) if {
	some part
	walk(value, [_, part])
	is_number(part)
}

_kept("equals", expected, value, _) if value == expected

_kept("one_of", listed, value, _) if is_object(listed[value])

_kept("each_one_of", listed, values, _) if {
	every value in values {
		is_object(listed[value])
	}
}

_kept("may_be_empty", true, _, _)

_kept("at_most", limit, value, _) if amounts.parse(value) <= amounts.parse(limit)

_kept("at_least", limit, value, _) if amounts.parse(value) >= amounts.parse(limit)

_kept("caller", true, value, caller) if value == caller

_words(word, expected) := sprintf("%s %v", [replace(word, "_", " "), expected]) if word in {"at_least", "at_most", "equals"}

_words(word, _) := replace(word, "_", " ") if word in {"caller", "each_one_of", "may_be_empty", "one_of"}
