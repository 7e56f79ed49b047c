# METADATA
# title: Freeze
# description: |
#   Nothing is allowed that is about what the team has frozen: everything, a key, a key group, a wallet, a chain, a token, an
#   initiator or a node. Judges every request type. Empty lists are a configuration: nothing is frozen.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: A request is about one thing in several words, of which FREEZE_NOT_JUDGED states the one that is always there.
#     CASE_FOLDED: Only declared names are folded, and only to freeze more; no address and no key is among them.
#     DECLARATION_DECIDES: What is declared only ever freezes more; without a declaration a frozen wallet or initiator holds everything.
#   configure: |
#     Each entry is a name of what is frozen, a `label` that says why and who knows more, and an `effect`: `hold`
#     unless it says `deny`, which is final, so that a wrong freeze costs nothing but time. A new release takes effect
#     with the next request, and no other rule can allow what this one holds: `policies/checks` refuses a profile that
#     does not name it.
#
#     A wallet and an initiator are only declared, so that they hold whatever `effect` says. A frozen wallet also holds
#     every other wallet that `registry/keys` lists for its keys, and while an initiator is frozen, a signature that
#     names none holds. The same is true of a chain or token whose network the bytes do not name (TRON, Solana, Bitcoin).
#     A frozen token holds the calls on its chain and all messages as well, because what a contract does with a token
#     cannot be seen. To be sure, freeze the key.
#
#     Declared names are compared without regard to case and surrounding space: mail servers and the portal read an
#     e-mail address without case, API keys are hexadecimal, wallet ids are UUIDs (RFC 9562), and chains and tokens are
#     written in capitals. While one is frozen, a wallet or initiator in other than printable ASCII holds, because two
#     such texts may look the same. Keys are base58, where another letter is another key, and are compared as they are.
#
#     Every list must be there, and chains and tokens must be those of the registry: what cannot be read holds
#     everything.
package placet.rules.freeze

import data.placet.lib.calls
import data.placet.lib.subject

title := {
	"FREEZE_NOT_CONFIGURED": "It is not known what is frozen.",
	"FREEZE_NOT_JUDGED": "Something is frozen, and the request does not say whether it is about that.",
	"FROZEN": "The request is about something that is frozen, or may be.",
	"FROZEN_DENIED": "The request is about something that is frozen, and the data says that this denies.",
}

remediation := {
	"FREEZE_NOT_CONFIGURED": "Write every list of rules/freeze, empty where nothing is frozen, with chains and tokens as the registry names them.",
	"FREEZE_NOT_JUDGED": "Look at the missing facts of this request, or wait until the freeze is over.",
	"FROZEN": "Wait until the freeze is over, or ask who froze it; take the entry out of rules/freeze to end it.",
	"FROZEN_DENIED": "Ask who froze it. The request stays refused; ask for it again when the freeze is over.",
}

message.FROZEN := sprintf("frozen: %s", [concat("; ", _hits.hold)])

message.FROZEN_DENIED := sprintf("frozen: %s", [concat("; ", _hits.deny)])

message.FREEZE_NOT_JUDGED := sprintf("frozen, and not known of this request: %s", [concat(", ", _unknown)])

# METADATA
# title: It is not known what is frozen.
# description: A list of what is frozen is missing or no object, an entry has no effect that there is, or names a chain or token that the registry does not know.
# custom:
#   code: FREEZE_NOT_CONFIGURED
#   severity: critical
#   remediation: Write every list of rules/freeze, empty where nothing is frozen, with chains and tokens as the registry names them.
#   owner: security
hold contains "FREEZE_NOT_CONFIGURED" if not _configured

# METADATA
# title: Something is frozen, and the request does not say whether it is about that.
# description: A list is not empty, and what it is compared with is not proven or not stated.
# custom:
#   code: FREEZE_NOT_JUDGED
#   severity: high
#   remediation: Look at the missing facts of this request, or wait until the freeze is over.
#   owner: security
hold contains "FREEZE_NOT_JUDGED" if {
	_configured
	not _all_known
}

# METADATA
# title: The request is about something that is frozen, or may be.
# description: An entry of rules/freeze is what the request is about, or a wallet of the key, or a token that a call or a message could move.
# custom:
#   code: FROZEN
#   severity: critical
#   remediation: Wait until the freeze is over, or ask who froze it; take the entry out of rules/freeze to end it.
#   owner: security
hold contains "FROZEN" if {
	_configured
	not _none_holds
}

# METADATA
# title: The request is about something that is frozen, and the data says that this denies.
# description: As FROZEN, for what is proven of the request or told to the node, never for what is only declared, and an entry whose effect is deny.
# custom:
#   code: FROZEN_DENIED
#   severity: critical
#   remediation: Ask who froze it. The request stays refused; ask for it again when the freeze is over.
#   owner: security
deny contains "FROZEN_DENIED" if {
	_configured
	not _none_denies
}

_kinds := {"all", "chains", "initiators", "key_groups", "keys", "nodes", "tokens", "wallets"}

_configured if {
	every kind in _kinds {
		is_object(data.placet.rules.freeze.frozen[kind])
		every entry in data.placet.rules.freeze.frozen[kind] {
			_effect(entry) in {"deny", "hold"}
		}
	}
	every chain, _ in data.placet.rules.freeze.frozen.chains {
		is_object(data.placet.registry.chains[chain])
	}
	every token, _ in data.placet.rules.freeze.frozen.tokens {
		is_object(data.placet.registry.tokens[token])
	}
}

_effect(entry) := object.get(entry, "effect", "hold")

_none_denies if count(_hits.deny) == 0

_none_holds if count(_hits.hold) == 0

_hits := {"deny": _denying, "hold": _holding}

