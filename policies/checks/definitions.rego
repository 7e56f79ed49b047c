package checks

# What a name in a rule stands for: what is assigned to it there, the value of the rules of that name, or what the
# function is called with.
_definitions(index, term) := array.flatten([
	[call[2] |
		some [_, call] in _calls_in[index]
		_operator(call) == ["assign"]
		call[1] == term
	],
	[value |
		some other in _defining(index, term)
		value := located[other].rule.head.value
		value.type != "boolean"
	],
	_called_with(index, term),
])

_called_with(index, term) := [call[place + 1] |
	some place, parameter in located[index].rule.head.args
	parameter == term
	some call in _calls_of[_full_names[index]]
]

# By file and name: what is called from other packages is called with many things.
_calls_of[[file, name]] contains call if {
	some index, called in _calls_in
	[file, _] := _full_names[index]
	some [_, call] in called
	[name] := _operator(call)
	_by_name[_package_names[file]][name]
}

_defining(index, term) := _by_name[_package_names[located[index].file]][term.value] if term.type == "var"

_defining(index, term) := _afar(located[index].file, term.value) if term.type == "ref"

# A call stands for the value of its function.
_defining(index, term) := _defining_function(index, term.value[0].value) if term.type == "call"

_defining_function(index, steps) := _by_name[_package_names[located[index].file]][steps[0].value] if count(steps) == 1

_defining_function(index, steps) := _afar(located[index].file, steps) if count(steps) > 1

# What is in a list or a set, or in one that a name stands for, and what the names in it stand for where they are.
_elements(index, term) := array.concat(here, there) if {
	here := [each |
		some list in array.concat([term], _definitions(index, term))
		some member in _members(list)
		some each in array.concat([member], _definitions(index, member))
	]
	there := [each |
		some other in _defining(index, term)
		some member in _contents(located[other].rule.head)
		some each in array.concat([member], _definitions(other, member))
	]
}

_contents(head) := [head.key]

_contents(head) := _members(head.value)

_members(list) := list.value if list.type in {"array", "set"}

_members(list) := [list.value.term] if list.type in {"arraycomprehension", "setcomprehension"}
