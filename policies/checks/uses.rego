package checks

# What every rule speaks of, by its place in `located`: fields of the input, and other rules. Each with the way in which
# the rule depends on it, of those in ways.rego.
uses[index] := array.concat(
	[{"field": field, "way": _way_of_one(index, path, reference[0].value)} |
		some [path, reference] in _references[index]
		some field in _fields(reference)
	],
	[{"rules": rules, "way": _way(index, path)} | some [path, rules] in _targets[index]],
) if {
	some index, _ in _deciding
}

# No decision depends on a text.
_deciding[index] := found if {
	some index, found in located
	not found.rule.head.ref[0].value in {"message", "remediation", "title"}
}

# One walk for all that is looked for in a rule, without the words and numbers at its ends.
_parts[index] := [[path, node] |
	walk(found.rule, [path, node])
	type_name(node) in {"array", "object"}
] if {
	some index, found in _deciding
}

_references[index] := [[path, node.value] |
	some [path, node] in _parts[index]
	node.type == "ref"
] if {
	some index, _ in _deciding
}

# The rules that are named: of the package by their name, of others by the import or from data.
_targets[index] := array.concat(
	[[path, rules] |
		some [path, node] in _parts[index]
		node.type == "var"
		rules := _by_name[_package_names[found.file]][node.value]
		node.value != found.rule.head.ref[0].value
	],
	[[path, _afar(found.file, steps)] | some [path, steps] in _references[index]],
) if {
	some index, found in _deciding
}

_afar(file, steps) := _by_name[_imported[file][steps[0].value]][steps[1].value]

_afar(_, steps) := _by_name[concat(".", [step.value | some step in array.slice(steps, 0, 4)])][steps[4].value] if {
	steps[0].value == "data"
}

# The places of all rules of a name, by package and name; taken as a whole, or each look-up would gather its own.
_by_name := _gathered

_gathered[_package_names[file]][name] contains index if some index, [file, name] in _full_names

_full_names := [[found.file, found.rule.head.ref[0].value] | some found in located]

_alike(index) := _by_name[_package_names[file]][name] if [file, name] := _full_names[index]

_package_names[file] := package_of(module) if some file, module in modules

_imported[file][name] := concat(".", steps) if {
	some file, module in modules
	some imported in module.imports
	steps := [step.value | some step in imported.path.value]
	name := object.get(imported, "alias", steps[count(steps) - 1])
}

# facts.chain.id of what stands in full, and *.to of what has a name of its own.
_fields(steps) := [concat(".", path)] if {
	steps[0].value == "input"
	path := _leading(array.slice(steps, 1, count(steps)))
	count(path) > 0
}

_fields(steps) := [sprintf("*.%s", [last.value])] if {
	not steps[0].value in {"input", "data"}
	last := steps[count(steps) - 1]
	last.type == "string"
	every step in array.slice(steps, 1, count(steps)) {
		_may_be_stated(step)
	}
}

_may_be_stated(step) if step.value in _always_there

_may_be_stated(step) if step.type != "string"

# What may be absent by the schema means something by its absence, and nobody can state it.
_always_there := {name |
	walk(input.input_schema, [_, node])
	some name in node.required
}

_leading(steps) := [step.value |
	some place, step in steps
	every before in array.slice(steps, 0, place + 1) {
		before.type == "string"
	}
]
