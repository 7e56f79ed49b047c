"""Own outputs: found in a bounded window of the configured branches of accounts that sign, and nowhere else."""

from collections.abc import Sequence

import pytest
from facts_cases import FOREIGN_KEY, ROOT_KEY
from placet_policy.chains import bitcoin_keys
from placet_policy.chains.bitcoin_addresses import ecdsa_scripts, schnorr_scripts, taproot_output_key
from placet_policy.chains.bitcoin_keys import WINDOW, OwnKeys
from placet_policy.chains.derivation import parse_xpub


def _key(path: tuple[int, ...], root: str = ROOT_KEY) -> bytes:
    return parse_xpub(root).derive(path).public_key


_SIGNING = ((44, 0, 1, 0, 0), (44, 0, 1, 0, 1))


def _own(patterns: list[str], signing: Sequence[tuple[int, ...]] = _SIGNING) -> OwnKeys:
    return OwnKeys(root_key=ROOT_KEY, patterns=patterns, signing=signing)


def test_every_kind_of_output_is_found() -> None:
    """A change key is found on its branch by whatever it is paid: key hashes, taproot with and without the tweak."""
    key = _key((44, 0, 1, 1, 3))

    found = [_own(["m/44/0/1/1/*"]).path_of(script) for script in ecdsa_scripts(key) + schnorr_scripts(key)]
    assert found == [(44, 0, 1, 1, 3)] * 5


def test_taproot_with_a_script_tree_is_not_own() -> None:
    """A tree can let somebody else spend, so a key under a tree is not change."""
    script = b"\x51\x20" + taproot_output_key(_key((44, 0, 1, 1, 0)), bytes(32))

    assert _own(["m/44/0/1/1/*"]).path_of(script) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [((44, 0, 1, 1, WINDOW - 1), True), ((44, 0, 1, 1, WINDOW), False), ((44, 0, 1, 2, 0), False)],
)
def test_the_window_is_bounded(path: tuple[int, ...], *, found: bool) -> None:
    """The last key of the window is found; the next one and other branches are not."""
    assert _own(["m/44/0/1/1/*"]).path_of(ecdsa_scripts(_key(path))[0]) == (path if found else None)


def test_the_only_signing_key_is_own_beyond_the_window() -> None:
    """What it is paid again lay there before."""
    path = (44, 0, 1, 0, 90_000)

    assert _own(["m/44/0/1/0/*"], [path, path]).path_of(ecdsa_scripts(_key(path))[0]) == path


def test_a_signing_key_beyond_the_window_is_not_own_beside_another() -> None:
    """Somebody may have paid a little to it, to draw the coins of the other key to a number that nobody looks at."""
    path = (44, 0, 1, 0, 90_000)

    assert _own(["m/44/0/1/0/*"], [path, (44, 0, 1, 0, 0)]).path_of(ecdsa_scripts(_key(path))[0]) is None


@pytest.mark.parametrize("path", [(44, 0, 2, 1, 0), (44, 60, 1, 0, 0), (44, 0, 1, 0), (45, 0, 1, 1, 0)])
def test_another_account_is_not_own(path: tuple[int, ...]) -> None:
    """The registry allows these paths, but no key of their account signs."""
    patterns = ["m/44/0/1/0/*", "m/44/0/2/*/*", "m/44/60/1/0/*", "m/44/0/1/*", "m/45/*/*/*/*"]

    assert _own(patterns).path_of(ecdsa_scripts(_key(path))[0]) is None


def test_every_account_that_signs_is_own() -> None:
    """A payment may spend coins of several."""
    own = _own(["m/44/0/*/*/*"], [(44, 0, 1, 0, 0), (44, 0, 2, 0, 0)])

    assert own.path_of(ecdsa_scripts(_key((44, 0, 1, 1, 3)))[0]) == (44, 0, 1, 1, 3)
    assert own.path_of(ecdsa_scripts(_key((44, 0, 2, 1, 3)))[0]) == (44, 0, 2, 1, 3)


def test_a_foreign_key_is_not_own() -> None:
    """Another root key's output on the same path is somebody else's."""
    script = ecdsa_scripts(_key((44, 0, 1, 1, 0), FOREIGN_KEY))[0]

    assert _own(["m/44/0/1/1/*"]).path_of(script) is None


@pytest.mark.parametrize(
    ("pattern", "signing", "path", "found"),
    [
        ("m/44/0/1/1/5", (44, 0, 1, 0, 0), (44, 0, 1, 1, 5), True),
        ("m/44/0/1/1/5", (44, 0, 1, 0, 0), (44, 0, 1, 1, 4), False),
        ("m/44/0/1/*/*", (44, 0, 1, 0, 0), (44, 0, 1, 1, 9), True),
        ("m/44/0/1/7/*", (44, 0, 1, 0, 0), (44, 0, 1, 7, 9), True),
        ("m/44/0/1/*/*", (44, 0, 1, 7, 0), (44, 0, 1, 7, 9), True),
        ("m/44/0/1/*/*", (44, 0, 1, 0, 0), (44, 0, 1, 7, 9), False),
        ("m/44/0/*/*/*", (44, 0, 7, 0, 0), (44, 0, 7, 1, 9), True),
        ("m/44/0/*/*/*", (44, 0, 6, 0, 0), (44, 0, 7, 1, 9), False),
        ("m/0/*", (0, 0), (0, 1), False),
    ],
)
def test_patterns(pattern: str, signing: tuple[int, ...], path: tuple[int, ...], *, found: bool) -> None:
    """A fixed last step is one key; a `*` before it means receiving, change and the branches that sign."""
    assert _own([pattern], [signing]).path_of(ecdsa_scripts(_key(path))[0]) == (path if found else None)


def test_the_number_of_branches_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many accounts sign, only `MAX_BRANCHES` branches are derived."""
    searched: list[tuple[int, ...]] = []

    def window(_root: str, prefix: tuple[int, ...]) -> tuple[bytes, ...]:
        searched.append(prefix)
        return ()

    monkeypatch.setattr(bitcoin_keys, "_window", window)
    signing = [(77, 0, account, 0, 0) for account in range(9)]  # Nobody else's: what is found is remembered.
    _own(["m/*/*/*/*/*"], signing).path_of(b"\x00\x14" + bytes(20))

    assert searched == [(77, 0, account, branch) for account in range(4) for branch in (0, 1)]


def test_the_nearest_branches_are_searched_whatever_the_order_of_the_patterns() -> None:
    """Nine branches of the registry before the one that the request uses do not crowd it out."""
    patterns = [f"m/44/0/{account}/1/*" for account in range(20, 29)] + ["m/44/0/3/*/*"]

    own = _own(patterns, [(44, 0, 3, 0, 0)])
    assert own.path_of(ecdsa_scripts(_key((44, 0, 3, 1, 9)))[0]) == (44, 0, 3, 1, 9)


def test_a_script_that_no_key_alone_can_spend() -> None:
    """Data outputs and script hashes are never own, and cost no search."""
    assert _own(["m/44/0/1/1/*"]).path_of(b"\x6a\x04abcd") is None


def test_a_path_that_cannot_be_derived_is_no_key() -> None:
    """Hardened numbers in a pattern or a path find nothing."""
    assert _own([f"m/44/{2**31}/0/*"], [(44, 2**31, 0, 0)]).path_of(b"\x00\x14" + bytes(20)) is None
