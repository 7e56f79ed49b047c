"""An auditor who can do two things: run `verify`, and change a ledger as whoever owns the database could."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from audit_ledger import Audited
from ledger_sql import execute
from placet_policy.audit.commands import main
from placet_policy.ledger.location import SqliteLocation
from placet_policy.ledger.record import FIELDS
from placet_policy.ledger.reservation_tables import RESERVATION_TABLES

_TABLES = ("meta", "writers", "records", "contents", "bundles", *(table.name for table in RESERVATION_TABLES))


@dataclasses.dataclass
class Auditor:
    """Runs `verify` on a ledger, and changes it as whoever owns the database could."""

    ledger: Audited
    capsys: pytest.CaptureFixture[str]

    def verify(self, *arguments: str | Path, published: bool = True) -> tuple[int, dict[str, Any]]:
        """Exit code and report."""
        source = arguments or ("--url", self.ledger.location.shown)
        lines = ("--published", str(self.ledger.published)) if published else ()
        command = ["verify", *map(str, source), "--nodes", str(self.ledger.nodes), *lines, "--json"]
        code = main(command)
        return code, json.loads(self.capsys.readouterr().out)

    def found(self, *arguments: str | Path, published: bool = True) -> tuple[str, str | None, int | None, str | None]:
        """The first finding: code, name of the writer, position, decision."""
        code, report = self.verify(*arguments, published=published)
        assert code == 1
        first = report["first"]
        names = {self.ledger.first: "first", self.ledger.second: "second"}
        return first["code"], names.get(first["writer"], first["writer"]), first["position"], first["decision_id"]

    def change(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements without the triggers; the rows of the last one."""
        if isinstance(self.ledger.location, SqliteLocation):
            names = execute(self.ledger.location, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            return execute(self.ledger.location, *(f"DROP TRIGGER {name}" for (name,) in names), *statements)
        off = (f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in _TABLES)
        return execute(self.ledger.location, *off, *statements)

    def blob(self, value: bytes) -> str:
        """Bytes as a literal of the store."""
        return f"X'{value.hex()}'" if isinstance(self.ledger.location, SqliteLocation) else f"'\\x{value.hex()}'::bytea"

    def overriding(self) -> str:
        """What an INSERT of a number needs that the store gives by itself."""
        return "" if isinstance(self.ledger.location, SqliteLocation) else "OVERRIDING SYSTEM VALUE"

    def at(self, position: int, writer: str | None = None) -> str:
        """A condition that names a place, in the first chain unless another is given."""
        return f"writer = '{writer or self.ledger.first}' AND position = {position}"

    def row(self, position: int, writer: str | None = None) -> dict[str, Any]:
        """A record's fields, its hash and its signature."""
        names = [*(name for name in FIELDS if name != "ledger"), "record_hash", "signature"]
        (values,) = self.change(f"SELECT {', '.join(names)} FROM records WHERE {self.at(position, writer)}")
        bare = (bytes(value) if isinstance(value, memoryview) else value for value in values)
        return {"ledger": self.ledger.ledger, **dict(zip(names, bare, strict=True))}

    def insert(self, row: dict[str, Any]) -> None:
        """Put a record in as it is."""
        stored = {name: value for name, value in row.items() if name != "ledger" and value is not None}
        values = ", ".join(self._literal(value) for value in stored.values())
        self.change(f"INSERT INTO records ({', '.join(stored)}) VALUES ({values})")

    def move(self, places: dict[tuple[str, int], tuple[str, int]]) -> None:
        """Give records other places, with their contents."""
        steps = [(table, old, new) for table in ("records", "contents") for old, new in places.items()]
        away, back = [], []
        for table, (writer, position), (other, place) in steps:
            key = f"'{other}', position = {place + 1000}"
            away.append(f"UPDATE {table} SET writer = {key} WHERE {self.at(position, writer)}")
            back.append(f"UPDATE {table} SET position = {place} WHERE {self.at(place + 1000, other)}")
        self.change(*away, *back)

    def _literal(self, value: Any) -> str:
        return self.blob(value) if isinstance(value, bytes) else f"'{value}'" if isinstance(value, str) else str(value)
