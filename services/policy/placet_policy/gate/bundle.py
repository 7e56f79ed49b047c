"""From a bundle file to what OPA is served: understood completely, or refused (design section 2).

The gate never passes a file on. It repacks what it understood, so that OPA sees exactly the modules and the data that
were read here, under roots ``["placet"]`` and a revision that is the digest of the file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from placet_callback import strict_json

from placet_policy.errors import BundleRefused
from placet_policy.gate.archive import MAX_FILE_BYTES, MAX_UNPACKED_BYTES, pack, unpack
from placet_policy.gate.effects import denying_codes
from placet_policy.gate.modules import package_of
from placet_policy.gate.profiles import Profiles, parse_accept_unprovable, parse_profiles
from placet_policy.gate.windows import parse_windows
from placet_policy.registry import Registry, RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from placet_callback.strict_json import JSONValue

    from placet_policy.ledger.history import Window

ROOT = "placet"
_MANIFEST = ".manifest"
_MANIFEST_FIELDS = frozenset({"revision", "roots", "rego_version"})
_MAX_DEPTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveBundle:
    """A policy release that passed the gate.

    Attributes:
        revision: ``sha256:`` and 64 hexadecimal digits, the digest of the file as it was delivered.
        served: the repacked archive that OPA gets.
        registry: chains, tokens and keys, read from the same data as OPA's.
        profiles: which rules must run.
        accept_unprovable: missing-codes that this release accepts.
        denying: contradiction-codes that this release denies, to put a denial's reasons in order.
        windows: over which approvals are added up, by name.
        version: version of the TUF targets metadata; 0 while releases are unsigned.
        expires_at: end of the lease, Unix seconds; None while releases are unsigned.
    """

    revision: str
    served: bytes
    registry: Registry
    profiles: Profiles
    accept_unprovable: frozenset[str]
    denying: frozenset[str]
    windows: tuple[Window, ...]
    version: int = 0
    expires_at: int | None = None


def load_bundle(path: Path) -> ActiveBundle:
    """Read, check and repack one bundle file.

    Raises:
        BundleRefused: the file cannot be read, or is not a bundle of the one accepted shape.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(MAX_FILE_BYTES + 1)
    except OSError as e:
        raise BundleRefused(f"cannot be read: {e.strerror}", path.name) from e
    try:
        return parse_bundle(packed)
    except BundleRefused as e:
        # Where nothing inside can be named, the file is: an alert must say what it is about.
        raise BundleRefused(e.reason, e.path or path.name) from e


def parse_bundle(packed: bytes) -> ActiveBundle:
    """Check and repack the bytes of one bundle file; see ``load_bundle``."""
    members = unpack(packed)
    _check_manifest(members)
    modules = {name: content for name, content in members.items() if name.endswith(".rego")}
    data_files = {name: content for name, content in members.items() if name.rsplit("/", 1)[-1] == "data.json"}
    strangers = sorted(members.keys() - modules.keys() - data_files.keys() - {_MANIFEST})
    if strangers:
        raise BundleRefused("only modules, data.json and the manifest may be in a bundle", strangers[0])
    if not modules:
        raise BundleRefused("the bundle holds no module")
    for name, source in modules.items():
        package_of(source, name)
    placet = _data(data_files)
    revision = f"sha256:{hashlib.sha256(packed).hexdigest()}"
    try:
        registry = Registry.from_data(placet)
    except RegistryError as e:
        raise BundleRefused(f"the registry is not valid: {e}") from e
    return ActiveBundle(
        revision=revision,
        served=_repack(revision, modules, placet),
        registry=registry,
        profiles=parse_profiles(placet),
        accept_unprovable=parse_accept_unprovable(placet),
        denying=denying_codes(placet),
        windows=parse_windows(placet),
    )


def _check_manifest(members: Mapping[str, bytes]) -> None:
    """Refuse a bundle without roots, which would erase everything in OPA, and wasm, metadata and delta bundles."""
    manifest = _json(members.get(_MANIFEST, b""), _MANIFEST)
    if not isinstance(manifest, dict):
        raise BundleRefused("not an object", _MANIFEST)
    unknown = sorted(manifest.keys() - _MANIFEST_FIELDS)
    if unknown:
        raise BundleRefused(f"unknown member {unknown[0]}", _MANIFEST)
    if manifest.get("roots") != [ROOT]:
        raise BundleRefused('roots must be exactly ["placet"]', _MANIFEST)
    version = manifest.get("rego_version", 1)
    if isinstance(version, bool) or version != 1:
        raise BundleRefused("rego_version must be 1", _MANIFEST)


def _data(files: Mapping[str, bytes]) -> dict[str, JSONValue]:
    """Return ``data.placet``, put together from every data.json at the place its folder names."""
    data: dict[str, JSONValue] = {}
    for name in sorted(files):
        value = _json(files[name], name)
        _refuse_fractions(value, name)
        for part in reversed(name.split("/")[:-1]):
            value = {part: value}
        _merge(data, value, name)
    strangers = sorted(data.keys() - {ROOT})
    if strangers:
        raise BundleRefused("a datum outside placet", strangers[0])
    placet = data.get(ROOT, {})
    if not isinstance(placet, dict):
        raise BundleRefused("not an object", ROOT)
    return placet


def _merge(into: dict[str, JSONValue], value: JSONValue, name: str) -> None:
    if not isinstance(value, dict):
        raise BundleRefused("not an object", name)
    for key, item in value.items():
        if key not in into:
            into[key] = item
            continue
        present = into[key]
        if not isinstance(present, dict) or not isinstance(item, dict):
            raise BundleRefused(f"two files give a value for {key}", name)
        _merge(present, item, name)


def _refuse_fractions(value: JSONValue | Decimal, name: str) -> None:
    """Amounts are integers or strings: a fraction would be repacked by one reader and rounded by another."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _refuse_fractions(item, name)
    elif isinstance(value, float | Decimal):
        raise BundleRefused("a number that is not an integer; write it as a string", name)


def _json(content: bytes, name: str) -> JSONValue:
    try:
        return strict_json.loads(content, max_bytes=MAX_UNPACKED_BYTES, max_depth=_MAX_DEPTH, max_values=None)
    except strict_json.StrictJsonError as e:
        raise BundleRefused(f"not strict JSON: {e.reason} at {e.path}", name) from e


def _repack(revision: str, modules: Mapping[str, bytes], placet: Mapping[str, JSONValue]) -> bytes:
    manifest: dict[str, JSONValue] = {"revision": revision, "roots": [ROOT], "rego_version": 1}
    return pack({**modules, _MANIFEST: _encode(manifest), "data.json": _encode({ROOT: dict(placet)})})


def _encode(value: JSONValue) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
