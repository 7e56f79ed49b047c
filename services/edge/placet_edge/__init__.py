"""The edge: verifies callback tokens, asks the policy tier, signs the answer. The only keys that can answer a node."""
