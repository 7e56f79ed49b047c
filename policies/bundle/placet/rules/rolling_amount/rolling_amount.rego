# METADATA
# title: Rolling amount
# description: What one signing key moves of a token, in a window of time, stays within the window's limit.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: Where it is not certain that coins leave a full window holds in place of denying.
#   configure: |
#     `windows/data.json` names the windows, at most 8, of at most 34,560,000 seconds: `{"week": {"seconds": 604800}}`. In
#     a group's data `*` stands for every other token, beside the groups for every other group; only a reason can be
#     given for every token, because base units of two tokens cannot be compared. `{"*": {"*": {"unchecked":
#     "why"}}}` switches the rule off in one line.
#
#     A limit is exceeded when what counts already and what the request adds are together above it. Then the rule
#     holds, and the reason says what remains; `"full": "deny"` beside a limit denies instead, which is final for
#     the node although there may be room tomorrow. What counts, and for whom:
#     [policies/README.md](../../policies/README.md#limits-over-time).
package placet.rules.rolling_amount

import data.placet.lib.amounts
import data.placet.lib.entries
import data.placet.lib.over_time

title := {
	"ROLLING_AMOUNT_GROUP_NOT_PROVEN": "It is not proven for which key group rolling_amount has to be looked up.",
	"ROLLING_AMOUNT_DENIED": "The window's limit for a token would be exceeded, and the data says that this denies.",
	"ROLLING_AMOUNT_FULL": "The window's limit for a token would be exceeded.",
	"ROLLING_AMOUNT_NOT_CONFIGURED": "No limit over time is configured for a token of this request.",
	"ROLLING_AMOUNT_NOT_KNOWN": "It is not known how much was approved before.",
}

remediation := {
	"ROLLING_AMOUNT_GROUP_NOT_PROVEN": "Look at the missing facts of the signing key, and pin it in the registry if it is yours.",
	"ROLLING_AMOUNT_DENIED": "Ask again when there is room, or raise the limit in rules/rolling_amount.",
	"ROLLING_AMOUNT_FULL": "Wait until there is room, or raise the limit in rules/rolling_amount.",
	"ROLLING_AMOUNT_NOT_CONFIGURED": "Set the token's limits in rules/rolling_amount, or say there why it is unchecked.",
	"ROLLING_AMOUNT_NOT_KNOWN": "Look at the missing facts, and at data.placet.windows: it must have every window that is limited.",
}

message.ROLLING_AMOUNT_DENIED := concat("; ", _lacking.deny)

message.ROLLING_AMOUNT_FULL := concat("; ", _lacking.hold)

message.ROLLING_AMOUNT_NOT_CONFIGURED := sprintf("no limit for %s", [concat(", ", _unconfigured)])

# METADATA
# title: It is not proven for which key group rolling_amount has to be looked up.
# description: The data name key groups, and no signing key is proven, so that another group's entry could be the stricter one.
# custom:
#   code: ROLLING_AMOUNT_GROUP_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of the signing key, and pin it in the registry if it is yours.
#   owner: treasury
hold contains "ROLLING_AMOUNT_GROUP_NOT_PROVEN" if not _group_settled

# METADATA
# title: No limit over time is configured for a token of this request.
# description: A token has neither windows with limits nor a reason for being unchecked, or the facts do not name it.
# custom:
#   code: ROLLING_AMOUNT_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the token's limits in rules/rolling_amount, or say there why it is unchecked.
#   owner: treasury
hold contains "ROLLING_AMOUNT_NOT_CONFIGURED" if {
	_group_settled
	not _all_configured
}

# METADATA
# title: It is not known how much was approved before.
# description: The input has no history of a token that is limited, none in a window that is, or none that fits the facts.
# custom:
#   code: ROLLING_AMOUNT_NOT_KNOWN
#   severity: high
#   remediation: "Look at the missing facts, and at data.placet.windows: it must have every window that is limited."
#   owner: security
hold contains "ROLLING_AMOUNT_NOT_KNOWN" if {
	_all_configured
	not _all_known
}

