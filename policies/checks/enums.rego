package checks

# `opa check --schema` does not compare values: a misspelt status would only ever be unequal.
violation contains finding("ENUM_UNKNOWN", found, sprintf("%s is compared with %q", [concat(".", path), value])) if {
	some found in calls
	found.name in {"equal", "eq", "neq"}
	[left, right] := found.arguments
	some [reference, literal] in [[left, right], [right, left]]
	literal.type == "string"
	value := literal.value
	path := _input_path(reference)
	values := _values(path)
	not value in values
}

_input_path(reference) := [step.value | some step in array.slice(reference.value, 1, count(reference.value))] if {
	reference.type == "ref"
	reference.value[0].value == "input"
	every step in array.slice(reference.value, 1, count(reference.value)) {
		step.type == "string"
	}
}

# Undefined for a field that may hold anything.
_values(path) := values if {
	schema := _schema_at(path)
	values := array.concat(object.get(schema, "enum", []), [value | value := schema.const])
	count(values) > 0
}

_schema_at(path) := schema if {
	found := object.get(input.input_schema, [key | some step in path; some key in ["properties", step]], null)
	name := trim_prefix(object.get(found, "$ref", ""), "#/definitions/")
	schema := object.get(input.input_schema.definitions, name, found)
}
