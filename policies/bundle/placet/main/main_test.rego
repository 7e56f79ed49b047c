package placet.main_test

import data.placet.main

request := {
	"schema": "placet.input/v1",
	"request": {"type": "KEY_SIGN"},
	"facts": {"signer": null, "calls": [], "messages": []},
}

silent := {"deny": set(), "hold": set()}

profile(names) := {"request_types": {"KEY_SIGN": {"rules": names}}, "key_groups": {}}

# The decision that main makes of some rule packages, all of them named.
decide(rules) := decision if {
	decision := main.decision with input as request
		with data.placet.profiles as profile([name | some name, _ in rules])
		with data.placet.rules as rules
}

codes(decision) := {reason.code | some reason in decision.reasons}

test_allows_when_every_named_rule_is_silent if {
	expected := {"schema": "placet.decision/v1", "effect": "allow", "reasons": [], "rules_evaluated": ["a", "b"]}
	decide({"b": silent, "a": silent}) == expected
}

test_allows_a_rule_that_only_denies_or_only_holds if {
	decide({"a": {"deny": set()}, "b": {"hold": set()}}).effect == "allow"
}

test_deny_beats_hold_and_gives_its_own_reasons_only if {
	decision := decide({"a": {"hold": {"WAIT"}}, "b": {"deny": {"NO"}, "hold": {"WAIT_TOO"}}})
	decision.effect == "deny"
	codes(decision) == {"NO"}
}

test_reasons_come_in_the_order_of_the_profile if {
	decision := main.decision with input as request
		with data.placet.profiles as profile(["z", "ghost", "a"])
		with data.placet.rules as {"a": {"hold": {"A"}}, "z": {"hold": {"Z2", "Z1"}}}
	[reason.code | some reason in decision.reasons] == ["RULE_ABSENT", "Z1", "Z2", "A"]
}

test_hold_beats_allow if {
	decision := decide({"a": silent, "b": {"hold": {"WAIT"}}})
	decision.effect == "hold"
	codes(decision) == {"WAIT"}
}

test_reason_has_message_of_the_request_and_remediation if {
	rule := {"deny": {"NO"}, "title": {"NO": "No."}, "message": {"NO": "no to 1"}, "remediation": {"NO": "Ask."}}
	expected := [{"code": "NO", "rule": "a", "message": "no to 1", "remediation": "Ask."}]
	decide({"a": rule}).reasons == expected
}

test_reason_without_message_has_the_title if {
	rule := {"deny": {"NO"}, "title": {"NO": "No."}}
	decide({"a": rule}).reasons == [{"code": "NO", "rule": "a", "message": "No.", "remediation": ""}]
}

test_reason_without_any_text_has_its_code if {
	expected := [{"code": "NO", "rule": "a", "message": "NO", "remediation": ""}]
	decide({"a": {"deny": {"NO"}}}).reasons == expected
	decide({"a": {"deny": {"NO"}, "title": {"NO": 1}, "message": {"NO": {}}, "remediation": {"NO": 2}}}).reasons == expected
}

test_a_rule_whose_outcome_is_not_a_set_counts_as_absent if {
	every outcome in [true, "NO", ["NO"], {"NO": true}, null, false, 1] {
		codes(decide({"a": {"deny": outcome, "hold": set()}})) == {"RULE_ABSENT"}
		codes(decide({"a": {"deny": set(), "hold": outcome}})) == {"RULE_ABSENT"}
		codes(decide({"a": {"hold": outcome}})) == {"RULE_ABSENT"}
	}
}

test_holds_when_a_named_rule_is_absent if {
	decision := main.decision with input as request
		with data.placet.profiles as profile(["a", "ghost"])
		with data.placet.rules as {"a": silent, "ghost": {"limits": {}}}
	decision.effect == "hold"
	decision.rules_evaluated == ["a"]
	decision.reasons == [{
		"code": "RULE_ABSENT",
		"rule": "main",
		"message": "absent: ghost",
		"remediation": "Compare the profiles and the rules of the bundle with the release that was meant to be active.",
	}]
}

test_holds_when_a_rule_is_named_by_something_that_is_no_name if {
	decision := main.decision with input as request
		with data.placet.profiles as profile(["a", 7])
		with data.placet.rules as {"a": silent}
	decision.effect == "hold"
	codes(decision) == {"RULE_ABSENT"}
}

test_an_absent_rule_does_not_silence_a_deny if {
	decision := main.decision with input as request
		with data.placet.profiles as profile(["a", "ghost"])
		with data.placet.rules as {"a": {"deny": {"NO"}}}
	decision.effect == "deny"
}

test_holds_when_the_profile_names_nothing if {
	every profiles in [{}, {"request_types": {}}, profile([]), profile("a"), profile({"a": "a"}), profile(null)] {
		decision := main.decision with input as request
			with data.placet.profiles as profiles
			with data.placet.rules as {"a": silent}
		decision.effect == "hold"
		codes(decision) == {"PROFILE_EMPTY"}
		decision.rules_evaluated == []
	}
}

