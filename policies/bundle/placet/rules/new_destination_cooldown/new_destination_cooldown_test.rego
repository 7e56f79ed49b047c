package placet.rules.new_destination_cooldown_test

import data.placet.rules.contract_call
import data.placet.rules.destination_allowlist as allowlist
import data.placet.rules.new_destination_cooldown as rule

# 2026-08-01T12:00:00Z.
now := 1785585600

cooldowns := {
	"hot": {"seconds": 86400},
	"strict": {"seconds": 86400, "from_first_request": true},
	"free": {"unchecked": "why"},
}

destinations := {"ETH": {
	"0xold": {"since": "2026-07-31T12:00:00Z"},
	"0xnew": {"since": "2026-07-31T12:00:01Z"},
	"0xfuture": {"since": "2027-01-01T00:00:00Z"},
	"0xnever": {"label": "no time"},
	"0xwrong": {"since": "yesterday"},
	"0xnumber": {"since": 1785499200},
	"0xepoch": {"since": "1969-12-31T00:00:00Z"},
	"0xinstant": {"since": "1969-12-31T00:00:00.000000001Z"},
}}

pays(group, to, history) := {
	"decision": {"unix": now},
	"facts": {"signer": {"group": group}, "transfers": [{"asset": {"token": "ETH", "chain": "ETH"}, "from": "0xa", "to": to}]},
	"history": history,
}

seen(to, first_seen) := {"destinations": [{"chain": "ETH", "address": to, "first_seen": first_seen}]}

held(document) := codes if {
	codes := rule.hold with input as document with rule.cooldowns as cooldowns with allowlist.destinations as destinations
}

said(code, document) := text if {
	text := rule.message[code] with input as document
		with rule.cooldowns as cooldowns
		with allowlist.destinations as destinations
}

test_silent_once_the_cooldown_is_over if held(pays("hot", "0xold", null)) == set()

test_holds_until_then if {
	every to in ["0xnew", "0xfuture"] {
		held(pays("hot", to, null)) == {"DESTINATION_COOLING_DOWN"}
	}
	said("DESTINATION_COOLING_DOWN", pays("hot", "0xnew", null)) == "0xnew until 2026-08-01T12:00:01Z"
}

test_the_ledger_can_lengthen_it if {
	every first in [null, 1785499201, 1785585600] {
		held(pays("strict", "0xold", seen("0xold", first))) == {"DESTINATION_COOLING_DOWN"}
	}
	held(pays("strict", "0xold", seen("0xold", 1785499200))) == set()
	held(pays("hot", "0xold", seen("0xold", null))) == set()
}

test_the_ledger_cannot_shorten_it if {
	held(pays("strict", "0xnew", seen("0xnew", 1))) == {"DESTINATION_COOLING_DOWN"}
}

test_silent_where_a_reason_says_unchecked if held(pays("free", "0xnever", null)) == set()

test_silent_about_what_returns if held(pays("hot", "0xa", null)) == set()

test_holds_a_destination_without_a_time if {
	every to in ["0xnever", "0xwrong", "0xnumber", "0xunlisted", null] {
		held(pays("hot", to, null)) == {"DESTINATION_SINCE_NOT_KNOWN"}
	}
	said("DESTINATION_SINCE_NOT_KNOWN", pays("hot", "0xnever", null)) == "not known of 0xnever"
}

test_holds_without_a_history_where_the_ledger_counts if {
	every history in [
		null, {}, {"destinations": []}, seen("0xother", null), seen("0xold", "1785499200"),
		{"destinations": array.concat(seen("0xold", 1).destinations, seen("0xold", 1).destinations)},
	] {
		held(pays("strict", "0xold", history)) == {"DESTINATION_SINCE_NOT_KNOWN"}
	}
}

test_holds_facts_or_decisions_that_are_incomplete if {
	every fault in [{"decision": null}, {"decision": {"unix": "1"}}, {"facts": {"transfers": null}}, {"facts": {"transfers": [{}]}}] {
		held(object.union(pays("hot", "0xold", null), fault)) == {"DESTINATION_SINCE_NOT_KNOWN"}
	}
}

