"""The plain manifests: generated from the chart, and built by kubectl with both overlays."""

from pathlib import Path

import pytest
from manifests import OVERLAYS, container, environment, kustomized, one

from scripts import chart_readme, manifests
from scripts.generated import Generated, write_or_check


def test_what_is_generated_from_the_chart_is_fresh() -> None:
    """After a change of the chart, `make generate` has been run."""
    assert manifests.main(["--check"]) == 0
    assert chart_readme.main(["--check"]) == 0


def test_a_stale_or_strange_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above sees a changed file, a missing one, and one that nothing generates; writing mends all three."""
    monkeypatch.setattr("scripts.generated.ROOT", tmp_path)
    files = [Generated(path=tmp_path / "a.yaml", text="a: 1\n"), Generated(path=tmp_path / "b.yaml", text="b: 1\n")]
    (tmp_path / "a.yaml").write_text("a: 2\n")
    (tmp_path / "c.yaml").write_text("c: 1\n")

    assert write_or_check(files, ["--check"], owned=tmp_path) == 1
    assert write_or_check(files, [], owned=tmp_path) == 0
    assert write_or_check(files, ["--check"], owned=tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


def test_nothing_of_helm_is_left() -> None:
    """Kubectl users see no label, annotation or namespace that only Helm would keep true."""
    for file in manifests.generated():
        assert "helm.sh" not in file.text
        assert "managed-by" not in file.text
        assert "namespace: placet" not in file.text


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_of_an_overlay_is_in_its_namespace(overlay: str) -> None:
    """Kustomize puts each object where the overlay says."""
    namespaces = {each["metadata"]["namespace"] for each in kustomized(f"overlays/{overlay}")}
    assert namespaces == {{"dev": "placet-dev", "prod": "placet"}[overlay]}


def test_the_production_overlay_changes_what_it_must() -> None:
    """Images of a registry, three pods a tier, and no network of the examples in the documentation is left."""
    objects = kustomized("overlays/prod")
    deployments = [one(objects, "Deployment", name) for name in ("placet-edge", "placet-policy")]

    assert [each["spec"]["replicas"] for each in deployments] == [3, 3]
    assert container(objects, "opa")["image"] == "registry.example/placet-policy:0.1.0"
    assert "192.0.2.0" not in str(objects)
    assert "198.51.100.0" not in str(objects)
    assert environment(container(objects, "policy"))["PLACET_POLICY_UNSIGNED"] == "accept"


def test_the_migration_of_the_production_overlay_reaches_the_same_database() -> None:
    """The same image, namespace and network as the tier's; no network of the examples in the documentation is left."""
    tier, migration = kustomized("overlays/prod"), kustomized("overlays/prod/migration")
    to_database = [
        one(objects, "NetworkPolicy", name)["spec"]["egress"][1]
        for objects, name in ((tier, "placet-policy"), (migration, "placet-migration"))
    ]

    assert to_database[0] == to_database[1]
    assert container(migration, "migration")["image"] == container(tier, "policy")["image"]
    assert {each["metadata"]["namespace"] for each in migration} == {"placet"}
    assert "198.51.100.0" not in str(migration)


def test_the_base_decides_nothing_without_signatures() -> None:
    """Whoever accepts unsigned bundles says so in an overlay."""
    base = kustomized("base")
    assert environment(container(base, "policy"))["PLACET_POLICY_UNSIGNED"] == "refuse"


def test_the_development_overlay_needs_no_database() -> None:
    """One pod with one file, and no way out of it by network."""
    objects = kustomized("overlays/dev")
    environ = environment(container(objects, "policy"))

    assert environ["PLACET_POLICY_LEDGER_URL"] == "sqlite:////var/lib/placet/ledger.sqlite"
    assert "PLACET_POLICY_LEDGER_PASSWORD_FILE" not in environ
    assert "egress" not in one(objects, "NetworkPolicy", "placet-policy")["spec"]
