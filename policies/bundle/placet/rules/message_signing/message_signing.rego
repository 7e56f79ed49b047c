# METADATA
# title: Messages
# description: Signing messages is off until it is opened, by contract and type for typed data, by vault for texts.
# custom:
#   configure: |
#     Messages hold until they are opened: typed data by chain id, verifying contract and primary type; texts by the
#     signer's vault, for EIP-191, BIP-137 and BIP-322 alike. A bare hash is refused and can never be opened.
#     `CONTRACT_SIGNATURE` (a `SafeMessage`) holds even what is listed, because it does not say what it is a
#     signature of.
package placet.rules.message_signing

title := {
	"MESSAGES_NOT_CONFIGURED": "Signing this message is not configured.",
	"MESSAGES_NOT_PROVEN": "It is not proven which message would be signed.",
	"MESSAGE_DENIED": "The message has a feature that is refused.",
	"MESSAGE_HELD": "The message has a feature that people must look at.",
}

remediation := {
	"MESSAGES_NOT_CONFIGURED": "Verify who needs the signature and for what, then open it in rules/message_signing.",
	"MESSAGES_NOT_PROVEN": "Look at the missing facts of this request.",
	"MESSAGE_DENIED": "Treat it as an attack until it is explained; rules/message_signing says what is refused.",
	"MESSAGE_HELD": "Look at the message; rules/message_signing says what is refused and what is allowed.",
}

message["MESSAGE_DENIED"] := sprintf("refused: %s", [concat(", ", _denied)])

message["MESSAGE_HELD"] := sprintf("has: %s", [concat(", ", _features)])

# METADATA
# title: It is not proven which message would be signed.
# description: The facts have no list of messages, or one where scheme, approvals or the look of a hash are not said.
# custom:
#   code: MESSAGES_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "MESSAGES_NOT_PROVEN" if not _proven

# METADATA
# title: Signing this message is not configured.
# description: Network, contract and type of typed data, or the vault of a text's signer, are not on the list.
# custom:
#   code: MESSAGES_NOT_CONFIGURED
#   severity: high
#   remediation: Verify who needs the signature and for what, then open it in rules/message_signing.
#   owner: security
hold contains "MESSAGES_NOT_CONFIGURED" if {
	_proven
	not _all_listed
}

# METADATA
# title: The message has a feature that is refused.
# description: The effects data refuses a bare hash, an unlimited approval, or a message that may be a hash.
# custom:
#   code: MESSAGE_DENIED
#   severity: critical
#   remediation: Treat it as an attack until it is explained; rules/message_signing says what is refused.
#   owner: security
deny contains "MESSAGE_DENIED" if not _none_denied

# METADATA
# title: The message has a feature that people must look at.
# description: The effects data neither refuses nor allows a dangerous feature of the message.
# custom:
#   code: MESSAGE_HELD
#   severity: high
#   remediation: Look at the message; rules/message_signing says what is refused and what is allowed.
#   owner: security
hold contains "MESSAGE_HELD" if not _each_settled

# The schemes that sign a text: EVM's, and Bitcoin's two.
_texts := {"bip137", "bip322", "eip191"}

_proven if {
	is_array(input.facts.messages)
	every signed in input.facts.messages {
		signed.scheme in (_texts | {"eip712", "raw"})
		is_boolean(signed.may_be_hash)
		is_array(signed.hazards)
		is_array(signed.approvals)
		every approval in signed.approvals {
			is_boolean(approval.unlimited)
			is_string(approval.spender)
		}
	}
}

_all_listed if {
	every signed in input.facts.messages {
		_listed(signed)
	}
}

_listed(signed) if {
	signed.scheme == "eip712"
	is_object(data.placet.rules.message_signing.typed[signed.network][signed.contract][signed.primary_type])
}

_listed(signed) if {
	signed.scheme in _texts
	is_object(data.placet.rules.message_signing.texts[input.facts.signer.vault])
}

_features contains "RAW_HASH" if {
	some signed in input.facts.messages
	signed.scheme == "raw"
}

_features contains "MAY_BE_HASH" if {
	some signed in input.facts.messages
	signed.scheme != "raw"
	signed.may_be_hash == true
}

_features contains "UNLIMITED_APPROVAL" if {
	some signed in input.facts.messages
	some approval in signed.approvals
	approval.unlimited == true
}

_features contains "SPENDER_NOT_LISTED" if {
	some signed in input.facts.messages
	some approval in signed.approvals
	not _takes_back(approval)
	not _spender_listed(signed.network, approval.spender)
}

_features contains hazard if {
	some signed in input.facts.messages
	some hazard in signed.hazards
}

_takes_back(approval) if approval.amount == "0"

_spender_listed(network, spender) if is_object(data.placet.rules.message_signing.spenders[network][spender])

_denied contains feature if {
	some feature in _features
	data.placet.rules.message_signing.effects[feature] == "deny"
}

_none_denied if count(_denied) == 0

_each_settled if {
	every feature in _features {
		data.placet.rules.message_signing.effects[feature] in {"allow", "deny"}
	}
}
