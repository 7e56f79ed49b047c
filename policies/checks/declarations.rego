package checks

# Whoever speaks to the wallet's API writes there what the rules like to read, and spells addresses as he likes.
violation contains finding("DECLARATION_DECIDES", located[index], sprintf("%s decides, and the requester writes it", [declared])) if {
	some index in _deciding_anything
	some declared in _declared_extra(index)
}

# Whatever a head depends on, in whatever way.
_deciding_anything := graph.reachable(_depending, {index |
	some index, found in located
	found.rule.head.ref[0].value in {"deny", "hold"}
})

_depending[index] := {target | some use in used; some target in use.rules} if some index, used in uses

_declared_extra(index) := ({concat(".", path) |
	some [_, steps] in _references[index]
	steps[0].value != "data"
	path := [step.value | some step in steps; is_string(step.value)]
	count({"extra", "from_declared", "to_declared"} & {step | some step in path}) > 0
} | {"input.request.id" | "request.id" in {use.field | some use in uses[index]}}) | {concat(".", ["input", "request", "extra"]) |
	some [_, call] in _calls_in[index]
	_operator(call) == ["object", "get"]
	walk(call[2], [_, {"type": "string", "value": "extra"}])
}
