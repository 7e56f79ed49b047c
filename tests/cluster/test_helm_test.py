"""The chart's own tests, as `helm test` runs them in the cluster."""

from typing import Any

import pytest

from tests.cluster.install.document import CommandFailedError, commands
from tests.cluster.install.release import Release, image, merged, upgrade, values
from tests.cluster.kubectl import until
from tests.cluster.record import Record

APPROVED, NOT_APPROVED = 0, 11
TESTS: dict[str, Any] = {
    "tests": {"enabled": True, "image": image("placet-cli"), "keySign": {"enabled": True}},
}


@pytest.fixture(scope="module")
def tested(release: Release) -> Release:
    """The release with its tests enabled, and the Secret with the key of a node that it knows."""
    release.kubectl.run("delete", "secret", "placet-test-node", "--ignore-not-found")
    release.reader.follow("helm test", beginning="kubectl")
    upgrade(release, merged(values(), TESTS))
    return release


def test_helm_asks_as_a_node_does(tested: Release) -> None:
    """`helm test` succeeds: a signed ping through the Service, and a payment that the policies approve."""
    (command,) = [command for command in commands("helm test") if command.startswith("helm")]
    said = tested.reader.type(command)

    assert said.count("Phase:          Succeeded") == 2
    assert "Phase:          Failed" not in said


def test_the_test_pods_say_what_was_answered(tested: Release) -> None:
    """Their logs stay, and show an approval that was signed."""
    logs = tested.kubectl.run("logs", "placet-test-keysign")

    assert "approved by 1 callback server(s)" in logs


def test_helms_test_fails_while_everything_is_held(tested: Release, record: Record) -> None:
    """After the document's stop the payment of `helm test` is not approved, and Helm says so; lifted, it is again."""
    stop, lift = commands("Stop")[:2]
    tested.reader.type(stop)
    try:
        seconds = until(lambda: _approves(tested) == NOT_APPROVED, seconds=120, what="everything is held")
        record.figure("From the stop to held requests", seconds, "s")
        with pytest.raises(CommandFailedError, match="placet-test-keysign failed"):
            tested.reader.type("helm test placet --namespace placet")
    finally:
        tested.reader.type(lift)
    seconds = until(lambda: _approves(tested) == APPROVED, seconds=120, what="requests are approved again")
    record.figure("From lifting it to approvals", seconds, "s")


def _approves(release: Release) -> int:
    return release.stand_in.send("keysign_eth_eip1559_transfer").status
