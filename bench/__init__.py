"""How fast the whole chain answers, beside what RSA-4096 alone would allow on the same machine."""
