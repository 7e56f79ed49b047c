"""The development stack: OPA, the policy tier and the edge as processes on loopback, with all they need on disk."""
