# METADATA
# title: Lifetime cap
# description: What one signing key ever moves of a token stays within the token's cap.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: Where it is not certain that coins leave a full cap holds in place of denying.
#   configure: |
#     In a group's data `*` stands for every other token, beside the groups for every other group; only a reason can
#     be given for every token. Above the cap the rule holds, or denies with `"full": "deny"`. What counts, and for
#     whom: [policies/README.md](../../policies/README.md#limits-over-time).
package placet.rules.lifetime_cap

import data.placet.lib.amounts
import data.placet.lib.entries
import data.placet.lib.over_time

title := {
	"LIFETIME_CAP_GROUP_NOT_PROVEN": "It is not proven for which key group lifetime_cap has to be looked up.",
	"LIFETIME_CAP_DENIED": "The cap of a token would be exceeded, and the data says that this denies.",
	"LIFETIME_CAP_NOT_CONFIGURED": "No cap is configured for a token of this request.",
	"LIFETIME_CAP_NOT_KNOWN": "It is not known how much was ever approved.",
	"LIFETIME_CAP_REACHED": "The cap of a token would be exceeded.",
}

remediation := {
	"LIFETIME_CAP_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"LIFETIME_CAP_DENIED": "Use a new key, or raise the cap in rules/lifetime_cap.",
	"LIFETIME_CAP_NOT_CONFIGURED": "Set the token's cap in rules/lifetime_cap, or say there why it is unchecked.",
	"LIFETIME_CAP_NOT_KNOWN": "Look at the missing facts of this request.",
	"LIFETIME_CAP_REACHED": "Use a new key, or raise the cap in rules/lifetime_cap.",
}

message.LIFETIME_CAP_DENIED := concat("; ", _lacking.deny)

message.LIFETIME_CAP_NOT_CONFIGURED := sprintf("no cap for %s", [concat(", ", _unconfigured)])

message.LIFETIME_CAP_REACHED := concat("; ", _lacking.hold)

# METADATA
# title: It is not proven for which key group lifetime_cap has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: LIFETIME_CAP_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: treasury
hold contains "LIFETIME_CAP_GROUP_NOT_PROVEN" if not _group_settled

# METADATA
# title: No cap is configured for a token of this request.
# description: A token has neither a cap nor a reason for being unchecked, or the facts do not name it.
# custom:
#   code: LIFETIME_CAP_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the token's cap in rules/lifetime_cap, or say there why it is unchecked.
#   owner: treasury
hold contains "LIFETIME_CAP_NOT_CONFIGURED" if {
	_group_settled
	not _all_configured
}

# METADATA
# title: It is not known how much was ever approved.
# description: The input has no history of a token that has a cap, or none that fits the facts.
# custom:
#   code: LIFETIME_CAP_NOT_KNOWN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "LIFETIME_CAP_NOT_KNOWN" if {
	_all_configured
	not _all_known
}

# METADATA
# title: The cap of a token would be exceeded.
# description: All that was ever approved and what the request adds are together above the cap.
# custom:
#   code: LIFETIME_CAP_REACHED
#   severity: high
#   remediation: Use a new key, or raise the cap in rules/lifetime_cap.
#   owner: treasury
hold contains "LIFETIME_CAP_REACHED" if {
	_all_configured
	_all_known
	not _room_or_denied
}

# METADATA
# title: The cap of a token would be exceeded, and the data says that this denies.
# description: As LIFETIME_CAP_REACHED, for a cap whose data says deny.
# custom:
#   code: LIFETIME_CAP_DENIED
#   severity: high
#   remediation: Use a new key, or raise the cap in rules/lifetime_cap.
#   owner: treasury
deny contains "LIFETIME_CAP_DENIED" if {
	_all_configured
	_all_known
	not _room_or_held
}

_group_settled if entries.settled(data.placet.rules.lifetime_cap.caps)

# Nothing leaves, so that no entry is looked up.
_group_settled if {
	over_time.stated
	count(over_time.tokens) == 0
}

_all_configured if {
	over_time.stated
	every token in over_time.tokens {
		_configured(token)
	}
}

_configured(token) if _unchecked(token)

_configured(token) if {
	over_time.effect(_entry(token))
	amounts.parse(_entry(token).max) >= 0
}

_all_known if {
	every token in _capped {
		over_time.amount_after(over_time.of_asset(token), over_time.of_asset(token).lifetime) >= 0
	}
}

_room_or_denied if _room("deny")

_room_or_held if _room("hold")

# Every cap has room, but for those with this effect.
_room(effect) if {
	every token in _capped {
		_passes(token, effect)
	}
}

_passes(token, effect) if over_time.effect(_entry(token)) == effect

_passes(token, _) if _fits(token)

_fits(token) if {
	series := over_time.of_asset(token)
	over_time.amount_after(series, series.lifetime) <= amounts.parse(_entry(token).max)
}

_lacking[effect] contains sprintf("%s: %s", [token, quota]) if {
	some token in _capped
	not _fits(token)
	effect := over_time.effect(_entry(token))
	series := over_time.of_asset(token)
	quota := over_time.quota_of(
		token, amounts.parse(_entry(token).max),
		amounts.parse(series.lifetime.amount), amounts.parse(series.adds),
	)
}

_capped contains token if {
	some token in over_time.tokens
	not _unchecked(token)
}

_unchecked(token) if entries.unchecked(_entry(token))

_entry(token) := entries.of_token(data.placet.rules.lifetime_cap.caps, token)

_unconfigured contains sprintf("%v", [token]) if {
	some token in over_time.tokens
	not _configured(token)
}
