"""How the table is printed."""

import io

from placet_cli.stack.demonstration import Row
from placet_cli.stack.table import print_table, shortened
from rich.console import Console


def printed(*rows: Row) -> str:
    """The table as text, wide enough for one line a row."""
    console = Console(file=io.StringIO(), width=200, color_system=None)
    print_table(rows, console=console)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def line(*, differences: tuple[str, ...] = (), reasons: tuple[str, ...] = (), answer: str = "REJECT") -> Row:
    """One row."""
    return Row(sample_id="a01", words="Sends [1] ETH.", answer=answer, reasons=reasons, differences=differences)


def test_expected_rows_are_said_to_be_so() -> None:
    """With no difference the last line says that all came out as expected."""
    assert printed(line(), line()).endswith("All 2 samples came out as expected.\n")


def test_a_difference_is_marked_and_named() -> None:
    """The row is marked, the difference written under the table, and the number of such rows last."""
    text = printed(line(), line(differences=("the effect is DENY; expected: HOLD",)))

    assert "REJECT ≠" in text
    assert "≠ a01: the effect is DENY; expected: HOLD" in text
    assert text.endswith("1 of 2 samples came out other than expected.\n")


def test_the_outcomes_are_counted() -> None:
    """One line tells the story: what was approved, rejected and held, then the pings, then anything else."""
    answers = ("status 0", "APPROVE", "no answer (HOLD)", "APPROVE", "no answer", "status 0", "REJECT", "status 20")

    assert "\n2 approved, 1 rejected, 1 held, 2 pings answered, 1 no answer, 1 status 20.\n" in printed(
        *(line(answer=answer) for answer in answers)
    )
    assert "\n2 rejected.\n" in printed(line(), line())


def test_text_of_a_record_is_never_markup() -> None:
    """Square brackets in what a record says are printed as they are."""
    assert "Sends [1] ETH." in printed(line())


def test_the_first_reason_is_shown_and_the_others_counted() -> None:
    """A row stays short; the ledger has every reason."""
    assert "A: one (and 2 more)" in printed(line(reasons=("A: one", "B: two", "C: three")))
    assert "A: one" in printed(line(reasons=("A: one",)))
    assert "more" not in printed(line(reasons=("A: one",)))


def test_long_identifiers_are_cut_in_the_middle() -> None:
    """An address is shown by its two ends; words of ordinary length are left alone."""
    text = "To 0x0f76f604fd7762bd94b48ca2523f69ab9665c97f, an ordinary sentence."

    assert shortened(text) == "To 0x0f76f604…c97f, an ordinary sentence."
