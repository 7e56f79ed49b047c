package checks

# What the facts do not say must not pass for what they say.
violation contains finding("NEGATED_ABSENCE", found, "what is negated names input or data, and is true where they say nothing") if {
	some found in located
	walk(found.rule, [_, expression])
	expression.negated
	_names_documents(expression.terms)
}

_names_documents(terms) if {
	walk(terms, [_, {"type": "ref", "value": steps}])
	steps[0].value in {"input", "data"}
}

violation contains finding("PERMISSIVE_DEFAULT", found, "the default is true") if {
	some found in located
	found.rule["default"]
	found.rule.head.value.value == true
}

violation contains finding("PERMISSIVE_DEFAULT", found, "what is left over is true") if {
	some found in located
	walk(found.rule, [_, node])
	node["else"].head.value.value == true
	every expression in node["else"].body {
		expression.generated
	}
}

violation contains finding("PERMISSIVE_DEFAULT", found, sprintf("object.get answers %v where nothing is said", [value])) if {
	some found in calls
	found.name == "object.get"
	[_, _, fallback] := found.arguments
	value := fallback.value
	value in {true, "allow"}
}

violation contains finding("FACT_DEFAULTED", found, sprintf("object.get answers %v for a fact that is not there", [fallback.value])) if {
	some found in calls
	found.name == "object.get"
	[object_, name, fallback] := found.arguments
	fallback.type != "null"
	not _declared_freely(array.concat(_input_path(object_), _steps(name)))
	_input_path(object_)
}

# What the requester says in words of his own has no schema and is no fact; there a default is a word for its absence.
_declared_freely(path) if array.slice(path, 0, 2) == ["request", "extra"]

_steps(name) := [name.value] if name.type == "string"

_steps(name) := [step.value | some step in name.value] if name.type == "array"

violation contains finding("FACT_UNKNOWN", found, sprintf("the input has no %s", [concat(".", path)])) if {
	some found in calls
	found.name == "object.get"
	[object_, name, _] := found.arguments
	name.type == "string"
	path := array.concat(_input_path(object_), [name.value])
	not name.value in object.keys(_schema_at(_input_path(object_)).properties)
	_schema_at(_input_path(object_)).properties
}

violation contains finding("WITH_USED", found, "`with` puts words into the mouth of the facts") if {
	some found in located
	walk(found.rule, [_, expression])
	is_object(expression)
	expression["with"]
}

violation contains finding("WALK_USED", found, "walk finds names that no schema knows") if {
	some found in calls
	found.name == "walk"
}

violation contains in_file("INPUT_IMPORTED", file, "an import gives the input another name") if {
	some file, module in modules
	some imported in module.imports
	imported.path.value[0].value == "input"
}