# METADATA
# title: The window's limit for a token would be exceeded.
# description: What counts in the window and what the request adds are together above the limit.
# custom:
#   code: ROLLING_AMOUNT_FULL
#   severity: medium
#   remediation: Wait until there is room, or raise the limit in rules/rolling_amount.
#   owner: treasury
hold contains "ROLLING_AMOUNT_FULL" if {
	_all_configured
	_all_known
	not _room_or_denied
}

# METADATA
# title: The window's limit for a token would be exceeded, and the data says that this denies.
# description: As ROLLING_AMOUNT_FULL, for a limit whose data says deny.
# custom:
#   code: ROLLING_AMOUNT_DENIED
#   severity: high
#   remediation: Ask again when there is room, or raise the limit in rules/rolling_amount.
#   owner: treasury
deny contains "ROLLING_AMOUNT_DENIED" if {
	_all_configured
	_all_known
	not _room_or_held
}

_group_settled if entries.settled(data.placet.rules.rolling_amount.limits)

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
	count(_entry(token).windows) > 0
	every limit in _entry(token).windows {
		over_time.effect(limit)
		_bounds(limit)
	}
}

# At least one of the two, and none that cannot be read.
_bounds(limit) if {
	some name in ["max", "max_per_destination"]
	limit[name]
	every bound in [bound | some name in ["max", "max_per_destination"]; bound := limit[name]] {
		amounts.parse(bound) >= 0
	}
}

_all_known if {
	every token in _limited {
		_known(token)
	}
}

_known(token) if {
	series := array.concat([over_time.of_asset(token)], over_time.by_destination(token))
	every each in series {
		every name, _ in _entry(token).windows {
			over_time.amount_after(each, over_time.in_window(each, name)) >= 0
		}
	}
}

_room_or_denied if _room("deny")

_room_or_held if _room("hold")

# Every limit has room, but for those with this effect.
_room(effect) if {
	every token in _limited {
		every name, limit in _entry(token).windows {
			_passes(token, name, limit, effect)
		}
	}
}

_passes(_, _, limit, effect) if over_time.effect(limit) == effect

_passes(token, name, limit, _) if {
	_fits(over_time.of_asset(token), name, object.get(limit, "max", null))
	every series in over_time.by_destination(token) {
		_fits(series, name, object.get(limit, "max_per_destination", null))
	}
}

# The limit has no bound of this kind.
_fits(_, _, null)

_fits(series, name, bound) if over_time.amount_after(series, over_time.in_window(series, name)) <= amounts.parse(bound)

# For people only: what does not fit.
_lacks contains {"effect": over_time.effect(limit), "text": sprintf("%s in %s: %s", [token, name, quota])} if {
	some token in _limited
	some name, limit in _entry(token).windows
	quota := _lack(token, over_time.of_asset(token), name, limit.max)
}

_lacks contains {"effect": over_time.effect(limit), "text": sprintf("%s to %s in %s: %s", [token, each.destination, name, quota])} if {
	some token in _limited
	some name, limit in _entry(token).windows
	some each in over_time.by_destination(token)
	quota := _lack(token, each, name, limit.max_per_destination)
}

_lack(token, series, name, bound) := over_time.quota_of(
	token,
	amounts.parse(bound), amounts.parse(usage.amount), amounts.parse(series.adds),
) if {
	not _fits(series, name, bound)
	usage := over_time.in_window(series, name)
}

_lacking[effect] contains lack.text if {
	some effect in ["deny", "hold"]
	some lack in _lacks
	lack.effect == effect
}

_limited contains token if {
	some token in over_time.tokens
	not _unchecked(token)
}

_unchecked(token) if entries.unchecked(_entry(token))

_entry(token) := entries.of_token(data.placet.rules.rolling_amount.limits, token)

_unconfigured contains sprintf("%v", [token]) if {
	some token in over_time.tokens
	not _configured(token)
}
