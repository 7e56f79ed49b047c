package placet.rules.transaction_expiry_test

import data.placet.rules.transaction_expiry as rule

now := 1785585600

limits := {
	"TRON": {"max_seconds": 3600},
	"OLD": {"unchecked": "recorded requests"},
	"NONE": {},
	"TEXT": {"max_seconds": "3600"},
	"ZERO": {"max_seconds": 0},
	"NO_REASON": {"unchecked": ""},
}

held(chain) := codes if {
	document := {"decision": {"unix": now}, "facts": {"chain": chain}}
	codes := rule.hold with input as document with rule.limits as limits
}

until(chain, end) := {"id": chain, "valid_until": end}

said(code, end) := message if {
	document := {"decision": {"unix": now}, "facts": {"chain": until("TRON", end)}}
	message := rule.message[code] with input as document with rule.limits as limits
}

test_silent_while_valid_and_not_far_ahead if {
	every end in ["1785585601", "1785589200"] {
		held(until("TRON", end)) == set()
	}
}

test_holds_what_has_expired if {
	every end in ["0", "1785585599", "1785585600"] {
		held(until("TRON", end)) == {"TRANSACTION_EXPIRED"}
	}
	said("TRANSACTION_EXPIRED", "1785585600") == "valid until 1785585600, decided at 1785585600"
}

test_holds_what_stays_valid_for_too_long if {
	every end in ["1785589201", "18446744073709551616"] {
		held(until("TRON", end)) == {"TRANSACTION_VALID_TOO_LONG"}
	}
	message := "valid until 1785589201, decided at 1785585600, limit 3600 seconds"
	said("TRANSACTION_VALID_TOO_LONG", "1785589201") == message
}

test_silent_where_a_reason_says_unchecked if held(until("OLD", "1")) == set()

test_silent_where_the_bytes_name_no_end if {
	every chain in ["TRON", "ETH", null] {
		held(until(chain, null)) == set()
	}
	held(null) == set()
}

test_holds_a_chain_without_a_usable_limit if {
	every chain in ["NEW", "NONE", "TEXT", "ZERO", "NO_REASON", null, 1] {
		held(until(chain, "1785585601")) == {"EXPIRY_LIMIT_NOT_CONFIGURED"}
	}
}

test_holds_what_does_not_say_until_when if {
	every end in [1785585601, "", "01", "-1", true, {}] {
		held(until("TRON", end)) == {"EXPIRY_NOT_STATED"}
	}
	every chain in [{}, {"id": "TRON"}, "TRON"] {
		held(chain) == {"EXPIRY_NOT_STATED"}
	}
	rule.hold == {"EXPIRY_NOT_STATED"} with input as {} with rule.limits as limits
}

test_holds_without_a_time_of_the_decision if {
	every decision in [null, {}, {"unix": "1785585600"}] {
		document := {"decision": decision, "facts": {"chain": until("TRON", "1785585601")}}
		codes := rule.hold with input as document with rule.limits as limits
		codes == {"EXPIRY_NOT_STATED"}
	}
}
