package checks

# Capabilities cannot ban `print`: the compiler takes it out of what it checks, and `opa build` leaves it in what ships.
violation contains sprintf("PRINT_USED: %s", [file]) if {
	some file, module in modules
	walk(module.rules, [_, {"type": "ref", "value": [{"type": "var", "value": "print"}]}])
}
