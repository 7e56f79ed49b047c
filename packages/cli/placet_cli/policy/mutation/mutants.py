"""Mutants: files with one mutation each, and names by which people and the cache know them."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from placet_cli.policy.mutation.edits import Edit
from placet_cli.policy.mutation.operators import edits
from placet_cli.policy.mutation.syntax import Source

_ID_CHARACTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One file with one mutation.

    Attributes:
        id: Ten hex digits; the same as long as package, rule, operator and the two texts are.
        package: ``placet.rules.amount_limit``.
        file: The path below ``bundle``.
        edit: The mutation.
        before: The text that the mutation replaces.
        original: The file's text.
    """

    id: str
    package: str
    file: PurePosixPath
    edit: Edit
    before: str
    original: str = field(repr=False)

    @property
    def text(self) -> str:
        """The file's text with the mutation."""
        return self.edit.applied(self.original)

    @property
    def row(self) -> int:
        """The line, from 1, where the mutation begins."""
        return self.original.count("\n", 0, self.edit.span.start) + 1

    def diff(self) -> str:
        """The mutation as a unified diff with one line around it."""
        before, after = self.original.splitlines(), self.text.splitlines()
        # The place is known, so that no algorithm has to guess which of many equal lines belong together.
        first = self.row - 1
        kept = len(before) - (self.original.count("\n", 0, self.edit.span.end) + 1)
        gone, new = before[first : len(before) - kept], after[first : len(after) - kept]
        above, below = before[max(0, first - 1) : first], before[len(before) - kept :][:1]
        start, around = first - len(above) + 1, len(above) + len(below)
        return "\n".join(
            [
                f"--- a/bundle/{self.file}",
                f"+++ b/bundle/{self.file}",
                f"@@ -{start},{len(gone) + around} +{start},{len(new) + around} @@",
                *(f" {line}" for line in above),
                *(f"-{line}" for line in gone),
                *(f"+{line}" for line in new),
                *(f" {line}" for line in below),
            ]
        )


def mutants(source: Source) -> Iterator[Mutant]:
    """Every mutant of a file."""
    seen: Counter[Sequence[str]] = Counter()
    for edit in edits(source):
        before = source.text[edit.span.start : edit.span.end]
        parts = (source.package, edit.rule, edit.operator, before, edit.text)
        # The same line may stand twice in one rule.
        digest = hashlib.sha256("\0".join([*parts, str(seen[parts])]).encode())
        seen[parts] += 1
        yield Mutant(
            id=digest.hexdigest()[:_ID_CHARACTERS],
            package=source.package,
            file=source.file,
            edit=edit,
            before=before,
            original=source.text,
        )
