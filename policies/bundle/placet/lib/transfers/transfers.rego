# METADATA
# title: Transfers
# description: What a transfer is beside where it goes, for rules that judge those that need a listing or a limit.
package placet.lib.transfers

# METADATA
# title: Returns to the signer
# description: From the proven signer's own address back to it, as a drop is on EVM chains, so that nothing but a fee leaves.
returns(transfer) if {
	is_string(transfer.from)
	transfer.from == transfer.to
	transfer.from == input.facts.signer.address
}
