# METADATA
# title: Key share signatures
# description: A node signs with its key shares of listed groups only. Held until configured, because what is signed is not documented.
package placet.rules.key_share_sign

title := {
	"KEY_SHARE_SIGN_INCOMPLETE": "the request does not say which node signs for which groups",
	"KEY_SHARE_SIGN_NOT_ALLOWED": "this node may not sign with its share of this group",
	"KEY_SHARE_SIGN_NOT_CONFIGURED": "no key share signature is configured",
}

remediation := {
	"KEY_SHARE_SIGN_INCOMPLETE": "Look at the request and at the node that sent it.",
	"KEY_SHARE_SIGN_NOT_ALLOWED": "Find out who asked for the signature; list node and group in data.placet.rules.key_share_sign.allowed if it is meant.",
	"KEY_SHARE_SIGN_NOT_CONFIGURED": "List nodes and groups in data.placet.rules.key_share_sign.allowed when a check of key shares is planned.",
}

message["KEY_SHARE_SIGN_NOT_ALLOWED"] := sprintf("node %s, groups %s", [_detail.node_id, concat(", ", _unlisted)])

# METADATA
# title: no key share signature is configured
# description: The list is empty, missing or not an object.
# custom:
#   code: KEY_SHARE_SIGN_NOT_CONFIGURED
#   severity: medium
#   remediation: List nodes and groups in data.placet.rules.key_share_sign.allowed when a check of key shares is planned.
#   owner: security
hold contains "KEY_SHARE_SIGN_NOT_CONFIGURED" if not _configured

# METADATA
# title: the request does not say which node signs for which groups
# description: The node id or a group id is missing or not a string, or there is nothing to sign.
# custom:
#   code: KEY_SHARE_SIGN_INCOMPLETE
#   severity: high
#   remediation: Look at the request and at the node that sent it.
#   owner: security
hold contains "KEY_SHARE_SIGN_INCOMPLETE" if not _complete

# METADATA
# title: this node may not sign with its share of this group
# description: The node, or one of the groups under it, is not on the configured list.
# custom:
#   code: KEY_SHARE_SIGN_NOT_ALLOWED
#   severity: critical
#   remediation: Find out who asked for the signature; list node and group in data.placet.rules.key_share_sign.allowed if it is meant.
#   owner: security
deny contains "KEY_SHARE_SIGN_NOT_ALLOWED" if {
	_configured
	_complete
	not _all_listed
}

_detail := input.request.detail

_configured if {
	is_object(data.placet.rules.key_share_sign.allowed)
	count(data.placet.rules.key_share_sign.allowed) > 0
}

_complete if {
	is_string(_detail.node_id)
	is_array(_detail.details)
	count(_detail.details) > 0
	every entry in _detail.details {
		is_string(entry.group_id)
	}
}

_all_listed if {
	every entry in _detail.details {
		_listed(entry.group_id)
	}
}

_listed(group_id) if is_object(data.placet.rules.key_share_sign.allowed[_detail.node_id][group_id])

_unlisted contains entry.group_id if {
	some entry in _detail.details
	not _listed(entry.group_id)
}
