# METADATA
# title: Node and key share group
# description: |
#   The node whose key signed the callback token asks for its own share of a key share group that it holds, together with holders
#   of that group only. Judges every request type: a new key's nodes must have the asking one among them.
# custom:
#   unused: Nodes and groups are the team's; name it in the profiles of all request types once rules/node_group lists them.
#   configure: |
#     `nodes` lists, by the name under which a node's key is pinned, its own node id and the key share groups of which
#     it holds a share, with everybody who holds one. The node must take part itself, and only holders of the group
#     with it; for a new key it must be among the new nodes; in a reshare it gives a share or gets one; a key share
#     signature is for its own share. A node that has no key yet is listed with empty `groups`: it may take part in a new
#     key, and everything else of it holds until the new group is listed.
#
#     Name the rule in the profiles of all request types. It says which node may ask; `key_group` says which groups
#     may be made.
package placet.rules.node_group

title := {
	"NODE_GROUP_DENIED": "The node asks for a share, or with holders, that it is not listed with, and the data says that this denies.",
	"NODE_GROUP_INCOMPLETE": "The request does not say which share of which group it needs, and who takes part.",
	"NODE_GROUP_NOT_ALLOWED": "The node asks for a share, or with holders, that it is not listed with.",
	"NODE_GROUP_NOT_CONFIGURED": "No key share group is listed for the node that asks.",
}

remediation := {
	"NODE_GROUP_DENIED": "Find out which node asks for what, and list group and holders of the node in rules/node_group if it is meant.",
	"NODE_GROUP_INCOMPLETE": "Look at the request and at the node that sent it.",
	"NODE_GROUP_NOT_ALLOWED": "Find out which node asks for what, and list group and holders of the node in rules/node_group if it is meant.",
	"NODE_GROUP_NOT_CONFIGURED": "List the node by the name under which it is pinned, with its node id and its groups, none before its first key, in rules/node_group.",
}

message["NODE_GROUP_NOT_CONFIGURED"] := sprintf("no groups for node %s", [input.node.name])

message["NODE_GROUP_NOT_ALLOWED"] := _said

message["NODE_GROUP_DENIED"] := _said

# METADATA
# title: No key share group is listed for the node that asks.
# description: The node has no entry with its node id, or no group and asks for more than a new key, or on_breach is neither hold nor deny.
# custom:
#   code: NODE_GROUP_NOT_CONFIGURED
#   severity: medium
#   remediation: List the node by the name under which it is pinned, with its node id and its groups, none before its first key, in rules/node_group.
#   owner: security
hold contains "NODE_GROUP_NOT_CONFIGURED" if not _configured

# METADATA
# title: The request does not say which share of which group it needs, and who takes part.
# description: A group id or a node id of the request is missing, named twice or not a text.
# custom:
#   code: NODE_GROUP_INCOMPLETE
#   severity: high
#   remediation: Look at the request and at the node that sent it.
#   owner: security
hold contains "NODE_GROUP_INCOMPLETE" if {
	_configured
	not _stated
}

# METADATA
# title: The node asks for a share, or with holders, that it is not listed with.
# description: A group is not listed for the node, the node does not take part itself, or somebody takes part who holds no share of the group.
# custom:
#   code: NODE_GROUP_NOT_ALLOWED
#   severity: critical
#   remediation: Find out which node asks for what, and list group and holders of the node in rules/node_group if it is meant.
#   owner: security
hold contains "NODE_GROUP_NOT_ALLOWED" if {
	_configured
	_stated
	not _allowed_or_denied
}

# METADATA
# title: The node asks for a share, or with holders, that it is not listed with, and the data says that this denies.
# description: As NODE_GROUP_NOT_ALLOWED, where on_breach is deny.
# custom:
#   code: NODE_GROUP_DENIED
#   severity: critical
#   remediation: Find out which node asks for what, and list group and holders of the node in rules/node_group if it is meant.
#   owner: security
deny contains "NODE_GROUP_DENIED" if {
	_configured
	_stated
	not _allowed_or_held
}

_configured if {
	data.placet.rules.node_group.on_breach in {"deny", "hold"}
	is_string(_entry.node_id)
	is_object(_entry.groups)
	_groups_or_new_key
}

_groups_or_new_key if count(_entry.groups) > 0

# A node's first key is made before the node can hold a share of any group.
_groups_or_new_key if input.request.type == "KEY_GEN"

_entry := data.placet.rules.node_group.nodes[input.node.name]

_detail := input.request.detail

# What the request says, by its type: groups whose shares it uses, who takes part, and among whom the asking node must be.
_asked := {
	"groups": [_detail.group_id],
	"taking_part": _detail.used_node_ids,
	"own_among": _detail.used_node_ids,
} if input.request.type == "KEY_SIGN"

# The asking node gives a share, or gets one, or both.
_asked := {
	"groups": [_detail.old_group_id],
	"taking_part": _detail.used_node_ids,
	"own_among": array.concat(_detail.used_node_ids, _detail.new_node_ids),
} if input.request.type == "KEY_RESHARE"

_asked := {
	"groups": [],
	"taking_part": [],
	"own_among": _detail.node_ids,
} if input.request.type == "KEY_GEN"

_asked := {
	"groups": [entry.group_id | some entry in _detail.details],
	"taking_part": [],
	"own_among": [_detail.node_id],
} if {
	input.request.type == "KEY_SHARE_SIGN"
	count(_detail.details) > 0
	every entry in _detail.details {
		is_string(entry.group_id)
	}
}

_stated if {
	_texts(_asked.groups)
	_texts(_asked.own_among)
	count(_asked.own_among) > 0
	_texts(_asked.taking_part)

	# A node named twice would seem to be two.
	count({node_id | some node_id in _asked.taking_part}) == count(_asked.taking_part)
}

_texts(list) if {
	is_array(list)
	every text in list {
		is_string(text)
		text != ""
	}
}

_allowed if {
	_entry.node_id in _asked.own_among
	every group_id in _asked.groups {
		_all_hold(group_id)
	}
}

_all_hold(group_id) if {
	is_object(_entry.groups[group_id].holders)
	every node_id in _asked.taking_part {
		is_object(_entry.groups[group_id].holders[node_id])
	}
}

_allowed_or_denied if _allowed

_allowed_or_denied if data.placet.rules.node_group.on_breach == "deny"

_allowed_or_held if _allowed

_allowed_or_held if data.placet.rules.node_group.on_breach == "hold"

_said := sprintf("node %s (%s) asks for %s with %s", [
	input.node.name, _entry.node_id,
	concat(", ", _asked.groups), concat(", ", _asked.own_among),
])
