package checks

violation contains says("HEAD_NOT_LITERAL", head, "a head is `deny contains \"CODE\"` or `hold contains \"CODE\"`") if {
	some head in heads
	not code_of(head)
}

violation contains says("CODE_MALFORMED", head, code_of(head)) if {
	some head in heads
	not regex.match(`^[A-Z][A-Z0-9_]{0,63}$`, code_of(head))
}

# Codes are one namespace: whoever reads a record finds the one place it comes from.
violation contains says("CODE_NOT_UNIQUE", head, sprintf("%s has %d heads", [code, count(places)])) if {
	some head in heads
	code := code_of(head)
	places := [other | some other in heads; code_of(other) == code]
	count(places) > 1
}

# An undefined condition must fire, so a head negates a positive helper.
violation contains says("HEAD_NOT_NEGATED", head, "the body negates no helper") if {
	some head in heads
	count([expression | some expression in head.rule.body; _negates_helper(expression)]) == 0
}

# `not f(input.x)` is no negation of the call: OPA reads input.x first, and where that is undefined the body is too.
violation contains says("HEAD_NOT_NEGATED", head, "the body negates something else than a helper") if {
	some head in heads
	some expression in head.rule.body
	expression.negated
	not _negates_helper(expression)
}

_negates_helper(expression) if {
	expression.negated
	expression.terms.type == "var"
}

# A `denyy` is evaluated, tested and never asked.
violation contains finding("NAME_UNKNOWN", found, sprintf("nobody asks a rule for %s", [name])) if {
	some found in located
	is_rule(modules[found.file])
	name := found.rule.head.ref[0].value
	not startswith(name, "_")
	not name in {"deny", "hold", "title", "remediation", "message"}
}

violation contains in_file("RULE_WITHOUT_HEAD", file, "the rule neither denies nor holds anything") if {
	some file, module in modules
	is_rule(module)
	count([head | some head in heads; head.file == file]) == 0
}