test_holds_an_unknown_or_missing_request_type if {
	every patch in [
		{"op": "replace", "path": "/request/type", "value": "PING"},
		{"op": "replace", "path": "/request/type", "value": 2},
		{"op": "remove", "path": "/request/type"},
		{"op": "remove", "path": "/request"},
	] {
		decision := main.decision with input as json.patch(request, [patch])
			with data.placet.profiles as profile(["a"])
			with data.placet.rules as {"a": silent}
		codes(decision) == {"PROFILE_EMPTY"}
	}
}

test_holds_calls_and_messages_that_no_rule_of_the_profile_judges if {
	rules := {"a": silent, "contract_call": silent, "message_signing": silent}
	every part, rule in {"calls": "contract_call", "messages": "message_signing"} {
		every value in [[{}], null, {}, "x"] {
			asked := object.union(request, {"facts": {part: value}})
			decision := main.decision with input as asked
				with data.placet.profiles as profile(["a"])
				with data.placet.rules as rules
			decision.effect == "hold"
			codes(decision) == {"SUBJECT_NOT_JUDGED"}
			judged := main.decision with input as asked
				with data.placet.profiles as profile(["a", rule])
				with data.placet.rules as rules
			judged.effect == "allow"
		}
	}
}

test_holds_without_facts if {
	decision := main.decision with input as json.remove(request, ["/facts"])
		with data.placet.profiles as profile(["a"])
		with data.placet.rules as {"a": silent}
	codes(decision) == {"SUBJECT_NOT_JUDGED"}
}

test_another_input_schema_holds_and_no_rule_sees_it if {
	every schema in ["placet.input/v2", "", null, 1] {
		decision := main.decision with input as object.union(request, {"schema": schema})
			with data.placet.profiles as profile(["a"])
			with data.placet.rules as {"a": {"deny": {"NO"}}}
		decision.effect == "hold"
		codes(decision) == {"INPUT_SCHEMA_UNKNOWN"}
		decision.rules_evaluated == []
	}
}

test_an_empty_input_holds if {
	decision := main.decision with input as {}
	decision.effect == "hold"
	codes(decision) == {"INPUT_SCHEMA_UNKNOWN"}
}

with_group(group) := object.union(request, {"facts": {"signer": {"group": group}}})

cold := {
	"request_types": {"KEY_SIGN": {"rules": ["a"]}},
	"key_groups": {"cold": {"KEY_SIGN": {"rules": ["b"]}}, "frozen": {"KEY_SIGN": {"rules": []}}},
}

test_the_group_of_the_proven_key_chooses_its_profile if {
	decision := main.decision with input as with_group("cold")
		with data.placet.profiles as cold
		with data.placet.rules as {"a": silent, "b": {"deny": {"NO"}}}
	decision.effect == "deny"
	decision.rules_evaluated == ["b"]
}

test_a_group_without_a_profile_has_the_general_one if {
	decision := main.decision with input as with_group("hot")
		with data.placet.profiles as cold
		with data.placet.rules as {"a": silent, "b": {"deny": {"NO"}}}
	decision.effect == "allow"
	decision.rules_evaluated == ["a"]
}

test_the_general_profile_allows_nothing_while_the_key_may_be_of_a_group_with_its_own if {
	every signer in [null, {}, {"group": null}, {"group": 1}] {
		asked := object.union(request, {"facts": {"signer": signer}})
		decision := main.decision with input as asked with data.placet.profiles as cold with data.placet.rules as {"a": silent}
		decision.effect == "hold"
		codes(decision) == {"PROFILE_GROUP_NOT_PROVEN"}
		denied := main.decision with input as asked with data.placet.profiles as cold with data.placet.rules as {"a": {"deny": {"NO"}}}
		codes(denied) == {"NO"}
	}
}

test_the_general_profile_judges_where_no_group_has_its_own_for_the_type if {
	every key_groups in [{}, {"cold": {}}, {"cold": {"KEY_GEN": {"rules": ["b"]}}}, null] {
		decision := main.decision with input as request
			with data.placet.profiles as object.union(cold, {"key_groups": 0})
			with data.placet.profiles.key_groups as key_groups
			with data.placet.rules as {"a": silent}
		decision.effect == "allow"
	}
}

test_a_profile_that_is_never_looked_up_is_not_passed_over if {
	every type in ["KEY_GEN", "KEY_RESHARE", "KEY_SHARE_SIGN"] {
		decision := main.decision with input as object.union(request, {"request": {"type": type}})
			with data.placet.profiles as {"request_types": {type: {"rules": ["a"]}}, "key_groups": {"cold": {type: {"rules": ["b"]}}}}
			with data.placet.rules as {"a": silent}
		codes(decision) == {"PROFILE_GROUP_NOT_PROVEN"}
	}
}

test_a_group_with_an_empty_profile_does_not_fall_back if {
	decision := main.decision with input as with_group("frozen")
		with data.placet.profiles as cold
		with data.placet.rules as {"a": silent}
	codes(decision) == {"PROFILE_EMPTY"}
}

