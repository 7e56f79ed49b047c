"""What the tests on the cluster share: the cluster's folders, and the record that the report is written from."""

import os
from collections.abc import Generator
from inspect import cleandoc

import pytest

from tests.cluster.install.materials import DATABASE_NAMESPACE, NODE_NAMESPACE
from tests.cluster.install.release import NAMESPACE, Release, opened, prepare
from tests.cluster.kubectl import Kubectl
from tests.cluster.node.folders import Folders
from tests.cluster.record import Record

_RECORD = pytest.StashKey[Record]()


# The first ones measure what nothing has disturbed yet; the autoscaler changes how many pods there are.
_ORDER = ("test_install", "test_pod_security", "test_network_policies", "test_manifests", "test_autoscaling")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the modules in an order of their own; those that are not named come last."""
    ranks = {name: rank for rank, name in enumerate(_ORDER)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


@pytest.fixture(scope="session")
def folders() -> Folders:
    """Where the running cluster keeps its state."""
    return Folders.of_environment()


@pytest.fixture(scope="module", autouse=True)
def record(request: pytest.FixtureRequest, folders: Folders) -> Record:
    """The record of the module; its title is the first line of the module's docstring."""
    title = cleandoc(request.module.__doc__).splitlines()[0].rstrip(".")
    begun = Record.begin(folders.results, module=request.module.__name__.rpartition(".")[2], title=title)
    request.node.stash[_RECORD] = begun
    return begun


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record how each test ended, by the fact that its docstring states."""
    report = yield
    if report.when == "call" or report.failed:
        module = item.getparent(pytest.Module)
        if module is not None and _RECORD in module.stash:
            fact = cleandoc(item.function.__doc__ or item.name).splitlines()[0]
            module.stash[_RECORD].test(fact, outcome=report.outcome, seconds=call.duration)
    return report


@pytest.fixture(scope="session")
def release(folders: Folders) -> Release:
    """The chart, installed by the document's commands into namespaces that are made anew.

    With ``PLACET_CLUSTER_REUSE=1`` the one that is there already, for whoever works on a test.
    """
    if os.environ.get("PLACET_CLUSTER_REUSE") == "1":
        return opened(folders.release)
    for namespace in (NAMESPACE, DATABASE_NAMESPACE, NODE_NAMESPACE):
        Kubectl("default").run("delete", "namespace", namespace, "--ignore-not-found")
    prepared = prepare(folders.release)
    prepared.install()
    return prepared
