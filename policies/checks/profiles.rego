package checks

_rule_packages := {trim_prefix(name, "data.placet.rules."): module |
	some module in modules
	name := package_of(module)
	startswith(name, "data.placet.rules.")
}

_profiles := object.union(
	{type: _rules(profile) | some type, profile in input.profiles.request_types},
	{sprintf("%s of %s", [type, group]): _rules(profile) |
		some group, profiles in input.profiles.key_groups
		some type, profile in profiles
	},
)

_rules(profile) := {name | some name in profile.rules} | object.keys(object.get(profile, "also", {}))

_named := {name | some rules in _profiles; some name in rules}

violation contains sprintf("RULE_UNNAMED: %s is in no profile and has no custom.unused", [name]) if {
	some name, module in _rule_packages
	not name in _named
	not _unused(module)
}

_unused(module) if {
	some annotation in module.annotations
	annotation.scope == "package"
	_text(annotation.custom.unused)
}

violation contains sprintf("PROFILE_NAMES_NOTHING: %s", [name]) if {
	some name in _named
	not _rule_packages[name]
}

# What is frozen is frozen for every request.
violation contains sprintf("PROFILE_WITHOUT_FREEZE: %s", [profile]) if {
	some profile, rules in _profiles
	not "freeze" in rules
}

violation contains sprintf("PROFILE_MISSING: %s", [type]) if {
	some type in input.input_schema.properties.request.properties.type.enum
	not input.profiles.request_types[type]
}

violation contains sprintf("CODE_WITHOUT_CASE: %s", [code]) if {
	some code in codes
	not code in input.cases
}

violation contains sprintf("RULE_WITHOUT_TEST: %s", [file]) if {
	some file, _ in modules
	some head in heads
	head.file == file
	not input.modules[replace(file, ".rego", "_test.rego")]
}
