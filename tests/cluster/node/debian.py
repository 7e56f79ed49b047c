"""The programs that Debian packages: named when they are missing, and installed where that is possible."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

# A program of each package, by the package.
PACKAGES: Mapping[str, str] = {
    "etcd-server": "etcd",
    "containerd": "containerd",
    "runc": "runc",
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "iproute2": "ip",
    "buildah": "buildah",
    "mmdebstrap": "mmdebstrap",
}


def missing_packages() -> list[str]:
    """The packages of which a program is not there."""
    return [package for package, program in PACKAGES.items() if shutil.which(program) is None]


def install_missing() -> None:
    """Install them with apt-get.

    Raises:
        SystemExit: Go is not there, or this is not Debian as root; the text says what to do.
        subprocess.CalledProcessError: apt-get failed; it has said why.
    """
    if os.geteuid() != 0:
        raise SystemExit("✗ the cluster makes network namespaces and containers: run `make cluster-test` as root")
    if shutil.which("go") is None:
        raise SystemExit("✗ Go 1.24 or newer is needed to build Kubernetes, and no `go` is on PATH")
    packages = missing_packages()
    if packages and not Path("/usr/bin/apt-get").exists():
        raise SystemExit(f"✗ needed, under Debian's names: {' '.join(packages)}")
    if packages:
        print(f"→ apt-get install {' '.join(packages)}", flush=True)
        environment = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
        argv = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
        subprocess.run(argv, env=environment, check=True)
