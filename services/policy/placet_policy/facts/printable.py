"""Text of a request on its way to people: logs, terminals, summaries."""

from __future__ import annotations


def printable(text: str, max_chars: int) -> str:
    """The text with every unprintable character replaced, cut to `max_chars` characters with an ellipsis."""
    short = text if len(text) <= max_chars else text[: max_chars - 1] + "…"
    if short.isprintable():
        return short
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in short)
