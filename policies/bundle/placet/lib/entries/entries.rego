# METADATA
# title: Entries
# description: Which entry of a rule's data is meant for a request, by the group of the key that it is about.
package placet.lib.entries

# METADATA
# title: Entry of a token
# description: The entry for the key's group and the token; `*` stands for every token, then for every group, if settled.
of_token(entries, token) := entry if {
	entry := entries[group][token]
} else := entry if {
	entry := entries[group]["*"]
} else := entry if {
	settled(entries)
	entry := entries["*"][token]
} else := entry if {
	settled(entries)
	entry := entries["*"]["*"]
}

# METADATA
# title: Entry of a group
# description: The entry for the key's group; `*` stands for every group, if settled.
of_group(entries) := entry if {
	entry := entries[group]
} else := entries["*"] if settled(entries)

# METADATA
# title: Group
# description: |
#   The group of the key that is proven to sign. A reshare and a signature of key shares sign with no key; theirs is the one
#   group of the pinned keys whose shares they name, and none if a key or its shares are not pinned.
group := input.facts.signer.group if {
	is_string(input.facts.signer.group)
} else := shared if {
	_shares_pinned
	count(_groups_of_shares) == 1
	some shared in _groups_of_shares
}

# METADATA
# title: Settled
# description: |
#   It is known which entry is meant. While the group is not known, the key may be of any group that the entries name, and
#   `*` could be laxer than the group's own; a key that is yet to be made has no group that could be meant.
settled(_) if is_string(group)

settled(_) if input.request.type == "KEY_GEN"

settled(entries) if {
	is_object(entries)
	every name, _ in entries {
		name == "*"
	}
}

# METADATA
# title: Unchecked
# description: An entry that says why nothing is limited.
unchecked(entry) if {
	is_string(entry.unchecked)
	count(entry.unchecked) > 0
}

_shares_pinned if {
	input.request.type == "KEY_RESHARE"
	input.request.detail.old_group_id in data.placet.registry.keys[input.request.detail.root_pub_key].group_ids
}

_shares_pinned if {
	input.request.type == "KEY_SHARE_SIGN"
	every asked in input.request.detail.details {
		_pinned[asked.group_id]
	}
}

_groups_of_shares contains pinned if {
	some group_id in _named_shares
	some pinned in _pinned[group_id]
}

_named_shares contains input.request.detail.old_group_id

_named_shares contains asked.group_id if some asked in input.request.detail.details

# The groups of the pinned keys, by the key share groups that hold them.
_pinned[group_id] contains key.group if {
	some key in data.placet.registry.keys
	some group_id in key.group_ids
}
