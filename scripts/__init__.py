"""What the Makefile's targets run. Nothing here is shipped."""
