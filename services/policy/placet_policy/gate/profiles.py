"""Profiles: which rules must have run before an allow may count (``data.placet.profiles``, design section 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_policy.codes import NEVER_ACCEPTED
from placet_policy.errors import BundleRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

_RULE = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """The rules to run, by request type and by the key group of the proven signing key.

    Attributes:
        request_types: rule names by request type, such as ``KEY_SIGN``.
        key_groups: rule names by request type, by group; a group's entry replaces the request type's.
    """

    request_types: Mapping[str, tuple[str, ...]]
    key_groups: Mapping[str, Mapping[str, tuple[str, ...]]]

    def rules(self, *, kind: str, group: str | None) -> tuple[str, ...]:
        """Return the rules that must run; empty means that nothing may be allowed.

        Args:
            kind: the request type's name.
            group: the key group proven from the pinned signing key, None when there is none.
        """
        of_group = self.key_groups.get(group, {}) if group is not None else {}
        return of_group.get(kind, self.request_types.get(kind, ()))


def parse_profiles(placet: Mapping[str, JSONValue]) -> Profiles:
    """Read ``profiles`` of the bundle's data; absent parts are empty, which allows nothing.

    Raises:
        BundleRefused: a profile is not ``{"rules": [names]}``, perhaps with ``"also": {name: {}}``, or names a rule
            twice.
    """
    profiles = _object(placet.get("profiles", {}), "profiles")
    unknown = sorted(profiles.keys() - {"request_types", "key_groups"})
    if unknown:
        raise BundleRefused("unknown member", f"placet.profiles.{unknown[0]}")
    groups = _object(profiles.get("key_groups", {}), "profiles.key_groups")
    return Profiles(
        request_types=_by_type(profiles.get("request_types", {}), "profiles.request_types"),
        key_groups={name: _of_group(value, f"profiles.key_groups.{name}") for name, value in groups.items()},
    )


def parse_accept_unprovable(placet: Mapping[str, JSONValue]) -> frozenset[str]:
    """Read ``accept_unprovable.codes``: the missing-codes that this release accepts, shipped empty.

    Raises:
        BundleRefused: not an object keyed by codes.
    """
    accept = _object(placet.get("accept_unprovable", {}), "accept_unprovable")
    unknown = sorted(accept.keys() - {"codes"})
    if unknown:
        raise BundleRefused("unknown member", f"placet.accept_unprovable.{unknown[0]}")
    codes = _object(accept.get("codes", {}), "accept_unprovable.codes")
    for code in codes:
        if _CODE.fullmatch(code) is None:
            raise BundleRefused("not a reason code", f"placet.accept_unprovable.codes.{code}")
        if code in NEVER_ACCEPTED:
            raise BundleRefused("a code that no release may accept", f"placet.accept_unprovable.codes.{code}")
    return frozenset(codes)


def _of_group(value: JSONValue, path: str) -> dict[str, tuple[str, ...]]:
    profiles = _by_type(value, path)
    # The group is that of the proven signing key, so that any other profile would be passed over in silence.
    other = sorted(profiles.keys() - {"KEY_SIGN"})
    if other:
        raise BundleRefused("a key group has a profile for KEY_SIGN only", f"placet.{path}.{other[0]}")
    return profiles


def _by_type(value: JSONValue, path: str) -> dict[str, tuple[str, ...]]:
    return {kind: _rules(profile, f"{path}.{kind}") for kind, profile in _object(value, path).items()}


def _rules(value: JSONValue, path: str) -> tuple[str, ...]:
    profile = _object(value, path)
    if not {"rules"} <= profile.keys() <= {"rules", "also"}:
        raise BundleRefused("a profile has the member rules, and perhaps also", f"placet.{path}")
    rules = profile["rules"]
    if not isinstance(rules, list):
        raise BundleRefused("rules is not an array", f"placet.{path}")
    if not rules:
        return ()  # Whatever is added: a list that was emptied allows nothing.
    # What is added comes after what is listed, as in the answers of the policy.
    rules = [*rules, *sorted(_object(profile.get("also", {}), f"{path}.also"))]
    names = [name for name in rules if isinstance(name, str) and _RULE.fullmatch(name)]
    if len(names) != len(rules) or len(set(names)) != len(names):
        raise BundleRefused("rules are distinct names of rule packages", f"placet.{path}")
    return tuple(names)


def _object(value: JSONValue, path: str) -> dict[str, JSONValue]:
    if not isinstance(value, dict):
        raise BundleRefused("not an object", f"placet.{path}")
    return value
