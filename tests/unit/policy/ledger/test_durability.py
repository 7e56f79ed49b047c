"""What a server's own settings say about its commits."""

import pytest
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.durability import require_durable, settings_query

UNSEEN = "no standby is synchronous, or this role may not see it (GRANT pg_read_all_stats)"


@pytest.mark.parametrize("commit", ["on", "remote_write", "remote_apply"])
@pytest.mark.parametrize("standby", [True, False])
def test_a_durable_server_is_used(commit: str, *, standby: bool) -> None:
    """These settings make a commit survive a crash of the server, and reach a standby where there is one."""
    require_durable(("on", "on", commit, False, 1 if standby else None), standby=standby)


@pytest.mark.parametrize(
    ("row", "standby", "fault", "cause"),
    [
        (("off", "on", "on", False, None), False, "NOT_DURABLE", "fsync is off"),
        (("on", "off", "on", False, None), False, "NOT_DURABLE", "full_page_writes is off"),
        (("on", "on", "off", False, None), False, "NOT_DURABLE", "synchronous_commit is off"),
        (("on", "on", "on", True, None), False, "RECOVERING", "the server is in recovery"),
        (("on", "on", "on", False, 0), True, "NO_STANDBY", UNSEEN),
        (
            ("on", "on", "local", False, 1),
            True,
            "NO_STANDBY",
            "synchronous_commit is local, which waits for no standby",
        ),
    ],
)
def test_any_other_is_refused_by_name(
    row: tuple[str, str, str, bool, int | None], fault: str, cause: str, *, standby: bool
) -> None:
    """The fault is what readiness says, the cause names the setting."""
    with pytest.raises(LedgerUnavailable) as refused:
        require_durable(row, standby=standby)
    assert (refused.value.fault, refused.value.cause) == (LedgerFault[fault], cause)


def test_local_is_enough_without_a_standby() -> None:
    """`local` waits for the server's own disk."""
    require_durable(("on", "on", "local", False, None), standby=False)


@pytest.mark.parametrize(("standby", "asked"), [(True, True), (False, False)])
def test_standbys_are_counted_where_one_is_required(*, standby: bool, asked: bool) -> None:
    """A role without pg_read_all_stats is not asked what it may not see."""
    assert ("pg_stat_replication" in settings_query(standby=standby)) is asked
