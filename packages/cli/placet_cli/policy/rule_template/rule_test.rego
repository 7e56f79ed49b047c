package placet.rules.@NAME@_test

import data.placet.rules.@NAME@ as rule

on_chain(id) := {"facts": {"chain": {"id": id}}}

held(allowed, document) := codes if {
	codes := rule.hold with rule.allowed as allowed with input as document
}

test_silent_on_a_listed_chain if held({"ETH": {"label": "payments"}}, on_chain("ETH")) == set()

test_holds_another_chain if {
	held({"ETH": {"label": "payments"}}, on_chain("TRON")) == {"@CODE@_NOT_ALLOWED"}
	message := rule.message.@CODE@_NOT_ALLOWED with input as on_chain("TRON")
	message == "chain TRON"
}

test_holds_without_a_chain if {
	every document in [{}, {"facts": null}, on_chain(null), on_chain(1), on_chain(["ETH"])] {
		held({"ETH": {"label": "payments"}}, document) == {"@CODE@_NOT_ALLOWED"}
	}
}

test_holds_an_entry_that_is_no_object if {
	every entry in [true, null, "payments", []] {
		held({"ETH": entry}, on_chain("ETH")) == {"@CODE@_NOT_ALLOWED"}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, ["ETH"], "ETH"] {
		held(broken, on_chain("ETH")) == {"@CODE@_NOT_CONFIGURED"}
	}
}

test_says_what_was_found_and_what_to_do if {
	every code in ["@CODE@_NOT_ALLOWED", "@CODE@_NOT_CONFIGURED"] {
		count(rule.title[code]) > 0
		count(rule.remediation[code]) > 0
	}
}
