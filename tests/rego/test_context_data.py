"""The schemas of the rules about who asks, when and from where, and of profiles, refuse data of another shape."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator
from policy_folder import POLICIES

ROOT_KEY = (
    "xpub661MyMwAqRbcFgFKF74hKwpNJrjqPxQSAsV8fAjLrw1uDY3Rp2QUGA2BP1exudcPnH7mVA2DfWv8bRKeHHvz4XqZJYNnN5K7w3RSgKgRZ9g"
)
NOTHING_FROZEN: dict[str, Any] = {
    kind: {} for kind in ("all", "chains", "initiators", "key_groups", "keys", "nodes", "tokens", "wallets")
}
OFFICE = {"days": ["Friday"], "from": "08:00", "to": "18:00", "zone": "Europe/Zurich"}
WRONG_WINDOWS: list[dict[str, Any]] = [
    {"zone": "Local"},
    {"zone": ""},
    {"days": []},
    {"days": ["Mon"]},
    {"from": "8:00"},
    {"from": "24:00"},
    {"to": "24:01"},
    {"except": {"25.12.2026": {"label": "a"}}},
    {"except": {"2026-12-25": {}}},
]
TIERS = {"allow_up_to": "5", "hold_up_to": "9"}
REFUSED: list[tuple[str, Any]] = [
    ("rules/freeze", {"frozen": {}}),
    ("rules/freeze", {"frozen": {**NOTHING_FROZEN, "keys": {"xpub": {"label": "a", "effect": "allow"}}}}),
    ("rules/freeze", {"frozen": {**NOTHING_FROZEN, "keys": {"xpub": {}}}}),
    ("rules/initiator", {"allowed": {}}),
    ("rules/initiator", {"allowed": {}, "on_breach": "allow"}),
    ("rules/initiator", {"allowed": {"hot": {"types": {"Api": {"*": {"label": "a"}}}}}, "on_breach": "hold"}),
    ("rules/initiator", {"allowed": {"hot": {"types": {"API": {"key": {}}}}}, "on_breach": "hold"}),
    ("rules/wallet_scope", {"wallets": {"w": {"label": "a", "vault": "v"}}, "on_breach": "hold"}),
    ("rules/source_key", {"allowed": {"ETH": {"xpub": {"m/44/60": {"label": "a"}}}}, "on_breach": "hold"}),
    ("rules/source_key", {"allowed": {"ETH": {ROOT_KEY: {"44/60": {"label": "a"}}}}, "on_breach": "hold"}),
    ("rules/source_key", {"allowed": {"ETH": {ROOT_KEY: {"m/44/60/": {"label": "a"}}}}, "on_breach": "hold"}),
    ("rules/node_group", {"nodes": {"node-1": {"node_id": "n", "groups": ["g"]}}, "on_breach": "hold"}),
    ("rules/node_group", {"nodes": {"node-1": {"node_id": "n", "groups": {"g": {"label": "a"}}}}, "on_breach": "hold"}),
    *(
        ("rules/time_windows", {"open": {"hot": {"windows": {"office": OFFICE | wrong}}}, "on_breach": "hold"})
        for wrong in WRONG_WINDOWS
    ),
    ("profiles", {"request_types": {"KEY_SIGN": {"rules": ["freeze"], "also": ["a"]}}, "key_groups": {}}),
    ("profiles", {"request_types": {"KEY_SIGN": {"also": {"a": {}}}}, "key_groups": {}}),
    ("profiles", {"request_types": {"KEY_SIGN": {"rules": ["freeze"], "also": {"a": True}}}, "key_groups": {}}),
    ("rules/auto_sweep", {"targets": {"hot": {"ETH": {"0xa": {"label": "a"}}}}, "on_breach": "hold"}),
    ("rules/auto_sweep", {"targets": {"hot": {"ETH": {"0xa": {"label": "a", "tokens": {}}}}}, "on_breach": "hold"}),
    ("rules/auto_sweep", {"targets": {}}),
    ("rules/replacement", {"allowed": {"hot": {"kinds": {"Bump": {"max_fee": {"ETH": "1"}}}}}, "on_breach": "hold"}),
    ("rules/replacement", {"allowed": {"hot": {"kinds": {"Drop": {"max_fee": {"ETH": 1}}}}}, "on_breach": "hold"}),
    ("rules/replacement", {"allowed": {"hot": {"kinds": {"Drop": {}}}}, "on_breach": "hold"}),
    ("rules/amount_tiers", {"tiers": {"hot": {"ETH": {"hold_up_to": "9"}}}}),
    ("rules/amount_tiers", {"tiers": {"hot": {"ETH": TIERS | {"allow_up_to": 5}}}}),
    ("rules/amount_tiers", {"tiers": {"hot": {"*": TIERS}}}),
    ("rules/amount_tiers", {"tiers": {"hot": {"ETH": {"unchecked": ""}}}}),
    ("rules/key_group", {"key_gen": {}, "key_reshare": {}}),
    ("rules/key_group", {"key_gen": {}, "key_reshare": {}, "on_breach": "allow"}),
]


@pytest.mark.parametrize(("path", "value"), REFUSED)
def test_data_of_another_shape_does_not_fit(path: str, value: Any) -> None:
    """What is missing, empty, mistyped or unknown is found by the schemas before it is released."""
    schema = json.loads((POLICIES / "schemas" / f"{path}.schema.json").read_bytes())

    assert not Draft7Validator(schema).is_valid(value)
