"""``placet policy``: what happens to policies before they are released."""
