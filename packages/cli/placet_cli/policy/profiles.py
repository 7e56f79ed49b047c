"""The profiles beside the rules: a profile that names a rule which is not there holds everything that it is for."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.overlay import read_object
from placet_cli.policy.pointers import escaped

_PROFILES = PurePosixPath("placet/profiles/data.json")
_PACKAGE = re.compile(rb"^package[ \t]+placet\.rules\.([a-z][a-z0-9_]*)[ \t\r]*(?:#.*)?$", re.MULTILINE)


def check_profiles(files: Mapping[PurePosixPath, bytes]) -> None:
    """Refuse profiles that name a rule without a module of its package in the bundle.

    Profiles of another shape are left to the schema and to the policy tier.

    Args:
        files: What ships, overlay and all.

    Raises:
        CliError: A profile names a rule that is not there; the text has file, profile and rule.
    """
    if _PROFILES not in files:
        return
    modules = [content for name, content in files.items() if name.suffix == ".rego"]
    rules = {name.decode() for content in modules for name in _PACKAGE.findall(content)}
    for profile, named in _named(read_object(files[_PROFILES], str(_PROFILES))):
        for rule in named:
            if rule not in rules:
                raise CliError(
                    f"{_PROFILES}: {profile} names the rule {rule}, which is not in the bundle; every request"
                    f" under this profile would be held. Add bundle/placet/rules/{rule}, or take the name out"
                )


def _named(profiles: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The rules of every profile, with the profile's JSON pointer (RFC 6901)."""
    yield from _by_type(profiles.get("request_types"), "/request_types")
    groups = profiles.get("key_groups")
    if isinstance(groups, dict):
        for group, by_type in groups.items():
            yield from _by_type(by_type, f"/key_groups/{escaped(group)}")


def _by_type(by_type: Any, pointer: str) -> Iterator[tuple[str, list[str]]]:
    if not isinstance(by_type, dict):
        return
    for kind, profile in by_type.items():
        rules = profile.get("rules") if isinstance(profile, dict) else None
        also = profile.get("also") if isinstance(profile, dict) else None
        if isinstance(rules, list):
            named = [*rules, *(also if isinstance(also, dict) else ())]
            yield f"{pointer}/{kind}", [rule for rule in named if isinstance(rule, str)]
