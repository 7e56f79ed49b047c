"""Proofs about Bitcoin transactions."""
