# METADATA
# title: Source key
# description: |
#   Every key that is proven to sign is, by its root key and its derivation path, one of those that may sign on this chain.
#   The registry says which paths exist at all (rule pinned_key); this rule says which of them are for which chain.
# custom:
#   unused: The paths of registry/keys suffice where a key is for one chain; name it in the profile of KEY_SIGN to say which path is for which chain.
#   configure: |
#     `allowed` lists for a chain the root keys, and below each the paths, or the first whole steps of paths, that may
#     sign. On Bitcoin every input's key must be listed. For a message the chain is the declared one.
#
#     `registry/keys` vouches for paths whatever they sign; with this rule a path of TRON cannot sign for Ethereum,
#     and an account can be kept for one chain.
package placet.rules.source_key

title := {
	"SOURCE_KEY_DENIED": "A key would sign on a chain that it is not for, and the data says that this denies.",
	"SOURCE_KEY_NOT_ALLOWED": "A key would sign on a chain that it is not for.",
	"SOURCE_KEY_NOT_CONFIGURED": "No signing key is listed for this chain.",
	"SOURCE_KEY_NOT_PROVEN": "It is not proven which keys would sign on which chain.",
}

remediation := {
	"SOURCE_KEY_DENIED": "Find out why this key is asked, and list root key and path prefix under the chain in rules/source_key if it is meant.",
	"SOURCE_KEY_NOT_ALLOWED": "Find out why this key is asked, and list root key and path prefix under the chain in rules/source_key if it is meant.",
	"SOURCE_KEY_NOT_CONFIGURED": "List root keys and path prefixes of the chain in rules/source_key.",
	"SOURCE_KEY_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["SOURCE_KEY_NOT_CONFIGURED"] := sprintf("no keys for %s", [input.facts.chain.id])

message["SOURCE_KEY_NOT_ALLOWED"] := _said

message["SOURCE_KEY_DENIED"] := _said

# METADATA
# title: No signing key is listed for this chain.
# description: The chain has no list, or an empty one, or on_breach is neither hold nor deny.
# custom:
#   code: SOURCE_KEY_NOT_CONFIGURED
#   severity: medium
#   remediation: List root keys and path prefixes of the chain in rules/source_key.
#   owner: security
hold contains "SOURCE_KEY_NOT_CONFIGURED" if {
	_proven
	not _configured
}

# METADATA
# title: It is not proven which keys would sign on which chain.
# description: The facts carry no derived signer, no chain, or a hash whose path is not known.
# custom:
#   code: SOURCE_KEY_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "SOURCE_KEY_NOT_PROVEN" if not _proven

# METADATA
# title: A key would sign on a chain that it is not for.
# description: The root key, or a path below it, is not listed for the chain.
# custom:
#   code: SOURCE_KEY_NOT_ALLOWED
#   severity: high
#   remediation: Find out why this key is asked, and list root key and path prefix under the chain in rules/source_key if it is meant.
#   owner: security
hold contains "SOURCE_KEY_NOT_ALLOWED" if {
	_proven
	_configured
	not _allowed_or_denied
}

# METADATA
# title: A key would sign on a chain that it is not for, and the data says that this denies.
# description: As SOURCE_KEY_NOT_ALLOWED, where on_breach is deny.
# custom:
#   code: SOURCE_KEY_DENIED
#   severity: critical
#   remediation: Find out why this key is asked, and list root key and path prefix under the chain in rules/source_key if it is meant.
#   owner: security
deny contains "SOURCE_KEY_DENIED" if {
	_proven
	_configured
	not _allowed_or_held
}

_proven if {
	input.facts.signer.source == "derived"
	is_string(input.facts.signer.root_key)
	is_string(input.facts.chain.id)
	_all_paths_known
}

_all_paths_known if {
	is_string(input.facts.signer.path)
	is_array(input.facts.hashes)
	every digest in input.facts.hashes {
		is_string(digest.path)
	}
}

# A Bitcoin payment is signed by a key for each of its inputs, all below one root key.
_paths contains input.facts.signer.path

_paths contains digest.path if some digest in input.facts.hashes

_configured if {
	data.placet.rules.source_key.on_breach in {"deny", "hold"}
	is_object(_root_keys)
	count(_root_keys) > 0
}

_root_keys := data.placet.rules.source_key.allowed[input.facts.chain.id]

_allowed if {
	every path in _paths {
		_listed(path)
	}
}

# A prefix is whole steps: m/44/60/1 is not the beginning of m/44/60/10.
_listed(path) if {
	some prefix, entry in _root_keys[input.facts.signer.root_key]
	is_object(entry)
	startswith(sprintf("%s/", [path]), sprintf("%s/", [prefix]))
}

_allowed_or_denied if _allowed

_allowed_or_denied if data.placet.rules.source_key.on_breach == "deny"

_allowed_or_held if _allowed

_allowed_or_held if data.placet.rules.source_key.on_breach == "hold"

_unlisted contains path if {
	some path in _paths
	not _listed(path)
}

_said := sprintf("%s of %s on %s", [concat(", ", _unlisted), input.facts.signer.root_key, input.facts.chain.id])
