# METADATA
# title: Bitcoin outputs
# description: |
#   A Bitcoin transaction has no more inputs, outputs and change than expected, pays addresses only, leaves no dust, and its
#   change goes to keys that are proven to be own.
# custom:
#   accepted:
#     ABSENCE_UNSTATED: What is nobody's address is found as SCRIPT_OUTPUT, which asks whether there is one.
#   configure: |
#     The rule judges Bitcoin chains and is silent about all others. Each chain has its limits, or the reason why it has
#     none: `"SIGNET_BTC": {"unchecked": "why"}`.
#
#     `CHANGE_NOT_OWN` is an output that nobody declared and whose key was not found among own keys. `allow` makes this
#     rule silent about it and no more: the missing code `CHANGE_NOT_PROVEN` holds the request until `accept_unprovable`
#     names it, and its address must be listed. `SCRIPT_OUTPUT` is what pays no address, as an output that carries data
#     (OP_RETURN) does; nothing opens it, because a script can mean anything to those who read it.
package placet.rules.bitcoin_outputs

import data.placet.lib.amounts
import data.placet.lib.subject

title := {
	"BITCOIN_OUTPUTS_DENIED": "The Bitcoin transaction has an outline that is refused.",
	"BITCOIN_OUTPUTS_HELD": "The Bitcoin transaction has an outline that people must look at.",
	"BITCOIN_OUTPUTS_NOT_CONFIGURED": "No limits of outputs are configured for this Bitcoin chain.",
	"BITCOIN_OUTPUTS_NOT_PROVEN": "It is not proven what the Bitcoin transaction spends and pays.",
}

remediation := {
	"BITCOIN_OUTPUTS_DENIED": "Ask for another transaction; rules/bitcoin_outputs says what is refused.",
	"BITCOIN_OUTPUTS_HELD": "Look at the outputs; rules/bitcoin_outputs has the limits and says what is refused.",
	"BITCOIN_OUTPUTS_NOT_CONFIGURED": "Set the chain's limits in rules/bitcoin_outputs, or say there why it is unchecked.",
	"BITCOIN_OUTPUTS_NOT_PROVEN": "Look at the missing facts of this request.",
}

message["BITCOIN_OUTPUTS_DENIED"] := sprintf("refused: %s", [concat(", ", _told)])

message["BITCOIN_OUTPUTS_HELD"] := sprintf("found: %s", [concat(", ", _told)])

message["BITCOIN_OUTPUTS_NOT_CONFIGURED"] := sprintf("chain %v", [input.facts.chain.id])

# METADATA
# title: It is not proven what the Bitcoin transaction spends and pays.
# description: The facts have no list of transfers or of what is spent, or a transfer without an amount or without a word on change and own keys.
# custom:
#   code: BITCOIN_OUTPUTS_NOT_PROVEN
#   severity: high
#   remediation: Look at the missing facts of this request.
#   owner: security
hold contains "BITCOIN_OUTPUTS_NOT_PROVEN" if not _proven

# METADATA
# title: No limits of outputs are configured for this Bitcoin chain.
# description: The chain has neither all four limits nor a reason for being unchecked.
# custom:
#   code: BITCOIN_OUTPUTS_NOT_CONFIGURED
#   severity: medium
#   remediation: Set the chain's limits in rules/bitcoin_outputs, or say there why it is unchecked.
#   owner: treasury
hold contains "BITCOIN_OUTPUTS_NOT_CONFIGURED" if {
	_proven
	not _configured
}

# METADATA
# title: The Bitcoin transaction has an outline that is refused.
# description: A limit of the chain is exceeded, or an output is of a kind, that the effects data refuse.
# custom:
#   code: BITCOIN_OUTPUTS_DENIED
#   severity: critical
#   remediation: Ask for another transaction; rules/bitcoin_outputs says what is refused.
#   owner: treasury
deny contains "BITCOIN_OUTPUTS_DENIED" if {
	_proven
	_configured
	not _none_denied
}

