"""Proofs about TRON transactions."""
