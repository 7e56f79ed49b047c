"""The pods of `helm test`, as the chart renders them: their command, over their files, against the whole chain."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from manifests import one, release
from placet_cli.node.check import check_config
from placet_cli.node.store import node_key_files
from stack import Stack

from scripts.chart import JSONObject

PING, KEYSIGN = "placet-test-ping", "placet-test-keysign"
MOUNTED = "/etc/placet/node"
SERVICE = "https://placet-edge.custody.svc:443/v2/check"


def secret(stack: Stack) -> dict[str, Path]:
    """What the operator puts into the Secret of the test node, by key."""
    return {
        "tss-node-callback-pri.pem": node_key_files(stack.stand_in.folder).private,
        "callback-server-pub.key": stack.plan.layout.server_keys.public,
        "ca.crt": stack.stand_in.ca_file,
    }


def mounted(pod: JSONObject, stack: Stack, folder: Path) -> Path:
    """The pod's one volume as kubelet would lay it out; the edge is here, and not behind the release's Service."""
    config = one(release("tests"), "ConfigMap", "placet-test-node")["data"]
    given = secret(stack)
    (volume,) = pod["spec"]["volumes"]
    for source in volume["projected"]["sources"]:
        for item in source.get("secret", source.get("configMap"))["items"]:
            file = folder / item["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            if "secret" in source:
                shutil.copy(given[item["key"]], file)
                continue
            assert SERVICE in config[item["key"]]
            file.write_text(config[item["key"]].replace(SERVICE, stack.stand_in.server.service_address))
    return folder


def run(name: str, stack: Stack, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the container's command over the volume of its pod."""
    pod = one(release("tests"), "Pod", name)
    place = mounted(pod, stack, folder)
    (container,) = pod["spec"]["containers"]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == [MOUNTED]
    arguments = [each.replace(MOUNTED, str(place)) for each in container["args"]]
    # As the image's entry point starts it.
    command = [sys.executable, "-I", "-u", "-m", "placet_cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


@pytest.mark.parametrize(
    ("name", "said"),
    [(PING, "Status 0, which is all that a Ping needs"), (KEYSIGN, "approved by 1 callback server(s)")],
)
def test_a_release_that_decides_passes(name: str, said: str, stack: Stack, tmp_path: Path) -> None:
    """A signed ping is answered, and the sample of the payment is approved and recorded."""
    before = set(stack.records())
    done = run(name, stack, tmp_path / "node")

    assert (done.returncode, said in done.stdout) == (0, True), done.stdout + done.stderr
    recorded = [each.startswith("keysign_eth_eip1559_transfer-") for each in set(stack.records()) - before]
    assert recorded == ([True] if name == KEYSIGN else [])


def test_a_release_that_is_stopped_fails_the_request(stack: Stack, tmp_path: Path) -> None:
    """No decision is no success, however often the pod asks."""
    folder = tmp_path / "node"
    stack.plan.layout.stop_file.touch()
    try:
        done = run(KEYSIGN, stack, folder)
    finally:
        stack.plan.layout.stop_file.unlink()
    assert (done.returncode, "#4" in done.stdout) == (11, True), done.stdout + done.stderr


def test_the_nodes_file_is_one_that_a_node_takes(stack: Stack, tmp_path: Path) -> None:
    """Nothing in it is wrong, odd or left to a default."""
    folder = mounted(one(release("tests"), "Pod", PING), stack, tmp_path / "node")
    checked = check_config(folder / "configs" / "cobo-tss-node-config.yaml")
    assert (checked.findings, checked.config is None) == ((), False)
