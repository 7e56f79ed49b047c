"""Where the test cluster keeps its state, outside any tree: binaries take ten minutes to build and 700 MB."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Everything under one folder; ``binaries``, ``images`` and ``results`` outlive a cluster.

    Attributes:
        root: the folder.
    """

    root: Path

    @classmethod
    def of_environment(cls) -> "Folders":
        """The folder that ``PLACET_CLUSTER`` names, else one in the user's cache."""
        chosen = os.environ.get("PLACET_CLUSTER")
        return cls(root=Path(chosen) if chosen else Path.home() / ".cache" / "placet-cluster")

    @property
    def binaries(self) -> Path:
        """Kubernetes, CoreDNS, metrics-server, Helm and the pause program, all built from Go modules."""
        return self.root / "bin"

    @property
    def modules(self) -> Path:
        """A copy of the Go sources that the binaries are built from."""
        return self.root / "build"

    @property
    def certificates(self) -> Path:
        """The cluster's authorities, certificates and keys."""
        return self.root / "pki"

    @property
    def settings(self) -> Path:
        """The configuration files of the components."""
        return self.root / "etc"

    @property
    def run(self) -> Path:
        """Process ids and sockets."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log a component, and those of the pods."""
        return self.root / "log"

    @property
    def data(self) -> Path:
        """What etcd, containerd and the kubelet store."""
        return self.root / "data"

    @property
    def images(self) -> Path:
        """Archives of container images."""
        return self.root / "img"

    @property
    def results(self) -> Path:
        """What the tests found out (``tests.cluster.record``)."""
        return self.root / "results"

    @property
    def release(self) -> Path:
        """Keys, certificates and passwords of the release that the tests installed."""
        return self.root / "release"

    @property
    def enter(self) -> Path:
        """The script ``kc``: runs a command inside the cluster's network, with its tools and configuration."""
        return self.root / "kc"

    @property
    def containerd(self) -> Path:
        """The socket of the container runtime."""
        return self.run / "containerd.sock"