# METADATA
# title: The Bitcoin transaction has an outline that people must look at.
# description: A limit of the chain is exceeded, or an output is of a kind, that the effects data neither refuse nor allow.
# custom:
#   code: BITCOIN_OUTPUTS_HELD
#   severity: high
#   remediation: Look at the outputs; rules/bitcoin_outputs has the limits and says what is refused.
#   owner: treasury
hold contains "BITCOIN_OUTPUTS_HELD" if {
	_proven
	_configured
	not _each_settled
}

_proven if _elsewhere

_proven if {
	input.facts.chain.kind == "bitcoin"
	is_array(input.facts.chain.outpoints)
	is_array(input.facts.transfers)
	count(input.facts.transfers) > 0
	every transfer in input.facts.transfers {
		amounts.parse(transfer.amount) >= 0
		_change_said(transfer)
	}
}

_change_said(transfer) if {
	is_string(transfer.to_path)
	transfer.change in {null, "proven"}
}

_change_said(transfer) if {
	is_null(transfer.to_path)
	transfer.change in {null, "not_proven"}
}

# Nothing was decoded, no Bitcoin is spent, or a message is signed: other rules judge that.
_elsewhere if is_null(input.facts.chain)

_elsewhere if input.facts.chain.kind in {"evm", "solana", "tron"}

_elsewhere if subject.message_only

_configured if _elsewhere

_configured if _unchecked

_configured if {
	every name in {"max_change", "max_inputs", "max_outputs"} {
		_limits[name] >= 0
		is_number(_limits[name])
	}
	amounts.parse(_limits.dust) >= 0
}

_unchecked if trim_space(_limits.unchecked) != ""

_limits := data.placet.rules.bitcoin_outputs.limits[input.facts.chain.id]

_found contains {"feature": "TOO_MANY_INPUTS", "text": sprintf("%d inputs, limit %d", [many, _limits.max_inputs])} if {
	many := count(input.facts.chain.outpoints)
	many > _limits.max_inputs
}

_found contains {"feature": "TOO_MANY_OUTPUTS", "text": sprintf("%d outputs, limit %d", [many, _limits.max_outputs])} if {
	many := count(input.facts.transfers)
	many > _limits.max_outputs
}

_found contains {"feature": "TOO_MUCH_CHANGE", "text": sprintf("%d outputs of change, limit %d", [many, _limits.max_change])} if {
	many := count([transfer | some transfer in input.facts.transfers; _is_change(transfer)])
	many > _limits.max_change
}

_found contains {"feature": "DUST_OUTPUT", "text": sprintf("%s to %v, at least %s", [transfer.amount, transfer.to, _limits.dust])} if {
	some transfer in _outputs
	is_string(transfer.to)
	amounts.parse(transfer.amount) < amounts.parse(_limits.dust)
}

_found contains {"feature": "SCRIPT_OUTPUT", "text": sprintf("%s to the script %s", [transfer.amount, _script(transfer)])} if {
	some transfer in _outputs
	not _pays_address(transfer)
}

_found contains {"feature": "CHANGE_NOT_OWN", "text": sprintf("%s to %v", [transfer.amount, transfer.to])} if {
	some transfer in _outputs
	subject.may_be_change(transfer)
}

# Only of a Bitcoin transaction that has limits.
_outputs := [transfer | some transfer in input.facts.transfers; _limits.dust]

# A helper, because OPA reads an argument before it negates the call, and what is not there would be no script.
_pays_address(transfer) if is_string(transfer.to)

_is_change(transfer) if transfer.change in {"not_proven", "proven"}

_script(transfer) := substring(object.get(transfer, "to_script", "unknown"), 0, 80)

_told contains sprintf("%s (%s)", [found.feature, found.text]) if some found in _found

_denied contains found.feature if {
	some found in _found
	data.placet.rules.bitcoin_outputs.effects[found.feature] == "deny"
}

_none_denied if _elsewhere

_none_denied if count(_denied) == 0

_each_settled if _elsewhere

_each_settled if {
	every found in _found {
		data.placet.rules.bitcoin_outputs.effects[found.feature] in {"allow", "deny"}
	}
}
