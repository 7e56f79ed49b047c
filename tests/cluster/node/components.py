"""The command line of each of Kubernetes' programs, and the order in which they start and end."""

from collections.abc import Sequence
from pathlib import Path

from tests.cluster.node.folders import Folders
from tests.cluster.node.processes import Process
from tests.cluster.node.settings import ADDRESS, NODE, SERVICE_NETWORK

Command = Sequence[str | Path]
_LOOPBACK = "http://127.0.0.1"

# From the one that everything stands on to those that only follow; they end in the reverse order.
ORDER = (
    "containerd",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "enforcer",
)


def process(folders: Folders, name: str) -> Process:
    """One of the cluster's programs."""
    return Process(name=name, run=folders.run, logs=folders.logs)


def containerd(folders: Folders) -> Command:
    """The container runtime, Debian's."""
    return ["containerd", "--config", folders.settings / "containerd.toml"]


def etcd(folders: Folders) -> Command:
    """The store of the API server, Debian's; reached over loopback alone."""
    return [
        "etcd",
        "--data-dir", folders.data / "etcd",
        "--listen-client-urls", f"{_LOOPBACK}:2379",
        "--advertise-client-urls", f"{_LOOPBACK}:2379",
        "--listen-peer-urls", f"{_LOOPBACK}:2380",
        "--initial-advertise-peer-urls", f"{_LOOPBACK}:2380",
        "--initial-cluster", f"default={_LOOPBACK}:2380",
    ]  # fmt: skip


def api_server(folders: Folders) -> Command:
    """The API server, with the aggregation that metrics-server needs."""
    pki = folders.certificates
    return [
        folders.binaries / "kube-apiserver",
        f"--etcd-servers={_LOOPBACK}:2379",
        f"--bind-address={ADDRESS}",
        f"--advertise-address={ADDRESS}",
        "--secure-port=6443",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        # It asks etcd for something that Debian's etcd does not know.
        "--feature-gates=SizeBasedListCostEstimate=false",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        # The node's name is in no DNS; `kubectl logs` and `exec` go to its address.
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        f"--kubelet-client-certificate={pki}/admin.crt",
        f"--kubelet-client-key={pki}/admin.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key",
        f"--requestheader-client-ca-file={pki}/front-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={pki}/front-client.crt",
        f"--proxy-client-key-file={pki}/front-client.key",
    ]


def controller_manager(folders: Folders) -> Command:
    """The controllers. The autoscaler reacts in seconds, so that a test can wait for it."""
    pki, autoscaler = folders.certificates, "--horizontal-pod-autoscaler"
    return [
        folders.binaries / "kube-controller-manager",
        f"--kubeconfig={folders.settings}/kcm.conf",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki}/sa.key",
        f"--root-ca-file={pki}/ca.crt",
        f"--cluster-signing-cert-file={pki}/ca.crt",
        f"--cluster-signing-key-file={pki}/ca.key",
        f"{autoscaler}-sync-period=5s",
        f"{autoscaler}-cpu-initialization-period=10s",
        f"{autoscaler}-initial-readiness-delay=5s",
        f"{autoscaler}-downscale-stabilization=20s",
    ]


def scheduler(folders: Folders) -> Command:
    """The scheduler."""
    return [
        folders.binaries / "kube-scheduler",
        f"--kubeconfig={folders.settings}/scheduler.conf",
        "--leader-elect=false",
    ]


def kubelet(folders: Folders) -> Command:
    """The kubelet of the only node."""
    return [
        folders.binaries / "kubelet",
        f"--config={folders.settings}/kubelet.yaml",
        f"--kubeconfig={folders.settings}/kubelet.conf",
        f"--hostname-override={NODE}",
        f"--node-ip={ADDRESS}",
        f"--root-dir={folders.data}/kubelet",
    ]


def kube_proxy(folders: Folders) -> Command:
    """What makes the addresses of Services lead to pods."""
    return [folders.binaries / "kube-proxy", f"--config={folders.settings}/proxy.yaml"]
