# METADATA
# title: Messages
# description: Signing messages is off until it is opened, by contract and type for typed data, by vault for texts.
# custom:
#   configure: |
#     Messages hold until they are opened: typed data by chain id, verifying contract and primary type; texts by the
#     signer's vault, for EIP-191, BIP-137 and BIP-322 alike. A bare hash is refused and can never be opened.
#     `CONTRACT_SIGNATURE` (a `SafeMessage`) holds even what is listed, because it does not say what it is a signature of.
#
#     `domain` says what else the domain must be; under the contract `none`, for domains that name no contract, it must
#     say the domain's `name`. `values` restricts members of the message by their name, dotted inside structs. A member
#     that is not there, and a restriction of no known form, hold; so does an empty list under `each_one_of`, unless
#     `may_be_empty` stands beside it. Another value holds, or denies where
#     `effects.VALUE_NOT_ALLOWED` says `deny`. `matches` opens only texts that the expression (RE2) matches as a whole.
package placet.rules.message_signing

import data.placet.lib.constraints

title := {
	"MESSAGE_VALUES_NOT_PROVEN": "It cannot be judged whether a value of typed data is one that is allowed.",
	"MESSAGE_VALUE_DENIED": "A value of typed data is not one that is allowed, and the data says that this denies.",
	"MESSAGE_VALUE_NOT_ALLOWED": "A value of typed data is not one that is allowed.",
	"MESSAGES_NOT_CONFIGURED": "Signing this message is not configured.",
	"MESSAGES_NOT_PROVEN": "It is not proven which message would be signed.",
	"MESSAGE_DENIED": "The message has a feature that is refused.",
	"MESSAGE_HELD": "The message has a feature that people must look at.",
}

remediation := {
	"MESSAGE_VALUES_NOT_PROVEN": "Compare the message's types with the restriction in rules/message_signing.",
	"MESSAGE_VALUE_DENIED": "Ask for another message, or verify the value and allow it in rules/message_signing.",
	"MESSAGE_VALUE_NOT_ALLOWED": "Ask for another message, or verify the value and allow it in rules/message_signing.",
	"MESSAGES_NOT_CONFIGURED": "Verify who needs the signature and for what, then open it in rules/message_signing.",
	"MESSAGES_NOT_PROVEN": "Look at the missing facts of this request.",
	"MESSAGE_DENIED": "Treat it as an attack until it is explained; rules/message_signing says what is refused.",
	"MESSAGE_HELD": "Look at the message; rules/message_signing says what is refused and what is allowed.",
}

message["MESSAGES_NOT_CONFIGURED"] := sprintf("not configured: %s", [concat(", ", _unlisted)])

message["MESSAGE_VALUES_NOT_PROVEN"] := sprintf("cannot be judged: %s", [concat(", ", _unjudged)])

message["MESSAGE_VALUE_DENIED"] := sprintf("not as listed: %s", [concat(", ", _broken)])

message["MESSAGE_VALUE_NOT_ALLOWED"] := sprintf("not as listed: %s", [concat(", ", _broken)])

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

# METADATA
# title: It cannot be judged whether a value of typed data is one that is allowed.
# description: A restricted member is not in the message, or the restriction has no known form.
# custom:
#   code: MESSAGE_VALUES_NOT_PROVEN
#   severity: high
#   remediation: Compare the message's types with the restriction in rules/message_signing.
#   owner: security
hold contains "MESSAGE_VALUES_NOT_PROVEN" if {
	_proven
	not _values_judged
}

# METADATA
# title: A value of typed data is not one that is allowed.
# description: The list restricts a member of the message, and its value is another.
# custom:
#   code: MESSAGE_VALUE_NOT_ALLOWED
#   severity: high
#   remediation: Ask for another message, or verify the value and allow it in rules/message_signing.
#   owner: security
hold contains "MESSAGE_VALUE_NOT_ALLOWED" if {
	_proven
	_values_judged
	not _values_kept_or_denied
}

# METADATA
# title: A value of typed data is not one that is allowed, and the data says that this denies.
# description: As MESSAGE_VALUE_NOT_ALLOWED, where the effects data say deny.
# custom:
#   code: MESSAGE_VALUE_DENIED
#   severity: critical
#   remediation: Ask for another message, or verify the value and allow it in rules/message_signing.
#   owner: security
deny contains "MESSAGE_VALUE_DENIED" if {
	_proven
	_values_judged
	not _values_kept_or_held
}

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
			_amount_stated(approval)
		}
	}
}

