"""The TSS Node callback protocol as pure functions: no I/O, no clock, no policy (design, section 4)."""
