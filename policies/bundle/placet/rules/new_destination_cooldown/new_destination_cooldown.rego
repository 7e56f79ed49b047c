# METADATA
# title: New destinations
# description: A destination is paid only some time after it was put on the list, so that there is time to notice.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: A transfer goes along a call only where every field that is compared with the call is there.
#   configure: |
#     The cooldown runs from `since` of the destination's entry in `destination_allowlist`. With
#     `from_first_request` it runs at least from the first recorded request that pays the destination, so that a
#     backdated `since` gains nothing. The first payment to every destination then waits, also in a new ledger.
package placet.rules.new_destination_cooldown

import data.placet.lib.entries
import data.placet.lib.over_time
import data.placet.lib.transfers

title := {
	"DESTINATION_COOLDOWN_GROUP_NOT_PROVEN": "It is not proven for which key group new_destination_cooldown has to be looked up.",
	"DESTINATION_COOLING_DOWN": "A destination is not long enough on the list.",
	"DESTINATION_COOLDOWN_NOT_CONFIGURED": "No cooldown of new destinations is configured for this key group.",
	"DESTINATION_SINCE_NOT_KNOWN": "It is not known since when a destination is on the list.",
}

remediation := {
	"DESTINATION_COOLDOWN_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"DESTINATION_COOLING_DOWN": "Ask again after the time in the message; if nobody knows the destination, take it off the list.",
	"DESTINATION_COOLDOWN_NOT_CONFIGURED": "Set the group's cooldown in rules/new_destination_cooldown, or say there why it is unchecked.",
	"DESTINATION_SINCE_NOT_KNOWN": "Give the destination's entry in rules/destination_allowlist the time `since`.",
}

message["DESTINATION_COOLING_DOWN"] := concat("; ", _cooling)

message["DESTINATION_SINCE_NOT_KNOWN"] := sprintf("not known of %s", [concat(", ", _unknown)])

# METADATA
# title: It is not proven for which key group new_destination_cooldown has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: DESTINATION_COOLDOWN_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: security
hold contains "DESTINATION_COOLDOWN_GROUP_NOT_PROVEN" if not _group_settled

# METADATA
# title: No cooldown of new destinations is configured for this key group.
# description: The signing key's group has neither seconds nor a reason for being unchecked.
# custom:
#   code: DESTINATION_COOLDOWN_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the group's cooldown in rules/new_destination_cooldown, or say there why it is unchecked.
#   owner: security
hold contains "DESTINATION_COOLDOWN_NOT_CONFIGURED" if {
	_group_settled
	not _configured
}

# METADATA
# title: It is not known since when a destination is on the list.
# description: "The list's entry has no time, or the input no history where the ledger counts."
# custom:
#   code: DESTINATION_SINCE_NOT_KNOWN
#   severity: medium
#   remediation: Give the destination's entry in rules/destination_allowlist the time `since`.
#   owner: treasury
hold contains "DESTINATION_SINCE_NOT_KNOWN" if {
	_configured
	not _all_known
}

# METADATA
# title: A destination is not long enough on the list.
# description: "The cooldown runs from the entry's time `since`; with `from_first_request` at least from the first request."
# custom:
#   code: DESTINATION_COOLING_DOWN
#   severity: medium
#   remediation: "Ask again after the time in the message; if nobody knows the destination, take it off the list."
#   owner: security
hold contains "DESTINATION_COOLING_DOWN" if {
	_configured
	_all_known
	not _all_cooled
}

_group_settled if entries.settled(data.placet.rules.new_destination_cooldown.cooldowns)

_configured if _unchecked

_configured if {
	_entry.seconds > 0
	is_number(_entry.seconds)
	is_boolean(object.get(_entry, "from_first_request", false))
}

# Coins that go along a listed call need no entry in the list of destinations, so that there is no time to read there.
_paying := [transfer |
	some transfer in over_time.leaving
	not transfers.along_listed_call(transfer)
]

_all_known if _unchecked

_all_known if {
	over_time.stated
	_now >= 0
	every transfer in _paying {
		_end(transfer) > 0
	}
}

_all_cooled if _unchecked

_all_cooled if {
	every transfer in _paying {
		_end(transfer) <= _now
	}
}

# When the cooldown of a transfer's destination is over, in nanoseconds since 1970, which are whole numbers.
_end(transfer) := _start(transfer) + (_entry.seconds * _nanoseconds)

_start(transfer) := _since(transfer) if not _from_first_request

# The ledger can only lengthen it: what nobody asked for before begins now.
_start(transfer) := max([_since(transfer), _first_request(transfer)]) if _from_first_request

_from_first_request if object.get(_entry, "from_first_request", false)

_since(transfer) := time.parse_rfc3339_ns(entry.since) if {
	entry := data.placet.rules.destination_allowlist.destinations[transfer.asset.chain][transfer.to]
}

_first_request(transfer) := moment if {
	found := [each | some each in input.history.destinations; each.chain == transfer.asset.chain; each.address == transfer.to]
	count(found) == 1
	moment := _seen(found[0].first_seen)
}

_seen(seconds) := seconds * _nanoseconds if is_number(seconds)

_seen(null) := _now

_now := input.decision.unix * _nanoseconds

_nanoseconds := 1000000000

_cooling contains sprintf("%s until %s", [transfer.to, time.format(_end(transfer))]) if {
	some transfer in _paying
	_end(transfer) > _now
}

_unknown contains sprintf("%v", [transfer.to]) if {
	some transfer in _paying
	not _end(transfer)
}

_unchecked if entries.unchecked(_entry)

_entry := entries.of_group(data.placet.rules.new_destination_cooldown.cooldowns)
