# METADATA
# title: Initiator
# description: |
#   Who is declared to have asked, and through what, is on the list of the signing key's group. A declaration proves nothing,
#   so that this rule only takes away: what it lets pass is judged by every other rule as ever.
# custom:
#   accepted:
#     DECLARATION_DECIDES: It only takes away; what it lets pass is judged by every other rule as ever.
#   unused: Who may ask differs from team to team; name it in the profile of KEY_SIGN once rules/initiator lists them.
#   configure: |
#     `allowed` lists for a key group, by initiator type (`API`, `App`, `External`, `Web`), who may be declared to
#     have asked: an API key, a user's e-mail address, the name of an app; `*` is anybody, named or not.
#     `{"unchecked": "why"}` switches the rule off for a group, and the group `*` is every other one.
#
#     Who asked is the provider's word. A list here makes it harder to misuse a stolen session or key of somebody
#     else, and never replaces a rule about what is signed.
package placet.rules.initiator

import data.placet.lib.entries
import data.placet.lib.subject

title := {
	"INITIATOR_GROUP_NOT_PROVEN": "It is not proven for which key group initiator has to be looked up.",
	"INITIATOR_DENIED": "Who asked is not on the list, and the data says that this denies.",
	"INITIATOR_NOT_ALLOWED": "Who asked is not on the list.",
	"INITIATOR_NOT_CONFIGURED": "No initiator is listed for this key group.",
	"INITIATOR_NOT_STATED": "The request does not say who asked.",
}

remediation := {
	"INITIATOR_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"INITIATOR_DENIED": "Ask the initiator whether the request is theirs, and list them in rules/initiator if they may ask.",
	"INITIATOR_NOT_ALLOWED": "Ask the initiator whether the request is theirs, and list them in rules/initiator if they may ask.",
	"INITIATOR_NOT_CONFIGURED": "List initiator types and initiators of the group in rules/initiator, or say there why it is unchecked.",
	"INITIATOR_NOT_STATED": "Find out who asked. Where nobody has to be named, list the initiator type with a star.",
}

message["INITIATOR_NOT_ALLOWED"] := _asking

message["INITIATOR_DENIED"] := _asking

# METADATA
# title: It is not proven for which key group initiator has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: INITIATOR_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: security
hold contains "INITIATOR_GROUP_NOT_PROVEN" if not _group_settled

# METADATA
# title: No initiator is listed for this key group.
# description: The group has neither a list by initiator type nor a reason for being unchecked, or on_breach is neither hold nor deny.
# custom:
#   code: INITIATOR_NOT_CONFIGURED
#   severity: medium
#   remediation: List initiator types and initiators of the group in rules/initiator, or say there why it is unchecked.
#   owner: security
hold contains "INITIATOR_NOT_CONFIGURED" if {
	_group_settled
	not _configured
}

# METADATA
# title: The request does not say who asked.
# description: The initiator type, or the initiator where the list names some, is missing, empty or not a text.
# custom:
#   code: INITIATOR_NOT_STATED
#   severity: medium
#   remediation: Find out who asked. Where nobody has to be named, list the initiator type with a star.
#   owner: security
hold contains "INITIATOR_NOT_STATED" if {
	_configured
	not _stated
}

# METADATA
# title: Who asked is not on the list.
# description: The initiator type, or the initiator under it, is not listed for the group of the signing key.
# custom:
#   code: INITIATOR_NOT_ALLOWED
#   severity: high
#   remediation: Ask the initiator whether the request is theirs, and list them in rules/initiator if they may ask.
#   owner: security
hold contains "INITIATOR_NOT_ALLOWED" if {
	_configured
	_stated
	not _allowed_or_denied
}

# METADATA
# title: Who asked is not on the list, and the data says that this denies.
# description: As INITIATOR_NOT_ALLOWED, where on_breach is deny.
# custom:
#   code: INITIATOR_DENIED
#   severity: high
#   remediation: Ask the initiator whether the request is theirs, and list them in rules/initiator if they may ask.
#   owner: security
deny contains "INITIATOR_DENIED" if {
	_configured
	_stated
	not _allowed_or_held
}

_group_settled if entries.settled(data.placet.rules.initiator.allowed)

_configured if {
	data.placet.rules.initiator.on_breach in {"deny", "hold"}
	_checked_or_not
}

_checked_or_not if {
	is_object(_entry.types)
	count(_entry.types) > 0
}

_checked_or_not if _unchecked

_stated if {
	is_string(_type)
	_type != ""
	is_string(_initiator)
	_initiator != ""
}

_stated if _anybody

_stated if _unchecked

_allowed if is_object(_entry.types[_type][_initiator])

_allowed if _anybody

_allowed if _unchecked

_allowed_or_denied if _allowed

_allowed_or_denied if data.placet.rules.initiator.on_breach == "deny"

_allowed_or_held if _allowed

_allowed_or_held if data.placet.rules.initiator.on_breach == "hold"

# Whoever it is, named or not.
_anybody if is_object(_entry.types[_type]["*"])

_unchecked if entries.unchecked(_entry)

_entry := entries.of_group(data.placet.rules.initiator.allowed)

# API, Web, App or External (protocol d.19).
_type := input.request.extra.transaction.initiator_type

_initiator := input.request.extra.transaction.initiator

_asking := sprintf("%s through %s is not listed%s", [_initiator, _type, subject.for_vault])
