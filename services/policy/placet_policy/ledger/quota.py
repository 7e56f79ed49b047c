"""``ledger quota``: what a signing key has used of its limits, as the release that became active last sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from placet_policy.errors import BundleRefused, LedgerUnavailable
from placet_policy.gate.archive import unpack
from placet_policy.gate.windows import parse_windows
from placet_policy.ledger.reading import open_for_reading
from placet_policy.ledger.reserving import Reserving
from placet_policy.ledger.series import Asset, SigningKey
from placet_policy.registry import Registry, RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from placet_callback.strict_json import JSONValue

    from placet_policy.ledger.history import Usage, Window
    from placet_policy.ledger.location import Location
    from placet_policy.ledger.reservation_statements import ReservationStatements
    from placet_policy.ledger.store import Connection

_EVERY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One line.

    Attributes:
        path: of the signing key; ``*`` for all keys of the root key together.
        asset: the registry's token, else the ledger's name of the asset; None for approvals of any kind.
        destination: who is paid; None for everybody together.
        window: its name; None for all times.
        used: base units, or approvals where ``asset`` is None.
        count: approvals.
        limit: None where the release has none.
    """

    path: str
    asset: str | None
    destination: str | None
    window: str | None
    used: int
    count: int
    limit: int | None

    @property
    def remaining(self) -> int | None:
        """What is left of the limit."""
        return None if self.limit is None else max(0, self.limit - self.used)

    def to_json(self) -> dict[str, JSONValue]:
        """The line for programs; amounts are decimal strings."""
        limit, remaining = (None if value is None else str(value) for value in (self.limit, self.remaining))
        return {
            "path": self.path,
            "asset": self.asset,
            "destination": self.destination,
            "window": self.window,
            "used": str(self.used),
            "count": self.count,
            "limit": limit,
            "remaining": remaining,
        }

    def sentence(self) -> str:
        """The line for people."""
        what = "approvals" if self.asset is None else self.asset
        to = "" if self.destination is None else f" to {self.destination}"
        when = "ever" if self.window is None else f"in {self.window}"
        left = "no limit" if self.limit is None else f"{self.remaining} remain of {self.limit}"
        return f"{self.path}  {what}{to} {when}: {self.used} used, {left}"


def read_quotas(location: Location, *, root_key: str, path: str | None, now: int) -> Iterator[Quota]:
    """Yield the quotas of a root key's signing keys, of every series in every window and of all times.

    Args:
        location: where the ledger is.
        root_key: ``xpub…`` or ``cpub…``.
        path: only this one's; None for every path that ever reserved.
        now: the end of the windows, microseconds since 1970.

    Raises:
        LedgerUnavailable: not a ledger of a version we know, or it holds no release.
        sqlite3.Error, psycopg.Error, OSError: the store cannot be read.
    """
    with open_for_reading(location) as (connection, statements):
        release = _Release.newest(connection, statements.reserving, root_key)
        paths = [path] if path is not None else _paths(connection, statements.reserving, root_key)
        for each in paths:
            reserving = Reserving(connection, statements.reserving, SigningKey(root_key, each))
            for asset, destination, ever, usages in reserving.usages(windows=release.windows, clock=now):
                yield from release.quotas(each, asset, destination, ever, usages)


def _paths(connection: Connection, statements: ReservationStatements, root_key: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(statements.signers, {"root_key": root_key}).fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """What a release says about the limits of one root key."""

    windows: tuple[Window, ...]
    rules: Mapping[str, Any]
    group: str
    tokens: Mapping[str, str]

    @classmethod
    def newest(cls, connection: Connection, statements: ReservationStatements, root_key: str) -> _Release:
        found = connection.execute(statements.newest_bundle).fetchone()
        if found is None:
            raise LedgerUnavailable("the ledger holds no release")
        try:
            placet = json.loads(unpack(bytes(found[1]))["data.json"])["placet"]
            registry, windows = Registry.from_data(placet), parse_windows(placet)
        except (BundleRefused, RegistryError, KeyError, ValueError) as error:
            raise LedgerUnavailable(f"the release {found[0]} cannot be read") from error
        pinned = registry.keys.get(root_key)
        return cls(
            windows=windows,
            rules=placet.get("rules", {}),
            group="" if pinned is None else pinned.group,
            tokens=_tokens(registry),
        )

    def quotas(self, path: str, asset: str, destination: str, ever: Usage, usages: list[Usage]) -> Iterator[Quota]:
        token = self.tokens.get(asset, asset)
        shown = {"path": path, "asset": token or None, "destination": destination or None}
        for window, usage in zip((*self.windows, None), (*usages, ever), strict=True):
            name = None if window is None else window.name
            yield Quota(
                **cast("dict[str, Any]", shown),
                window=name,
                used=usage.amount if asset else usage.count,
                count=usage.count,
                limit=self._limit(token, destination, name),
            )

    def _limit(self, token: str, destination: str, window: str | None) -> int | None:
        """The limit of the rule that looks at this series, by the rule's own choice of an entry."""
        if not token:
            entry = self._entry("rolling_count", "limits", None)
            return _whole(entry.get("windows", {}).get(window, {}).get("max"))
        if window is None:
            return None if destination else _whole(self._entry("lifetime_cap", "caps", token).get("max"))
        limit = self._entry("rolling_amount", "limits", token).get("windows", {}).get(window, {})
        return _whole(limit.get("max_per_destination" if destination else "max"))

    def _entry(self, rule: str, name: str, token: str | None) -> Mapping[str, Any]:
        entries = self.rules.get(rule, {}).get(name, {})
        if token is None:
            return cast("Mapping[str, Any]", entries.get(self.group, entries.get(_EVERY, {})))
        for group in (self.group, _EVERY):
            for each in (token, _EVERY):
                if each in entries.get(group, {}):
                    return cast("Mapping[str, Any]", entries[group][each])
        return {}


def _tokens(registry: Registry) -> dict[str, str]:
    """The registry's tokens by the ledger's name of their asset."""
    named = {}
    for token in registry.tokens.values():
        chain = registry.chains[token.chain]
        network = f"{chain.kind}:{chain.network if chain.network is not None else chain.id}"
        named[Asset(network=network, kind=token.kind, contract=token.contract or "").text()] = token.id
    return named


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
