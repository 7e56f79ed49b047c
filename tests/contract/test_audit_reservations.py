"""Limits over time in the tamper table: each change of the tables behind them is found by `verify` and named."""

from pathlib import Path

import pytest
from auditor import Auditor
from placet_policy.audit.commands import main
from placet_policy.ledger.location import Location
from reserving_ledger import reserved

WHOLE = "(SELECT id FROM series WHERE asset = '' AND signer = 1)"
ETH = "(SELECT id FROM series WHERE asset <> '' AND destination = '' AND signer = 1)"
BTC = "(SELECT id FROM series WHERE asset <> '' AND destination = '' AND signer = 2)"


@pytest.fixture
async def auditor(location: Location, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Auditor:
    """An auditor with a whole ledger that reserves, in each of the two stores."""
    return Auditor(await reserved(location, tmp_path), capsys)


def test_untouched_limits_are_whole(auditor: Auditor) -> None:
    """Payments, replacements, a repetition, Bitcoin and a hold: nothing is found, and nothing is left unchecked."""
    code, report = auditor.verify()

    assert (code, report["counts"], report["unchecked"]) == (0, {}, [])
    assert (report["decisions"], report["contents"]) == (7, 7)
    assert auditor.change("SELECT count(*) FROM superseded") == [(9,)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        # Everything that the second approval reserved is gone.
        ("DELETE FROM claims WHERE decision_id = 'decision-2'", ("RESERVATION_MISSING", 4, "decision-2")),
        # A window is widened by the amount of one approval.
        (f"DELETE FROM reservations WHERE series = {ETH} AND ordinal = 2", ("RESERVATION_MISSING", 4, "decision-2")),
        # The newest approval is forgotten: nothing behind it has to move.
        (f"DELETE FROM reservations WHERE series = {BTC}", ("RESERVATION_MISSING", 8, "decision-6")),
        ("DELETE FROM reservations WHERE first = 6", ("RESERVATION_MISSING", 8, "decision-6")),
        # A repetition is forgotten: what it had stood for is still said not to count.
        (f"DELETE FROM reservations WHERE series = {ETH} AND ordinal = 5", ("SERIES_INCONSISTENT", 4, "decision-2")),
        # An amount, a total, what counts for ever, how many.
        (
            f"UPDATE reservations SET amount = '1' WHERE series = {ETH} AND ordinal = 2",
            ("RESERVATION_CHANGED", 4, "decision-2"),
        ),
        (
            f"UPDATE reservations SET total = '8' WHERE series = {ETH} AND ordinal = 5",
            ("SERIES_INCONSISTENT", 7, "decision-5"),
        ),
        (
            f"UPDATE reservations SET net = '0' WHERE series = {ETH} AND ordinal = 5",
            ("RESERVATION_CHANGED", 7, "decision-5"),
        ),
        (
            f"UPDATE reservations SET net_count = 0 WHERE series = {WHOLE} AND ordinal = 5",
            ("RESERVATION_CHANGED", 7, "decision-5"),
        ),
        (
            f"UPDATE reservations SET total = '-5' WHERE series = {ETH} AND ordinal = 1",
            ("SERIES_INCONSISTENT", 3, "decision-1"),
        ),
        # An approval of today is moved out of the window, with every row before it.
        ("UPDATE reservations SET at = at - 86400000000", ("RESERVATION_CHANGED", 3, "decision-1")),
        # The same with one row: the others of the approval stay where they were.
        (
            f"UPDATE reservations SET at = at - 86400000000 WHERE series = {ETH} AND ordinal = 1",
            ("RESERVATION_MISSING", 3, "decision-1"),
        ),
        # The claim on a nonce, an outpoint, and what is remembered of an outpoint.
        ("DELETE FROM spends WHERE claim = 2", ("RESERVATION_MISSING", 4, "decision-2")),
        ("DELETE FROM spends WHERE claim = 4", ("RESERVATION_MISSING", 6, "decision-4")),
        ("DELETE FROM outpoints", ("RESERVATION_MISSING", 8, "decision-6")),
        ("UPDATE outpoints SET amount = '1'", ("RESERVATION_CHANGED", 8, "decision-6")),
        ("UPDATE spends SET spend = 'nonce:1:99' WHERE claim = 1", ("RESERVATION_MISSING", 3, "decision-1")),
        # Who replaces whom, and for which key.
        ("UPDATE claims SET replaces = NULL, first = NULL WHERE id = 3", ("RESERVATION_MISSING", 5, "decision-3")),
        ("UPDATE claims SET replaces = 4, first = 1 WHERE id = 6", ("RESERVATION_MISSING", 8, "decision-6")),
        ("UPDATE signers SET path = 'm/44/60/1/0/9' WHERE id = 1", ("RESERVATION_CHANGED", 3, "decision-1")),
        ("UPDATE claims SET request_id = 'another' WHERE id = 2", ("RESERVATION_CHANGED", 4, "decision-2")),
        (
            "UPDATE series SET destination = '0xother' WHERE destination LIKE '0x%'",
            ("RESERVATION_MISSING", 3, "decision-1"),
        ),
        # A row is said to be superseded, so that it counts no longer; and one that is, is not said to be.
        (
            (
                "INSERT INTO superseded SELECT series, at, ordinal, amount FROM reservations"
                f" WHERE series = {ETH} AND ordinal = 5"
            ),
            ("SERIES_INCONSISTENT", 7, "decision-5"),
        ),
        (
            (
                "INSERT INTO superseded SELECT series, at + 1, ordinal, '1000000' FROM reservations"
                f" WHERE series = {ETH} AND ordinal = 5"
            ),
            ("RESERVATION_STRAY", None, None),
        ),
        (
            f"DELETE FROM superseded WHERE series = {ETH} AND ordinal = 1",
            ("SERIES_INCONSISTENT", 3, "decision-1"),
        ),
        (
            f"UPDATE superseded SET amount = '900' WHERE series = {ETH} AND ordinal = 1",
            ("SERIES_INCONSISTENT", 3, "decision-1"),
        ),
    ],
)
def test_a_change_of_the_tables(auditor: Auditor, change: str, found: tuple[str, int | None, str | None]) -> None:
    """The approval concerned is the first that is named."""
    auditor.change(change)
    code, report = auditor.verify()

    assert code == 1
    first = report["first"]
    assert (first["code"], first["position"], first["decision_id"]) == found


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        # A cool-down that began with the first request would be over: the approvals after the first were told the time.
        ("UPDATE destinations SET first_seen = first_seen - 86400 WHERE address LIKE '0x%'", "decision-1"),
        ("UPDATE destinations SET first_seen = first_seen + 86400 * 7 WHERE address LIKE '0x%'", "decision-1"),
        # Only one decision pays it, which was the first: bounds are all that its record knows.
        ("UPDATE destinations SET first_seen = first_seen - 86400 WHERE address NOT LIKE '0x%'", "decision-6"),
        ("DELETE FROM destinations WHERE address NOT LIKE '0x%'", "decision-6"),
        ("UPDATE destinations SET network = 'elsewhere' WHERE address NOT LIKE '0x%'", "decision-6"),
        ("UPDATE destinations SET first_seen = first_seen + 1 WHERE address LIKE '0x%'", "decision-2"),
    ],
)
def test_another_time_of_a_destination(auditor: Auditor, change: str, decision: str) -> None:
    """The first decision is named that was told otherwise, the one that is held among them; and nothing else is."""
    auditor.change(change)
    code, report = auditor.verify()

    assert code == 1
    assert (report["first"]["decision_id"], set(report["counts"])) == (decision, {"DESTINATION_CHANGED"})


