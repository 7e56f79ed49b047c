"""What ``placet policy diff`` says: for people, as Markdown for a pull request, and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from placet_cli.policy.changes import Change, Kind, Source, Total, totals

_NAMES = {Source.SAMPLE: "sample", Source.CASE: "case", Source.RECORDED: "recorded decision"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two releases, compared.

    Attributes:
        before: The first release, as the user named it.
        after: The second one.
        compared: How many decisions of each source were compared; a source that is not here was not asked.
        changes: What came out differently.
        left_out: Sentences about what was not compared.
        decimals: By token, how many decimal places a base unit is away from the token.
    """

    before: str
    after: str
    compared: Mapping[Source, int]
    changes: list[Change]
    left_out: list[str]
    decimals: Mapping[str, int]


def as_json(comparison: Comparison) -> str:
    """The comparison as one object."""
    said = {
        "before": comparison.before,
        "after": comparison.after,
        "compared": {str(source): count for source, count in comparison.compared.items()},
        "left_out": comparison.left_out,
        "changes": [change.to_json() for change in _ordered(comparison)],
        "totals": [
            {
                "change": total.kind.replace(" ", "_"),
                "source": str(total.source),
                "decisions": total.decisions,
                "requests": total.requests,
                "amounts": {asset: str(amount) for asset, amount in sorted(total.amounts.items())},
            }
            for total in totals(comparison.changes)
        ],
    }
    return json.dumps(said, indent=2) + "\n"


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal; what comes from a request cannot drive it."""
    return "".join(f"{_printable(line).rstrip()}\n" for line in _text(comparison))


def as_markdown(comparison: Comparison) -> str:
    """The comparison for a pull request; what comes from a request cannot write Markdown."""
    return "".join(f"{_printable(line).rstrip()}\n" for line in _markdown(comparison))


def human(amount: int, decimals: int) -> str:
    """Write base units in the token's own unit, with every digit that counts: 1500000, 6 decimals is 1.5."""
    digits = str(abs(amount)).rjust(decimals + 1, "0")
    whole, rest = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{'-' if amount < 0 else ''}{whole}{'.' if rest else ''}{rest}"


def _text(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.before} → {comparison.after}: {_compared(comparison)} compared"
    yield from (f"  not compared: {sentence}" for sentence in comparison.left_out)
    for kind in Kind:
        changes = [change for change in _ordered(comparison) if change.kind is kind]
        if changes:
            yield ""
            yield str(kind)
        for change in changes:
            yield f"  {change.source} {change.name}: {_effects(change)} ({_codes(change)})"
            yield from (f"    {sentence}" for sentence in change.after.summary or change.before.summary)
    yield ""
    if not comparison.changes:
        yield "Nothing is decided differently."
    for total in totals(comparison.changes):
        yield f"{total.kind}: {_total(total)}; {_amounts(total.amounts, comparison.decimals)}"


def _markdown(comparison: Comparison) -> Iterator[str]:
    yield "## Decisions that change"
    yield ""
    yield f"{_code(comparison.before)} → {_code(comparison.after)}: {_compared(comparison)} compared."
    yield ""
    for sentence in comparison.left_out:
        yield f"Not compared: {_code(sentence)}"
        yield ""
    if not comparison.changes:
        yield "Nothing is decided differently."
        return
    yield "| change | of | amounts that leave |"
    yield "|---|---|---|"
    for total in totals(comparison.changes):
        yield f"| **{total.kind}** | {_total(total)} | {_cell(_amounts(total.amounts, comparison.decimals))} |"
    yield ""
    yield "| change | request | decision | codes | what it does |"
    yield "|---|---|---|---|---|"
    for change in _ordered(comparison):
        does = " ".join(change.after.summary or change.before.summary)
        cells = [str(change.kind), f"{change.source} {_code(change.name)}", _effects(change), _code(_codes(change))]
        yield f"| {' | '.join(_cell(cell) for cell in [*cells, _code(does) if does else ''])} |"


def _ordered(comparison: Comparison) -> list[Change]:
    kinds, sources = list(Kind), list(Source)
    return sorted(comparison.changes, key=lambda each: (kinds.index(each.kind), sources.index(each.source)))


def _compared(comparison: Comparison) -> str:
    return ", ".join(_counted(count, _NAMES[source]) for source, count in comparison.compared.items())


def _effects(change: Change) -> str:
    before, after = change.before.effect.upper(), change.after.effect.upper()
    return before if before == after else f"{before} → {after}"


def _codes(change: Change) -> str:
    """What is said no longer, and what is said now."""
    before, after = set(change.before.reasons), set(change.after.reasons)
    gone = [f"-{code}" for rule, code in change.before.reasons if (rule, code) not in after]
    new = [f"+{code}" for rule, code in change.after.reasons if (rule, code) not in before]
    return " ".join([*gone, *new]) or "the same codes"


def _total(total: Total) -> str:
    different = f" about {_counted(total.requests, 'request')}" if total.requests != total.decisions else ""
    return f"{_counted(total.decisions, _NAMES[total.source])}{different}"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _amounts(amounts: Mapping[str, int], decimals: Mapping[str, int]) -> str:
    shown = [_amount(amount, asset, decimals) for asset, amount in sorted(amounts.items())]
    return ", ".join(shown) or "no amounts"


def _amount(amount: int, asset: str, decimals: Mapping[str, int]) -> str:
    if asset not in decimals:
        return f"{amount} base units of {asset}"
    return f"{human(amount, decimals[asset])} {asset} ({amount} base units)"


def _code(text: str) -> str:
    # A backtick would end the code in which whatever a request says stays harmless.
    return f"`{text.replace('`', chr(0x02CB))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
