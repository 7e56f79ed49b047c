package placet.rules.time_windows_test

import data.placet.rules.time_windows as rule

office := {
	"days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
	"from": "08:00", "to": "18:00", "zone": "Europe/Zurich",
	"except": {"2026-12-25": {"label": "Christmas"}},
}

night := {
	"days": ["Friday", "Saturday"],
	"from": "22:00", "to": "06:00", "zone": "Europe/Zurich",
	"except": {"2026-12-25": {"label": "Christmas"}},
}

hours := {
	"hot": {"windows": {"office": office}},
	"warm": {"windows": {"night": night}},
	"both": {"windows": {"office": office, "night": night}},
	"late": {"windows": {"evening": {"days": ["Friday"], "from": "18:00", "to": "24:00", "zone": "UTC"}}},
	"*": {"unchecked": "machines pay at any time"},
}

at(group, unix) := {"decision": {"unix": unix}, "facts": {"signer": {"group": group}}}

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.open as hours with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.open as hours with rule.on_breach as on_breach
}

silent := {"deny": set(), "hold": set()}

open_at(group, unix) if {
	judged(at(group, unix), "hold") == silent
	judged(at(group, unix), "deny") == silent
}

closed_at(group, unix) if {
	judged(at(group, unix), "hold") == {"deny": set(), "hold": {"OUTSIDE_TIME_WINDOWS"}}
	judged(at(group, unix), "deny") == {"deny": {"OUTSIDE_TIME_WINDOWS_DENIED"}, "hold": set()}
}

# 2026-07-31 is a Friday. Zurich is two hours ahead of UTC in summer, one in winter.
test_open_from_the_first_minute_to_the_last if {
	not open_at("hot", 1785477599)
	closed_at("hot", 1785477599)
	open_at("hot", 1785477600)
	open_at("hot", 1785513599)
	closed_at("hot", 1785513600)
}

test_summer_time_is_the_zones if {
	# 2026-01-30 08:00 and the second before it, in winter.
	open_at("hot", 1769756400)
	closed_at("hot", 1769756399)
}

# A Saturday noon, and Christmas.
test_closed_on_other_days if {
	closed_at("hot", 1785578400)
	closed_at("hot", 1798189200)
}

test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins if {
	# Friday 22:00, Saturday 02:00 and 05:59:59, Saturday 06:00.
	open_at("warm", 1785528000)
	open_at("warm", 1785542400)
	open_at("warm", 1785556799)
	closed_at("warm", 1785556800)

	# Friday 01:00 would belong to Thursday, Sunday 01:00 belongs to Saturday, Monday 01:00 to Sunday.
	closed_at("warm", 1785452400)
	open_at("warm", 1785625200)
	closed_at("warm", 1785711600)

	# The night that begins on Christmas, before and after midnight.
	closed_at("warm", 1798234200)
	closed_at("warm", 1798243200)
}

test_nights_in_which_the_clocks_change if {
	# 2026-03-29: 01:30, and 03:10 after an hour that there is not. 2026-10-25: 00:30, 02:30 twice, 05:59 and 06:00.
	every unix in [1774744200, 1774746600, 1792881000, 1792888200, 1792891800, 1792904340] {
		open_at("warm", unix)
	}
	closed_at("warm", 1792904400)
}

test_one_open_window_is_enough if {
	open_at("both", 1785477600)
	open_at("both", 1785542400)
	closed_at("both", 1785578400)
}

test_a_window_up_to_midnight if {
	# Friday 23:59:59 and Saturday 00:00, UTC.
	open_at("late", 1785542399)
	closed_at("late", 1785542400)
}

test_a_group_that_is_unchecked_is_always_open if open_at("cold", 1785578400)

test_the_message_says_what_time_it_is_where if {
	every code in ["OUTSIDE_TIME_WINDOWS", "OUTSIDE_TIME_WINDOWS_DENIED"] {
		message := rule.message[code] with input as at("warm", 1785578400) with rule.open as hours
		message == "Saturday 12:00 in Europe/Zurich, night is open on Friday, Saturday from 22:00 to 06:00"
	}
}

test_holds_without_a_time_of_the_decision if {
	every document in [
		{"facts": {"signer": {"group": "hot"}}}, at("hot", null), at("hot", "1785477600"), at("hot", true),
		at("hot", 18446744073709551616),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == {"deny": set(), "hold": {"TIME_NOT_STATED"}}
		}
	}
}

test_holds_a_window_that_cannot_be_read if {
	every broken in [
		{"days": []}, {"days": ["Fri"]}, {"days": "Friday"}, {"days": [5]}, {"from": "8:00"}, {"from": "24:00"}, {"from": 8},
		{"from": "108:00"}, {"from": "08:000"}, {"to": "118:00"}, {"to": "18:000"}, {"to": "24:000"},
		{"to": "18:60"}, {"to": "25:00"}, {"to": null}, {"from": "18:00"}, {"zone": "Local"}, {"zone": ""},
		{"zone": "Mars/Phobos"}, {"zone": "europe/zurich"}, {"zone": 1}, {"except": ["2026-12-25"]}, {"except": null},
	] {
		configured := {"hot": {"windows": {"office": office, "broken": object.union(office, broken)}}}
		rule.deny == set() with input as at("hot", 1785477600) with rule.open as configured with rule.on_breach as "deny"
		rule.hold == {"TIME_WINDOWS_NOT_CONFIGURED"} with input as at("hot", 1785477600)
			with rule.open as configured
			with rule.on_breach as "deny"
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [
		{}, null, ["hot"], {"hot": {}}, {"hot": {"windows": {}}}, {"hot": {"windows": [office]}}, {"hot": {"windows": "office"}},
		{"hot": {"unchecked": ""}}, {"cold": {"unchecked": "why"}},
	] {
		rule.deny == set() with input as at("hot", 1785578400) with rule.open as broken with rule.on_breach as "deny"
		rule.hold == {"TIME_WINDOWS_NOT_CONFIGURED"} with input as at("hot", 1785578400)
			with rule.open as broken
			with rule.on_breach as "deny"
	}
	every document in [at("hot", null), at("hot", 1785578400)] {
		codes := rule.hold with input as document with rule.open as {} with rule.on_breach as "hold"
		codes == {"TIME_WINDOWS_NOT_CONFIGURED"}
	}
	every on_breach in ["allow", "", null, true] {
		judged(at("hot", 1785578400), on_breach) == {"deny": set(), "hold": {"TIME_WINDOWS_NOT_CONFIGURED"}}
	}
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)

test_holds_while_no_group_is_proven_but_groups_are_named if {
	every on_breach in ["deny", "hold"] {
		judged(at(null, 1785484800), on_breach) == {"deny": set(), "hold": {"TIME_WINDOWS_GROUP_NOT_PROVEN"}}
		judged(object.union(at(null, 1785484800), {"request": {"type": "KEY_GEN"}}), on_breach) == silent
	}
}
