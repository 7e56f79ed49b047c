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
	[object_, _, fallback] := found.arguments
	object_.type == "ref"
	object_.value[0].value == "input"
	fallback.type != "null"
}

violation contains finding("FACT_UNKNOWN", found, sprintf("the input has no %s", [concat(".", path)])) if {
	some found in calls
	found.name == "object.get"
	[object_, name, _] := found.arguments
	name.type == "string"
	path := array.concat(_input_path(object_), [name.value])
	_schema_at(path) == null
	not _is_free(path)
}

# Below a fact whose names are the request's own, nothing is known.
_is_free(path) if {
	some length in numbers.range(1, count(path) - 1)
	schema := _schema_at(array.slice(path, 0, length))
	schema != null
	not schema.properties
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
