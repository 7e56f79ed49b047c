"""What is in the images.

Built from the Dockerfiles on bases of Debian packages; read from the finished archives, layer by layer.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

from scripts.image_archive import Image, read_image
from scripts.sbom import python_packages
from scripts.steps import ROOT
from tests.cluster.images import build, image
from tests.cluster.node.folders import Folders
from tests.cluster.record import Record

PACKAGES = {"placet-edge": "placet-edge", "placet-policy": "placet-policy", "placet-cli": "placet"}
OURS = list(PACKAGES)
PYTHON = "opt/placet/lib/python3.11/site-packages"
# The Python of the images; the one that runs the tests may be another.
DEBIANS = {"python_version": "3.11", "python_full_version": "3.11.2", "implementation_version": "3.11.2"}
UNWANTED = re.compile(
    r"sh|bash|dash|busybox|csh|zsh|apt.*|dpkg.*|cc|gcc.*|g\+\+.*|clang.*|ld|as|make|perl.*|openssl|curl|wget|pip.*|uv|uvx|su|sudo"
)


@pytest.fixture(scope="module")
def images(folders: Folders) -> Mapping[str, Image]:
    """Every image of ours, built unless it is there."""
    return {name: read_image(archive) for name, archive in build(folders.images, OURS).items()}


@cache
def locked(package: str) -> frozenset[tuple[str, str]]:
    """Name and version of what uv.lock has for a package on Debian, itself included."""
    uv = subprocess.run([ROOT / "scripts/uv.sh"], check=True, capture_output=True, text=True).stdout.strip()
    argv = [uv, "export", "--frozen", "--quiet", "--no-dev", "--no-hashes", "--no-header", "--no-annotate"]
    told = subprocess.run([*argv, "--package", package], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = set()
    for line in told.splitlines():
        if line.startswith("-e "):
            own = tomllib.loads((ROOT / line.removeprefix("-e ") / "pyproject.toml").read_text(encoding="utf-8"))[
                "project"
            ]
            found.add((own["name"], own["version"]))
            continue
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(DEBIANS):
            found.add((requirement.name, str(requirement.specifier).removeprefix("==")))
    return frozenset(found)


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(found: Image) -> set[tuple[str, str]]:
    """Name and version of the Python packages in an image."""
    return {(normal(name), version) for name, version in python_packages(found)}


@pytest.mark.parametrize("name", OURS)
def test_what_is_installed_is_what_is_locked(images: Mapping[str, Image], name: str) -> None:
    """Exactly the packages of uv.lock for this program, in exactly those versions, and no installer."""
    assert installed(images[name]) == locked(PACKAGES[name])


def test_neither_service_has_what_only_the_other_needs(images: Mapping[str, Image]) -> None:
    """The edge has no decoder, ledger or OPA; the policy tier has nothing that serves or signs answers for nodes."""
    edge = {name for name, _ in installed(images["placet-edge"])}
    policy = {name for name, _ in installed(images["placet-policy"])}

    assert edge & {"placet-policy", "sqlalchemy", "psycopg", "opa-python-client", "solders", "rlp"} == set()
    assert policy & {"placet-edge", "starlette", "uvicorn", "httptools", "uvloop", "pydantic-settings"} == set()
    assert "usr/local/bin/opa" in images["placet-policy"].files
    assert "usr/local/bin/opa" not in images["placet-edge"].files


@pytest.mark.parametrize("name", OURS)
def test_there_is_nothing_to_run_a_command_line_or_to_build_with(images: Mapping[str, Image], name: str) -> None:
    """No shell, package manager, installer or compiler lies where programs are looked for."""
    programs = {
        PurePosixPath(path).name for path in images[name].files if PurePosixPath(path).parent.name in {"bin", "sbin"}
    }

    assert {program for program in programs if UNWANTED.fullmatch(program)} == set()
    assert "python3.11" in programs


@pytest.mark.parametrize("name", OURS)
def test_the_user_can_change_no_program(images: Mapping[str, Image], name: str) -> None:
    """Everything but a home and /tmp is root's and written by root alone, and no file lends its owner's rights."""
    entries = {path: entry.member for path, entry in images[name].files.items() if not entry.member.ischr()}
    kept = {path for path, member in entries.items() if member.uid != 0 or (not member.issym() and member.mode & 0o022)}
    lent = [path for path, member in entries.items() if member.isreg() and member.mode & (stat.S_ISUID | stat.S_ISGID)]

    assert (kept, lent) == ({"home/nonroot", "tmp"}, [])


@pytest.mark.parametrize("name", OURS)
def test_the_labels_say_what_it_is(images: Mapping[str, Image], name: str) -> None:
    """Title and version are readable without a start, and the process is a numbered user with our program."""
    config = images[name].config
    told = {key.rpartition(".")[2]: value for key, value in config["Labels"].items() if "opencontainers" in key}

    assert (told["title"], told["version"], told["revision"]) == (name, "0.1.0", "unknown")
    assert (config["User"], config["Entrypoint"][:4]) == ("65532:65532", ["/opt/placet/bin/python", "-I", "-u", "-m"])


@pytest.mark.parametrize("name", OURS)
def test_nothing_of_the_building_machine_is_in_it(images: Mapping[str, Image], name: str) -> None:
    """How this machine reaches registries, its names and its certificates are in no file and in no variable."""
    found = images[name]
    told = ("etc/pip.conf", "etc/uv", "etc/apt", "etc/hostname", "etc/resolv.conf", "root/.cache", "root/.config")

    assert [each.partition("=")[0] for each in found.config["Env"]] == ["PATH"]
    assert [path for path in found.files if path.startswith(told)] == []
    assert [path for path in found.files if path.endswith("uv_cache.json")] == []


@pytest.mark.parametrize("name", OURS)
def test_the_list_of_what_is_in_it_is_whole(images: Mapping[str, Image], name: str) -> None:
    """The CycloneDX document beside the archive names each Python package, Debian's Python, and OPA by its digest."""
    archive = images[name].archive
    listed = json.loads(archive.with_suffix(".cdx.json").read_text(encoding="utf-8"))
    purls = {component["purl"].partition("?")[0] for component in listed["components"]}
    versions = {(normal(each["name"]), each["version"]) for each in listed["components"] if "pypi" in each["purl"]}

    assert versions == installed(images[name])
    assert any(each.startswith("pkg:deb/debian/python3.11@") for each in purls)
    assert ("pkg:golang/github.com/open-policy-agent/opa@v1.22.2" in purls) == (name == "placet-policy")


@pytest.mark.parametrize("name", OURS)
def test_the_same_sources_give_the_same_layers(
    images: Mapping[str, Image], name: str, folders: Folders, tmp_path: Path, record: Record
) -> None:
    """Built once more from nothing but the bases, every layer has the same digest, and so has the list of contents."""
    for base in folders.images.glob("*-base.*"):
        shutil.copy(base, tmp_path)
    # The tests run in the cluster's network, from which no package registry is reached; who started them does not.
    outside = ["nsenter", f"--net=/proc/{os.getppid()}/ns/net", sys.executable, "-m", "tests.cluster.images"]
    subprocess.run([*outside, tmp_path, name], cwd=ROOT, check=True)
    again = read_image(tmp_path / f"{name}.tar")
    lists = [each.archive.with_suffix(".cdx.json").read_bytes() for each in (images[name], again)]

    record.figure(f"Size of {image(name)}", round(images[name].archive.stat().st_size / 1e6), "MB")
    record.figure(f"Layers of {image(name)}, the same in two builds", " ".join(images[name].layers))
    assert again.layers == images[name].layers
    assert lists[0] == lists[1]
