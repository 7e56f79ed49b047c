# METADATA
# title: Key share signatures
# description: A node signs with its shares of listed groups only. Held until configured, since what is signed is undocumented.
package placet.rules.key_share_sign

title := {
	"KEY_SHARE_SIGN_INCOMPLETE": "The request does not say which node signs for which groups.",
	"KEY_SHARE_SIGN_NOT_ALLOWED": "This node may not sign with its share of this group.",
	"KEY_SHARE_SIGN_NOT_CONFIGURED": "No key share signature is configured.",
}

remediation := {
	"KEY_SHARE_SIGN_INCOMPLETE": "Look at the request and at the node that sent it.",
	"KEY_SHARE_SIGN_NOT_ALLOWED": "Find out who asked, and list node and group in rules/key_share_sign if it is meant.",
	"KEY_SHARE_SIGN_NOT_CONFIGURED": "List node and groups in rules/key_share_sign when a check of shares is planned.",
}

message["KEY_SHARE_SIGN_NOT_ALLOWED"] := sprintf("node %s, groups %s", [_detail.node_id, concat(", ", _unlisted)])

# METADATA
# title: No key share signature is configured.
# description: The list is empty, missing or not an object.
# custom:
#   code: KEY_SHARE_SIGN_NOT_CONFIGURED
#   severity: medium
#   remediation: List node and groups in rules/key_share_sign when a check of shares is planned.
#   owner: security
hold contains "KEY_SHARE_SIGN_NOT_CONFIGURED" if not _configured

# METADATA
# title: The request does not say which node signs for which groups.
# description: The node id or a group id is missing or not a string, or there is nothing to sign.
# custom:
#   code: KEY_SHARE_SIGN_INCOMPLETE
#   severity: high
#   remediation: Look at the request and at the node that sent it.
#   owner: security
hold contains "KEY_SHARE_SIGN_INCOMPLETE" if not _complete

# METADATA
# title: This node may not sign with its share of this group.
# description: The node, or one of the groups under it, is not on the configured list.
# custom:
#   code: KEY_SHARE_SIGN_NOT_ALLOWED
#   severity: critical
#   remediation: Find out who asked, and list node and group in rules/key_share_sign if it is meant.
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
