"""Proofs about Solana messages."""
