"""Changed requests of every kind: never ALLOW unless bytes and declaration mean the same, as the oracle reads them.

How many is in tests/support/mutation_counts.py; HYPOTHESIS_PROFILE=long makes it long. `make test` brings Node.js and
the locked libraries.
"""

from collections.abc import Callable, Sequence

import pytest
from bitcoin_mutations import BitcoinPayments
from evm_subject import EvmTransactions
from judged_changes import Subject, change_all, lines_of
from key_request_mutations import KEY_GEN, KEY_RESHARE, KEY_SHARE_SIGN, KeyRequests
from message_mutations import PersonalMessages, TypedMessages
from mutation import Change
from mutation_counts import COUNTS, QUICK, THOROUGH, Counts
from solana_call_mutations import SolanaCalls
from solana_mutations import SolanaPayments
from tron_call_mutations import TronCalls
from tron_mutations import TronPayments

_SUBJECTS: dict[str, Subject] = {
    "evm": EvmTransactions(),
    "eip191": PersonalMessages(),
    "eip712": TypedMessages(),
    "tron": TronPayments(),
    "solana": SolanaPayments(),
    "tron_call": TronCalls(),
    "solana_call": SolanaCalls(),
    "bitcoin": BitcoinPayments(),
    "key_gen": KeyRequests(KEY_GEN),
    "key_reshare": KeyRequests(KEY_RESHARE),
    "key_share_sign": KeyRequests(KEY_SHARE_SIGN),
}


@pytest.mark.parametrize("name", _SUBJECTS)
def test_no_changed_request_is_allowed_unless_it_means_the_same(name: str, tell: Callable[..., None]) -> None:
    """With a policy that allows everything, no changed request is allowed that the oracle does not read as honest."""
    tally = change_all(_SUBJECTS[name], COUNTS[name], seed=20261123)

    tell(tally.line(name), changed=tally.changed.total())
    for text in lines_of(tally.survivors):
        print(text)  # noqa: T201 -- shown where the test fails
    assert [survivor["change"] for survivor in tally.survivors] == []
    asked = COUNTS[name]
    assert tally.changed == {"bytes": asked.changed_bytes, "declared": asked.declared, "swaps": asked.swaps}
    # Some changes mean the same, and most do not: both must have happened for anything to be compared.
    assert 0 < tally.proven.total() < tally.changed.total() // 2


class _Unforgiving(KeyRequests):
    """Says of no change that it means the same."""

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        return [False for _ in changes]


def test_a_survivor_is_found() -> None:
    """What is allowed against the oracle's word is counted and shown in full: the tests above can fail."""
    tally = change_all(_Unforgiving(KEY_GEN), QUICK["key_gen"], seed=1)

    assert len(tally.survivors) == tally.proven.total() > 0
    shown = next(lines_of(tally.survivors))
    assert "effect: ALLOW" in shown
    assert "'node_ids'" in shown


@pytest.mark.parametrize(
    ("table", "changed", "honest"), [(QUICK, 5_000, 2_000), (THOROUGH, 100_000, 20_000)], ids=["quick", "thorough"]
)
def test_as_many_as_promised(table: dict[str, Counts], changed: int, honest: int) -> None:
    """The numbers that every test here takes from one table, and proves to have done, add up to what is promised."""
    assert table.keys() == _SUBJECTS.keys()
    assert sum(counts.changed for counts in table.values()) >= changed
    assert sum(counts.honest for counts in table.values()) >= honest
    assert all(min(one.honest, one.changed_bytes, one.declared, one.swaps) > 0 for one in table.values())
