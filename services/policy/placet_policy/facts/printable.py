"""Text of a request on its way to people: logs, terminals, summaries."""

from __future__ import annotations

import json
import re
from typing import Final

_WORD: Final = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,159}\Z")
_MAX_WORD_CHARS: Final = 80


def printable(text: str, max_chars: int) -> str:
    """The text with every unprintable character replaced, cut to `max_chars` characters with an ellipsis."""
    short = text if len(text) <= max_chars else text[: max_chars - 1] + "…"
    if short.isprintable():
        return short
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in short)


def quote(text: str, max_chars: int) -> str:
    """A text of the request as a JSON string: nothing inside can end it or pose as a sentence of ours.

    Args:
        text: Any text.
        max_chars: Of the string between its quotation marks; a longer one is cut and ends with an ellipsis.
    """
    shown = ""
    for character in text:
        escaped = json.dumps(character, ensure_ascii=not character.isprintable())[1:-1]
        if len(shown) + len(escaped) > max_chars:
            return f'"{shown}…"'
        shown += escaped
    return f'"{shown}"'


def word(text: str) -> str:
    """An identifier of the request: as it stands where it is one word, which is no sentence, and otherwise quoted."""
    return text if _WORD.match(text) is not None else quote(text, _MAX_WORD_CHARS)