_denying contains _text(kind, name) if {
	some kind, names in _about
	some name in names
	_effect(data.placet.rules.freeze.frozen[kind][name]) == "deny"
}

_holding contains _text(kind, name) if {
	some kind, names in _about
	some name in names
	_effect(data.placet.rules.freeze.frozen[kind][name]) == "hold"
}

# What is not certain is not refused for good, whatever the entry says.
_holding contains _text(kind, name) if {
	some kind, names in _maybe_about
	some name, _ in data.placet.rules.freeze.frozen[kind]
	_is_among(name, names)
	not _certain(kind, name)
}

_is_among(name, names) if {
	some declared in names
	_folded(declared) == _folded(name)
}

_folded(text) := lower(trim_space(text)) if is_string(text)

_certain(kind, name) if name in _about[kind]

_text(kind, name) := sprintf("%s %s: %s", [
	trim_suffix(kind, "s"), name,
	object.get(data.placet.rules.freeze.frozen[kind][name], "label", "frozen"),
])

_about.all contains name if some name, _ in data.placet.rules.freeze.frozen.all

_about.keys contains key if some key in _root_keys

_about.key_groups contains input.facts.signer.group

_about.key_groups contains data.placet.registry.keys[key].group if some key in _root_keys

_maybe_about.wallets contains wallet if some wallet in _declared_wallets

_declared_wallets contains input.request.extra.wallet.wallet_id

_declared_wallets contains input.request.extra.transaction.wallet_id

# Which of its wallets a key signs for is only declared.
_maybe_about.wallets contains wallet if {
	some key in _root_keys
	some wallet in data.placet.registry.keys[key].wallets
}

_about.chains contains chain if {
	_network_proven
	some chain in _chains
}

# Bytes that name no network are for the one that the request declares.
_maybe_about.chains contains chain if some chain in _chains

_chains contains input.facts.chain.id

_chains contains transfer.asset.chain if some transfer in input.facts.transfers

_maybe_about.chains contains input.request.extra.transaction.chain_id

# A signature over a text that names no network is good on every one, whatever chain the request declares.
_maybe_about.chains contains chain if {
	subject.signed_message
	not _network_proven
	some chain, _ in data.placet.rules.freeze.frozen.chains
}

_network_proven if input.facts.chain.network_proven == true

_about.tokens contains token if {
	_network_proven
	some token in _tokens
}

# Which token a contract is depends on the network.
_maybe_about.tokens contains token if some token in _tokens

_tokens contains transfer.asset.token if some transfer in input.facts.transfers

# What a contract does with a token, or somebody with a signed message, nobody can see.
_maybe_about.tokens contains token if {
	calls.made
	some token, _ in data.placet.rules.freeze.frozen.tokens
	data.placet.registry.tokens[token].chain == input.facts.chain.id
}

_maybe_about.tokens contains token if {
	subject.signed_message
	some token, _ in data.placet.rules.freeze.frozen.tokens
}

_maybe_about.tokens contains input.request.extra.transaction.token_id

_maybe_about.initiators contains input.request.extra.transaction.initiator

_about.nodes contains input.node.name

# The key that is proven to sign, what the node is told, and whose key share groups the registry says they are.
_root_keys contains input.facts.signer.root_key

_root_keys contains input.request.detail.root_pub_key

_root_keys contains key if {
	some key, pinned in data.placet.registry.keys
	some group_id in _group_ids
	group_id in pinned.group_ids
}

_group_ids contains input.request.detail.group_id

_group_ids contains input.request.detail.old_group_id

_group_ids contains entry.group_id if some entry in input.request.detail.details

_all_known if {
	every kind in _kinds {
		_known(kind)
	}
}

_known(kind) if count(data.placet.rules.freeze.frozen[kind]) == 0

_known("all")

_known("nodes") if is_string(input.node.name)

_known("keys") if _keys_known

_known("key_groups") if {
	_keys_known
	every key in _root_keys {
		is_string(data.placet.registry.keys[key].group)
	}
}

_known(kind) if {
	kind in {"chains", "initiators", "tokens", "wallets"}
	_signs_nothing
}

_known("wallets") if {
	is_string(input.request.extra.wallet.wallet_id)
	every wallet in _declared_wallets {
		_comparable(wallet)
	}
}

_known("chains") if is_string(input.facts.chain.id)

_known("initiators") if _comparable(input.request.extra.transaction.initiator)

_known("tokens") if {
	is_array(input.facts.transfers)
	is_array(input.facts.calls)
	is_array(input.facts.messages)
	is_string(input.facts.chain.id)
	every transfer in input.facts.transfers {
		is_string(transfer.asset.token)
	}
}

# At least one sign that can be seen, and none that only looks like another.
_comparable(text) if regex.match(`^[ -~]*[!-~][ -~]*$`, text)

_signs_nothing if input.request.type in {"KEY_GEN", "KEY_RESHARE", "KEY_SHARE_SIGN"}

# A new key is none of those that are frozen.
_keys_known if input.request.type == "KEY_GEN"

_keys_known if {
	input.request.type == "KEY_SIGN"
	is_string(input.facts.signer.root_key)
}

_keys_known if {
	input.request.type == "KEY_RESHARE"
	is_string(input.request.detail.root_pub_key)
}

_keys_known if {
	input.request.type == "KEY_SHARE_SIGN"
	count(input.request.detail.details) > 0
	every entry in input.request.detail.details {
		_of_pinned_key(entry.group_id)
	}
}

_of_pinned_key(group_id) if {
	some pinned in data.placet.registry.keys
	group_id in pinned.group_ids
}

_unknown contains kind if {
	some kind in _kinds
	not _known(kind)
}
