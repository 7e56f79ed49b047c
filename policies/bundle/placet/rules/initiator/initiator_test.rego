package placet.rules.initiator_test

import data.placet.rules.initiator as rule

allowed := {
	"hot": {"types": {
		"API": {"key-1": {"label": "payments"}, "key-2": true},
		"Web": {"*": {"label": "treasury"}},
		"App": "treasury",
	}},
	"cold": {"unchecked": "nobody but the board has keys"},
	"*": {"types": {"API": {"key-9": {"label": "others"}}}},
}

request(group, transaction) := {
	"request": {"extra": {"transaction": transaction}},
	"facts": {"signer": {"group": group, "vault": "treasury"}},
}

asked(type, initiator) := request("hot", {"initiator_type": type, "initiator": initiator})

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.allowed as allowed with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.allowed as allowed with rule.on_breach as on_breach
}

silent := {"deny": set(), "hold": set()}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_for_who_is_listed if {
	every on_breach in ["deny", "hold"] {
		judged(asked("API", "key-1"), on_breach) == silent
		judged(asked("Web", "eve@example.com"), on_breach) == silent
		judged(request("hot", {"initiator_type": "Web"}), on_breach) == silent
	}
}

test_another_initiator_holds_or_denies if {
	every document in [
		asked("API", "key-9"), asked("API", "key-2"), asked("API", "*"), asked("App", "key-1"),
		asked("External", "key-1"), asked("api", "key-1"),
	] {
		judged(document, "hold") == holds("INITIATOR_NOT_ALLOWED")
		judged(document, "deny") == {"deny": {"INITIATOR_DENIED"}, "hold": set()}
	}
}

test_the_message_says_who_it_was if {
	every code in ["INITIATOR_NOT_ALLOWED", "INITIATOR_DENIED"] {
		message := rule.message[code] with input as asked("API", "key-9")
		message == "key-9 through API is not listed for vault treasury"
	}
}

test_groups_have_lists_of_their_own if {
	judged(request("warm", {"initiator_type": "API", "initiator": "key-9"}), "hold") == silent
	judged(request("warm", {"initiator_type": "API", "initiator": "key-1"}), "hold") == holds("INITIATOR_NOT_ALLOWED")
	judged(request("cold", {"initiator_type": "API", "initiator": "key-1"}), "hold") == silent
	judged(request("cold", {}), "hold") == silent
}

test_holds_what_does_not_say_who_asked if {
	every document in [
		request("hot", null), request("hot", {}), asked(null, "key-1"), asked(1, "key-1"),
		asked("API", null), asked("API", ""), asked("API", ["key-1"]), request("hot", {"initiator_type": "API"}),
		request("hot", {"initiator_type": "External"}),
		request("hot", {"initiator": "key-1"}),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("INITIATOR_NOT_STATED")
		}
	}
}

test_holds_while_no_group_is_proven_but_groups_are_named if {
	every document in [{}, request(null, {"initiator_type": "API", "initiator": "key-9"})] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("INITIATOR_GROUP_NOT_PROVEN")
		}
	}
}

test_a_key_that_is_yet_to_be_made_has_the_list_of_every_group if {
	stated := {"transaction": {"initiator_type": "API", "initiator": "key-9"}}
	judged({"request": {"type": "KEY_GEN", "extra": stated}}, "deny") == silent
	judged({"request": {"type": "KEY_RESHARE", "extra": stated}}, "deny") == holds("INITIATOR_GROUP_NOT_PROVEN")
}

test_holds_when_nothing_is_configured if {
	every broken in [
		{}, null, ["API"], {"hot": {}}, {"hot": {"types": {}}}, {"hot": {"types": ["API"]}},
		{"hot": {"unchecked": ""}}, {"cold": {"unchecked": "why"}},
	] {
		rule.deny == set() with input as asked("API", "key-1") with rule.allowed as broken with rule.on_breach as "deny"
		rule.hold == {"INITIATOR_NOT_CONFIGURED"} with input as asked("API", "key-1")
			with rule.allowed as broken
			with rule.on_breach as "deny"
	}
	every on_breach in ["allow", "", null, true] {
		judged(asked("API", "key-9"), on_breach) == holds("INITIATOR_NOT_CONFIGURED")
	}
	rule.hold == {"INITIATOR_NOT_CONFIGURED"} with input as asked("API", "key-1")
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
