# METADATA
# title: Scopes
# description: For which tokens, key groups and vaults something is listed. Group and vault are those of the proven key.
package placet.lib.scopes

# METADATA
# title: Scopes of an entry
# description: Each with what the transfer has of its kind, which is one value where it is proven.
of_entry(entry, transfer) := [scope |
	some kind in ["tokens", "groups", "vaults"]
	names := entry[kind]
	scope := {"kind": kind, "names": names, "values": [value | value := _of_kind(kind, transfer); is_string(value)]}
]

_of_kind("tokens", transfer) := transfer.asset.token

_of_kind("groups", _) := input.facts.signer.group

_of_kind("vaults", _) := input.facts.signer.vault

# METADATA
# title: Readable
# description: Every scope has a known form and what it is compared with is proven, and so have the entry's tags.
readable(entry, transfer) if {
	every scope in of_entry(entry, transfer) {
		is_object(scope.names)
		count(scope.values) == 1
	}
	is_object(object.get(entry, "tags", {}))
}

# METADATA
# title: Has
# description: The transfer is in the scope.
has(scope) if is_object(scope.names[scope.values[0]])

# METADATA
# title: Readable tags of groups
# description: A list of what the data say, which is empty where they say nothing; or they name no group.
tags_readable(tags_of_groups) if tags_of_groups in [[], [{}]]

tags_readable(tags_of_groups) if {
	is_string(input.facts.signer.group)
	is_object(object.get(tags_of_groups[0], input.facts.signer.group, {}))
}

# METADATA
# title: Tagged
# description: The entry has one of the tags that the key's group pays, or the group pays whatever is listed.
tagged(_, tags_of_groups) if not _of_signer(tags_of_groups)

tagged(entry, tags_of_groups) if {
	some tag, text in entry.tags
	is_object(text)
	is_object(_of_signer(tags_of_groups)[tag])
}

_of_signer(tags_of_groups) := tags_of_groups[0][input.facts.signer.group]
