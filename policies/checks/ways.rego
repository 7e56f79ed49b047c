package checks

# The ways in which a rule depends on what it speaks of:
#   plain      where it is undefined, the rule is too
#   firm       it is counted, and must be as many as a number above nothing says
#   found      something of it must be there: it is counted above nothing, or searched for a member
#   filled     it fills a list or a set that must not be empty, and is left out of it where it is undefined
#   negated    it is negated: where it is undefined, the rule goes on
#   collected  it fills a list or a set, which is empty where it is undefined
#   domain     `every` goes through it, and is true where it is empty
#   inclusive  it is negated inside a collection, which has more in it where it is undefined

# `some x in xs` says something of one of them.
_way_of_one(index, path, name) := "found" if {
	name in _searched[index]
	_way(index, path) == "plain"
} else := _way(index, path)

_searched[index] := {declared.value |
	some [path, node] in _parts[index]
	some symbol in node.symbols
	_way(index, path) == "plain"
	some each in _symbols(symbol)
	walk(each, [_, declared])
	declared.type == "var"
} if {
	some index, _ in _deciding
}

# The outermost place decides: what is collected to be counted above nothing is firm.
_way(index, path) := way if {
	around := [place | some place in _places[index]; array.slice(path, 0, count(place.path)) == place.path]
	count(around) > 0
	outermost := min([count(place.path) | some place in around])
	way := _way_in(
		{place.kind | some place in around; count(place.path) == outermost},
		{place.kind | some place in around},
	)
} else := "plain"

_way_in(outermost, all_kinds) := "negated" if {
	"negated" in all_kinds
	not outermost == {"collected"}
} else := "inclusive" if {
	"negated" in all_kinds
} else := "collected" if {
	"evened" in outermost
} else := min(outermost)

_places[index] := array.flatten([
	[{"path": [], "kind": "collected"} | found.rule.head.key],
	[{"path": path, "kind": "negated"} | some [path, node] in _parts[index]; node.negated],
	[{"path": array.concat(path, ["domain"]), "kind": "domain"} | some [path, node] in _parts[index]; node.domain],
	[{"path": path, "kind": "collected"} | some path in _collections[index]; not _counted_values[index][path]],
	[{"path": path, "kind": kind} | some path, kind in _counted_values[index]],
	[{"path": path, "kind": kind} | some [path, _, kind] in _counts[index]],
	[{"path": array.concat(path, [count(call) - 1]), "kind": "found"} |
		some [path, call] in _calls_in[index]
		_operator(call) in [["internal", "member_2"], ["internal", "member_3"]]
	],
	[{"path": array.concat(path, [place]), "kind": "collected"} |
		some [path, call] in _calls_in[index]
		_operator(call) in [["equal"], ["neq"]]
		some place in [1, 2]
		_total(index, call[place])
	],
	# What is null differs from everything.
	[{"path": array.concat(path, [place]), "kind": "collected"} |
		some [path, call] in _calls_in[index]
		_operator(call) == ["neq"]
		some [place, other] in [[1, 2], [2, 1]]
		not call[other].value in {null, ""}
	],
]) if {
	some index, found in _deciding
}

_collections[index] := [path |
	some [path, node] in _parts[index]
	node.type in {"arraycomprehension", "objectcomprehension", "setcomprehension"}
] if {
	some index, _ in _deciding
}

_calls_in[index] := [[path, node] |
	some [path, node] in _parts[index]
	node[0].type == "ref"
] if {
	some index, _ in _deciding
}

_operator(call) := [step.value | some step in call[0].value]

_counts[index] := [[path, call[1].value[1], kind] |
	some [path, call] in _calls_in[index]
	call[1].type == "call"
	_operator(call[1].value) == ["count"]
	kind := _kind_of_count(_operator(call), call[2])
] if {
	some index, _ in _deciding
}

_kind_of_count(["gt"], {"type": "number", "value": number}) := "found" if number >= 0

_kind_of_count(["equal"], {"type": "number", "value": number}) := "firm" if number > 0

# As many as there are of something else: what is left out is missed, and what is negated is not.
_kind_of_count(["equal"], term) := "evened" if term.type != "number"

# A collection that has a name, and that is counted further on.
_counted_values[index] := {array.concat(path, [2]): _kind_of_value(kinds) |
	some [path, call] in _calls_in[index]
	_operator(call) == ["assign"]
	kinds := {kind | some [_, counted, kind] in _counts[index]; counted == call[1]}
	count(kinds) > 0
} if {
	some index, _ in _deciding
}

_kind_of_value(kinds) := "firm" if {
	"firm" in kinds
} else := "filled" if {
	"found" in kinds
} else := "evened"

# What has a value in any case says nothing by being compared.
_total(index, term) if {
	some other in _defining(index, term)
	some part in ["default", "else"]
	located[other].rule[part]
}
