"""The tables behind limits over time, all of them append-only. What a column means stands in docs/ledger-format.md.

They follow from the records and can be made again from them. Amounts and totals are decimal text: they pass 64 bits.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, LargeBinary, Table, Text

from placet_policy.ledger.tables import metadata

_integer = BigInteger().with_variant(Integer(), "sqlite")

signers = Table(
    "signers",
    metadata,
    Column("id", _integer, Identity(always=True), primary_key=True),
    Column("root_key", Text, nullable=False),
    Column("path", Text, nullable=False),
    sqlite_strict=True,
)
Index("signers_key", signers.c.root_key, signers.c.path, unique=True)
series = Table(
    "series",
    metadata,
    Column("id", _integer, Identity(always=True), primary_key=True),
    Column("signer", _integer, nullable=False),
    Column("asset", Text, nullable=False),
    Column("destination", Text, nullable=False),
    sqlite_strict=True,
)
Index("series_name", series.c.signer, series.c.asset, series.c.destination, unique=True)
# One row for each ALLOW that reserved. Those that cannot both happen form a group, which counts once.
claims = Table(
    "claims",
    metadata,
    Column("id", _integer, Identity(always=True), primary_key=True),
    Column("signer", _integer, nullable=False),
    # The first claim of the group; null for itself.
    Column("first", _integer),
    Column("replaces", _integer),
    Column("decision_id", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("hashes_sha256", LargeBinary, nullable=False),
    sqlite_strict=True,
)
# A claim is replaced once; two that replaced the same one would each count it out.
Index("claims_replaces", claims.c.replaces, unique=True)
spends = Table(
    "spends",
    metadata,
    Column("signer", _integer, primary_key=True),
    Column("spend", Text, primary_key=True),
    Column("claim", _integer, primary_key=True),
    sqlite_strict=True,
)
Index("spends_claim", spends.c.claim)
reservations = Table(
    "reservations",
    metadata,
    Column("series", _integer, primary_key=True),
    Column("ordinal", _integer, primary_key=True),
    Column("first", _integer, nullable=False),
    Column("at", _integer, nullable=False),
    Column("amount", Text, nullable=False),
    # Of all rows up to this one, superseded or not: a window's sum is a difference of two of them.
    Column("total", Text, nullable=False),
    # Of what counts, at the time of this row: the lifetime.
    Column("net", Text, nullable=False),
    Column("net_count", _integer, nullable=False),
    sqlite_strict=True,
)
Index("reservations_at", reservations.c.series, reservations.c.at, reservations.c.ordinal)
Index("reservations_first", reservations.c.first)
# Rows of `reservations` that a later row of the same group and series stands for.
superseded = Table(
    "superseded",
    metadata,
    Column("series", _integer, primary_key=True),
    Column("at", _integer, primary_key=True),
    Column("ordinal", _integer, primary_key=True),
    Column("amount", Text, nullable=False),
    sqlite_strict=True,
)
# What the first ALLOW that signed for a Bitcoin outpoint stated as its amount. Not part of `spends`, which a group's
# later claims share only in part: every outpoint of every ALLOW is here.
outpoints = Table(
    "outpoints",
    metadata,
    Column("signer", _integer, primary_key=True),
    Column("outpoint", Text, primary_key=True),
    Column("amount", Text, nullable=False),
    Column("claim", _integer, nullable=False),
    sqlite_strict=True,
)
destinations = Table(
    "destinations",
    metadata,
    Column("network", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("first_seen", _integer, nullable=False),
    sqlite_strict=True,
)
"""Who was ever asked to be paid, by any key, whatever came of it."""

RESERVATION_TABLES = (signers, series, claims, spends, reservations, superseded, outpoints, destinations)
