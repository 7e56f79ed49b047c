# METADATA
# title: Rolling count
# description: How often one signing key signs in a window of time, whatever it signs, stays within the window's limit.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: Where it is not certain that coins leave a full window holds in place of denying.
#   configure: |
#     `windows/data.json` names the windows. `*` beside the groups stands for every other group. Above the limit the
#     rule holds, or denies with `"full": "deny"`. What counts, and for whom:
#     [policies/README.md](../../policies/README.md#limits-over-time).
package placet.rules.rolling_count

import data.placet.lib.entries
import data.placet.lib.over_time

title := {
	"ROLLING_COUNT_GROUP_NOT_PROVEN": "It is not proven for which key group rolling_count has to be looked up.",
	"ROLLING_COUNT_DENIED": "The window's limit of approvals is reached, and the data says that this denies.",
	"ROLLING_COUNT_FULL": "The window's limit of approvals is reached.",
	"ROLLING_COUNT_NOT_CONFIGURED": "No limit of approvals over time is configured for this key group.",
	"ROLLING_COUNT_NOT_KNOWN": "It is not known how often this key was approved before.",
}

remediation := {
	"ROLLING_COUNT_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"ROLLING_COUNT_DENIED": "Ask again when there is room, or raise the limit in rules/rolling_count.",
	"ROLLING_COUNT_FULL": "Wait until there is room, or raise the limit in rules/rolling_count.",
	"ROLLING_COUNT_NOT_CONFIGURED": "Set the group's limits in rules/rolling_count, or say there why it is unchecked.",
	"ROLLING_COUNT_NOT_KNOWN": "Look at the missing facts, and at data.placet.windows: it must have every window that is limited.",
}

message.ROLLING_COUNT_DENIED := concat("; ", _lacking.deny)

message.ROLLING_COUNT_FULL := concat("; ", _lacking.hold)

# METADATA
# title: It is not proven for which key group rolling_count has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: ROLLING_COUNT_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: treasury
hold contains "ROLLING_COUNT_GROUP_NOT_PROVEN" if not _group_settled

# METADATA
# title: No limit of approvals over time is configured for this key group.
# description: The signing key's group has neither windows with limits nor a reason for being unchecked.
# custom:
#   code: ROLLING_COUNT_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the group's limits in rules/rolling_count, or say there why it is unchecked.
#   owner: treasury
hold contains "ROLLING_COUNT_NOT_CONFIGURED" if {
	_group_settled
	not _configured
}

# METADATA
# title: It is not known how often this key was approved before.
# description: The input has no history of the signing key, or none in a window that is limited.
# custom:
#   code: ROLLING_COUNT_NOT_KNOWN
#   severity: high
#   remediation: "Look at the missing facts, and at data.placet.windows: it must have every window that is limited."
#   owner: security
hold contains "ROLLING_COUNT_NOT_KNOWN" if {
	_configured
	not _known
}

# METADATA
# title: The window's limit of approvals is reached.
# description: With this request, more approvals would count in the window than its limit.
# custom:
#   code: ROLLING_COUNT_FULL
#   severity: medium
#   remediation: Wait until there is room, or raise the limit in rules/rolling_count.
#   owner: treasury
hold contains "ROLLING_COUNT_FULL" if {
	_configured
	_known
	not _room_or_denied
}

# METADATA
# title: The window's limit of approvals is reached, and the data says that this denies.
# description: As ROLLING_COUNT_FULL, for a limit whose data says deny.
# custom:
#   code: ROLLING_COUNT_DENIED
#   severity: high
#   remediation: Ask again when there is room, or raise the limit in rules/rolling_count.
#   owner: treasury
deny contains "ROLLING_COUNT_DENIED" if {
	_configured
	_known
	not _room_or_held
}

_group_settled if entries.settled(data.placet.rules.rolling_count.limits)

_configured if _unchecked

_configured if {
	count(_entry.windows) > 0
	every limit in _entry.windows {
		over_time.effect(limit)
		is_number(limit.max)
	}
}

_known if _unchecked

_known if {
	every name, _ in _entry.windows {
		is_number(over_time.in_window(over_time.of_key, name).count)
	}
}

_room_or_denied if _room("deny")

_room_or_held if _room("hold")

_room(_) if _unchecked

# Every limit has room, but for those with this effect.
_room(effect) if {
	every name, limit in _entry.windows {
		_passes(name, limit, effect)
	}
}

_passes(_, limit, effect) if over_time.effect(limit) == effect

_passes(name, limit, _) if _fits(name, limit)

_fits(name, limit) if over_time.in_window(over_time.of_key, name).count < limit.max

_lacking[effect] contains sprintf("in %s: %s", [name, over_time.quota(limit.max, used, 1)]) if {
	some name, limit in _entry.windows
	not _fits(name, limit)
	effect := over_time.effect(limit)
	used := over_time.in_window(over_time.of_key, name).count
}

_unchecked if entries.unchecked(_entry)

_entry := entries.of_group(data.placet.rules.rolling_count.limits)
