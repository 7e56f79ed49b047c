package placet.rules.rolling_count_test

import data.placet.rules.rolling_count as rule

limits := {
	"hot": {"windows": {"day": {"max": 10}, "hour": {"max": 3, "full": "deny"}}},
	"free": {"unchecked": "a machine signs"},
	"weekly": {"windows": {"week": {"max": 10}}},
}

counted(group, day, hour) := {
	"facts": {"signer": {"group": group}},
	"history": {"series": [{
		"asset": null, "destination": null,
		"windows": [{"name": "day", "count": day}, {"name": "hour", "count": hour}],
	}]},
}

judged(document) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.limits as limits
	held := rule.hold with input as document with rule.limits as limits
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_up_to_the_limit if judged(counted("hot", 9, 2)) == silent

test_holds_the_next_one if {
	judged(counted("hot", 10, 0)) == holds("ROLLING_COUNT_FULL")
	message := rule.message.ROLLING_COUNT_FULL with input as counted("hot", 10, 0) with rule.limits as limits
	message == "in day: 0 remain of 10, 1 asked"
}

test_denies_where_the_data_says_so if {
	judged(counted("hot", 0, 3)) == {"deny": {"ROLLING_COUNT_DENIED"}, "hold": set()}
	judged(counted("hot", 10, 3)) == {"deny": {"ROLLING_COUNT_DENIED"}, "hold": {"ROLLING_COUNT_FULL"}}
	message := rule.message.ROLLING_COUNT_DENIED with input as counted("hot", 0, 4) with rule.limits as limits
	message == "in hour: 0 remain of 3, 1 asked"
}

test_silent_where_a_reason_says_unchecked if {
	judged({"facts": {"signer": {"group": "free"}}, "history": null}) == silent
}

test_holds_a_group_without_a_usable_limit if {
	judged(counted("cold", 0, 0)) == holds("ROLLING_COUNT_NOT_CONFIGURED")
	judged({}) == holds("ROLLING_COUNT_GROUP_NOT_PROVEN")
	every entry in [
		null, {}, {"windows": {}}, {"windows": null}, {"windows": {"day": {}}}, {"windows": {"day": {"max": "5"}}},
		{"windows": {"day": {"max": 5, "full": "allow"}}}, {"unchecked": ""},
	] {
		codes := rule.hold with input as counted("hot", 0, 0) with rule.limits as {"hot": entry}
		codes == {"ROLLING_COUNT_NOT_CONFIGURED"}
	}
}

test_holds_without_a_history if {
	judged({"facts": {"signer": {"group": "hot"}}, "history": null}) == holds("ROLLING_COUNT_NOT_KNOWN")
	judged(counted("hot", "1", 0)) == holds("ROLLING_COUNT_NOT_KNOWN")
	judged(counted("weekly", 0, 0)) == holds("ROLLING_COUNT_NOT_KNOWN")
}

of_hot(windows, day, hour) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as counted("hot", day, hour) with rule.limits as {"hot": {"windows": windows}}
	held := rule.hold with input as counted("hot", day, hour) with rule.limits as {"hot": {"windows": windows}}
}

test_every_window_must_be_usable if {
	of_hot({"day": {"max": 5}, "hour": {"max": "5"}}, 0, 0) == holds("ROLLING_COUNT_NOT_CONFIGURED")
	of_hot({"day": {"max": 5}, "hour": {"max": 5, "full": "allow"}}, 9, 9) == holds("ROLLING_COUNT_NOT_CONFIGURED")
}

test_a_limit_that_is_no_number_never_denies if {
	of_hot({"hour": {"max": null, "full": "deny"}}, 0, 3) == holds("ROLLING_COUNT_NOT_CONFIGURED")
}

test_the_message_names_full_windows_only if {
	message := rule.message.ROLLING_COUNT_FULL with input as counted("hot", 9, 3)
		with rule.limits as {"hot": {"windows": {"day": {"max": 10}, "hour": {"max": 3}}}}
	message == "in hour: 0 remain of 3, 1 asked"
}
