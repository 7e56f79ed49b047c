package placet.rules.pinned_key_test

import data.placet.rules.pinned_key

keys := {"xpub1": {
	"curve": "secp256k1",
	"vault": "treasury",
	"group": "hot",
	"paths": ["m/44/60/1/0/*", "m/44/195/1/0/0"],
}}

signer := {
	"root_key": "xpub1",
	"curve": "secp256k1",
	"vault": "treasury",
	"group": "hot",
	"path": "m/44/60/1/0/7",
	"source": "derived",
}

held(document) := codes if {
	codes := pinned_key.hold with input as document with data.placet.registry.keys as keys
}

with_signer(changes) := held({"facts": {"signer": object.union(signer, changes)}})

without(field) := held({"facts": {"signer": object.remove(signer, [field])}})

test_silent_for_a_pinned_key_on_a_pinned_path if {
	with_signer({}) == set()
	with_signer({"path": "m/44/195/1/0/0"}) == set()
}

test_holds_a_root_key_that_is_not_pinned if with_signer({"root_key": "xpub2"}) == {"ROOT_KEY_NOT_PINNED"}

test_holds_a_pinned_key_of_another_vault_group_or_curve if {
	with_signer({"vault": "other"}) == {"ROOT_KEY_NOT_PINNED"}
	with_signer({"group": "cold"}) == {"ROOT_KEY_NOT_PINNED"}
	with_signer({"curve": "ed25519"}) == {"ROOT_KEY_NOT_PINNED"}
}

test_holds_a_path_that_no_pattern_matches if {
	every path in ["m/44/60/1/1/7", "m/44/60/1/0", "m/44/60/1/0/7/1", "m/44/195/1/0/1", "44/60/1/0/7", ""] {
		with_signer({"path": path}) == {"SIGNER_PATH_NOT_PINNED"}
	}
	pinned_key.message.SIGNER_PATH_NOT_PINNED == "path m/9" with input as {"facts": {"signer": {"path": "m/9"}}}
}

test_holds_a_signer_that_was_only_declared if with_signer({"source": "declared"}) == {"SIGNER_NOT_PROVEN"}

test_holds_a_signer_without_a_field if {
	without("root_key") == {"SIGNER_NOT_PROVEN"}
	without("path") == {"SIGNER_NOT_PROVEN"}
	without("source") == {"SIGNER_NOT_PROVEN"}
	without("vault") == {"ROOT_KEY_NOT_PINNED"}
	without("group") == {"ROOT_KEY_NOT_PINNED"}
	without("curve") == {"ROOT_KEY_NOT_PINNED"}
}

test_holds_without_a_signer if {
	every document in [{}, {"facts": null}, {"facts": {}}, {"facts": {"signer": null}}, {"facts": {"signer": "xpub1"}}] {
		held(document) == {"SIGNER_NOT_PROVEN"}
	}
}

test_holds_a_path_that_is_no_string if {
	with_signer({"path": 7}) == {"SIGNER_NOT_PROVEN"}
}

test_holds_when_no_key_is_configured if {
	every broken in [{}, null, ["xpub1"], {"xpub1": true}] {
		pinned_key.hold == {"ROOT_KEY_NOT_PINNED"} with input as {"facts": {"signer": signer}}
			with data.placet.registry.keys as broken
	}
}

test_holds_a_key_without_path_patterns if {
	pinned_key.hold == {"SIGNER_PATH_NOT_PINNED"} with input as {"facts": {"signer": signer}}
		with data.placet.registry.keys as {"xpub1": object.remove(keys.xpub1, ["paths"])}
}
