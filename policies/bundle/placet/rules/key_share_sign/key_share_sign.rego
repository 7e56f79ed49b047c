# METADATA
# title: Key share signatures
# description: A node signs with its shares of listed groups only. Held until configured, since what is signed is undocumented.
# custom:
#   configure: |
#     `allowed` lists by node id the key share groups with whose shares the node may sign. What is not listed denies,
#     which is final, or holds with `"on_breach": "hold"`.
package placet.rules.key_share_sign

title := {
	"KEY_SHARE_SIGN_HELD": "This node may not sign with its share of this group, and the data says that this holds.",
	"KEY_SHARE_SIGN_INCOMPLETE": "The request does not say which node signs for which groups.",
	"KEY_SHARE_SIGN_NOT_ALLOWED": "This node may not sign with its share of this group.",
	"KEY_SHARE_SIGN_NOT_CONFIGURED": "No key share signature is configured.",
}

remediation := {
	"KEY_SHARE_SIGN_HELD": "Find out who asked, and list node and group in rules/key_share_sign if it is meant.",
	"KEY_SHARE_SIGN_INCOMPLETE": "Look at the request and at the node that sent it.",
	"KEY_SHARE_SIGN_NOT_ALLOWED": "Find out who asked, and list node and group in rules/key_share_sign if it is meant.",
	"KEY_SHARE_SIGN_NOT_CONFIGURED": "List node and groups in rules/key_share_sign when a check of shares is planned.",
}

message["KEY_SHARE_SIGN_NOT_ALLOWED"] := _asking

message["KEY_SHARE_SIGN_HELD"] := _asking

# METADATA
# title: No key share signature is configured.
# description: The list is empty, missing or not an object, or on_breach is neither hold nor deny.
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
	not _all_listed_or_held
}

# METADATA
# title: This node may not sign with its share of this group, and the data says that this holds.
# description: As KEY_SHARE_SIGN_NOT_ALLOWED, where on_breach is hold.
# custom:
#   code: KEY_SHARE_SIGN_HELD
#   severity: critical
#   remediation: Find out who asked, and list node and group in rules/key_share_sign if it is meant.
#   owner: security
hold contains "KEY_SHARE_SIGN_HELD" if {
	_configured
	_complete
	not _all_listed_or_denied
}

_detail := input.request.detail

_configured if {
	is_object(data.placet.rules.key_share_sign.allowed)
	count(data.placet.rules.key_share_sign.allowed) > 0
	data.placet.rules.key_share_sign.on_breach in {"deny", "hold"}
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

_all_listed_or_denied if _all_listed

_all_listed_or_denied if data.placet.rules.key_share_sign.on_breach == "deny"

_all_listed_or_held if _all_listed

_all_listed_or_held if data.placet.rules.key_share_sign.on_breach == "hold"

_listed(group_id) if is_object(data.placet.rules.key_share_sign.allowed[_detail.node_id][group_id])

_unlisted contains entry.group_id if {
	some entry in _detail.details
	not _listed(entry.group_id)
}

_asking := sprintf("node %s, groups %s", [_detail.node_id, concat(", ", _unlisted)])
