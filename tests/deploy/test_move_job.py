"""deploy/k8s/move-ledger.yaml: a Job that Kubernetes takes, over the file and the Secret of the chart's releases."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from deploy_checks import violations
from manifests import container, one, pods, release, rendered, with_values
from placet_policy.ledger.commands import main

from scripts.chart import CHART, JSONObject, read_yaml

FILE = CHART.parent / "move-ledger.yaml"


@pytest.fixture
def job() -> JSONObject:
    """The Job as it is shipped."""
    return read_yaml(FILE)


@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_kubernetes_knows_every_field(job: JSONObject, version: str) -> None:
    """By its own schemas, in the strict form."""
    kubernetes_validate.validate(job, version, strict=True)


def test_it_is_as_restricted_as_every_pod(job: JSONObject) -> None:
    """Of all checks only one speaks: no NetworkPolicy is there for what runs once and belongs to no release."""
    assert violations({"it": [job]}) == {"it": [{"code": "NO_NETWORK_POLICY", "where": "Job placet-move-ledger"}]}


def test_it_reads_the_file_of_a_release(job: JSONObject) -> None:
    """The claim and the place are those of the example with a file."""
    minimal = release("minimal")
    (spec,) = pods([job])
    claims = [
        volume["persistentVolumeClaim"]["claimName"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume
    ]
    policy = container(minimal, "policy")
    url = next(each["value"] for each in policy["env"] if each["name"] == "PLACET_POLICY_LEDGER_URL")

    assert claims == [one(minimal, "PersistentVolumeClaim", "placet-policy-ledger")["metadata"]["name"]]
    assert arguments(job)["--from"] == url
    assert mounts(container([job], "move"))["file"] == mounts(policy)["ledger"]


def test_it_writes_as_the_migrations_role(job: JSONObject) -> None:
    """URL, password and authority are the owner's, where the URL looks for them."""
    migration = container(release("postgres"), "migration")
    move = container([job], "move")
    (spec,) = pods([job])
    (owner,) = [volume["secret"] for volume in spec["volumes"] if "secret" in volume]

    assert move["env"][0] == migration["env"][0]
    assert arguments(job)["--to"] == f"$({move['env'][0]['name']})"
    assert mounts(move)["ledger"] == mounts(migration)["ledger"]
    assert owner["secretName"] == "placet-ledger-owner"
    assert arguments(job)["--password-file"] == f"{mounts(move)['ledger']}/password"


def test_a_release_waits_for_the_move_without_policy_pods() -> None:
    """The chart takes no pods at all for the time between, and an upgrade leaves the claim with the file."""
    waiting = one(rendered(with_values("postgres", {"policy.replicas": 0})), "Deployment", "placet-policy")
    claim = one(release("minimal"), "PersistentVolumeClaim", "placet-policy-ledger")

    assert waiting["spec"]["replicas"] == 0
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_the_command_takes_its_arguments(job: JSONObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a file that is not there it goes as far as the database, which is not there either."""
    given = container([job], "move")["args"]
    assert given[0] == "ledger"
    password = tmp_path / "password"
    password.write_text("none")
    real = {
        "$(PLACET_POLICY_LEDGER_URL)": "postgresql://owner@127.0.0.1:1/placet",
        "/etc/placet/ledger/password": str(password),
    }
    assert main([real.get(each, each) for each in given[1:]]) == 1
    assert "connection" in capsys.readouterr().err


def arguments(job: JSONObject) -> dict[str, str]:
    """The options of the command."""
    given = container([job], "move")["args"][2:]
    return dict(zip(given[::2], given[1::2], strict=True))


def mounts(of: JSONObject) -> dict[str, Any]:
    """Where each volume is."""
    return {mount["name"]: mount["mountPath"] for mount in of["volumeMounts"]}
