package checks

_rule_files[name] := file if {
	some file, module in modules
	is_rule(module)
	name := trim_prefix(package_of(module), "data.placet.rules.")
}

_named := {name |
	some profile in array.concat(
		[profile | some profile in input.profiles.request_types],
		[profile | some group in input.profiles.key_groups; some profile in group],
	)
	some name in profile.rules
}

_in_profiles(id, text) := in_file(id, "placet/profiles/data.json", text)

violation contains in_file("RULE_UNNAMED", file, sprintf("%s is in no profile and has no custom.unused", [name])) if {
	some name, file in _rule_files
	not name in _named
	not _unused(file)
}

_unused(file) if {
	some annotations in package_annotations(file)
	is_text(annotations.custom.unused)
}

violation contains _in_profiles("PROFILE_NAMES_NOTHING", sprintf("there is no rule %s", [name])) if {
	some name in _named
	not _rule_files[name]
}

violation contains _in_profiles("PROFILE_MISSING", sprintf("the request type %s has no profile", [type])) if {
	some type in input.input_schema.properties.request.properties.type.enum
	not input.profiles.request_types[type]
}
