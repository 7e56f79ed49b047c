"""What the signed bytes of each chain say: pure decoders, hashes and derivations without I/O."""
