import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_callback.strict_json import StrictJsonError, loads

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**99), max_value=10**99)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)


def _objects(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(st.text(), children), unique_by=lambda member: member[0].casefold()).map(dict)


_values = st.recursive(_scalars, lambda children: st.lists(children) | _objects(children), max_leaves=20)


def _read_back(value: Any) -> Any:
    """What the parser is to return for what json.dumps was given: floats become the Decimal of their text."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_read_back(item) for item in value]
    if isinstance(value, dict):
        return {name: _read_back(item) for name, item in value.items()}
    return value


@given(value=_values, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_what_json_writes_is_read_back(value: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001
    """Every value that json.dumps writes, in each of its forms, comes back equal and of the same types."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    read = loads(text.encode("utf-8"), max_bytes=1_000_000, max_depth=100)
    assert read == _read_back(value)
    assert repr(read) == repr(_read_back(value))


@given(value=_values, name=st.text(), depth=st.integers(min_value=0, max_value=8), data=st.data())
def test_duplicates_are_refused_at_any_depth(value: Any, name: str, depth: int, data: st.DataObject) -> None:
    """An object with the same name twice is refused wherever it stands, in free-form parts too."""
    member = json.dumps(name) + ":" + json.dumps(value)
    text = "{" + member + "," + member + "}"
    for _ in range(depth):
        text = data.draw(st.sampled_from(["[%s]", '{"x":%s}', '[0,{"free":%s}]'])).replace("%s", text)
    with pytest.raises(StrictJsonError) as refused:
        loads(text, max_bytes=1_000_000, max_depth=100, free_form=["free"])
    assert refused.value.reason == "DUPLICATE_NAME"


@given(data=st.binary() | st.text() | st.text(alphabet='{}[]":,\\0123456789eE+-.utrfalsenN \ud800é'))
def test_nothing_but_its_own_error_is_raised(data: bytes | str) -> None:
    """Whatever is given, the parser returns or raises StrictJsonError."""
    with contextlib.suppress(StrictJsonError):
        loads(data, max_bytes=1000)


@given(value=_values, at=st.floats(min_value=0, max_value=1), byte=st.integers(min_value=0, max_value=255))
def test_a_damaged_text_raises_nothing_else_either(value: Any, at: float, byte: int) -> None:
    """A legal text with one byte replaced is read or refused, never anything else."""
    raw = bytearray(json.dumps(value, ensure_ascii=False).encode("utf-8"))
    raw[int(at * (len(raw) - 1))] = byte
    with contextlib.suppress(StrictJsonError):
        loads(bytes(raw), max_bytes=1_000_000, max_depth=100)
