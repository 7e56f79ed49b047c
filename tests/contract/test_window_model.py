"""Windows in both stores agree with a model in dictionaries, step by step, however time runs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from placet_policy.ledger.history import Usage, Window
from placet_policy.ledger.location import SqliteLocation, parse_url
from placet_policy.ledger.postgres import PostgresStore
from placet_policy.ledger.reserving import Reserving
from placet_policy.ledger.series import WHOLE_KEY, Asset, Reservation, Series, SigningKey
from placet_policy.ledger.sqlite import SqliteStore
from placet_policy.ledger.store import Connection, Store
from window_model import WindowModel

KEYS = (SigningKey("xpub", "m/44/60/1/0/0"), SigningKey("xpub", "*"))
WINDOWS = (Window(name="hour", seconds=60), Window(name="minute", seconds=5), Window(name="second", seconds=1))
ETH, USDT = Asset(network="evm:1", kind="native", contract=""), Asset(network="evm:1", kind="erc20", contract="0xd")
SERIES = tuple(Series(asset=asset, destination=to) for asset in (ETH, USDT) for to in (None, "0xa", "0xb"))
LARGE = 2**256 - 1
amounts = st.one_of(st.integers(0, 9), st.sampled_from([2**63 - 1, 2**63, LARGE]))


@st.composite
def reservations(draw: st.DrawFn) -> Reservation:
    """Few keys, things to use up and series, so that they meet."""
    chosen = draw(st.dictionaries(st.sampled_from(SERIES), amounts, max_size=4))
    return Reservation(
        key=draw(st.sampled_from(KEYS)),
        hashes=(f"0x{draw(st.integers(0, 3))}",),
        spends=frozenset(draw(st.sets(st.sampled_from(["outpoint:a", "outpoint:b", "outpoint:c"]), max_size=3))),
        amounts={WHOLE_KEY: 0, **chosen},
        inputs={},
    )


class Windows(RuleBasedStateMachine):
    """Reserves in a store and in the model, and compares what they say about the next one."""

    def __init__(self, open_store: Callable[[], "Opened"]) -> None:
        super().__init__()
        self.opened = open_store()
        self.model = WindowModel()
        self.clock = 1_000_000_000_000_000

    def reserving(self, reservation: Reservation) -> Reserving:
        """The store's side of a key."""
        return Reserving(self.opened.connection, self.opened.store.statements.reserving, reservation.key)

    @rule(microseconds=st.sampled_from([0, 1, 999_999, 1_000_000, 4_000_000, 5_000_000, 60_000_000, -3_000_000]))
    def wait(self, microseconds: int) -> None:
        """Time passes, up to the very end of a window; a clock may also be set back."""
        self.clock += microseconds

    @precondition(lambda self: len(self.model.made) < 7)
    @rule(reservation=reservations())
    def reserve(self, reservation: Reservation) -> None:
        """An ALLOW."""
        self.reserving(reservation).reserve(reservation, decision_id="d", request_id="r", clock=self.clock)
        self.model.reserve(reservation, clock=self.clock)

    @rule(reservation=reservations())
    def ask(self, reservation: Reservation) -> None:
        """What would count beside one more, in every series and window."""
        history = self.reserving(reservation).history(reservation, windows=WINDOWS, clock=self.clock)
        for found in history.series:
            beside = partial(self.model.beside, reservation, found.series, clock=self.clock)
            assert found.lifetime == Usage(*beside(seconds=None))
            assert found.replaces == self.model.replaces(reservation, found.series)
            for window, usage in found.windows:
                assert usage == Usage(*beside(seconds=window.seconds)), window
        assert (history.replaced is None) == (self.model.group_of(reservation) is None)

    @invariant()
    def nothing_that_can_happen_is_lost(self) -> None:
        """No choice of approvals that can all happen moves more than is counted."""
        # Nothing else changes what was ever approved.
        for key in {self.model.made[-1].key} if self.model.made else ():
            for series in SERIES[:2]:
                nothing = Reservation(key=key, hashes=(), spends=frozenset(), amounts={series: 0}, inputs={})
                (found,) = self.reserving(nothing).history(nothing, windows=(), clock=self.clock).series
                assert found.lifetime.amount >= self.model.most_that_can_happen(key, series)

    def teardown(self) -> None:
        """Take everything back."""
        self.opened.close()


class Opened:
    """A transaction that is never committed."""

    def __init__(self, store: Store) -> None:
        """Begin."""
        self.store = store
        self.connection: Connection = store.connect(write=True)
        store.begin(self.connection, [1])

    def close(self) -> None:
        """Roll back."""
        self.connection.execute("ROLLBACK")
        self.connection.close()


def _check(open_store: Callable[[], Opened], *, examples: int, steps: int) -> None:
    machine: Any = partial(Windows, open_store)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def sqlite_store(path: Path) -> SqliteStore:
    """A new ledger in a file."""
    return SqliteStore(SqliteLocation(path=path))


@pytest.fixture
def postgres_store(postgres_url: str) -> PostgresStore:
    """A new ledger in PostgreSQL."""
    location = parse_url(postgres_url)
    assert not isinstance(location, SqliteLocation)
    return PostgresStore(location, standby=False)


def test_sqlite_agrees_with_the_model(sqlite_store: SqliteStore) -> None:
    """Sums, counts and groups are the model's, with amounts of 256 bits."""
    _check(lambda: Opened(sqlite_store), examples=25, steps=20)


def test_postgresql_agrees_with_the_model(postgres_store: PostgresStore) -> None:
    """The same statements mean the same there."""
    _check(lambda: Opened(postgres_store), examples=10, steps=15)


@pytest.mark.long
@pytest.mark.parametrize("name", ["sqlite_store", "postgres_store"])
def test_stores_agree_with_the_model_for_long(name: str, request: pytest.FixtureRequest) -> None:
    """Many more sequences, longer ones."""
    store = request.getfixturevalue(name)
    _check(lambda: Opened(store), examples=1000, steps=50)