@pytest.mark.parametrize("decision", ["nobody", "decision-7", "decision-1"])
def test_an_invented_reservation(auditor: Auditor, decision: str) -> None:
    """A claim of no record, of a record that holds, and a second one of an approval; consistent in itself."""
    digest = auditor.blob(bytes(32))
    auditor.change(
        "INSERT INTO claims (id, signer, decision_id, request_id, hashes_sha256)"
        f" {auditor.overriding()} VALUES (99, 1, '{decision}', 'request-1', {digest})",
        "INSERT INTO spends VALUES (1, 'nonce:1:77', 99)",
        f"INSERT INTO reservations SELECT series, 6, 99, at, amount, total, net, net_count + 1 FROM reservations"
        f" WHERE series = {WHOLE} AND ordinal = 5",
    )
    code, report = auditor.verify()

    assert code == 1
    assert set(report["counts"]) <= {"RESERVATION_STRAY", "RESERVATION_CHANGED"}
    assert report["counts"]["RESERVATION_STRAY"] >= 1


def test_a_careful_removal(auditor: Auditor) -> None:
    """All tables as if the last payment had never been approved: consistent, and its record still says that it was."""
    auditor.change(
        "DELETE FROM superseded WHERE EXISTS (SELECT 1 FROM reservations AS r WHERE r.first = 2"
        " AND r.series = superseded.series AND r.ordinal = superseded.ordinal)",
        "DELETE FROM reservations WHERE ordinal = 5 AND series IN (SELECT id FROM series WHERE signer = 1)",
        "DELETE FROM spends WHERE claim = 5",
        "DELETE FROM claims WHERE id = 5",
    )
    _, report = auditor.verify()

    assert report["counts"] == {"RESERVATION_MISSING": 1}
    assert (report["first"]["decision_id"], report["first"]["detail"]) == ("decision-5", "there is no claim")


def test_an_erased_approval_is_held_by_the_next(auditor: Auditor) -> None:
    """Nothing is left that says what it reserved, but the documents after it say what the series had come to."""
    erased = f"DELETE FROM contents WHERE {auditor.at(3)}"
    auditor.change(erased)
    _, report = auditor.verify()
    assert report["counts"] == {"CONTENT_MISSING": 1}
    assert report["unchecked"] == [
        "1 approvals have no contents that tell what they reserved: it was compared with what is around it only"
    ]

    auditor.change("UPDATE reservations SET amount = '1', total = '1', net = '1' WHERE amount = '5'")
    _, report = auditor.verify()
    assert report["counts"]["SERIES_INCONSISTENT"] >= 1


def test_an_export_says_that_it_has_no_limits(auditor: Auditor, tmp_path: Path) -> None:
    """Their tables are not in it."""
    file = tmp_path / "ledger.jsonl.gz"
    assert main(["export", "--url", auditor.ledger.location.shown, "--to", str(file)]) == 0
    auditor.capsys.readouterr()
    code, report = auditor.verify("--export", file)

    assert (code, report["unchecked"]) == (
        0,
        ["an export does not have the tables behind limits over time: verify the database as well (--url)"],
    )
