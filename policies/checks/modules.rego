# METADATA
# title: Checks of the policy
# description: |
#   What `opa check` cannot see. Input is what `placet policy check` reads of the folder: the text of the modules
#   (sources), the rows on which their rules start (lines), what OPA's loader sees of their annotations (annotations),
#   the files of the tests (tests), the schemas, the profiles, and what the cases expect (cases).
package checks

# The shipped modules by file, without their tests.
modules[file] := rego.parse_module(file, text) if some file, text in input.sources

# A package as text: data.placet.rules.fee_limit.
package_of(module) := concat(".", [term.value | some term in module["package"].path])

is_rule(module) if startswith(package_of(module), "data.placet.rules.")

# Every rule with its file and the row it starts on. Not a set: to compare syntax trees takes longer than to check them.
located := [{"file": file, "line": line_of(file, index), "rule": rule} |
	some file, module in modules
	some index, rule in module.rules
]

# A file that is not formatted may have its rules on other rows; it has a finding of its own.
line_of(file, index) := input.lines[file][index] if {
	count(input.lines[file]) == count(modules[file].rules)
} else := 1

# Every call with its name (`regex.match`) and its arguments: an expression's terms, or a term's value.
calls := [{"file": found.file, "line": found.line, "name": name, "arguments": array.slice(call, 1, count(call))} |
	some found in located
	walk(found.rule, [_, call])
	is_array(call)
	call[0].type == "ref"
	name := concat(".", [step.value | some step in call[0].value])
]

# Every rule whose head decides something, whatever its form.
heads := [{"file": found.file, "line": found.line, "rule": found.rule, "effect": effect} |
	some found in located
	effect := found.rule.head.ref[0].value
	effect in {"deny", "hold"}
]

# The code of a head of the only form there may be: `deny contains "CODE"`.
code_of(head) := head.rule.head.key.value if {
	head.rule.head.key.type == "string"
	count(head.rule.head.ref) == 1
	not head.rule.head.value
}

codes contains code_of(head) if some head in heads

# The annotations that OPA sees on one row of a file: those of a rule, or of the package.
annotation_at(file, line) := entry.annotations if {
	some entry in input.annotations
	entry.file == file
	entry.line == line
	entry.annotations.scope in {"rule", "document"}
}

# What is found, less what a package accepts with a reason: `custom.accepted: {ID: why}` in its METADATA.
findings contains found if {
	some found in violation
	not _accepted(found)
}

_accepted(found) if {
	some annotations in package_annotations(trim_prefix(found.file, "bundle/"))
	is_text(annotations.custom.accepted[found.id])
}

package_annotations(file) := {entry.annotations |
	some entry in input.annotations
	entry.file == file
	entry.annotations.scope in {"package", "subpackages"}
}

# A finding: its id, where, and a sentence. What to do about it stands in `kinds`.
finding(id, found, text) := {"id": id, "file": sprintf("bundle/%s", [found.file]), "line": found.line, "text": text}

in_file(id, file, text) := {"id": id, "file": sprintf("bundle/%s", [file]), "line": 1, "text": text}

# A finding about a head says which.
says(id, head, text) := finding(id, head, sprintf("%s: %s", [head.effect, text]))

is_text(value) if {
	is_string(value)
	count(value) > 0
}
