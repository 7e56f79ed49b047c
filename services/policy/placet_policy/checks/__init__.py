"""The checks that the provider's documents recommend, one by one: data for docs/checks.md, proven against the code."""
