"""docs/deploy-on-kubernetes.md: its commands make what the chart and the services want."""

import re
import subprocess
from pathlib import Path

from cryptography import x509
from manifests import container, environment, example, pods
from placet_edge.tls import check_authorities, check_pair
from placet_policy.metrics import Metrics
from placet_policy.tls import TlsFiles, tls_material

from scripts.chart import described, documents, render, schema

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "deploy-on-kubernetes.md").read_text(encoding="utf-8")


def commands(program: str) -> list[str]:
    """The document's commands of one program."""
    return re.findall(rf"^\$ ({program} .*)$", DOCUMENT, re.MULTILINE)


def names(certificate: Path) -> list[str]:
    """The DNS names of a certificate."""
    (leaf,) = x509.load_pem_x509_certificates(certificate.read_bytes())
    return leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


def test_the_certificates_by_hand_are_what_both_tiers_take(tmp_path: Path) -> None:
    """The openssl commands, run as they stand: the services load the files, and the names are those that are pinned."""
    for command in commands("openssl"):
        subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    check_pair(tmp_path / "edge.crt", tmp_path / "edge.key")
    check_authorities(tmp_path / "ca.crt")
    (tmp_path / "policy.key").chmod(0o440)
    files = TlsFiles(certificate=tmp_path / "policy.crt", key=tmp_path / "policy.key", client_ca=tmp_path / "ca.crt")
    assert tls_material(files, metrics=Metrics()).value.certificate == (tmp_path / "policy.crt").read_bytes()

    objects = documents(render(example("minimal"), release="placet", namespace="placet"))
    pinned = environment(container(objects, "edge"))["PLACET_EDGE_POLICY_SAN"]
    wanted = environment(container(objects, "policy"))["PLACET_POLICY_CLIENT_SAN"]
    assert (names(tmp_path / "policy.crt"), names(tmp_path / "edge.crt")) == ([pinned], [wanted])


def test_the_objects_that_the_document_makes_are_those_the_chart_mounts() -> None:
    """Secrets and ConfigMaps have the names of the examples and the keys that the pods look for."""
    objects = documents(render(example("minimal"), release="placet", namespace="placet"))
    made = {line.split()[6 if "generic" in line else 5]: line for line in commands("kubectl -n placet create")}

    volumes = [volume for pod in pods(objects) for volume in pod["volumes"]]
    for volume in volumes:
        name = volume.get("secret", {}).get("secretName") or volume.get("configMap", {}).get("name")
        for item in volume.get("secret", {}).get("items", ()):
            assert name == "placet-edge-tls" or item["key"] in made[name]
    assert {"placet-server-key", "placet-nodes", "placet-edge-mtls", "placet-policy-mtls", "placet-stop"} == set(made)


def test_every_value_that_the_document_names_exists() -> None:
    """No sentence tells of a value that the schema would refuse."""
    known = {".".join(path) for path, _ in described(schema())}
    named = set(re.findall(r"`((?:edge|policy|mtls|certManager|networkPolicy)\.[A-Za-z.]+)`", DOCUMENT))

    assert len(named) >= 8
    assert named - known == set()