test_a_code_of_main_without_texts_is_still_a_reason if {
	decision := main.decision with input as {}
		with main.title as {}
		with main.message as {}
		with main.remediation as {}
	expected := {"code": "INPUT_SCHEMA_UNKNOWN", "rule": "main", "message": "INPUT_SCHEMA_UNKNOWN", "remediation": ""}
	decision.reasons == [expected]
}

test_every_shipped_rule_gives_title_and_remediation_of_the_same_codes if {
	names := {name | some profile in data.placet.profiles.request_types; some name in profile.rules}
	every name in names {
		object.keys(data.placet.rules[name].title) == object.keys(data.placet.rules[name].remediation)
		count(data.placet.rules[name].title) > 0
	}
}

test_selftest_adds_and_compares_beyond_64_bits if {
	a := 115792089237316195423570985008687907853269984665640564039457584007913129639935
	b := 115792089237316195423570985008687907853269984665640564039457584007913129639934
	expected := {
		"sum": "231584178474632390847141970017375815706539969331281128078915168015826259279869",
		"greater": true,
		"total": "231584178474632390847141970017375815706539969331281128078915168015826259279869",
	}
	main.selftest == expected with input as {"selftest": {"a": a, "b": b}}
}

test_selftest_is_undefined_without_numbers if {
	not main.selftest with input as {}
	not main.selftest with input as {"selftest": {"a": "1", "b": 2}}
}

# The decision where one rule is listed and others are added.
adding(also, rules) := decision if {
	decision := main.decision with input as request
		with data.placet.profiles as {"request_types": {"KEY_SIGN": {"rules": ["z"], "also": also}}, "key_groups": {}}
		with data.placet.rules as rules
}

test_rules_that_are_added_must_run_too if {
	adding({"a": {}}, {"z": silent, "a": silent}).rules_evaluated == ["a", "z"]
	adding({}, {"z": silent}).effect == "allow"
	codes(adding({"a": {}}, {"z": silent})) == {"RULE_ABSENT"}
	decision := adding({"b": {}, "a": {}, "z": {}}, {"z": {"hold": {"Z"}}, "a": {"hold": {"A"}}, "b": {"hold": {"B"}}})
	[reason.code | some reason in decision.reasons] == ["Z", "A", "B"]
}

test_holds_where_what_is_added_cannot_be_read if {
	every also in ["a", null, true, 1] {
		codes(adding(also, {"z": silent, "a": silent})) == {"PROFILE_EMPTY"}
	}
	codes(adding(["a"], {"z": silent, "a": silent})) == {"PROFILE_EMPTY", "RULE_ABSENT"}
}

test_holds_where_rules_are_added_to_an_empty_list if {
	every rules in [[], {}, null, "z"] {
		decision := main.decision with input as request
			with data.placet.profiles as {"request_types": {"KEY_SIGN": {"rules": rules, "also": {"a": {}}}}, "key_groups": {}}
			with data.placet.rules as {"a": silent}
		codes(decision) == {"PROFILE_EMPTY"}
	}
}

test_an_unknown_schema_is_the_only_reason_whatever_the_request_is_about if {
	every part in ["calls", "messages"] {
		asked := object.union(request, {"schema": "placet.input/v2", "facts": {part: [{}]}})
		decision := main.decision with input as asked
			with data.placet.profiles as profile(["a"])
			with data.placet.rules as {"a": silent}
		codes(decision) == {"INPUT_SCHEMA_UNKNOWN"}
	}
}

test_an_added_rule_does_not_see_another_schema if {
	decision := main.decision with input as object.union(request, {"schema": "placet.input/v2"})
		with data.placet.profiles as {"request_types": {"KEY_SIGN": {"rules": ["z"], "also": {"a": {}}}}, "key_groups": {}}
		with data.placet.rules as {"z": silent, "a": {"deny": {"NO"}}}
	decision.effect == "hold"
	codes(decision) == {"INPUT_SCHEMA_UNKNOWN"}
}

test_an_empty_profile_is_the_only_reason_whatever_the_request_is_about if {
	decision := main.decision with input as object.union(request, {"facts": {"calls": [{}]}})
		with data.placet.profiles as profile([])
		with data.placet.rules as {"a": silent}
	codes(decision) == {"PROFILE_EMPTY"}
}

test_selftest_does_not_find_a_number_greater_than_itself if {
	same := main.selftest.greater with input as {"selftest": {"a": 18446744073709551616, "b": 18446744073709551616}}
	same == false
}

test_a_group_that_is_not_proven_is_no_second_reason if {
	unknown := main.decision with input as object.union(request, {"schema": "placet.input/v2"})
		with data.placet.profiles as cold
		with data.placet.rules as {"a": silent}
	codes(unknown) == {"INPUT_SCHEMA_UNKNOWN"}
	empty := main.decision with input as request
		with data.placet.profiles as object.union(cold, {"request_types": {"KEY_SIGN": {"rules": []}}})
		with data.placet.rules as {"a": silent}
	codes(empty) == {"PROFILE_EMPTY"}
}
