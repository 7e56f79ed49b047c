package checks

# Whoever speaks to the wallet's API writes there what the rules like to read, and spells addresses as he likes.
violation contains finding("DECLARATION_DECIDES", located[index], text) if {
	some index in _deciding_anything
	some declared in (_declared_fields(index) | _declared_names(index))
	text := sprintf("%s decides, and the requester writes it", [declared])
}

# Whatever a head depends on, in whatever way.
_deciding_anything := graph.reachable(_depending, {index |
	some index, found in located
	found.rule.head.ref[0].value in {"deny", "hold"}
})

_depending[index] := {target | some use in used; some target in use.rules} if some index, used in uses

_declared_fields(index) := {concat(".", path) |
	some [_, steps] in _references[index]
	steps[0].value != "data"
	path := [step.value | some step in steps; is_string(step.value)]
	_is_declared(path)
}

_declared_names(index) := {"input.request.extra" |
	some [_, call] in _calls_in[index]
	_operator(call) == ["object", "get"]
	walk(call[2], [_, {"type": "string", "value": "extra"}])
}

_is_declared(["input", "request", "id"])

_is_declared(path) if "extra" in path

_is_declared(path) if path[count(path) - 1] in {"from_declared", "to_declared"}
