package checks

# "9" > "10" is true, and every text is above every number.
violation contains finding("TEXT_ORDERED", found, sprintf("%s is text, which is ordered by its letters", [name])) if {
	some found in calls
	found.name in {"lt", "lte", "gt", "gte"}
	some operand in found.arguments
	name := _text_name(found.file, operand)
}

# The same through a name: a helper, or a local one.
violation contains finding("TEXT_ORDERED", located[index], sprintf("%s is text, which is ordered by its letters", [name])) if {
	some index, called in _calls_in
	some [_, call] in called
	_operator(call)[0] in {"lt", "lte", "gt", "gte"}
	some operand in array.slice(call, 1, count(call))
	some term in _definitions(index, operand)
	name := _text_name(located[index].file, term)
}

violation contains finding("TEXT_ORDERED", located[index], sprintf("%s takes %s, which is text, by its letters", [builtin, name])) if {
	some index, called in _calls_in
	some [_, call] in called
	builtin := _operator(call)[0]
	builtin in {"max", "min", "sort"}
	some term in _elements(index, call[1])
	name := _text_name(located[index].file, term)
	_orders_amounts(builtin, name)
}

# The largest of texts is never meant; names may be sorted for people.
_orders_amounts(builtin, _) if builtin in {"max", "min"}

_orders_amounts("sort", name) if name in _amount_names

# By its pattern an amount is digits and nothing else.
_amount_names := {name |
	some schema in array.concat([input.input_schema], [schema | some schema in input.data_schemas])
	walk(schema, [_, node])
	some name, property in node.properties
	some each in array.concat([property], object.get(property, "anyOf", []))
	reference := trim_prefix(object.get(each, "$ref", ""), "#/definitions/")
	resolved := object.get(object.get(schema, "definitions", {}), reference, each)
	regex.match(resolved.pattern, "10")
	not regex.match(resolved.pattern, "a")
}

# A text equals no number, so that the comparison has one outcome, whatever the text.
violation contains finding("TEXT_AND_NUMBER", found, sprintf("%s is text and is compared with %v", [name, literal.value])) if {
	some found in calls
	found.name in {"equal", "eq", "neq"}
	[left, right] := found.arguments
	some [operand, literal] in [[left, right], [right, left]]
	literal.type == "number"
	name := _text_name(found.file, operand)
}

_text_name(_, operand) := operand.value if operand.type == "string"

_text_name(file, operand) := last.value if {
	operand.type == "ref"
	last := operand.value[count(operand.value) - 1]
	last.type == "string"
	kinds_here := object.get(_input_kinds, last.value, set()) | object.get(_data_kinds[_data_path(file)], last.value, set())
	"string" in kinds_here
	count(kinds_here & {"integer", "number"}) == 0
}

_data_path(file) := concat("/", array.slice(steps, 1, count(steps) - 1)) if steps := split(file, "/")

# By the name of a property, the types that a schema gives it, wherever it stands.
_input_kinds := _kinds_by_name(input.input_schema)

_data_kinds[path] := _kinds_by_name(input.data_schemas[path]) if some path, _ in input.data_schemas

_kinds_by_name(schema) := {name: union(kinds_here) |
	found := [[name, _kinds(schema, property)] |
		walk(schema, [_, node])
		some name, property in node.properties
	]
	some [name, _] in found
	kinds_here := {these | some [other, these] in found; other == name}
}

_kinds(schema, property) := {kind |
	some each in array.concat([property], object.get(property, "anyOf", []))
	reference := trim_prefix(object.get(each, "$ref", ""), "#/definitions/")
	resolved := object.get(object.get(schema, "definitions", {}), reference, each)
	some kind in array.concat([type | type := resolved.type; is_string(type)], [type | some type in resolved.type])
}

violation contains finding("TO_NUMBER_USED", found, sprintf("%s reads amounts that are none", [found.name])) if {
	some found in calls
	found.file != "placet/lib/amounts/amounts.rego"
	found.name in {"to_number", "units.parse", "units.parse_bytes"}
}

violation contains finding("FLOAT_USED", found, sprintf("%v is no integer", [number])) if {
	some found in located
	walk(found.rule, [_, {"type": "number", "value": number}])
	floor(number) != number
}
