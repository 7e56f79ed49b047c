# METADATA
# title: Entries
# description: Which entry of a rule's data is meant for a request, by the group of the key that is proven to sign.
package placet.lib.entries

# METADATA
# title: Entry of a token
# description: The entry for the signing key's group and the token; `*` stands for every token, then for every group, if settled.
of_token(entries, token) := entry if {
	entry := entries[input.facts.signer.group][token]
} else := entry if {
	entry := entries[input.facts.signer.group]["*"]
} else := entry if {
	settled(entries)
	entry := entries["*"][token]
} else := entry if {
	settled(entries)
	entry := entries["*"]["*"]
}

# METADATA
# title: Entry of a group
# description: The entry for the signing key's group; `*` stands for every group, if settled.
of_group(entries) := entry if {
	entry := entries[input.facts.signer.group]
} else := entries["*"] if settled(entries)

# METADATA
# title: Settled
# description: |
#   It is known which entry is meant. While no key group is proven, the key may be of any group that the entries name, and
#   `*` could be laxer than the group's own; a request that signs with no key has no group that could be meant.
settled(_) if is_string(input.facts.signer.group)

settled(_) if input.request.type in {"KEY_GEN", "KEY_RESHARE", "KEY_SHARE_SIGN"}

settled(entries) if {
	is_object(entries)
	every group, _ in entries {
		group == "*"
	}
}

# METADATA
# title: Unchecked
# description: An entry that says why nothing is limited.
unchecked(entry) if {
	is_string(entry.unchecked)
	count(entry.unchecked) > 0
}
