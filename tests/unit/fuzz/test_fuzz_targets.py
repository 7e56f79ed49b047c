"""Whatever a requester sends, each decoder reads it or raises its own error; and no decoder is left out of the list."""

import contextlib
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType

import placet_policy.chains
import pytest
from fuzz_targets import NOT_READING, TARGETS, name_of
from hypothesis import given
from hypothesis import strategies as st

_CHAINS = [f"placet_policy.chains.{found.name}" for found in pkgutil.iter_modules(placet_policy.chains.__path__)]
_CALLBACK = [f"placet_callback.{name}" for name in ("canonical_base64", "strict_json", "token", "envelope")]
_EDITS = st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 3), st.binary(max_size=4)), min_size=1, max_size=4)


def _functions(module_name: str) -> Iterator[FunctionType]:
    """The public functions that a module defines; a cached one is the function that it caches."""
    module = import_module(module_name)
    for name, value in vars(module).items():
        function = inspect.unwrap(value) if callable(value) else value
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == module_name:
            yield function


def _edited(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Bytes replaced, inserted or removed at places of a seed, or the rest cut off."""
    for place, how, piece in edits:
        at = place % (len(seed) + 1)
        seed = seed[:at] + (piece, piece, b"", b"")[how] + seed[at + (len(piece), 0, 1, len(seed))[how] :]
    return seed


@pytest.mark.parametrize("module", [*_CHAINS, *_CALLBACK])
def test_no_decoder_is_without_a_target(module: str) -> None:
    """Every public function of a decoding module is read by a target, or is said to read nothing of a requester's."""
    listed = {inspect.unwrap(function) for target in TARGETS.values() for function in target.reads}
    listed |= {inspect.unwrap(function) for function in NOT_READING}

    assert [name_of(function) for function in _functions(module) if function not in listed] == []


def test_what_reads_is_not_listed_as_not_reading() -> None:
    """A function is in one of the two lists."""
    reads = {function for target in TARGETS.values() for function in target.reads}

    assert reads & NOT_READING == frozenset()


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_reach_the_decoder(name: str) -> None:
    """Every target has seeds, at least one of them is read, and none of them breaks a promise."""
    target, read = TARGETS[name], 0
    for seed in target.seeds():
        with contextlib.suppress(*target.errors):
            target.run(seed)
            read += 1

    assert read


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_arbitrary_and_damaged_bytes_raise_nothing_else(name: str, data: st.DataObject) -> None:
    """Arbitrary bytes, and seeds with a few changes, are read or refused by the decoder's own errors alone."""
    target = TARGETS[name]
    damaged = st.builds(_edited, st.sampled_from(target.seeds()), _EDITS)
    with contextlib.suppress(*target.errors):
        target.run(data.draw(st.binary(max_size=400) | damaged, label="bytes"))
