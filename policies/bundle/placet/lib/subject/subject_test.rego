package placet.lib.subject_test

import data.placet.lib.subject

facts(transfers, calls, messages) := {"facts": {"transfers": transfers, "calls": calls, "messages": messages}}

test_a_call_is_a_subject if {
	subject.call_or_message with input as facts([], [{}], [])
	not subject.signed_message with input as facts([], [{}], [])
	not subject.message_only with input as facts([], [{}], [])
}

test_a_message_is_a_subject if {
	subject.call_or_message with input as facts([], [], [{}])
	subject.signed_message with input as facts([], [], [{}])
	subject.message_only with input as facts([], [], [{}])
}

test_a_message_that_moves_or_calls_is_not_only_a_message if {
	not subject.message_only with input as facts([{}], [], [{}])
	not subject.message_only with input as facts([], [{}], [{}])
}

test_nothing_is_no_subject if {
	every document in [{}, {"facts": null}, facts([], [], []), facts([{}], [], []), facts([], "x", {"a": 1}), facts([], null, null)] {
		not subject.call_or_message with input as document
		not subject.message_only with input as document
	}
}

test_a_message_names_the_vault_where_one_is_proven if {
	subject.for_vault == " for vault treasury" with input as {"facts": {"signer": {"vault": "treasury"}}}
	every document in [{}, {"facts": {}}, {"facts": {"signer": null}}, {"facts": {"signer": {}}}] {
		subject.for_vault == "" with input as document
	}
}
