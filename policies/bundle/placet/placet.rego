# METADATA
# title: Placet's policy
# description: The shape of the input, given once to every package below, so that `opa check --schema` finds a misspelt name.
# scope: subpackages
# schemas:
#   - input: schema["input.schema"]
package placet
