"""From an empty namespace to the first APPROVE, with Helm.

The commands are those of docs/deploy.md, typed as they stand there.
"""

import json
import re
import subprocess
import time

import pytest
from placet_cli import opa_binary

from tests.cluster.install import database
from tests.cluster.install.decisions import decisions
from tests.cluster.install.release import Release
from tests.cluster.kubectl import KubectlError
from tests.cluster.node.binaries import KUBERNETES, VERSIONS
from tests.cluster.record import Record

APPROVED, REJECTED, NOT_APPROVED = 0, 10, 11


def test_the_documented_commands_lead_to_an_approval(release: Release, record: Record) -> None:
    """After the document's commands a node's request is approved, by a signed answer."""
    started = time.monotonic()
    sent = release.stand_in.send("keysign_eth_eip1559_transfer")

    assert (sent.status, "approved by 1 callback server(s)" in sent.output) == (APPROVED, True)
    for step, seconds in release.seconds.items():
        record.figure(step, seconds, "s")
    record.figure("The first request, with the start of the stand-in's program", time.monotonic() - started, "s")
    record.figure("In all, from an empty namespace", sum(release.seconds.values()) + time.monotonic() - started, "s")


@pytest.mark.parametrize(
    ("sample", "status"),
    [
        ("ping_type_only", APPROVED),
        ("keygen_secp256k1", APPROVED),
        ("keysign_btc_segwit_2in", APPROVED),
        ("keysign_sol_transfer", APPROVED),
        ("a09_destination_mismatch", REJECTED),
        ("a10_fee_drain", REJECTED),
        ("keysign_evm_contract_call", NOT_APPROVED),
    ],
)
def test_a_sample_gets_the_answer_that_it_gets_on_one_machine(release: Release, sample: str, status: int) -> None:
    """Approved, rejected, or not answered at all: the pods decide as the processes of the other tests do."""
    assert release.stand_in.send(sample).status == status


def test_what_was_decided_is_in_the_database(release: Release) -> None:
    """Each answer has its record in the real PostgreSQL, written by the role that may add and not change."""
    for sample, effect in (("keysign_eth_eip1559_transfer", "ALLOW"), ("a09_destination_mismatch", "DENY")):
        sent = release.stand_in.send(sample)
        (recorded,) = decisions(release.kubectl, request=sent.request_id)
        assert (recorded["effect"], recorded["node"]) == (effect, "node-1")

    for change in ("DELETE FROM records", "UPDATE records SET effect = 'ALLOW'", "DROP TABLE records"):
        with pytest.raises(KubectlError, match=r"permission denied|must be owner"):
            database.query("placet", f"SET ROLE ledger_writer; {change}")


def test_the_pods_are_as_large_as_their_requests_suppose(release: Release, record: Record) -> None:
    """Each container uses less memory than the chart's default limit; the figures are in the report."""
    seen = []
    for component in ("edge", "policy"):
        label = f"app.kubernetes.io/component={component}"
        table = release.kubectl.run("top", "pod", "--containers", "--no-headers", "-l", label)
        seen += re.findall(r"^\S+\s+(\S+)\s+\S+\s+(\d+)Mi\s*$", table, re.MULTILINE)
    largest = {name: max(int(size) for other, size in seen if other == name) for name, _ in seen}

    for name, size in largest.items():
        record.figure(f"Memory of the container `{name}`, the largest of its pods", size, "MiB")
    assert largest.keys() == {"edge", "policy", "opa"}
    assert all(size < 384 for size in largest.values())


def test_the_versions_are_written_down(release: Release, record: Record) -> None:
    """The API server is of the version that was built, and the report names everything that took part."""
    server = json.loads(release.kubectl.run("version", "-o", "json"))["serverVersion"]["gitVersion"]
    programs = {"containerd": "containerd --version", "runc": "runc --version", "etcd": "etcd --version"}
    for name, command in programs.items():
        said = subprocess.run(command.split(), check=True, capture_output=True, text=True).stdout
        record.version(name, re.findall(r"\d+\.\d+\.\d+", said)[0])
    record.version("PostgreSQL", database.query("placet", "SHOW server_version").split()[0])
    record.version("Kubernetes", server)
    record.version("opa", f"v{opa_binary.VERSION}")
    for module, version in VERSIONS.items():
        record.version(module.rpartition("/")[2], version)

    assert server == f"v{KUBERNETES}"
