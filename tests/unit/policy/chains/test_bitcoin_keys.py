"""Own outputs: found in a bounded window of the configured branches, and nowhere else."""

import pytest
from facts_cases import FOREIGN_KEY, ROOT_KEY
from placet_policy.chains import bitcoin_keys
from placet_policy.chains.bitcoin_addresses import ecdsa_scripts, schnorr_scripts, taproot_output_key
from placet_policy.chains.bitcoin_keys import WINDOW, OwnKeys
from placet_policy.chains.derivation import parse_xpub


def _key(path: tuple[int, ...], root: str = ROOT_KEY) -> bytes:
    return parse_xpub(root).derive(path).public_key


def _own(patterns: list[str], known: list[tuple[int, ...]] | None = None) -> OwnKeys:
    return OwnKeys(root_key=ROOT_KEY, patterns=patterns, known=known or [])


def test_every_kind_of_output_is_found() -> None:
    """A change key is found on its branch by whatever it is paid: key hashes, taproot with and without the tweak."""
    key = _key((44, 0, 1, 1, 3))

    found = [_own(["m/44/0/1/1/*"]).path_of(script) for script in ecdsa_scripts(key) + schnorr_scripts(key)]
    assert found == [(44, 0, 1, 1, 3)] * 5


def test_taproot_with_a_script_tree_is_not_own() -> None:
    """A tree can let somebody else spend, so a key under a tree is not change."""
    script = b"\x51\x20" + taproot_output_key(_key((44, 0, 1, 1, 0)), bytes(32))

    assert _own(["m/44/0/1/1/*"], [(44, 0, 1, 1, 0)]).path_of(script) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [((44, 0, 1, 1, WINDOW - 1), True), ((44, 0, 1, 1, WINDOW), False), ((44, 0, 1, 2, 0), False)],
)
def test_the_window_is_bounded(path: tuple[int, ...], *, found: bool) -> None:
    """The last key of the window is found; the next one and other branches are not."""
    assert _own(["m/44/0/1/1/*"]).path_of(ecdsa_scripts(_key(path))[0]) == (path if found else None)


def test_a_path_that_the_request_names_is_found_beyond_the_window() -> None:
    """It is derived like every other one, so naming it proves nothing and needs no trust."""
    path = (44, 0, 1, 1, 90_000)

    assert _own(["m/44/0/1/1/*"], [path]).path_of(ecdsa_scripts(_key(path))[0]) == path


def test_a_foreign_key_is_not_own() -> None:
    """Another root key's output on the same path is somebody else's."""
    script = ecdsa_scripts(_key((44, 0, 1, 1, 0), FOREIGN_KEY))[0]

    assert _own(["m/44/0/1/1/*"], [(44, 0, 1, 1, 0)]).path_of(script) is None


@pytest.mark.parametrize(
    ("pattern", "known", "path", "found"),
    [
        ("m/44/0/1/1/5", [], (44, 0, 1, 1, 5), True),
        ("m/44/0/1/1/5", [], (44, 0, 1, 1, 4), False),
        ("m/44/0/1/*/*", [], (44, 0, 1, 1, 9), True),
        ("m/44/0/*/*/*", [(44, 0, 7, 0, 0)], (44, 0, 7, 1, 9), True),
        ("m/44/0/*/*/*", [], (44, 0, 7, 1, 9), False),
    ],
)
def test_patterns(pattern: str, known: list[tuple[int, ...]], path: tuple[int, ...], *, found: bool) -> None:
    """A fixed last step is one key; a `*` before it means receiving, change and what the request itself uses."""
    assert _own([pattern], known).path_of(ecdsa_scripts(_key(path))[0]) == (path if found else None)


def test_the_number_of_branches_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many branches the patterns mean, only `MAX_BRANCHES` are derived."""
    searched: list[tuple[int, ...]] = []

    def window(_root: str, prefix: tuple[int, ...]) -> tuple[bytes, ...]:
        searched.append(prefix)
        return ()

    monkeypatch.setattr(bitcoin_keys, "_window", window)
    _own(["m/*/*/*/*/*"]).path_of(b"\x00\x14" + bytes(20))

    assert len(searched) == 8


def test_the_nearest_branches_are_searched_whatever_the_order_of_the_patterns() -> None:
    """Nine branches of the registry before the one that the request uses do not crowd it out."""
    patterns = [f"m/44/0/{account}/1/*" for account in range(20, 29)] + ["m/44/0/3/*/*"]

    own = _own(patterns, [(44, 0, 3, 0, 0)])
    assert own.path_of(ecdsa_scripts(_key((44, 0, 3, 1, 9)))[0]) == (44, 0, 3, 1, 9)


def test_the_branch_beside_a_named_path_is_searched_among_many() -> None:
    """A pattern with many `*` means more branches than can be made; those nearest to a named path come first."""
    known: list[tuple[int, ...]] = [(step, step + 1, step + 2, step + 3, step + 4, 0) for step in range(64)]

    own = _own(["m/*/*/*/*/*/*"], known[:1])
    assert own.path_of(ecdsa_scripts(_key((0, 1, 2, 3, 1, 7)))[0]) == (0, 1, 2, 3, 1, 7)
    assert _own(["m/*/*/*/*/*/*"], known).path_of(b"\x00\x14" + bytes(20)) is None


def test_a_script_that_no_key_alone_can_spend() -> None:
    """Data outputs and script hashes are never own, and cost no search."""
    assert _own(["m/44/0/1/1/*"]).path_of(b"\x6a\x04abcd") is None


def test_a_path_that_cannot_be_derived_is_no_key() -> None:
    """Hardened numbers in a pattern or a path find nothing."""
    assert _own([f"m/44/{2**31}/*"], [(2**31,)]).path_of(b"\x00\x14" + bytes(20)) is None