test_holds_a_group_without_a_usable_cooldown if {
	held({}) == {"DESTINATION_COOLDOWN_GROUP_NOT_PROVEN"}
	held(pays("cold", "0xold", null)) == {"DESTINATION_COOLDOWN_NOT_CONFIGURED"}
	every entry in [null, {}, {"seconds": 0}, {"seconds": "5"}, {"seconds": 5, "from_first_request": "yes"}, {"unchecked": ""}] {
		codes := rule.hold with input as pays("hot", "0xold", null)
			with rule.cooldowns as {"hot": entry}
			with allowlist.destinations as destinations
		codes == {"DESTINATION_COOLDOWN_NOT_CONFIGURED"}
	}
}

test_silent_about_coins_along_a_listed_call if {
	call := {"operation": "call", "from": "0xa", "to": "0xcalled", "value": "1", "selector": "0x12345678", "method": null}
	paid := {"asset": {"kind": "native", "token": "ETH", "chain": "ETH"}, "from": "0xa", "to": "0xcalled", "amount": "1"}
	document := {
		"decision": {"unix": now},
		"facts": {"chain": {"id": "ETH", "kind": "evm"}, "signer": {"group": "hot"}, "transfers": [paid], "calls": [call]},
	}
	held(document) == {"DESTINATION_SINCE_NOT_KNOWN"}
	listed := held(document) with contract_call.allowed as {"ETH": {"0xcalled": {"0x12345678": {}}}}
	listed == set()
}

test_a_cooldown_of_one_second_is_one if {
	codes := rule.hold with input as pays("hot", "0xold", null)
		with rule.cooldowns as {"hot": {"seconds": 1}}
		with allowlist.destinations as destinations
	codes == set()
}

test_without_a_usable_cooldown_nothing_else_is_said if {
	every to in ["0xfuture", "0xnever"] {
		codes := rule.hold with input as pays("hot", to, null)
			with rule.cooldowns as {"hot": {"seconds": 0}}
			with allowlist.destinations as destinations
		codes == {"DESTINATION_COOLDOWN_NOT_CONFIGURED"}
	}
}

# What time.parse_rfc3339_ns cannot read is no time, and 1970 is what is read of nothing.
test_the_cooldown_of_a_destination_ends_after_1970 if {
	held(pays("hot", "0xepoch", null)) == {"DESTINATION_SINCE_NOT_KNOWN"}
	held(pays("hot", "0xinstant", null)) == set()
	held(object.union(pays("hot", "0xold", null), {"decision": {"unix": 0}})) == {"DESTINATION_COOLING_DOWN"}
	held(object.union(pays("hot", "0xold", null), {"decision": {"unix": -1}})) == {"DESTINATION_SINCE_NOT_KNOWN"}
}

test_the_same_address_on_another_chain_was_seen_for_itself if {
	elsewhere := {"chain": "BASE", "address": "0xold", "first_seen": null}
	history := {"destinations": [elsewhere, {"chain": "ETH", "address": "0xold", "first_seen": 1785499200}]}
	held(pays("strict", "0xold", history)) == set()
	held(pays("strict", "0xold", {"destinations": [elsewhere]})) == {"DESTINATION_SINCE_NOT_KNOWN"}
}

paying(several) := object.union(
	pays("hot", "0xold", null),
	{"facts": {"transfers": [transfer | some to in several; some transfer in pays("hot", to, null).facts.transfers]}},
)

test_messages_name_the_destinations_concerned_only if {
	said("DESTINATION_COOLING_DOWN", paying(["0xold", "0xnew"])) == "0xnew until 2026-08-01T12:00:01Z"
	said("DESTINATION_SINCE_NOT_KNOWN", paying(["0xold", "0xnever", "0xnew"])) == "not known of 0xnever"
}
