"""Places in documents, as paths of names and indices and as JSON pointers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""Names of objects and indices of lists, from the outside in."""


def walk_values(document: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value of a document with its path, the whole first."""
    yield path, document
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from walk_values(value, (*path, str(name)))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from walk_values(value, (*path, index))


def removed(document: Any, path: Place) -> Any:
    """A copy without the value at a path; what is not on the path is shared."""
    step, *rest = path
    copy: Any = list(document) if isinstance(document, list) else dict(document)
    if rest:
        copy[step] = removed(copy[step], tuple(rest))
    else:
        del copy[step]
    return copy


def replaced(document: Any, path: Place, value: Any) -> Any:
    """A copy with another value at a path; what is not on the path is shared."""
    if not path:
        return value
    step, *rest = path
    copy: Any = list(document) if isinstance(document, list) else dict(document)
    copy[step] = replaced(copy[step], tuple(rest), value)
    return copy


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(step: str) -> str:
    """A name as one step of a JSON pointer (RFC 6901 section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


def steps_of(text: str) -> list[str]:
    """The names and indices behind the slashes of a JSON pointer; none for the whole document."""
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]
