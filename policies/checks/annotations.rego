package checks

violation contains sprintf("PACKAGE_NOT_ANNOTATED: %s needs METADATA with title and description", [file]) if {
	some file, module in modules
	not _package_annotated(module)
}

_package_annotated(module) if {
	some annotation in module.annotations
	annotation.scope in {"package", "subpackages"}
	count(annotation.title) > 0
	count(annotation.description) > 0
}

violation contains _says("ANNOTATION_INCOMPLETE", head, sprintf("METADATA lacks %s", [field])) if {
	some head in heads
	some field in ["title", "description"]
	not _says_something(head, [field])
}

violation contains _says("ANNOTATION_INCOMPLETE", head, sprintf("METADATA lacks custom.%s", [field])) if {
	some head in heads
	some field in ["code", "remediation", "owner"]
	not _says_something(head, ["custom", field])
}

violation contains _says("ANNOTATION_INCOMPLETE", head, "custom.severity is low, medium, high or critical") if {
	some head in heads
	not _severe(head)
}

violation contains _says("CODE_DIFFERS", head, sprintf("head %s, METADATA %s", [code, annotated])) if {
	some head in heads
	code := code_of(head)
	annotated := _annotation(head).custom.code
	code != annotated
}

_annotation(head) := head.rule.annotations[0]

# Each condition under a `not` is one helper: OPA takes a call in the argument of a negated call out of the negation,
# where it is undefined and takes the violation with it.
_says_something(head, path) if _text(object.get(_annotation(head), path, ""))

_severe(head) if _annotation(head).custom.severity in {"low", "medium", "high", "critical"}

_text(value) if {
	is_string(value)
	count(value) > 0
}

# `opa inspect` sees what OPA's loader sees: an annotated code there must have a head here.
violation contains sprintf("ANNOTATION_WITHOUT_HEAD: %s in %s", [entry.annotations.custom.code, entry.location.file]) if {
	some entry in input.inspect.annotations
	not entry.annotations.custom.code in codes
}

violation contains sprintf("ENTRYPOINTS: %s", [concat(", ", _entrypoints)]) if _entrypoints != {"data.placet.main.decision"}

_entrypoints := {concat(".", [term.value | some term in entry.path]) |
	some entry in input.inspect.annotations
	entry.annotations.entrypoint
}

violation contains sprintf("DIRECTORY_DIFFERS: %s is %s", [file, package_of(module)]) if {
	some file, module in modules
	steps := split(file, "/")
	directory := concat(".", array.concat(["data"], array.slice(steps, 0, count(steps) - 1)))
	package_of(module) != directory
}
