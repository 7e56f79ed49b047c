"""The autoscaler of each tier reacts to that tier's own work.

What a pod asks for is chosen so that little work is much for a tier: the reaction is what is proven, not a size. The
chart waits five minutes before it takes pods away; the last test shortens that in the cluster.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cluster.install.release import Release, merged, upgrade, values
from tests.cluster.kubectl import Kubectl, until
from tests.cluster.record import Record

_LOAD_SECONDS = 75
_REACTION_SECONDS = 150
_TIERS = ("edge", "policy")


def _tier(cpu: str, percent: int) -> Mapping[str, Any]:
    scaling = {"enabled": True, "minReplicas": 2, "maxReplicas": 4, "cpuPercent": percent}
    return {"autoscaling": scaling, "resources": {"requests": {"cpu": cpu}}}


@pytest.fixture(scope="module")
def scaled(release: Release) -> Iterator[Release]:
    """The release with an autoscaler for each tier, once both have measured; afterwards without them again."""
    upgrade(release, merged(values(), {"edge": _tier("150m", 60), "policy": _tier("60m", 60)}))
    until(lambda: all(measured(release, tier) for tier in _TIERS), seconds=120, what="both autoscalers measure")
    yield release
    upgrade(release, values())


def measured(release: Release, tier: str) -> bool:
    """Whether the autoscaler knows how much its tier works."""
    return bool(release.kubectl.get("hpa", f"placet-{tier}")["status"].get("currentMetrics"))


def replicas(kubectl: Kubectl, tier: str) -> int:
    """How many pods the autoscaler wants now."""
    wanted: int = kubectl.get("deployment", f"placet-{tier}")["spec"]["replicas"]
    return wanted


@contextmanager
def load(release: Release, *, key: str, pause: float) -> Iterator[Future[Counter[str]]]:
    """Requests from the stand-in's pod, meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        sample = "keysign_eth_eip1559_transfer"
        yield pool.submit(release.stand_in.ask_again_and_again, sample, key=key, seconds=_LOAD_SECONDS, pause=pause)


def test_enabling_an_autoscaler_takes_no_pod_away(scaled: Release) -> None:
    """It takes over the two pods that were there; both tiers go on with them."""
    assert [replicas(scaled.kubectl, tier) for tier in _TIERS] == [2, 2]


def test_the_edge_grows_by_itself(scaled: Release, record: Record) -> None:
    """Tokens of a stranger, which the edge alone refuses: a third edge pod, and no further policy pod."""
    started = time.monotonic()
    with load(scaled, key="foreign", pause=0) as asked:
        until(lambda: replicas(scaled.kubectl, "edge") > 2, seconds=_REACTION_SECONDS, what="the edge grows")
        record.figure("From the first request to the decision for a third edge pod", time.monotonic() - started, "s")
        assert replicas(scaled.kubectl, "policy") == 2
    answers = asked.result()

    assert answers["APPROVED"] == 0
    assert answers.keys() == {"ERROR"}
    record.figure("Tokens of a stranger that were refused meanwhile", answers["ERROR"])
    scaled.kubectl.run("rollout", "status", "deployment/placet-edge", "--timeout=120s")
    assert replicas(scaled.kubectl, "policy") == 2


def test_the_policy_tier_grows_by_itself(scaled: Release, record: Record) -> None:
    """Requests that are decided, few enough for the edge: a third policy pod, and no further edge pod."""
    edges = replicas(scaled.kubectl, "edge")
    started = time.monotonic()
    with load(scaled, key="own", pause=0.03) as asked:
        until(lambda: replicas(scaled.kubectl, "policy") > 2, seconds=_REACTION_SECONDS, what="the policy tier grows")
        record.figure("From the first request to the decision for a third policy pod", time.monotonic() - started, "s")
    answers = asked.result()

    assert replicas(scaled.kubectl, "edge") <= edges
    record.figure("Requests that were approved meanwhile", answers["APPROVED"])
    record.figure("Requests that were not answered and asked again later", answers["NO_RESPONSE"])
    assert answers.keys() <= {"APPROVED", "NO_RESPONSE"}
    scaled.kubectl.run("rollout", "status", "deployment/placet-policy", "--timeout=120s")


def test_both_tiers_shrink_when_the_work_is_done(scaled: Release, record: Record) -> None:
    """Back to two pods each, after the time for which the autoscaler looks back."""
    soon = json.dumps({"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 10}}}})
    for tier in _TIERS:
        scaled.kubectl.run("patch", "hpa", f"placet-{tier}", "--type=merge", "-p", soon)

    def shrunk() -> bool:
        return [replicas(scaled.kubectl, tier) for tier in _TIERS] == [2, 2]

    seconds = until(shrunk, seconds=300, what="both tiers have two pods")
    record.figure("Until both tiers had two pods again, looking back 10 s", seconds, "s")
    assert scaled.stand_in.send("keysign_eth_eip1559_transfer").status == 0
