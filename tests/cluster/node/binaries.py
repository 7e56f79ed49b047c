"""Build Kubernetes, its add-ons and Helm from Go modules: about ten minutes on two cores, once."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.steps import ROOT
from tests.cluster.node.folders import Folders

SOURCES = ROOT / "tests" / "cluster" / "go"
KUBERNETES = "1.34.2"
VERSIONS: Mapping[str, str] = {
    "github.com/coredns/coredns": "v1.12.4",
    "sigs.k8s.io/metrics-server/cmd/metrics-server": "v0.9.0",
    "helm.sh/helm/v3/cmd/helm": "v3.19.2",
}
_COMMANDS = ("kubectl", "kubelet", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "kube-proxy")
# Without a version of its own a client refuses the server, and Helm the chart's `kubeVersion`.
_STAMPED = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One binary: its name, the `go` command, and where that is run."""

    name: str
    argv: Sequence[str | Path]
    folder: Path


def build_missing(folders: Folders) -> None:
    """Build what is not there; an existing binary is taken as it is.

    Raises:
        subprocess.CalledProcessError: Go failed; it has said why.
    """
    folders.binaries.mkdir(parents=True, exist_ok=True)
    missing = [build for build in _builds(folders) if not (folders.binaries / build.name).exists()]
    if missing:
        # Outside the tree, so that Go's own files never get into it.
        shutil.copytree(SOURCES, folders.modules, dirs_exist_ok=True)
    for build in missing:
        started = time.monotonic()
        print(f"→ {build.name}", flush=True)
        subprocess.run(["nice", *build.argv], cwd=build.folder, env=_environment(folders), check=True)
        print(f"✓ {build.name} ({time.monotonic() - started:.0f} s)", flush=True)


def _builds(folders: Folders) -> list[Build]:
    flags = ["-trimpath", "-ldflags=-s -w"]
    kubernetes = ["-trimpath", f"-ldflags=-s -w {_stamp()}"]
    ours = [
        Build(
            name=name,
            argv=["go", "build", *kubernetes, "-o", folders.binaries / name, f"k8s.io/kubernetes/cmd/{name}"],
            folder=folders.modules / "kubernetes",
        )
        for name in _COMMANDS
    ]
    theirs = [
        Build(
            name=module.rpartition("/")[2],
            argv=["go", "install", *flags, f"{module}@{version}"],
            folder=folders.modules,
        )
        for module, version in VERSIONS.items()
    ]
    pause = Build(
        name="pause",
        argv=["go", "build", *flags, "-o", folders.binaries / "pause", "."],
        folder=folders.modules / "pause",
    )
    return [*ours, *theirs, pause]


def _stamp() -> str:
    major, minor, _ = KUBERNETES.split(".")
    values = {"gitVersion": f"v{KUBERNETES}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return " ".join(f"-X {package}.{name}={value}" for package in _STAMPED for name, value in values.items())


def _environment(folders: Folders) -> dict[str, str]:
    # Static, so that a binary is an image by itself; no other Go than the one that is there is fetched.
    return dict(os.environ) | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOBIN": str(folders.binaries)}