_all_listed if {
	every signed in input.facts.messages {
		_listed(signed)
	}
}

_listed(signed) if {
	entry := _entry(signed)
	_domain_kept(signed, object.get(entry, "domain", {}))
	_named(signed, entry)
}

_listed(signed) if {
	signed.scheme in _texts
	entry := data.placet.rules.message_signing.texts[input.facts.signer.vault]
	is_object(entry)
	_matched(signed, entry)
}

_entry(signed) := entry if {
	signed.scheme == "eip712"
	entry := data.placet.rules.message_signing.typed[signed.network][_contract(signed)][signed.primary_type]
	is_object(entry)
}

_contract(signed) := signed.contract if is_string(signed.contract)

_contract(signed) := "none" if is_null(signed.contract)

_domain_kept(signed, domain) if {
	is_object(domain)
	every name, expected in domain {
		signed.domain[name] == expected
	}
}

# Who names no contract is told from others by name only.
_named(signed, _) if is_string(signed.contract)

_named(_, entry) if is_string(entry.domain.name)

_matched(_, entry) if not _has_pattern(entry)

# An expression that is none by itself could close the group and escape the anchors.
_matched(signed, entry) if {
	regex.is_valid(entry.matches)
	regex.match(sprintf(`\A(?:%s)\z`, [entry.matches]), signed.text)
}

# Whatever stands there is a restriction: what is no expression matches nothing.
_has_pattern(entry) if "matches" in object.keys(entry)

_unlisted contains _told_message(signed) if {
	some signed in input.facts.messages
	not _listed(signed)
}

_told_message(signed) := sprintf("%v of the contract %v on network %v", [signed.primary_type, signed.contract, signed.network]) if {
	signed.scheme == "eip712"
}

_told_message(signed) := sprintf("a message of %v", [signed.scheme]) if signed.scheme != "eip712"

_values_judged if {
	every signed in input.facts.messages {
		_are_objects(signed)
		every restriction in _restrictions(signed) {
			_judged(restriction)
		}
	}
}

_are_objects(signed) if is_object(object.get(_entry(signed), "values", {}))

_are_objects(signed) if not _entry(signed)

_judged(restriction) if {
	count(restriction.values) == 1
	constraints.judged(restriction.constraint, restriction.values[0], _signer)
}

_values_kept_or_denied if _values_kept

_values_kept_or_denied if _values_deny

_values_kept_or_held if _values_kept

_values_kept_or_held if not _values_deny

_values_deny if data.placet.rules.message_signing.effects.VALUE_NOT_ALLOWED == "deny"

_values_kept if {
	every signed in input.facts.messages {
		every restriction in _restrictions(signed) {
			_kept(restriction)
		}
	}
}

_kept(restriction) if constraints.kept(restriction.constraint, restriction.values[0], _signer)

_restrictions(signed) := [restriction |
	some path, constraint in object.get(_entry(signed), "values", {})
	restriction := {"path": path, "constraint": constraint, "values": _values(signed, path)}
]

# None where the member is not there.
_values(signed, path) := [value |
	value := object.get(signed.values, split(path, "."), null)
	value != null
]

default _signer := null

_signer := input.facts.signer.address

_unjudged contains _told(restriction) if {
	some signed in input.facts.messages
	some restriction in _restrictions(signed)
	not _judged(restriction)
}

_broken contains _told(restriction) if {
	some signed in input.facts.messages
	some restriction in _restrictions(signed)
	not _kept(restriction)
}

_told(restriction) := sprintf(
	"%s %s (must be: %s)",
	[
		restriction.path, concat(" and ", [sprintf("%v", [value]) | some value in restriction.values]),
		constraints.words(restriction.constraint),
	],
)

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

# What names no network is on no list, and is held as such: the word is not said of what is not known.
_features contains "SPENDER_NOT_LISTED" if {
	some signed in input.facts.messages
	some approval in signed.approvals
	is_string(signed.network)
	is_string(approval.spender)
	_amount_stated(approval)
	not _takes_back(approval)
	not _spender_listed(signed.network, approval.spender)
}

# Null is everything, and what is absent may be nothing, as where an approval is taken back.
_amount_stated(approval) if is_string(approval.amount)

_amount_stated(approval) if is_null(approval.amount)

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
