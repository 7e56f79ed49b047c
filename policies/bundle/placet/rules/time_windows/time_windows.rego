# METADATA
# title: Time windows
# description: |
#   Requests are decided while the signing key's group has a window open: on some days of the week, from one time to another, by
#   the clocks of a time zone. The time is that of the decision; nothing else in the input is a clock.
# custom:
#   accepted:
#     TEXT_ORDERED: Times of one form, hours and minutes in two digits each, are ordered as texts are.
#   unused: When people watch is the team's to say; name it in the profile of KEY_SIGN once rules/time_windows says so.
#   configure: |
#     `open` lists, for a key group, windows by a name: the `days` of the week on which it begins, `from` and `to` as
#     HH:MM, and the IANA time `zone` whose clocks count, summer time included. `to` is the first minute after it;
#     where it is before `from` the window ends on the next day. `except` takes out days, such as holidays, on which
#     it would begin. One open window is enough.
#
#     Only `input.decision.unix` is a clock. A held request is asked again for about an hour, so one that comes
#     shortly before a window opens is decided in it; `deny` refuses it for good.
package placet.rules.time_windows

import data.placet.lib.entries

title := {
	"TIME_WINDOWS_GROUP_NOT_PROVEN": "It is not proven for which key group time_windows has to be looked up.",
	"OUTSIDE_TIME_WINDOWS": "No time window is open.",
	"OUTSIDE_TIME_WINDOWS_DENIED": "No time window is open, and the data says that this denies.",
	"TIME_NOT_STATED": "The decision has no time.",
	"TIME_WINDOWS_NOT_CONFIGURED": "No usable time window is configured for this key group.",
}

remediation := {
	"TIME_WINDOWS_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"OUTSIDE_TIME_WINDOWS": "Wait until a window opens: the request is asked again for about an hour. Widen a window in rules/time_windows if it is meant.",
	"OUTSIDE_TIME_WINDOWS_DENIED": "Ask for the payment again when a window is open, or widen a window in rules/time_windows.",
	"TIME_NOT_STATED": "Look at the service that states the facts.",
	"TIME_WINDOWS_NOT_CONFIGURED": "Set days, times and time zone of every window of the group in rules/time_windows, or say there why it is unchecked.",
}

message["OUTSIDE_TIME_WINDOWS"] := concat("; ", _closed)

message["OUTSIDE_TIME_WINDOWS_DENIED"] := concat("; ", _closed)

# METADATA
# title: It is not proven for which key group time_windows has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: TIME_WINDOWS_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: security
hold contains "TIME_WINDOWS_GROUP_NOT_PROVEN" if not _group_settled

# METADATA
# title: No usable time window is configured for this key group.
# description: The group has neither windows that all can be read nor a reason for being unchecked, or on_breach is neither hold nor deny.
# custom:
#   code: TIME_WINDOWS_NOT_CONFIGURED
#   severity: medium
#   remediation: Set days, times and time zone of every window of the group in rules/time_windows, or say there why it is unchecked.
#   owner: security
hold contains "TIME_WINDOWS_NOT_CONFIGURED" if {
	_group_settled
	not _configured
}

# METADATA
# title: The decision has no time.
# description: The input does not say when it is decided.
# custom:
#   code: TIME_NOT_STATED
#   severity: high
#   remediation: Look at the service that states the facts.
#   owner: security
hold contains "TIME_NOT_STATED" if {
	_configured
	not _stated
}

# METADATA
# title: No time window is open.
# description: By the clocks of its time zone, the decision is in none of the windows of the key group.
# custom:
#   code: OUTSIDE_TIME_WINDOWS
#   severity: low
#   remediation: "Wait until a window opens: the request is asked again for about an hour. Widen a window in rules/time_windows if it is meant."
#   owner: treasury
hold contains "OUTSIDE_TIME_WINDOWS" if {
	_configured
	_stated
	not _open_or_denied
}

# METADATA
# title: No time window is open, and the data says that this denies.
# description: As OUTSIDE_TIME_WINDOWS, where on_breach is deny.
# custom:
#   code: OUTSIDE_TIME_WINDOWS_DENIED
#   severity: medium
#   remediation: Ask for the payment again when a window is open, or widen a window in rules/time_windows.
#   owner: treasury
deny contains "OUTSIDE_TIME_WINDOWS_DENIED" if {
	_configured
	_stated
	not _open_or_held
}

_group_settled if entries.settled(data.placet.rules.time_windows.open)

_configured if {
	data.placet.rules.time_windows.on_breach in {"deny", "hold"}
	_readable
}

_readable if {
	is_object(_entry.windows)
	count(_entry.windows) > 0
	every window in _entry.windows {
		_well_formed(window)
	}
}

_readable if _unchecked

# OPA reads "Local" and an empty name as the clocks of the machine that it runs on.
_well_formed(window) if {
	regex.match(`^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$`, window.zone)
	time.clock([0, window.zone])
	regex.match(`^([01][0-9]|2[0-3]):[0-5][0-9]$`, window.from)
	regex.match(`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, window.to)
	window.from != window.to
	is_array(window.days)
	count(window.days) > 0
	{day | some day in window.days} - _weekdays == set()
	is_object(object.get(window, "except", {}))
}

_weekdays := {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

_stated if time.weekday(_now)

_now := input.decision.unix * 1000000000

_open if {
	some window in _entry.windows
	_inside(window)
}

_open if _unchecked

# Times of one form, hours and minutes in two digits each, are ordered as texts are.
_inside(window) if {
	window.from < window.to
	_clock(window.zone) >= window.from
	_clock(window.zone) < window.to
	_begun_on(window, _now)
}

# Over midnight: the part before it, which is on the day that the window is for.
_inside(window) if {
	window.from > window.to
	_clock(window.zone) >= window.from
	_begun_on(window, _now)
}

# The part after it belongs to the day before.
_inside(window) if {
	window.from > window.to
	_clock(window.zone) < window.to
	_begun_on(window, _yesterday(window.zone))
}

_begun_on(window, moment) if {
	time.weekday([moment, window.zone]) in window.days
	not _excepted(window, moment)
}

_excepted(window, moment) if {
	[year, month, day] := time.date([moment, window.zone])
	sprintf("%d-%02d-%02d", [year, month, day]) in object.keys(object.get(window, "except", {}))
}

_clock(zone) := sprintf("%02d:%02d", [hour, minute]) if [hour, minute, _] := time.clock([_now, zone])

# In the hour after noon of the day before, or the one before or after it where the clocks were changed since.
_yesterday(zone) := _now - ((hour + 12) * _hour) if [hour, _, _] := time.clock([_now, zone])

_hour := 3600000000000

_open_or_denied if _open

_open_or_denied if data.placet.rules.time_windows.on_breach == "deny"

_open_or_held if _open

_open_or_held if data.placet.rules.time_windows.on_breach == "hold"

_unchecked if entries.unchecked(_entry)

_entry := entries.of_group(data.placet.rules.time_windows.open)

# For people only.
_closed contains text if {
	some name, window in _entry.windows
	text := sprintf("%s %s in %s, %s is open on %s from %s to %s", [
		time.weekday([_now, window.zone]), _clock(window.zone), window.zone,
		name, concat(", ", window.days), window.from, window.to,
	])
}
