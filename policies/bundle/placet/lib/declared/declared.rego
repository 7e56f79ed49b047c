# METADATA
# title: Declared
# description: |
#   What a declared part of a request says. Absent and malformed are two things, and only what is absent says nothing. Each rule
#   hands in the part itself, so that one sees there that a declaration is read.
package placet.lib.declared

# METADATA
# title: The transaction
# description: Of extra_info; empty where none is declared, and not defined where it, or extra_info itself, is no object.
transaction(info) := info.transaction if is_object(info.transaction)

transaction(info) := {} if lacks(info, "transaction")

# METADATA
# title: Lacks a field
# description: The object has no such field, not even null; not true of what is no object.
lacks(parent, field) if {
	is_object(parent)
	object.keys(parent) & {field} == set()
}

# METADATA
# title: Malformed
# description: Which part is no object, up to the transaction; empty where none is. For messages only.
malformed(info) := {"extra_info is no object"} if not is_object(info)

malformed(info) := {"extra_info.transaction is no object"} if {
	is_object(info)
	not transaction(info)
}

malformed(info) := set() if is_object(transaction(info))
