# METADATA
# title: Checks of the policy
# description: What `opa check` cannot see. Input is the parsed bundle; tests/rego/test_checks.py says how it is put together.
package checks

# The shipped modules by file, without their tests.
modules[file] := module if {
	some file, module in input.modules
	not endswith(file, "_test.rego")
}

# A package as text: data.placet.rules.fee_limit.
package_of(module) := concat(".", [term.value | some term in module["package"].path])

# Every rule whose head decides something, whatever its form.
heads contains {"file": file, "effect": effect, "rule": rule} if {
	some file, module in modules
	some rule in module.rules
	effect := rule.head.ref[0].value
	effect in {"deny", "hold"}
}

# The code of a head of the only form there may be: `deny contains "CODE"`.
code_of(head) := head.rule.head.key.value if {
	head.rule.head.key.type == "string"
	count(head.rule.head.ref) == 1
	not head.rule.head.value
}

codes contains code_of(head) if some head in heads
