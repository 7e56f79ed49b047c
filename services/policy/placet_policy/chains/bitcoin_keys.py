"""Which of our own keys an output pays: searched for in a bounded window of the root key's configured branches.

The bytes do not say that an output is change. It is ours when a key of the pinned root key, on a path that the registry
allows, can spend it alone: by its hash, or by taproot's key path with an empty script tree. Nothing that is declared
about a script tree counts, because a tree can hold a condition that lets somebody else spend.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Final, TypeAlias

from placet_policy.chains.bitcoin_addresses import ecdsa_scripts, schnorr_scripts
from placet_policy.chains.derivation import DerivationError, parse_xpub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

WINDOW: Final = 250
"""Keys of one branch that are searched, from number 0; each costs about 0.1 ms once."""
MAX_KNOWN: Final = 64
"""Paths named by the request that are derived."""
MAX_BRANCHES: Final = 8
"""Branches that are searched; a pattern with several `*` is many."""
_REMEMBERED: Final = 64
_CHANGE_STEPS: Final = (0, 1)
"""BIP-44: receiving and change."""


_Branch: TypeAlias = tuple[tuple[int, ...], int | None]
"""All steps of a pattern but the last, and the last where it is no `*`."""


class OwnKeys:
    """The keys of one root key that may be paid without leaving the wallet."""

    def __init__(self, *, root_key: str, patterns: Sequence[str], known: Iterable[tuple[int, ...]]) -> None:
        """Prepare the search.

        Args:
            root_key: `xpub…` text of a pinned key.
            patterns: The registry's patterns of its paths; `*` stands for one step.
            known: Paths that the request names, each covered by a pattern: looked at first, and they say which
                branches of a pattern with several `*` are worth a search. Being derived, they need no trust.
        """
        self._root_key = root_key
        self._known = tuple(islice(dict.fromkeys(known), MAX_KNOWN))
        self._known_scripts: dict[bool, Mapping[bytes, tuple[int, ...]]] = {}
        nearest: dict[_Branch, int] = {}
        for pattern in patterns:
            nearest |= self._nearest(pattern.split("/")[1:])
        # Change is most likely beside the keys that sign, and what is found first saves the other branches.
        self._prefixes = tuple(islice(sorted(nearest, key=nearest.__getitem__), MAX_BRANCHES))

    def path_of(self, script: bytes) -> tuple[int, ...] | None:
        """The path of the key that alone can spend an output; None when it was not found."""
        taproot = _TAPROOT.get((script[:1], len(script)))
        if taproot is None:
            return None
        if taproot not in self._known_scripts:
            self._known_scripts[taproot] = self._scripts_of_known(taproot=taproot)
        known = self._known_scripts[taproot].get(script)
        if known is not None:
            return known
        for prefix, last in self._prefixes:
            found = _branch(self._root_key, prefix, last, taproot=taproot).get(script)
            if found is not None:
                return (*prefix, found)
        return None

    def _scripts_of_known(self, *, taproot: bool) -> Mapping[bytes, tuple[int, ...]]:
        keys = {path: _public_key(self._root_key, path) for path in self._known}
        return {script: path for path, key in keys.items() for script in _scripts(key, taproot=taproot)}

    def _nearest(self, steps: list[str]) -> dict[_Branch, int]:
        """The branches of a pattern that are nearest to a named path, and how far they are from it."""
        last = None if steps[-1] == "*" else int(steps[-1])
        nearest: dict[_Branch, int] = {}
        for distance, prefix in self._by_distance(steps):
            nearest.setdefault((prefix, last), distance)
            if len(nearest) == MAX_BRANCHES:
                break
        return nearest

    def _by_distance(self, steps: list[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The branches by how many of their last steps come after they leave a named path; some more than once.

        Made in this order instead of sorted, because a pattern with several `*` has too many to be made at all.
        """
        choices = [self._choices(position) if step == "*" else (int(step),) for position, step in enumerate(steps)]
        for distance, kept in enumerate(range(len(steps) - 1, -1, -1)):
            named = (path[:kept] for path in self._known if len(path) > kept and _fits(path[:kept], steps))
            for start in dict.fromkeys(named) if kept else [()]:
                for rest in product(*choices[kept:-1]):
                    yield distance, (*start, *rest)

    def _choices(self, position: int) -> tuple[int, ...]:
        used = [path[position] for path in self._known if position < len(path)]
        return tuple(dict.fromkeys([*used, *_CHANGE_STEPS]))


def key_alone_spends(script: bytes) -> bool:
    """Whether an output has a form by which a key is paid, so that it may be an own key's."""
    return (script[:1], len(script)) in _TAPROOT


def _fits(start: tuple[int, ...], steps: list[str]) -> bool:
    """Whether a pattern covers the beginning of a path."""
    return all(step in ("*", str(number)) for number, step in zip(start, steps, strict=False))


_TAPROOT: Final = {(b"\x00", 22): False, (b"\xa9", 23): False, (b"\x76", 25): False, (b"\x51", 34): True}
"""First byte and length of the scripts that a key alone can spend: P2WPKH, P2SH-P2WPKH, P2PKH, and taproot."""


def _scripts(public_key: bytes | None, *, taproot: bool) -> tuple[bytes, ...]:
    """Taproot costs a point addition, so it is only done for taproot outputs."""
    if public_key is None:
        return ()
    return schnorr_scripts(public_key) if taproot else ecdsa_scripts(public_key)


@lru_cache(maxsize=2 * _REMEMBERED)
def _branch(root_key: str, prefix: tuple[int, ...], last: int | None, *, taproot: bool) -> Mapping[bytes, int]:
    """The last step by script, for a whole branch or its one key."""
    if last is not None:
        return dict.fromkeys(_scripts(_public_key(root_key, (*prefix, last)), taproot=taproot), last)
    keys = _window(root_key, prefix)
    return {script: index for index, key in enumerate(keys) for script in _scripts(key, taproot=taproot)}


@lru_cache(maxsize=_REMEMBERED)
def _window(root_key: str, prefix: tuple[int, ...]) -> tuple[bytes | None, ...]:
    try:
        parent = parse_xpub(root_key).derive(prefix)
    except DerivationError:
        return ()
    keys: list[bytes | None] = []
    for index in range(WINDOW):
        try:
            keys.append(parent.child(index).public_key)
        except DerivationError:  # BIP-32 skips such a number; its probability is below 2**-127.
            keys.append(None)
    return tuple(keys)


def _public_key(root_key: str, path: tuple[int, ...]) -> bytes | None:
    try:
        return parse_xpub(root_key).derive(path).public_key
    except DerivationError:
        return None
