package placet.rules.destination_allowlist_guards_test

import data.placet.rules.destination_allowlist as rule
import data.placet.rules.destination_allowlist_certainty_test as shape

only(code) := {"deny": set(), "hold": {code}}

silent := {"deny": set(), "hold": set()}

judged(asked, destinations, effects) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as {"facts": asked} with rule.destinations as destinations with rule.effects as effects
	held := rule.hold with input as {"facts": asked} with rule.destinations as destinations with rule.effects as effects
}

to(address) := object.union(shape.payment, {"to": address})

change := object.union(to("0xe"), {"change": "not_proven"})

# Another transfer of which it is not known where it goes: nothing else is said, of the other one either.
test_what_is_not_proven_is_all_that_is_said if {
	every effect in [{}, {"UNLISTED": "hold"}, shape.denying] {
		every transfer in [to("0xe"), to("0xa"), change, object.union(to("bc1a"), {"asset": {"chain": "NEW"}})] {
			every asked in [shape.facts([transfer, to(null)], []), shape.facts([transfer, to(null)], [shape.calling])] {
				judged(asked, shape.listed, effect) == only("DESTINATION_NOT_PROVEN")
			}
		}
	}
}

test_a_chain_without_a_list_is_all_that_is_said if {
	every effect in [{}, {"UNLISTED": "hold"}, shape.denying] {
		every destinations in [{}, {"ETH": {}}, {"ETH": null}, {"BTC": {"bc1a": {}}}] {
			every calls in [[], [shape.calling]] {
				judged(shape.facts([to("0xe")], calls), destinations, effect) == only("DESTINATIONS_NOT_CONFIGURED")
				judged(shape.facts([change], calls), destinations, effect) == only("DESTINATIONS_NOT_CONFIGURED")
			}
		}
	}
}

test_a_scope_that_cannot_be_read_is_all_that_is_said if {
	every effect in [{}, {"OUT_OF_SCOPE": "hold"}, {"OUT_OF_SCOPE": "deny"}] {
		every names in [null, [], "ETH", true] {
			asked := judged(shape.facts([to("0xa")], []), {"ETH": {"0xa": {"tokens": names}}}, effect)
			asked == only("DESTINATION_SCOPE_NOT_PROVEN")
		}
	}
}

test_listed_payments_pass_where_others_hold if {
	listed := {"ETH": {"0xe": {"label": "e"}}}
	judged(shape.facts([to("0xe")], []), listed, {"UNLISTED": "hold"}) == silent
	judged(shape.facts([to("0xf")], []), listed, {"UNLISTED": "hold"}) == only("DESTINATION_NOT_ALLOWED_HELD")
}

test_what_may_be_change_beside_a_call_is_judged_as_moved_by_the_call if {
	judged(shape.facts([change], [shape.calling]), shape.listed, {}) == only("CALL_DESTINATION_HELD")
}

test_messages_name_the_addresses_concerned_only if {
	asked := {"facts": shape.facts([to("0xa"), to("0xb"), to("0xe")], [shape.calling])}
	scoped := {"ETH": {"0xa": {"tokens": {"USDT": {}}}, "0xb": {"tokens": {"ETH": {}}, "groups": {"cold": {}}}}}
	moved := rule.message.CALL_DESTINATION_HELD with input as asked with rule.destinations as scoped
	moved == "not on the list: 0xe"
	outside := rule.message.DESTINATION_OUT_OF_SCOPE with input as asked with rule.destinations as scoped
	outside == "listed, but not for groups: hot (0xb), tokens: ETH (0xa)"
}

test_messages_name_the_tags_that_are_missing_only if {
	asked := {"facts": shape.facts([to("0xa"), to("0xb"), to("0xe")], [])}
	tagged := {"ETH": {"0xa": {"tags": {"own": {}}}, "0xb": {"tags": {"other": {}}}}}
	text := rule.message.DESTINATION_OUT_OF_SCOPE with input as asked
		with rule.destinations as tagged
		with rule.tags_of_groups as {"hot": {"own": {}}}
	text == "listed, but not for tags: those that hot pays (0xb)"
}

test_the_shipped_data_denies_payments_only if {
	rule.effects == {"OUT_OF_SCOPE": "hold", "UNLISTED": "deny", "UNLISTED_BY_CALL": "hold"}
}
