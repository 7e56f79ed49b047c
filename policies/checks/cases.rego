package checks

violation contains says("CODE_WITHOUT_CASE", head, sprintf("no case expects %s", [code])) if {
	some head in heads
	code := code_of(head)
	not code in {expected | some case in input.cases; some expected in case.codes}
}

# Only a case that is allowed while the rule runs shows that the rule does not object to everything.
violation contains in_file("RULE_WITHOUT_ALLOW", file, sprintf("no case is allowed while %s runs", [name])) if {
	some name, file in _rule_files
	not name in {ran | some case in input.cases; case.effect == "allow"; some ran in case.rules}
}

violation contains in_file("RULE_WITHOUT_TEST", head.file, "a module that decides has a test beside it") if {
	some head in heads
	not replace(head.file, ".rego", "_test.rego") in input.tests
}

# What is not configured must not be judged by whatever an empty list happens to say.
violation contains in_file("NOT_CONFIGURED_MISSING", file, text) if {
	some name, file in _rule_files
	some property in _required_objects(name)
	not _holds_unconfigured(file)
	text := sprintf("rules/%s has the list %s, and no hold says …_NOT_CONFIGURED", [name, property])
}

# The lists of a rule: objects that its schema lets be empty, and that are no choice of effects.
_required_objects(name) := [property |
	some property, schema in input.data_schemas[sprintf("rules/%s", [name])].properties
	property != "effects"
	schema.type == "object"
	not schema.minProperties
]

_holds_unconfigured(file) if {
	some head in heads
	head.file == file
	head.effect == "hold"
	endswith(code_of(head), "_NOT_CONFIGURED")
}
