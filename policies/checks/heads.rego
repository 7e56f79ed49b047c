package checks

violation contains _says("HEAD_NOT_LITERAL", head, "a head is `deny contains \"CODE\"` or `hold contains \"CODE\"`") if {
	some head in heads
	not code_of(head)
}

violation contains _says("CODE_MALFORMED", head, code_of(head)) if {
	some head in heads
	not regex.match(`^[A-Z][A-Z0-9_]{0,63}$`, code_of(head))
}

# Codes are one namespace: whoever reads a record finds the one place it comes from.
violation contains sprintf("CODE_NOT_UNIQUE: %s has %d heads", [code, count(places)]) if {
	some code in codes
	places := [head | some head in _all_heads; code_of(head) == code]
	count(places) > 1
}

# An undefined condition must fire, so a head negates a positive helper.
violation contains _says("HEAD_NOT_NEGATED", head, "the body negates no helper") if {
	some head in heads
	count([expression | some expression in head.rule.body; _negates_helper(expression)]) == 0
}

# `not f(input.x)` is no negation of the call: OPA reads input.x first, and where that is undefined the body is too.
violation contains _says("HEAD_NOT_NEGATED", head, "the body negates something else than a helper") if {
	some head in heads
	some expression in head.rule.body
	expression.negated
	not _negates_helper(expression)
}

_negates_helper(expression) if {
	expression.negated
	expression.terms.type == "var"
}

# Sets lose duplicates, and a code that stands twice in one package is one of them.
_all_heads := [{"rule": rule} |
	some module in modules
	some rule in module.rules
	rule.head.ref[0].value in {"deny", "hold"}
]

_says(id, head, text) := sprintf("%s: %s in %s: %s", [id, head.effect, head.file, text])
