"""``placet``, the command-line tool."""
