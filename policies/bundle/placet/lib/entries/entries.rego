# METADATA
# title: Entries
# description: Which entry of a rule's data is meant for a request, by the group of the key that is proven to sign.
package placet.lib.entries

# METADATA
# title: Entry of a token
# description: The entry for the signing key's group and the token; `*` stands for every token, then for every group.
of_token(entries, token) := entry if {
	entry := entries[input.facts.signer.group][token]
} else := entry if {
	entry := entries[input.facts.signer.group]["*"]
} else := entry if {
	entry := entries["*"][token]
} else := entries["*"]["*"]

# METADATA
# title: Entry of a group
# description: The entry for the signing key's group; `*` stands for every group.
of_group(entries) := entry if {
	entry := entries[input.facts.signer.group]
} else := entries["*"]

# METADATA
# title: Unchecked
# description: An entry that says why nothing is limited.
unchecked(entry) if {
	is_string(entry.unchecked)
	count(entry.unchecked) > 0
}
