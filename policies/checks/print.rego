package checks

# Capabilities cannot ban `print`: the compiler takes it out of what it checks, and `opa build` leaves it in what ships.
violation contains finding("PRINT_USED", found, "print writes what it is given into OPA's log") if {
	some found in calls
	found.name == "print"
}
