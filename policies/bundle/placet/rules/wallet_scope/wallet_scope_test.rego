package placet.rules.wallet_scope_test

import data.placet.rules.wallet_scope as rule

wallets := {
	"w1": {"label": "hot", "vault_id": "v1", "vault": "treasury"},
	"w2": {"label": "warm", "vault_id": "v2", "vault": "treasury"},
	"w3": "treasury",
}

request(wallet, vault_id, vault) := {
	"request": {"extra": {"wallet": {"wallet_id": wallet}, "vault": {"vault_id": vault_id}}},
	"facts": {"signer": {"vault": vault}},
}

judged(document, on_breach) := {"deny": denied, "hold": held} if {
	denied := rule.deny with input as document with rule.wallets as wallets with rule.on_breach as on_breach
	held := rule.hold with input as document with rule.wallets as wallets with rule.on_breach as on_breach
}

holds(code) := {"deny": set(), "hold": {code}}

test_silent_for_a_listed_wallet_of_its_vault if {
	every on_breach in ["deny", "hold"] {
		judged(request("w1", "v1", "treasury"), on_breach) == {"deny": set(), "hold": set()}
		judged(request("w2", "v2", "treasury"), on_breach) == {"deny": set(), "hold": set()}
	}
}

test_another_wallet_or_vault_holds_or_denies if {
	every document in [
		request("w9", "v1", "treasury"), request("w1", "v2", "treasury"), request("w1", "v1", "payroll"),
		request("w3", "v1", "treasury"),
	] {
		judged(document, "hold") == holds("WALLET_OUT_OF_SCOPE")
		judged(document, "deny") == {"deny": {"WALLET_DENIED"}, "hold": set()}
	}
}

test_the_message_says_which_it_was if {
	every code in ["WALLET_OUT_OF_SCOPE", "WALLET_DENIED"] {
		message := rule.message[code] with input as request("w1", "v2", "payroll")
		message == "wallet w1 in vault v2, signed by a key of payroll"
	}
}

test_holds_what_does_not_say_for_which_wallet if {
	every document in [
		{}, {"request": {"extra": {}}, "facts": {"signer": null}}, request(null, "v1", "treasury"),
		request("w1", null, "treasury"), request("w1", "v1", null), request(1, "v1", "treasury"),
		request("", "v1", "treasury"), request("w1", "", "treasury"),
		request("w1", ["v1"], "treasury"), object.union(request("w1", "v1", "treasury"), {"facts": {"signer": null}}),
	] {
		every on_breach in ["deny", "hold"] {
			judged(document, on_breach) == holds("WALLET_NOT_STATED")
		}
	}
}

test_holds_when_nothing_is_configured if {
	every broken in [{}, null, ["w1"], "w1"] {
		rule.deny == set() with input as request("w1", "v1", "treasury") with rule.wallets as broken with rule.on_breach as "deny"
		rule.hold == {"WALLET_SCOPE_NOT_CONFIGURED"} with input as request("w1", "v1", "treasury")
			with rule.wallets as broken
			with rule.on_breach as "deny"
	}
	every on_breach in ["allow", "", null, true] {
		judged(request("w9", "v1", "treasury"), on_breach) == holds("WALLET_SCOPE_NOT_CONFIGURED")
	}
	rule.hold == {"WALLET_SCOPE_NOT_CONFIGURED"} with input as request("w1", "v1", "treasury")
}

test_every_code_has_its_texts if object.keys(rule.title) == object.keys(rule.remediation)
