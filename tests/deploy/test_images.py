"""The promises of the Dockerfiles that can be read from their text."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from opa_binary import VERSION

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ["edge", "policy"]
OTHER = {"edge": "policy", "policy": "edge"}
FOLDERS = {"edge": "services/edge", "policy": "services/policy", "cli": "packages/cli"}
PACKAGES = {"edge": "placet-edge", "policy": "placet-policy", "cli": "placet"}
IMAGES = list(FOLDERS)


def instructions(image: str) -> list[tuple[str, str]]:
    """Each instruction and its arguments, continued lines joined, comments left out."""
    text = (ROOT / FOLDERS[image] / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ").splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def result(image: str) -> list[tuple[str, str]]:
    """The instructions of the last stage, which is what runs."""
    every = instructions(image)
    start = max(number for number, (name, _) in enumerate(every) if name == "FROM")
    return every[start:]


@pytest.mark.parametrize("image", IMAGES)
def test_no_base_image_is_fixed(image: str) -> None:
    """Every FROM is an argument, so that a team builds on bases of its own."""
    bases = [arguments.split()[0] for name, arguments in instructions(image) if name == "FROM"]

    assert [base for base in bases if not re.fullmatch(r"\$\{[A-Z_]+}", base)] == []
    declared = {arguments.partition("=")[0] for name, arguments in instructions(image) if name == "ARG"}
    assert {base[2:-1] for base in bases} <= declared


@pytest.mark.parametrize("image", IMAGES)
def test_the_process_is_a_numbered_user_that_is_not_root(image: str) -> None:
    """Kubernetes can check `runAsNonRoot` for a number only; the number is the chart's."""
    assert [arguments for name, arguments in result(image) if name == "USER"] == ["65532:65532"]


@pytest.mark.parametrize("image", IMAGES)
def test_the_result_runs_nothing_while_it_is_built(image: str) -> None:
    """So its base needs no shell, no package manager and no compiler."""
    assert [arguments for name, arguments in result(image) if name in {"RUN", "SHELL", "ADD"}] == []


@pytest.mark.parametrize("image", IMAGES)
def test_exactly_the_locked_packages_of_one_program_are_installed(image: str) -> None:
    """From uv.lock as it is, for what the image is for, without development tools and without links to the sources."""
    (sync,) = [arguments for name, arguments in instructions(image) if name == "RUN" and " sync " in arguments]

    for option in ("--frozen", f"--package {PACKAGES[image]} ", "--no-dev", "--no-editable"):
        assert option in f"{sync} "


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_of_the_other_service_is_copied_but_its_project_file(service: str) -> None:
    """The workspace needs the file; the code that answers nodes is in one image only."""
    copied = [arguments for name, arguments in instructions(service) if name == "COPY"]
    others = [each for each in copied if f"services/{OTHER[service]}" in each]

    assert others == [f"services/{OTHER[service]}/pyproject.toml services/{OTHER[service]}/"]
    assert [each for each in copied if each.split()[0] in {".", "services", "packages"}] == []


@pytest.mark.parametrize("image", IMAGES)
def test_everything_that_is_copied_is_in_the_context(image: str) -> None:
    """.dockerignore lets through what the Dockerfiles name, and nothing by default."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = [line[1:] for line in patterns if line.startswith("!")]

    assert "*" in patterns
    for name, arguments in instructions(image):
        if name == "COPY" and "--from" not in arguments:
            for source in arguments.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert any(fnmatch(source, each) or source.startswith(f"{each}/") for each in let_through), source


@pytest.mark.parametrize("image", IMAGES)
def test_the_same_sources_give_the_same_files(image: str) -> None:
    """Compiled files name no time and every file gets one that is given."""
    text = str(instructions(image))
    assert "SOURCE_DATE_EPOCH" in text
    assert "compileall -q -f " in text
    assert "--invalidation-mode unchecked-hash" in text


@pytest.mark.parametrize("image", IMAGES)
def test_the_image_says_what_it_is(image: str) -> None:
    """Title, description, version and revision, by the names of the OCI."""
    (labels,) = [arguments for name, arguments in result(image) if name == "LABEL"]
    told = re.findall(r"org\.opencontainers\.image\.([a-z]+)=", labels)
    assert told == ["title", "description", "version", "revision"]


def test_the_pinned_opa_and_its_files_are_in_the_policy_image() -> None:
    """The sidecar runs from this image: the version that is tested, and the files that its own command writes."""
    text = str(instructions("policy"))
    assert f"opa:{VERSION}-static" in text
    assert "opa-config /etc/placet/opa --gate-port 8182 --opa-port 8181" in text
    assert ("COPY", "--from=build /etc/placet /etc/placet") in result("policy")


@pytest.mark.parametrize("image", IMAGES)
def test_the_image_has_the_version_of_the_project(image: str) -> None:
    """Unless somebody gives another, the label says what `pyproject.toml` says, and so do the examples above it."""
    text = (ROOT / FOLDERS[image] / "Dockerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / FOLDERS[image] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert ("ARG", f"VERSION={workspace['version']}") in result(image)
    assert re.findall(r"-t placet-[a-z]+:(\S+) ", text) == [project["version"]] == [workspace["version"]]
