package checks

_in_part := {"startswith", "endswith", "contains", "indexof", "strings.any_prefix_match", "strings.any_suffix_match"}

_addresses := {
	"address", "caller", "contract", "destination", "from", "from_declared", "owner", "recipient", "spender", "to",
	"to_account", "to_declared", "verifying_contract",
}

violation contains finding("ADDRESS_IN_PART", found, sprintf("%s looks at a part of %s", [found.name, last.value])) if {
	some found in calls
	found.name in _in_part
	some argument in found.arguments
	argument.type == "ref"
	last := argument.value[count(argument.value) - 1]
	last.value in _addresses
}

# Base58 means another address by another letter, and hexadecimal facts are in lower case already.
violation contains finding("CASE_FOLDED", located[index], sprintf("%s takes what may be an address", [builtin])) if {
	some index in _deciding_anything
	some [_, call] in _calls_in[index]
	builtin := _operator(call)[0]
	builtin in {"lower", "upper"}
	not _no_address(index, call[1])
}

_no_address(_, term) if _other_field(term)

_no_address(index, term) if {
	meant := _definitions(index, term)
	count(meant) > 0
	every each in meant {
		_other_field(each)
	}
}

_other_field(term) if term.type == "string"

_other_field(term) if {
	term.type == "ref"
	last := term.value[count(term.value) - 1]
	last.type == "string"
	not last.value in _addresses
}

violation contains finding("ADDRESS_LITERAL", found, sprintf("%s is an address", [text])) if {
	some found in located
	walk(found.rule, [_, {"type": "string", "value": text}])
	regex.match(`^0[xX][0-9a-fA-F]{40}$`, text)
}

violation contains finding("REGEX_NOT_ANCHORED", found, sprintf("%q matches a part of a text", [pattern.value])) if {
	some found in calls
	found.name == "regex.match"
	[pattern, _] := found.arguments
	pattern.type == "string"
	not regex.match(`^\^.*\$$`, pattern.value)
}

violation contains finding("REGEX_NOT_ANCHORED", found, "glob.match without a delimiter: * matches everything") if {
	some found in calls
	found.name == "glob.match"
	[_, delimiters, _] := found.arguments
	delimiters.type == "null"
}

# A local name that is a rule's too: a reader, and the next change, take it for the rule.
violation contains finding("NAME_SHADOWED", found, sprintf("%s is a rule of this package too", [name])) if {
	some found in located
	names := {rule.head.name | some rule in modules[found.file].rules}
	some name in _declared(found.rule)
	name in names
}

_declared(rule) := (_by_assignment(rule) | _by_some(rule)) | _by_arguments(rule)

_by_assignment(rule) := {name |
	walk(rule, [_, [{"type": "ref", "value": [{"type": "var", "value": "assign"}]}, target, _]])
	walk(target, [_, {"type": "var", "value": name}])
}

# `some x in xs` is a call whose first operands are declared; `some x` and `every` name their variables.
_by_some(rule) := {name |
	walk(rule, [_, {"symbols": symbols}])
	some symbol in symbols
	some declared in _symbols(symbol)
	walk(declared, [_, {"type": "var", "value": name}])
}

_symbols(symbol) := [symbol] if symbol.type == "var"

_symbols(symbol) := array.slice(symbol.value, 1, count(symbol.value) - 1) if symbol.type == "call"

_by_arguments(rule) := {name |
	some argument in object.get(rule.head, "args", [])
	walk(argument, [_, {"type": "var", "value": name}])
}
