"""A comparison as people read it, as a pull request shows it, and as a program reads it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_cli.policy.changes import Change, Kind, Outcome, Source
from placet_cli.policy.diff_report import Comparison, as_json, as_markdown, as_text, human

HELD = Outcome(effect="hold", reasons=(("amount_limit", "AMOUNT_LIMIT_NOT_CONFIGURED"), ("fee_limit", "FEE")))


def comparison(*changes: Change) -> Comparison:
    """A comparison of two samples and one recorded decision."""
    return Comparison(
        before="a.tar.gz",
        after="policies",
        compared={Source.SAMPLE: 2, Source.RECORDED: 1},
        changes=list(changes),
        left_out=["1 not decided again: its contents are archived or missing"],
        decimals={"ETH": 18},
    )


def approved(name: str = "pay", sentence: str = "Send 1.5 ETH to Bob.") -> Change:
    """Held for two reasons before, allowed now."""
    after = Outcome(effect="allow", reasons=(), summary=(sentence,), amounts={"ETH": 1500000000000000000, "SOL xyz": 7})
    return Change(source=Source.SAMPLE, name=name, request=name, kind=Kind.APPROVED, before=HELD, after=after)


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (1500000000000000000, 18, "1.5"),
        (1, 18, "0.000000000000000001"),
        (0, 6, "0"),
        (1000000, 6, "1"),
        (12, 0, "12"),
        (-1500000, 6, "-1.5"),
    ],
)
def test_base_units_are_written_in_the_tokens_unit(amount: int, decimals: int, text: str) -> None:
    """Every digit that counts, and no other."""
    assert human(amount, decimals) == text


@given(st.integers(min_value=-(2**256), max_value=2**256), st.integers(min_value=0, max_value=36))
def test_no_digit_is_lost(amount: int, decimals: int) -> None:
    """The text means exactly the base units, however large."""
    sign, digits, exponent = Decimal(human(amount, decimals)).as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits))) * (-1 if sign else 1)
    assert number * 10 ** (decimals + exponent) == amount


def test_people_read_what_changes_and_what_it_moves() -> None:
    """Each change with its reasons that went and came, then the totals in both units."""
    assert as_text(comparison(approved())) == (
        "a.tar.gz → policies: 2 samples, 1 recorded decision compared\n"
        "  not compared: 1 not decided again: its contents are archived or missing\n"
        "\n"
        "newly approved\n"
        "  sample pay: HOLD → ALLOW (-AMOUNT_LIMIT_NOT_CONFIGURED -FEE)\n"
        "    Send 1.5 ETH to Bob.\n"
        "\n"
        "newly approved: 1 sample; 1.5 ETH (1500000000000000000 base units), 7 base units of SOL xyz\n"
    )


def test_that_nothing_changes_is_said() -> None:
    """An empty answer could be an answer to nothing."""
    assert as_text(comparison()).endswith("\n\nNothing is decided differently.\n")
    assert as_markdown(comparison()).endswith("\n\nNothing is decided differently.\n")


def test_a_pull_request_shows_tables() -> None:
    """Totals first, then every change."""
    lines = as_markdown(comparison(approved())).splitlines()
    assert (
        "| **newly approved** | 1 sample | 1.5 ETH (1500000000000000000 base units), 7 base units of SOL xyz |" in lines
    )
    assert lines[-1] == (
        "| newly approved | sample `pay` | HOLD → ALLOW | `-AMOUNT_LIMIT_NOT_CONFIGURED -FEE` |"
        " `Send 1.5 ETH to Bob.` |"
    )


def test_what_a_request_says_cannot_write_markdown_or_drive_a_terminal() -> None:
    """A memo that looks like a table row, ends a quotation or breaks the line stays a text in its cell."""
    hostile = approved(sentence="memo `|** | x |\n# approved\x1b[2J")
    last = as_markdown(comparison(hostile)).splitlines()[-1]
    assert last.endswith("| `memo \u02cb\\|** \\| x \\|\ufffd# approved\ufffd[2J` |")
    assert "    memo `|** | x |\ufffd# approved\ufffd[2J\n" in as_text(comparison(hostile))


def test_programs_read_base_units() -> None:
    """As decimal strings, which lose no digit."""
    said = json.loads(as_json(comparison(approved())))
    assert said["compared"] == {"sample": 2, "recorded": 1}
    assert said["totals"] == [
        {
            "change": "newly_approved",
            "source": "sample",
            "decisions": 1,
            "requests": 1,
            "amounts": {"ETH": "1500000000000000000", "SOL xyz": "7"},
        }
    ]
    assert said["changes"][0]["before"] == {"effect": "hold", "codes": ["AMOUNT_LIMIT_NOT_CONFIGURED", "FEE"]}
