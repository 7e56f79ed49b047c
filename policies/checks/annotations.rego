package checks

violation contains in_file("PACKAGE_NOT_ANNOTATED", file, "the package needs METADATA with title and description") if {
	some file, _ in modules
	not _package_annotated(file)
}

_package_annotated(file) if {
	some annotations in package_annotations(file)
	is_text(annotations.title)
	is_text(annotations.description)
}

violation contains says("ANNOTATION_INCOMPLETE", head, sprintf("METADATA lacks %s", [field])) if {
	some head in heads
	some field in ["title", "description"]
	not _says_something(head, [field])
}

violation contains says("ANNOTATION_INCOMPLETE", head, sprintf("METADATA lacks custom.%s", [field])) if {
	some head in heads
	some field in ["code", "remediation", "owner"]
	not _says_something(head, ["custom", field])
}

violation contains says("ANNOTATION_INCOMPLETE", head, "custom.severity is low, medium, high or critical") if {
	some head in heads
	not _severe(head)
}

violation contains says("CODE_DIFFERS", head, sprintf("head %s, METADATA %s", [code, annotated])) if {
	some head in heads
	code := code_of(head)
	annotated := annotation(head).custom.code
	code != annotated
}

annotation(head) := annotation_at(head.file, head.line)

# Each condition under a `not` is one helper: OPA takes a call in the argument of a negated call out of the negation,
# where it is undefined and takes the violation with it.
_says_something(head, path) if is_text(object.get(annotation(head), path, ""))

_severe(head) if annotation(head).custom.severity in {"low", "medium", "high", "critical"}

# `opa inspect` sees what OPA's loader sees: an annotated code there must have a head here.
violation contains finding("ANNOTATION_WITHOUT_HEAD", entry, entry.annotations.custom.code) if {
	some entry in input.annotations
	not entry.annotations.custom.code in codes
}

violation contains in_file("ENTRYPOINTS", _main, sprintf("entrypoints are: %s", [concat(", ", _entrypoints)])) if {
	_entrypoints != {"data.placet.main.decision"}
}

_main := "placet/main/main.rego"

_entrypoints := {entry.path |
	some entry in input.annotations
	entry.annotations.entrypoint
}

violation contains in_file("DIRECTORY_DIFFERS", file, sprintf("the package is %s", [package_of(module)])) if {
	some file, module in modules
	steps := split(file, "/")
	directory := concat(".", array.concat(["data"], array.slice(steps, 0, count(steps) - 1)))
	package_of(module) != directory
}

# One schema for all: a rule that names another for itself may misspell what it likes.
violation contains finding("SCHEMA_OVERRIDDEN", entry, "METADATA names a schema of its own for the input") if {
	some entry in input.annotations
	entry.annotations.schemas
	not entry.file in {"placet/placet.rego", "placet/main/main.rego"}
}
