"""The policy tier of Placet: proves the bytes, asks OPA, records, decides."""
