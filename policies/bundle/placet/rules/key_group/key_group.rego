# METADATA
# title: Key groups
# description: Keys are made for, and reshared to, groups that were written down with threshold, nodes and curve.
# custom:
#   configure: |
#     `key_gen` and `key_reshare` list the planned groups by a name for people: the curve, the threshold and exactly
#     these nodes; for a reshare the root key, the old group with threshold and nodes, and the new threshold and
#     nodes. Nodes are compared as sets, and any quorum of the old group may take part.
#
#     Anything else denies, because a key whose shares the wrong nodes hold cannot be taken back; `"on_breach":
#     "hold"` lets people look first.
package placet.rules.key_group

title := {
	"KEY_GROUP_HELD": "The requested key group is not one that was written down, and the data says that people look.",
	"KEY_GROUP_INCOMPLETE": "The request does not say which key group it makes.",
	"KEY_GROUP_NOT_ALLOWED": "The requested key group is not one that was written down.",
	"KEY_GROUP_NOT_CONFIGURED": "No key group is configured for this request type.",
}

remediation := {
	"KEY_GROUP_HELD": "Compare the request with the plan, and add the group to rules/key_group if it is meant.",
	"KEY_GROUP_INCOMPLETE": "Look at the request and at the node that sent it.",
	"KEY_GROUP_NOT_ALLOWED": "Compare the request with the plan, and add the group to rules/key_group if it is meant.",
	"KEY_GROUP_NOT_CONFIGURED": "Write the planned group down in rules/key_group before asking for it.",
}

message["KEY_GROUP_HELD"] := sprintf("not written down: %s", [concat("; ", _asked)])

message["KEY_GROUP_NOT_ALLOWED"] := sprintf("not written down: %s", [concat("; ", _asked)])

# METADATA
# title: No key group is configured for this request type.
# description: The list of the request's type is empty, missing or not an object, or on_breach is neither hold nor deny.
# custom:
#   code: KEY_GROUP_NOT_CONFIGURED
#   severity: medium
#   remediation: Write the planned group down in rules/key_group before asking for it.
#   owner: security
hold contains "KEY_GROUP_NOT_CONFIGURED" if not _configured

# METADATA
# title: The request does not say which key group it makes.
# description: A threshold, the nodes, the curve, or a reshare's old group or root key is missing or of the wrong type.
# custom:
#   code: KEY_GROUP_INCOMPLETE
#   severity: high
#   remediation: Look at the request and at the node that sent it.
#   owner: security
hold contains "KEY_GROUP_INCOMPLETE" if not _complete

# METADATA
# title: The requested key group is not one that was written down.
# description: No configured group has this threshold, exactly these nodes, this curve and, for a reshare, this origin.
# custom:
#   code: KEY_GROUP_NOT_ALLOWED
#   severity: critical
#   remediation: Compare the request with the plan, and add the group to rules/key_group if it is meant.
#   owner: security
deny contains "KEY_GROUP_NOT_ALLOWED" if {
	_configured
	_complete
	not _listed_or_held
}

# METADATA
# title: The requested key group is not one that was written down, and the data says that people look.
# description: As KEY_GROUP_NOT_ALLOWED, where on_breach is hold.
# custom:
#   code: KEY_GROUP_HELD
#   severity: critical
#   remediation: Compare the request with the plan, and add the group to rules/key_group if it is meant.
#   owner: security
hold contains "KEY_GROUP_HELD" if {
	_configured
	_complete
	not _listed_or_denied
}

_configured if {
	data.placet.rules.key_group.on_breach in {"deny", "hold"}
	is_object(_groups)
	count(_groups) > 0
}

_groups := data.placet.rules.key_group.key_gen if input.request.type == "KEY_GEN"

_groups := data.placet.rules.key_group.key_reshare if input.request.type == "KEY_RESHARE"

# The protocol numbers its curves (protocol d.19); the data names them.
_curve := {0: "secp256k1", 2: "ed25519"}[_detail.curve]

_detail := input.request.detail

_complete if {
	input.request.type == "KEY_GEN"
	is_string(_curve)
	is_number(_detail.threshold)
	_distinct(_detail.node_ids)
}

_complete if {
	input.request.type == "KEY_RESHARE"
	is_string(_curve)
	is_string(_detail.root_pub_key)
	is_string(_detail.old_group_id)
	is_number(_detail.old_threshold)
	is_number(_detail.new_threshold)
	_distinct(_detail.used_node_ids)
	_distinct(_detail.new_node_ids)
}

# A node named twice would count twice against the threshold.
_distinct(node_ids) if {
	is_array(node_ids)
	count(node_ids) > 0
	every node_id in node_ids {
		is_string(node_id)
		node_id != ""
	}
	count({node_id | some node_id in node_ids}) == count(node_ids)
}

_listed_or_denied if _listed

_listed_or_denied if data.placet.rules.key_group.on_breach == "deny"

_listed_or_held if _listed

_listed_or_held if data.placet.rules.key_group.on_breach == "hold"

_listed if {
	input.request.type == "KEY_GEN"
	some group in _groups
	group.curve == _curve
	group.threshold == _detail.threshold
	_same_nodes(group.node_ids, _detail.node_ids)
}

_listed if {
	input.request.type == "KEY_RESHARE"
	some group in _groups
	group.root_key == _detail.root_pub_key
	group.curve == _curve
	group.old_group_id == _detail.old_group_id
	group.old_threshold == _detail.old_threshold
	group.new_threshold == _detail.new_threshold
	_same_nodes(group.new_node_ids, _detail.new_node_ids)
	_quorum(group)
}

# Any quorum of the old group may take part: at least the old threshold, and nobody else.
_quorum(group) if {
	count(_detail.used_node_ids) >= group.old_threshold
	every node_id in _detail.used_node_ids {
		node_id in group.old_node_ids
	}
}

_same_nodes(expected, actual) if {node_id | some node_id in expected} == {node_id | some node_id in actual}

# For people only: a set, because a request that says nothing has no sentence.
_asked contains sprintf("a %s key, %d of %s", [_curve, _detail.threshold, concat(", ", _detail.node_ids)]) if {
	input.request.type == "KEY_GEN"
}

_asked contains sprintf("%s of group %s (%d of its nodes, with %s) reshared to %d of %s", [
	_detail.root_pub_key, _detail.old_group_id,
	_detail.old_threshold, concat(", ", _detail.used_node_ids),
	_detail.new_threshold, concat(", ", _detail.new_node_ids),
]) if {
	input.request.type == "KEY_RESHARE"
}
