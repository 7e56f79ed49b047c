# METADATA
# title: Subject
# description: What a request is about when nothing moves. A rule for payments is silent then, and the rule of the subject judges.
package placet.lib.subject

# METADATA
# title: A call or a message
# description: The request makes a call or signs a message; main holds it where the profile has no rule for that.
call_or_message if _some("calls")

call_or_message if signed_message

# METADATA
# title: A message
# description: The request signs a message, so that there is no transaction and no fee.
signed_message if _some("messages")

# METADATA
# title: Only a message
# description: The message says nothing that moves and nothing that is called.
message_only if {
	signed_message
	input.facts.transfers == []
	input.facts.calls == []
}

# METADATA
# title: What may be change
# description: A Bitcoin output that nobody declared as a payment and whose key was not found among own keys.
may_be_change(transfer) if transfer.change == "not_proven"

# METADATA
# title: For the vault
# description: Ends a sentence with the vault of the proven signing key; empty where no key is proven. For messages only.
for_vault := concat("", [text | text := sprintf(" for vault %s", [input.facts.signer.vault])])

_some(part) if {
	is_array(input.facts[part])
	count(input.facts[part]) > 0
}
