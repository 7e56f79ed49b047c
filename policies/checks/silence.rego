package checks

# Where a field is absent a negation is true, and what collects or goes through it finds nothing wrong. So a field that is
# read in such a way must be stated as well: read where its absence lets a head fire.
violation contains finding("ABSENCE_UNSTATED", {"file": file, "line": line}, text) if {
	some file, reached in _passing
	some index in reached
	unstated := (_silent[index] - _stated_by_main) - _stated_elsewhere(file, index)
	count(unstated) > 0
	missing := unstated - _prefixes(_said(graph.reachable(_stating, {index})))
	count(missing) > 0
	line := _line_in(file, index)
	absent := concat(" or ", sort([replace(field, "*.", "….") | some field in missing]))
	text := sprintf("finds nothing wrong where %s is absent, which nothing beside it states", [absent])
}

# Nothing is allowed unless contract_call and message_signing, which state them, were asked, or there are none.
_stated_by_main := {"*.approvals", "facts.calls", "facts.messages"}

# The rules that must be true where nothing is wrong: what heads negate, what that depends on, and what is negated twice.
_passing[file] := {index | some [index, "passes"] in graph.reachable(_polar, roots)} if {
	some file, module in modules
	is_rule(module)
	roots := {[root, "passes"] | some root in _roots(file)}
}

_polar[[index, "passes"]] := _both(same, other) if {
	some index, used in uses
	same := _led_to(used, _onwards | {"inclusive"})
	other := _led_to(used, {"collected", "filled", "negated"})
}

_polar[[index, "objects"]] := _both(other, same) if {
	some index, used in uses
	same := _led_to(used, _onwards | {"collected", "filled"})
	other := _led_to(used, {"inclusive", "negated"})
}

_both(passes, objects) := {[index, "passes"] | some index in passes} | {[index, "objects"] | some index in objects}

_onwards := {"domain", "firm", "found", "plain"}

_roots(file) := {index |
	some head in heads
	head.file == file
	some expression in head.rule.body
	_negates_helper(expression)
	some index in _by_name[_package_names[file]][expression.terms.value]
}

# Where a rule of another package is silent, the helper that asks it answers for it.
_line_in(file, index) := located[index].line if located[index].file == file

_line_in(file, index) := min([located[asking].line |
	some asking, asked in _depending
	located[asking].file == file
	some other in asked
	located[other].file != file
	index in graph.reachable(_depending, {other})
]) if {
	located[index].file != file
}

_silent[index] := union({direct, beyond, listed, left_out}) if {
	some index, used in uses
	direct := {use.field | some use in used; use.way in {"collected", "domain"}}
	beyond := _fields_below({target | some use in used; use.way in {"collected", "negated"}; some target in use.rules})

	# It is not empty, and may lack some.
	left_out := {field | some field in _counted([index], "filled"); startswith(field, "*.")}
	listed := {field |
		some use in used
		use.way == "domain"
		some target in use.rules
		some field in _fields(located[target].rule.head.value.value)
	}
}

# Another body of the same helper states nothing for this one, because either of them is enough; in a set both count.
_stated_elsewhere(file, index) := _stated_at_all[file] if _counts_with_others(index)

_stated_elsewhere(file, index) := _prefixes(_said(graph.reachable(others, _roots(file) - alike))) if {
	not _counts_with_others(index)
	alike := {other | some other in _alike(index)}
	others := object.remove(_stating, alike)
}

_stated_at_all[file] := _prefixes(_said(graph.reachable(_stating, _roots(file)))) if some file, _ in _passing

_counts_with_others(index) if count(_alike(index)) == 1

_counts_with_others(index) if located[index].rule.head.key

_said(indices) := union({read, _counted(indices, "firm"), found}) if {
	read := {use.field | some index in indices; some use in uses[index]; use.way == "plain"}

	# That one is there says where it is from, and nothing of the others.
	found := {field |
		some field in (_counted(indices, "found") | _counted(indices, "filled"))
		not startswith(field, "*.")
	}
}

_counted(indices, way) := here | below if {
	counted := [use | some index in indices; some use in uses[index]; use.way == way]
	here := {use.field | some use in counted}
	below := _fields_below({target | some use in counted; some target in use.rules})
}

_fields_below(indices) := {use.field |
	some index in graph.reachable(_having, indices)
	some use in uses[index]
	not use.way in {"inclusive", "negated"}
}

# Whoever states facts.chain.id states facts.chain.
_prefixes(fields) := {start |
	some field in fields
	steps := split(field, ".")
	some length in numbers.range(0, count(steps))
	start := concat(".", array.slice(steps, 0, length))
}

_stating[index] := _led_to(used, {"firm", "found", "plain"}) if some index, used in uses

_having[index] := _led_to(used, _onwards | {"collected", "filled"}) if some index, used in uses

_led_to(used, ways) := {target |
	some use in used
	use.way in ways
	some target in use.rules
}
