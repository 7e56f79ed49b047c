# METADATA
# title: Pinned key
# description: The signing key was derived on a pinned path from a root key that is pinned for its vault and group.
package placet.rules.pinned_key

title := {
	"ROOT_KEY_NOT_PINNED": "The root key is not one that the registry vouches for.",
	"SIGNER_NOT_PROVEN": "It is not proven which key would sign.",
	"SIGNER_PATH_NOT_PINNED": "The derivation path is not one that the registry vouches for.",
}

remediation := {
	"ROOT_KEY_NOT_PINNED": "Verify the root key out of band, then add it to registry/keys.",
	"SIGNER_NOT_PROVEN": "Look at the missing facts of this request.",
	"SIGNER_PATH_NOT_PINNED": "Verify what the path is used for, then add a pattern to the key in registry/keys.",
}

message["SIGNER_PATH_NOT_PINNED"] := sprintf("path %s", [input.facts.signer.path])

# METADATA
# title: It is not proven which key would sign.
# description: The facts carry no signer, or a signer without root key or path.
# custom:
#   code: SIGNER_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "SIGNER_NOT_PROVEN" if not _signer_proven

# METADATA
# title: The root key is not one that the registry vouches for.
# description: The registry has no such root key, or has it for another vault, group or curve.
# custom:
#   code: ROOT_KEY_NOT_PINNED
#   severity: high
#   remediation: Verify the root key out of band, then add it to registry/keys.
#   owner: security
hold contains "ROOT_KEY_NOT_PINNED" if {
	_signer_proven
	not _root_key_pinned
}

# METADATA
# title: The derivation path is not one that the registry vouches for.
# description: No path pattern of the pinned root key matches; a star stands for exactly one step of the path.
# custom:
#   code: SIGNER_PATH_NOT_PINNED
#   severity: medium
#   remediation: Verify what the path is used for, then add a pattern to the key in registry/keys.
#   owner: security
hold contains "SIGNER_PATH_NOT_PINNED" if {
	_signer_proven
	_root_key_pinned
	not _path_pinned
}

_signer_proven if {
	is_string(input.facts.signer.root_key)
	is_string(input.facts.signer.path)
	input.facts.signer.source == "derived"
}

_root_key_pinned if {
	_key.vault == input.facts.signer.vault
	_key.group == input.facts.signer.group
	_key.curve == input.facts.signer.curve
}

_path_pinned if {
	some pattern in _key.paths
	glob.match(pattern, ["/"], input.facts.signer.path)
}

_key := data.placet.registry.keys[input.facts.signer.root_key]
