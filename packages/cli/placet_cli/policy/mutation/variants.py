"""Small changes of inputs and data that a rule may take for something else."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from placet_cli.policy.cases import Case
from placet_cli.policy.mutation.evaluation import Point
from placet_cli.policy.pointers import Place, removed, replaced, walk_values

_GONE = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A case with one change.

    Attributes:
        case: The case that is changed.
        in_data: The change is one of the data; else of the input.
        place: Where.
        value: What stands there instead.
        remove: Nothing stands there.
    """

    case: Case
    in_data: bool
    place: Place
    value: Any = None
    remove: bool = False

    @property
    def point(self) -> Point:
        """Input and data after the change."""
        return Point(
            input=self.case.input if self.in_data else self._changed(self.case.input),
            data=self._changed(self.case.data) if self.in_data else self.case.data,
        )

    def _changed(self, document: Any) -> Any:
        return removed(document, self.place) if self.remove else replaced(document, self.place, self.value)


def variants(case: Case, names: Collection[str], texts: Collection[str], data: Collection[Place]) -> Iterator[Variant]:
    """Changes of one case.

    Args:
        case: The case.
        names: The fields of the input that are read.
        texts: The texts that are compared with something.
        data: The places below ``data.placet`` that are read; what lies below them is changed.
    """
    for place, value in walk_values(case.input):
        if place and (place[-1] in names or (len(place) > 1 and isinstance(place[-1], int) and place[-2] in names)):
            for other in _others(value, names, texts):
                yield _variant(case, place, other, in_data=False)
    for place, value in walk_values(case.data):
        read = any(ref[: len(place)] == place[: len(ref)] for ref in data)
        if place and read and (place[-1] in names or (len(place) > 1 and place[-2] in names)):
            for other in _others(value, (), texts):
                yield _variant(case, place, other, in_data=True)


def _variant(case: Case, place: Place, other: Any, *, in_data: bool) -> Variant:
    gone = other is _GONE
    return Variant(case=case, in_data=in_data, place=place, value=None if gone else other, remove=gone)


def _others(value: Any, names: Collection[str], texts: Collection[str]) -> Iterator[Any]:
    """Values beside one: its neighbours, other types, nothing at all."""
    yield _GONE
    if value is not None:
        yield None
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, str(value))
    elif isinstance(value, str):
        yield from _other_texts(value, texts)
    elif isinstance(value, list):
        yield from _other_lists(value, names, texts)
    elif isinstance(value, Mapping) and value:
        yield {}
    elif value is None:
        yield from ("", {}, *sorted(texts))


def _other_texts(value: str, texts: Collection[str]) -> Iterator[Any]:
    if value.isascii() and value.isdigit():
        yield from (str(int(value) + 1), str(max(0, int(value) - 1)), "0", "9", f"{value}0", f"0{value}", int(value))
    yield from ("", f"{value}~", 1)
    if value in texts:
        yield from sorted(set(texts) - {value})


def _other_lists(value: list[Any], names: Collection[str], texts: Collection[str]) -> Iterator[Any]:
    """An empty list, and a second item beside the first that is alike but for one field."""
    yield {}
    if value:
        yield []
        yield [*value, value[0]]
    if value and isinstance(value[0], Mapping):
        for place, field in walk_values(value[0]):
            if place and place[-1] in names and not isinstance(field, Mapping | list):
                for other in _others(field, (), texts):
                    item = removed(value[0], place) if other is _GONE else replaced(value[0], place, other)
                    yield [*value, item]
                    yield [item, *value]
