package placet.rules.source_key_test

import data.placet.rules.source_key as rule

allowed := {
	"ETH": {"xpub1": {"m/44/60/1": {"label": "payments"}, "m/44/60/7/0/3": {"label": "one"}, "m/44/60/8": true}},
	"BTC": {"xpub1": {"m/44/0/1": {"label": "payments"}}},
	"TRON": {},
	"SOL": ["xpub1"],
}

request(chain, root_key, path, others) := {"facts": {
	"chain": {"id": chain},
	"signer": {"root_key": root_key, "path": path, "source": "derived"},
	"hashes": [{"path": other} | some other in others],
}}

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.allowed as allowed with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.allowed as allowed with rule.on_breach as on_breach
}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_for_a_listed_path_of_the_chain if {
	every document in [
		request("ETH", "xpub1", "m/44/60/1/0/0", ["m/44/60/1/0/0"]), request("ETH", "xpub1", "m/44/60/1", []),
		request("ETH", "xpub1", "m/44/60/7/0/3", []), request("ETH", "xpub1", "m/44/60/7/0/3/9", []),
		request("BTC", "xpub1", "m/44/0/1/0/0", ["m/44/0/1/0/0", "m/44/0/1/1/9"]),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == {"deny": set(), "hold": set()}
		}
	}
}

test_another_key_holds_or_denies if {
	every document in [
		request("ETH", "xpub2", "m/44/60/1/0/0", []), request("ETH", "xpub1", "m/44/60/10/0/0", []),
		request("ETH", "xpub1", "m/44/60/7/0/30", []), request("ETH", "xpub1", "m/44/60/7", []),
		request("ETH", "xpub1", "m/44/0/1/0/0", []), request("ETH", "xpub1", "m/44/60/8/0", []),
		request("BTC", "xpub1", "m/44/0/1/0/0", ["m/44/0/1/0/0", "m/44/0/2/0/0"]), request("ETH", "xpub1", "", []),
	] {
		judged(document, "hold") == holds("SOURCE_KEY_NOT_ALLOWED")
		judged(document, "deny") == {"deny": {"SOURCE_KEY_DENIED"}, "hold": set()}
	}
}

test_the_message_says_which_path_on_which_chain if {
	every code in ["SOURCE_KEY_NOT_ALLOWED", "SOURCE_KEY_DENIED"] {
		message := rule.message[code] with input as request("BTC", "xpub1", "m/44/0/1/0/0", ["m/44/0/2/0/0"]) with rule.allowed as allowed
		message == "m/44/0/2/0/0 of xpub1 on BTC"
	}
}

test_holds_a_chain_without_a_list if {
	every chain in ["TRON", "SOL", "NEW"] {
		judged(request(chain, "xpub1", "m/44/60/1/0/0", []), "deny") == holds("SOURCE_KEY_NOT_CONFIGURED")
	}
	message := rule.message.SOURCE_KEY_NOT_CONFIGURED with input as request("NEW", "xpub1", "m/44/60/1/0/0", [])
	message == "no keys for NEW"
}

test_holds_what_is_not_proven if {
	good := request("ETH", "xpub1", "m/44/60/1/0/0", [])
	every document in [
		{}, {"facts": {"signer": null}}, request(null, "xpub1", "m/44/60/1/0/0", []), request(1, "xpub1", "m/44/60/1/0/0", []),
		request("ETH", null, "m/44/60/1/0/0", []), request("ETH", "xpub1", null, []), request("ETH", "xpub1", 44, []),
		request("ETH", "xpub1", "m/44/60/1/0/0", [null]), object.union(good, {"facts": {"hashes": null}}),
		object.union(good, {"facts": {"signer": {"source": "declared"}}}), object.union(good, {"facts": {"chain": null}}),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("SOURCE_KEY_NOT_PROVEN")
		}
	}
}

test_holds_when_nothing_is_configured if {
	good := request("ETH", "xpub1", "m/44/60/1/0/0", [])
	every broken in [{}, null, ["ETH"], {"ETH": {}}, {"ETH": "xpub1"}] {
		rule.deny == set() with input as good with rule.allowed as broken with rule.on_breach as "deny"
		rule.hold == {"SOURCE_KEY_NOT_CONFIGURED"} with input as good with rule.allowed as broken with rule.on_breach as "deny"
	}
	every on_breach in ["allow", "", null, true] {
		judged(request("ETH", "xpub2", "m/44/60/1/0/0", []), on_breach) == holds("SOURCE_KEY_NOT_CONFIGURED")
	}
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
