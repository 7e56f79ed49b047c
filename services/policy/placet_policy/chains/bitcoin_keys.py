"""Which of our own keys an output pays: searched for in a bounded window of the root key's configured branches.

The bytes do not say that an output is change. It is ours when a key of the pinned root key, on a path that the registry
allows, can spend it alone: by its hash, or by taproot's key path with an empty script tree. Nothing that is declared
about a script tree counts, because a tree can hold a condition that lets somebody else spend.

Own means of an account that signs: the same path but for its last two steps (BIP-44: change and address index). Another
account is another wallet's, and another chain's branch or a number beyond the window is where nobody looks for coins.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from placet_policy.chains.bitcoin_addresses import ecdsa_scripts, schnorr_scripts
from placet_policy.chains.derivation import DerivationError, parse_xpub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

WINDOW: Final = 250
"""Keys of one branch that are searched, from number 0; each costs about 0.1 ms once."""
MAX_BRANCHES: Final = 8
"""Branches that are searched; a transaction may spend coins of many accounts."""
_REMEMBERED: Final = 64
_CHANGE_STEPS: Final = (0, 1)
"""BIP-44: receiving and change."""
_SHORTEST: Final = 3
"""Steps of a path that names an account, a branch and a key."""


_Branch: TypeAlias = tuple[tuple[int, ...], int | None]
"""All steps of a path but the last, and the last where the registry's pattern names it."""
_Pattern: TypeAlias = tuple[int | None, ...]
"""The steps of a pattern; None for `*`."""


class OwnKeys:
    """The keys of one root key that may be paid without leaving the accounts that sign."""

    def __init__(self, *, root_key: str, patterns: Sequence[str], signing: Iterable[tuple[int, ...]]) -> None:
        """Prepare the search.

        Args:
            root_key: `xpub…` text of a pinned key.
            patterns: The registry's patterns of its paths; `*` stands for one step.
            signing: Paths of the keys that sign, each covered by a pattern.
        """
        paths = tuple(dict.fromkeys(signing))
        self._root_key = root_key
        # Where one key signs alone, all coins lay there, so that what it is paid again has not moved, however high its
        # number is. Beside other inputs a coin of no value could be put there first, to draw the others after it.
        self._only = paths[0] if len(paths) == 1 else None
        self._branches = tuple(islice(dict.fromkeys(_branches(_steps(patterns), paths)), MAX_BRANCHES))

    def path_of(self, script: bytes) -> tuple[int, ...] | None:
        """The path of the key that alone can spend an output; None when it was not found."""
        taproot = _TAPROOT.get((script[:1], len(script)))
        if taproot is None:
            return None
        if self._only is not None and script in _own_scripts(self._root_key, self._only, taproot=taproot):
            return self._only
        for prefix, last in self._branches:
            found = _branch(self._root_key, prefix, last, taproot=taproot).get(script)
            if found is not None:
                return (*prefix, found)
        return None


def _steps(patterns: Sequence[str]) -> tuple[_Pattern, ...]:
    split = (pattern.split("/")[1:] for pattern in patterns)
    return tuple(tuple(None if step == "*" else int(step) for step in steps) for steps in split)


def _branches(patterns: Sequence[_Pattern], paths: Sequence[tuple[int, ...]]) -> Iterator[_Branch]:
    """The branches of the accounts that sign, the nearest first; some more than once.

    Those that sign come before the others of their account: change is most likely there, and what is found first saves
    the other branches.
    """
    beside = dict.fromkeys(pattern[-2] for pattern in patterns if len(pattern) >= _SHORTEST)
    others = dict.fromkeys([*_CHANGE_STEPS, *(step for step in beside if step is not None)])
    accounts: dict[tuple[int, ...], dict[int, None]] = {}
    for path in paths:
        if len(path) >= _SHORTEST:
            accounts.setdefault(path[:-2], {})[path[-2]] = None
    for account, signing in accounts.items():
        for prefix in ((*account, step) for step in (*signing, *others)):
            yield from ((prefix, pattern[-1]) for pattern in patterns if _covers(pattern, prefix))


def _covers(pattern: _Pattern, prefix: tuple[int, ...]) -> bool:
    """Whether a pattern is of a branch."""
    return len(pattern) == len(prefix) + 1 and all(
        step in (None, number) for step, number in zip(pattern, prefix, strict=False)
    )


def key_alone_spends(script: bytes) -> bool:
    """Whether an output has a form by which a key is paid, so that it may be an own key's."""
    return (script[:1], len(script)) in _TAPROOT


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
        return dict.fromkeys(_own_scripts(root_key, (*prefix, last), taproot=taproot), last)
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


@lru_cache(maxsize=_REMEMBERED)
def _own_scripts(root_key: str, path: tuple[int, ...], *, taproot: bool) -> tuple[bytes, ...]:
    try:
        return _scripts(parse_xpub(root_key).derive(path).public_key, taproot=taproot)
    except DerivationError:
        return ()
