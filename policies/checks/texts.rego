package checks

# Texts are constants that repeat the METADATA, because rego.metadata is not read at run time.
violation contains says("TEXT_DIFFERS", head, sprintf("title[%q] is not the METADATA's title", [code])) if {
	some head in heads
	code := code_of(head)
	not _title_repeated(head, code)
}

violation contains says("TEXT_DIFFERS", head, sprintf("remediation[%q] is not the METADATA's remediation", [code])) if {
	some head in heads
	code := code_of(head)
	not _remediation_repeated(head, code)
}

_title_repeated(head, code) if _constant(head, "title", code) == annotation(head).title

_remediation_repeated(head, code) if _constant(head, "remediation", code) == annotation(head).custom.remediation

# The value of `name := {"CODE": "text"}` in the head's file.
_constant(head, name, code) := text if {
	some rule in modules[head.file].rules
	rule.head.name == name
	some [key, value] in rule.head.value.value
	key.value == code
	value.type == "string"
	text := value.value
}

# Two values of one message are a conflict, and a conflict ends the evaluation without any answer. So a message is one
# expression without conditions and without a variable in a reference: what varies stands in a helper that is a set.
violation contains finding("MESSAGE_VARIES", found, sprintf("the message of %s has a condition or a variable", [_key(found.rule)])) if {
	some found in _messages
	not _plain(found.rule, found.file)
}

violation contains finding("MESSAGE_VARIES", found, sprintf("%s has %d messages", [_key(found.rule), count(same)])) if {
	some found in _messages
	same := [other | some other in _messages; other.file == found.file; _key(other.rule) == _key(found.rule)]
	count(same) > 1
}

_plain(rule, file) if {
	count(rule.head.ref) == 2
	rule.head.ref[1].type == "string"
	every expression in rule.body {
		expression.generated
	}
	count(_variable_steps(rule.head.value, file)) == 0
}

_variable_steps(value, file) := [step |
	walk(value, [path, node])
	not _inside_comprehension(value, path)
	node.type == "ref"
	some index, step in node.value
	index > 0
	step.type == "var"
	not step.value in {rule.head.name | some rule in modules[file].rules}
]

_inside_comprehension(value, path) if {
	some length in numbers.range(0, count(path))
	contains(object.get(value, array.concat(array.slice(path, 0, length), ["type"]), ""), "comprehension")
}

_messages := {found | some found in located; found.rule.head.ref[0].value == "message"}

_key(rule) := key if {
	key := rule.head.ref[1].value
} else := "message"
