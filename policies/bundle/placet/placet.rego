# METADATA
# title: Placet's policy
# description: Names the input's shape once for every package below, so that `opa check --schema` finds misspelt fields.
# scope: subpackages
# schemas:
#   - input: schema["input.schema"]
package placet
