"""`ledger list` and `show` with every filter, on both stores."""

import json
from typing import Any

import pytest
from ledger_records import keep_bundle, opened, write
from placet_policy.ledger import reading
from placet_policy.ledger.commands import main
from placet_policy.ledger.location import Location

_SIGNER = {"root_key": "xpub1", "path": "m/44/60/0", "address": "0xabc", "vault": "v", "group": "treasury"}
_HOUR = 3600.0
_NOON = 1795348800.0


@pytest.fixture
async def url(location: Location) -> str:
    """Four decisions, one an hour from noon (UTC) on."""
    async with opened(location) as ledger:
        await write(ledger, 1, decided_at=_NOON, facts={"signer": _SIGNER})
        reasons = [{"code": "FEE_ABOVE_LIMIT", "message": "m"}, {"code": "A%B", "message": "m"}]
        await write(ledger, 2, decided_at=_NOON + _HOUR, effect="DENY", reasons=reasons, facts=None)
        await write(ledger, 3, decided_at=_NOON + 2 * _HOUR, effect="HOLD", node="node-b", request_type=1)
        await write(ledger, 4, decided_at=_NOON + 3 * _HOUR, request_type=2**70)
        await keep_bundle(ledger)
    return location.shown


def listed(capsys: pytest.CaptureFixture[str], url: str, *arguments: str) -> list[str]:
    """What `list` finds: numbers of decisions, kinds of other records."""
    assert main(["list", "--url", url, "--json", *arguments]) == 0
    records: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(record["decision_id"] or record["kind"]).removeprefix("decision-") for record in records]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("", ["writer", "bundle", "1", "2", "3", "4", "bundle"]),
        ("--kind bundle", ["bundle", "bundle"]),
        ("--effect ALLOW", ["1", "4"]),
        ("--code FEE_ABOVE_LIMIT", ["2"]),
        ("--code FEE_ABOVE", []),
        ("--code FEE.ABOVE.LIMIT", []),
        ("--code A%B", ["2"]),
        ("--code %", []),
        ("--code _____________", []),
        ("--node node-b", ["3"]),
        ("--request request-2", ["2"]),
        ("--decision decision-3", ["3"]),
        ("--type KEY_GEN", ["3"]),
        ("--type 1", ["3"]),
        (f"--type {2**70}", ["4"]),
        ("--signer treasury", ["1"]),
        ("--signer 0xabc", ["1"]),
        ("--signer derived", []),
        ("--since 2026-11-22T13:00:00Z --kind decision", ["2", "3", "4"]),
        ("--until 2026-11-22T14:00:00+01:00 --kind decision", ["1"]),
        ("--since 2026-11-23 --kind decision", []),
        ("--kind decision --limit 2", ["3", "4"]),
        ("--limit 3", ["3", "4", "bundle"]),
        ("--limit 1 --effect ALLOW --signer m/44/60/0", ["1"]),
    ],
)
def test_filters_narrow_and_the_order_stays(
    url: str, capsys: pytest.CaptureFixture[str], arguments: str, found: list[str]
) -> None:
    """Every filter by itself and together, oldest first, also when only the newest are wanted."""
    assert listed(capsys, url, *arguments.split()) == found


def test_more_than_one_page_is_read(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paging goes on where it was, in both directions, with a filter that few records fit."""
    monkeypatch.setattr(reading, "_ROWS_AT_ONCE", 2)

    assert listed(capsys, url) == ["writer", "bundle", "1", "2", "3", "4", "bundle"]
    assert listed(capsys, url, "--signer", "xpub1", "--limit", "5") == ["1"]


@pytest.mark.parametrize(
    "wrong", ["--limit 0", "--since noon", "--since 2026-11-22T12:00", "--type X", "--effect allow"]
)
def test_a_filter_that_is_none_is_a_usage_error(wrong: str) -> None:
    """Nothing is listed for a question that nobody asked."""
    with pytest.raises(SystemExit) as ended:
        main(["list", "--url", "sqlite:////nowhere", *wrong.split()])
    assert ended.value.code == 2
