"""The registry is read strictly: a mistake in it refuses the bundle by path."""

import json
from pathlib import Path
from typing import Any

import pytest
from facts_cases import ABSENT, CPUB, ROOT_KEY, put, registry, registry_data
from placet_policy.registry import Registry, RegistryError

_USDT = "tokens.ETH_USDT"
_KEY = f"keys.{ROOT_KEY}"


def test_entries_are_read() -> None:
    """Ids, numbers and lists arrive typed."""
    found = registry()

    assert (found.chains["ETH"].network, found.chains["SETH"].testnet) == (1, True)
    assert (found.tokens["ETH_USDT"].decimals, found.tokens["ETH"].contract) == (6, None)
    assert found.keys[ROOT_KEY].group == "hot"
    assert found.networks[11155111].id == "SETH"
    assert found.contracts["ETH", "0xdac17f958d2ee523a2206206994597c13d831ec7"].id == "ETH_USDT"


def test_the_shipped_registry_is_read() -> None:
    """The chains and tokens that the release ships are canonical, and it pins no key."""
    folder = Path(__file__).parents[3] / "policies" / "bundle" / "placet" / "registry"
    shipped = {part.name: json.loads((part / "data.json").read_text(encoding="utf-8")) for part in folder.iterdir()}

    found = registry(shipped)

    assert found.tokens["ETH_USDT"].contract == "0xdac17f958d2ee523a2206206994597c13d831ec7"
    assert found.keys == {}


def test_shipped_lists_may_be_empty() -> None:
    """The shipped registry pins no key; that is a valid registry which proves nothing."""
    data = registry_data()
    data["keys"] = {}

    assert registry(data).keys == {}


def test_abis_are_optional() -> None:
    """Nothing reads contract interfaces yet."""
    data = registry_data()
    del data["abis"]

    assert registry(data).chains["ETH"].id == "ETH"


def test_ed25519_keys_can_be_pinned() -> None:
    """The provider's cpub keys are keys of the registry too."""
    data = registry_data()
    data["keys"] = {CPUB: {**data["keys"][ROOT_KEY], "curve": "ed25519"}}

    assert registry(data).keys[CPUB].curve == "ed25519"


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("chains", ABSENT, "registry.chains"),
        ("keys", [], "registry.keys"),
        ("keyz", {}, "registry.keyz"),
        ("chains.ETH", 1, "registry.chains.ETH"),
        ("chains.ETH.kind", "evm2", "registry.chains.ETH.kind"),
        ("chains.ETH.chain_id", 1, "registry.chains.ETH.chain_id"),
        ("chains.ETH.chain_id", "01", "registry.chains.ETH.chain_id"),
        ("chains.ETH.chain_id", ABSENT, "registry.chains.ETH.chain_id"),
        ("chains.ETH.chain_id", "11155111", "registry.chains.SETH.chain_id"),
        ("chains.ETH.native_token", "ETH_USDT", "registry.chains.ETH.native_token"),
        ("chains.ETH.native_token", "SETH", "registry.chains.ETH.native_token"),
        ("chains.ETH.native_token", "XYZ", "registry.chains.ETH.native_token"),
        ("chains.ETH.testnet", "no", "registry.chains.ETH.testnet"),
        ("chains.ETH.testnet", ABSENT, "registry.chains.ETH.testnet"),
        ("chains.TRON.chain_id", "1", "registry.chains.TRON.chain_id"),
        ("chains.ETH.nickname", "x", "registry.chains.ETH.nickname"),
        ("chains.ETH.tron_prices", {"byte": 1}, "registry.chains.ETH.tron_prices"),
        ("chains.TRON.tron_prices", 1000, "registry.chains.TRON.tron_prices"),
        ("chains.TRON.tron_prices.byte", "1000", "registry.chains.TRON.tron_prices.byte"),
        ("chains.TRON.tron_prices.byte", -1, "registry.chains.TRON.tron_prices.byte"),
        ("chains.TRON.tron_prices.memo", ABSENT, "registry.chains.TRON.tron_prices.memo"),
        ("chains.TRON.tron_prices.energy", 1, "registry.chains.TRON.tron_prices.energy"),
        (f"{_USDT}.decimals", "6", "registry.tokens.ETH_USDT.decimals"),
        (f"{_USDT}.decimals", True, "registry.tokens.ETH_USDT.decimals"),
        (f"{_USDT}.decimals", 78, "registry.tokens.ETH_USDT.decimals"),
        (f"{_USDT}.decimals", -1, "registry.tokens.ETH_USDT.decimals"),
        (f"{_USDT}.contract", None, "registry.tokens.ETH_USDT.contract"),
        (f"{_USDT}.contract", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "registry.tokens.ETH_USDT.contract"),
        ("tokens.ETH.contract", "0xdac17f958d2ee523a2206206994597c13d831ec7", "registry.tokens.ETH.contract"),
        (f"{_USDT}.kind", "erc777", "registry.tokens.ETH_USDT.kind"),
        (f"{_USDT}.kind", "trc20", "registry.tokens.ETH_USDT.contract"),
        ("tokens.TRON_USDT.chain", "ETH", "registry.tokens.TRON_USDT.chain"),
        ("tokens.TRON_USDT.contract", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "registry.tokens.TRON_USDT.contract"),
        ("tokens.SOL_USDC.contract", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "registry.tokens.SOL_USDC.contract"),
        (f"{_USDT}.chain", "MOON", "registry.tokens.ETH_USDT.chain"),
        (f"{_USDT}.symbol", "", "registry.tokens.ETH_USDT.symbol"),
        (
            "tokens.ETH_USDT2",
            {
                "chain": "ETH",
                "kind": "erc20",
                "contract": "0xdac17f958d2ee523a2206206994597c13d831ec7",
                "decimals": 6,
                "symbol": "USDT",
            },
            "registry.tokens.ETH_USDT2.contract",
        ),
        (f"{_KEY}.curve", "ed25519", f"registry.keys.{ROOT_KEY}"),
        (f"{_KEY}.curve", "p256", f"registry.keys.{ROOT_KEY}.curve"),
        (f"{_KEY}.group_ids", "all", f"registry.keys.{ROOT_KEY}.group_ids"),
        (f"{_KEY}.wallets", [1], f"registry.keys.{ROOT_KEY}.wallets"),
        (f"{_KEY}.wallets", [""], f"registry.keys.{ROOT_KEY}.wallets"),
        (f"{_KEY}.paths", ["44/60/*"], f"registry.keys.{ROOT_KEY}.paths"),
        (f"{_KEY}.paths", ["m/44'/60"], f"registry.keys.{ROOT_KEY}.paths"),
        (f"{_KEY}.paths", ["m/**"], f"registry.keys.{ROOT_KEY}.paths"),
        (f"{_KEY}.paths", ABSENT, f"registry.keys.{ROOT_KEY}.paths"),
        (f"{_KEY}.vault", ABSENT, f"registry.keys.{ROOT_KEY}.vault"),
        (f"{_KEY}.test_network", 1, f"registry.keys.{ROOT_KEY}.test_network"),
        ("keys.xpub1", {"curve": "secp256k1"}, "registry.keys.xpub1"),
        ("abis", 3, "registry.abis"),
    ],
)
def test_a_mistake_is_named_by_its_path(path: str, value: Any, where: str) -> None:
    """Absent, unknown, mistyped, dangling and doubled entries are refused, each by where it stands."""
    data = registry_data()
    put(data, path, value)

    with pytest.raises(RegistryError) as caught:
        registry(data)

    assert caught.value.path == where


