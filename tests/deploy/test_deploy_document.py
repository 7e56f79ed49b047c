"""docs/deploy.md: its commands make what the chart and the services want (what it says of ledgers: tests/contract)."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from manifests import container, environment, example, pods
from placet_edge.tls import check_authorities, check_pair
from placet_policy.ledger.location import PostgresLocation, parse_url
from placet_policy.metrics import Metrics
from placet_policy.tls import TlsFiles, tls_material

from scripts.chart import JSONObject, described, documents, render, schema

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


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


def made() -> Mapping[str, set[str]]:
    """The Secrets and ConfigMaps that the document's commands make, and the keys in each."""
    words = [shlex.split(command) for command in commands("kubectl -n placet create")]
    return {
        line[6 if line[5] == "generic" else 5]: {
            Path(option.split("=")[1]).name for option in line if option.startswith(("--from-file=", "--from-literal="))
        }
        for line in words
    }


def test_kubectl_makes_what_the_document_says(tmp_path: Path) -> None:
    """Each `kubectl create`, as it stands but without a cluster, makes an object with the keys that are read off it."""
    for name in set(re.findall(r"--from-file=(?:\S+?=)?([\w./-]+)", DOCUMENT)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("content")
    objects = [
        yaml.safe_load(typed(f"{command} --dry-run=client -o yaml", tmp_path))
        for command in commands("kubectl -n placet create")
    ]

    assert {each["metadata"]["name"]: set(each["data"]) for each in objects} == made()
    assert {each["metadata"]["namespace"] for each in objects} == {"placet"}


def secrets_wanted(objects: Sequence[JSONObject]) -> set[tuple[str, str]]:
    """Each Secret and key that a pod mounts or has in its environment."""
    mounted = [volume["secret"] for pod in pods(objects) for volume in pod["volumes"] if "secret" in volume]
    containers = [each for pod in pods(objects) for each in pod["containers"] + pod.get("initContainers", [])]
    named = [
        variable["valueFrom"]["secretKeyRef"]
        for each in containers
        for variable in each.get("env", ())
        if "secretKeyRef" in variable.get("valueFrom", {})
    ]
    projected = [
        source["secret"]
        for pod in pods(objects)
        for volume in pod["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        if "secret" in source
    ]
    files = {(secret["secretName"], item["key"]) for secret in mounted for item in secret["items"]}
    files |= {(secret["name"], item["key"]) for secret in projected for item in secret["items"]}
    return files | {(each["name"], each["key"]) for each in named}


@pytest.mark.parametrize("name", ["minimal", "postgres", "tests"])
def test_every_secret_and_key_that_a_pod_looks_for_is_made(name: str) -> None:
    """By a command of the document, for the least of the examples, the usual one, and the one with `helm test`."""
    objects = documents(render(example(name), release="placet", namespace="placet"))
    wanted = secrets_wanted(objects)

    assert ("placet-server-key", "server.pem") in wanted
    assert {(secret, key) for secret, key in wanted if key not in made().get(secret, ())} == set()


def test_nothing_is_made_that_no_pod_looks_for() -> None:
    """What it makes are the Secrets and ConfigMaps of the PostgreSQL example and of the test pods, but the bundle."""
    objects = [
        each
        for name in ("postgres", "tests")
        for each in documents(render(example(name), release="placet", namespace="placet"))
    ]
    volumes = [volume for pod in pods(objects) for volume in pod["volumes"]]
    maps = {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}

    assert "placet-bundle" in maps
    assert set(made()) == {secret for secret, _ in secrets_wanted(objects)} | maps - {"placet-bundle"}


def test_the_urls_of_the_document_are_what_the_policy_tier_takes() -> None:
    """Both name the authority's file where the chart mounts it, and so the database has to prove who it is."""
    urls = re.findall(r"--from-literal='url=([^']+)'", DOCUMENT)
    objects = documents(render(example("postgres"), release="placet", namespace="placet"))
    mounts = [
        mount["mountPath"]
        for tier in ("policy", "migration")
        for mount in container(objects, tier)["volumeMounts"]
        if mount["name"] == "ledger"
    ]

    assert mounts == ["/etc/placet/ledger", "/etc/placet/ledger"]
    assert len(urls) == 2
    for url in urls:
        location = parse_url(url, password_file=Path("/etc/placet/ledger/password"))
        assert isinstance(location, PostgresLocation)
        assert url.endswith("?sslrootcert=/etc/placet/ledger/ca.crt")


def test_what_is_waited_for_can_become_ready() -> None:
    """The document and the chart's notes wait for the pods of the tiers, and not for those that end: a migration's."""
    texts = render(example("postgres"), release="placet", namespace="placet")
    waits = [*commands("kubectl -n placet wait --for=condition=Ready"), *wait_commands(texts["NOTES.txt"])]
    objects = documents(texts)

    assert len(waits) == 2
    for command in waits:
        selector = shlex.split(command)[shlex.split(command).index("-l") + 1]
        chosen = [each for each in objects if "template" in each.get("spec", {}) and selects(selector, each)]
        assert sorted(each["kind"] for each in chosen) == ["Deployment", "Deployment"]


def wait_commands(text: str) -> list[str]:
    """The commands in a text that wait for pods to be ready."""
    return [line.strip() for line in text.splitlines() if "wait --for=condition=Ready" in line]


def selects(selector: str, workload: JSONObject) -> bool:
    """Whether kubectl's `-l` selects the pods of a workload, for the two forms that are used here."""
    labels = workload["spec"]["template"]["metadata"]["labels"]
    equal = re.findall(r"([\w./]+)=(\w+)", selector)
    among = re.findall(r"([\w./]+) in \(([\w,]+)\)", selector)
    return all(labels[key] in values.split(",") for key, values in [*equal, *among])


def test_every_value_that_the_document_names_exists() -> None:
    """No sentence tells of a value that the schema would refuse."""
    known = {".".join(path) for path, _ in described(schema())}
    named = set(re.findall(r"`((?:edge|policy|mtls|certManager|networkPolicy|tests)\.[A-Za-z.]+)`", DOCUMENT))

    assert len(named) >= 8
    assert named - known == set()


def test_the_checks_of_the_document_find_nothing_wrong_with_what_it_makes(tmp_path: Path) -> None:
    """`placet keys check`, `openssl verify` and `placet keys show`, as they stand, over keys made as it says."""
    for making in (
        "placet keys new --dir .",
        "placet node init .",
        "placet node info > node-1.pem",
        *commands("openssl req"),
    ):
        typed(making, tmp_path)
    said = [typed(each, tmp_path) for each in (*commands("placet keys"), *commands("openssl verify"))]

    assert "The two files are a pair." in said[0]
    assert said[2] == "edge.crt: OK\npolicy.crt: OK\n"


def test_the_two_trust_domains_are_installed_from_the_examples() -> None:
    """Both commands name an example and the namespace of its team, and the chart renders each."""
    found = [
        re.findall(r"--namespace (\S+) --values deploy/k8s/chart/ci/(\S+)-values.yaml", each)
        for each in commands("helm install")
    ]
    assert found[1:] == [[("custody", "trust-domain-a")], [("risk", "trust-domain-b")]]
    for ((namespace, name),) in found[1:]:
        assert render(example(name), release="placet", namespace=namespace)


def typed(command: str, folder: Path) -> str:
    """Run a command as a reader types it."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout


def test_the_readme_has_the_documents_three_commands() -> None:
    """From the Secrets to the first answer: install, wait, ask."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    three = [
        *commands("helm install")[:1],
        *commands("kubectl -n placet wait --for=condition=Ready"),
        *commands("placet node send"),
    ]

    assert len(three) == 3
    assert "\n".join(f"$ {command}" for command in three) in readme
