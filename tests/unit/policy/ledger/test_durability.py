"""What a server's own settings say about its commits."""

import pytest
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.durability import require_durable, require_standby


@pytest.mark.parametrize("commit", ["on", "remote_write", "remote_apply"])
@pytest.mark.parametrize("standby", [True, False])
def test_a_durable_server_is_used(commit: str, *, standby: bool) -> None:
    """These settings make a commit survive a crash of the server, and reach a standby where there is one."""
    require_durable(("on", "on", commit, False), standby=standby)


@pytest.mark.parametrize(
    ("row", "standby", "fault", "cause"),
    [
        (("off", "on", "on", False), False, "NOT_DURABLE", "fsync is off"),
        (("on", "off", "on", False), False, "NOT_DURABLE", "full_page_writes is off"),
        (("on", "on", "off", False), False, "NOT_DURABLE", "synchronous_commit is off"),
        (("on", "on", "on", True), False, "RECOVERING", "the server is in recovery"),
        (("on", "on", "local", False), True, "NO_STANDBY", "synchronous_commit is local, which waits for no standby"),
    ],
)
def test_any_other_is_refused_by_name(
    row: tuple[str, str, str, bool], fault: str, cause: str, *, standby: bool
) -> None:
    """The fault is what readiness says, the cause names the setting."""
    with pytest.raises(LedgerUnavailable) as refused:
        require_durable(row, standby=standby)
    assert (refused.value.fault, refused.value.cause) == (LedgerFault[fault], cause)


def test_local_is_enough_without_a_standby() -> None:
    """`local` waits for the server's own disk."""
    require_durable(("on", "on", "local", False), standby=False)


def test_one_standby_is_enough() -> None:
    """None is not."""
    require_standby(1)
    with pytest.raises(LedgerUnavailable):
        require_standby(0)