def test_a_bundle_without_a_registry_is_refused() -> None:
    """No registry is no empty registry."""
    with pytest.raises(RegistryError):
        Registry.from_data({})


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("m/44/60/1/0/*", (44, 60, 1, 0, 9), True),
        ("m/44/60/1/0/*", (44, 60, 1, 1, 9), False),
        ("m/44/60/1/0/*", (44, 60, 1, 0), False),
        ("m/44/60/1/0/*", (44, 60, 1, 0, 9, 9), False),
        ("m/*/*", (1, 2), True),
        ("m/4", (44,), False),
    ],
)
def test_path_patterns_cover_step_by_step(pattern: str, path: tuple[int, ...], allowed: bool) -> None:  # noqa: FBT001
    """A star stands for exactly one step, and text is never matched in part."""
    data = registry_data()
    data["keys"][ROOT_KEY]["paths"] = [pattern]

    assert registry(data).keys[ROOT_KEY].allows_path(path) is allowed


def test_the_teams_own_methods_are_indexed_by_selector() -> None:
    """The selector is computed from the signature; nobody writes it down."""
    data = registry_data()
    data["abis"] = {"deposit(uint256,address)": {"args": ["assets", "receiver"]}}
    (method,) = registry(data).methods.values()

    assert (method.selector.hex(), method.types, method.names) == (
        "6e553f65",
        ("uint256", "address"),
        ("assets", "receiver"),
    )


@pytest.mark.parametrize(
    "abis",
    [
        {"deposit(uint)": {"args": ["assets"]}},
        {"deposit(uint256)": {"args": []}},
        {"deposit(uint256)": {"args": ["a b"]}},
        {"deposit(uint256)": {"args": ["assets"], "selector": "0x01020304"}},
        {"deposit(uint256)": {}},
        {"transfer(address,uint256)": {"args": ["amount", "to"]}},
        # Two names that share a selector (4byte.directory's collision of transfer with a made-up name).
        {"many_msg_babbage(bytes1)": {"args": ["message"]}},
    ],
)
def test_a_method_that_is_not_canonical_or_means_something_already_is_refused(abis: dict[str, object]) -> None:
    """Data cannot rename the arguments of a standard method, nor take its selector."""
    data = registry_data()
    data["abis"] = abis

    with pytest.raises(RegistryError):
        registry(data)


def test_two_methods_of_one_selector_are_refused() -> None:
    """Nobody could say which of them a call is."""
    data = registry_data()
    data["abis"] = {"burn(uint256)": {"args": ["a"]}, "collate_propagate_storage(bytes16)": {"args": ["b"]}}

    with pytest.raises(RegistryError, match="another method has this selector"):
        registry(data)
