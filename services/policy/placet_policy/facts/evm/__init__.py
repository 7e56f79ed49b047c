"""Proofs about EVM transactions."""
