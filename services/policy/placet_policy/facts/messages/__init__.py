"""Proofs of messages: what is signed that is no transaction, a module for each family of schemes."""
